"""Show the application: every live view on one page."""
