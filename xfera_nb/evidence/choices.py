"""Names and defaults that the evidence, the command line and the widgets share."""

REGIONS = ("crop", "hull")
"""Readings of "facial region": the whole face crop, or the convex hull of the landmarks."""
BATCH = 32
"""Faces in one forward pass of an extraction."""
SHARD = 256
"""Photos in one file of a store."""
