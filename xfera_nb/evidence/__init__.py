"""What was measured on a face, once, for any number of fusions."""

from xfera_nb.evidence.evidence import REGIONS, Evidence, assemble, gather, hull_mask

__all__ = ["REGIONS", "Evidence", "assemble", "gather", "hull_mask"]
