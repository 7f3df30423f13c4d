"""Compare two faces side by side, live."""
