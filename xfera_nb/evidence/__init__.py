"""What was measured on a face, once, for any number of fusions; and on a whole data set's faces."""

from xfera_nb.evidence.arrays import StoreArrays
from xfera_nb.evidence.evidence import REGIONS, Evidence, assemble, gather, hull_mask
from xfera_nb.evidence.extraction import StoreReport, extract
from xfera_nb.evidence.place import StoreError
from xfera_nb.evidence.rows import Row
from xfera_nb.evidence.store import EvidenceStore

__all__ = [
    "REGIONS",
    "Evidence",
    "EvidenceStore",
    "Row",
    "StoreArrays",
    "StoreError",
    "StoreReport",
    "assemble",
    "extract",
    "gather",
    "hull_mask",
]
