"""Show a video's faces over time, live; a click opens the frame in the Explainer."""
