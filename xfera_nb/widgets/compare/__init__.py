"""Two faces side by side, live."""
