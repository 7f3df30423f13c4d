"""Share what several widgets need: front end, controls, thumbnails, background work."""
