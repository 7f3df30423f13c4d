"""One face, live: its map, its movements and its words."""
