"""What was measured on a face, once, for any number of fusions; and on a whole data set's faces.

The store and its extraction load on first use, as they bring pyarrow and fsspec.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from xfera_nb.evidence.evidence import REGIONS, Evidence, assemble, gather, hull_mask

if TYPE_CHECKING:
    from xfera_nb.evidence.added import read_excess_drops
    from xfera_nb.evidence.arrays import StoreArrays
    from xfera_nb.evidence.extraction import StoreReport, extract
    from xfera_nb.evidence.neutral import CalibratedArrays, measure_neutral, subtract_neutral
    from xfera_nb.evidence.rows import Row
    from xfera_nb.evidence.storage import StoreError
    from xfera_nb.evidence.store import EvidenceStore

_LATER = {
    "CalibratedArrays": "xfera_nb.evidence.neutral",
    "EvidenceStore": "xfera_nb.evidence.store",
    "Row": "xfera_nb.evidence.rows",
    "StoreArrays": "xfera_nb.evidence.arrays",
    "StoreError": "xfera_nb.evidence.storage",
    "StoreReport": "xfera_nb.evidence.extraction",
    "read_excess_drops": "xfera_nb.evidence.added",
    "extract": "xfera_nb.evidence.extraction",
    "measure_neutral": "xfera_nb.evidence.neutral",
    "subtract_neutral": "xfera_nb.evidence.neutral",
}

__all__ = [
    "REGIONS",
    "CalibratedArrays",
    "Evidence",
    "EvidenceStore",
    "Row",
    "StoreArrays",
    "StoreError",
    "StoreReport",
    "assemble",
    "read_excess_drops",
    "extract",
    "gather",
    "hull_mask",
    "measure_neutral",
    "subtract_neutral",
]


def __getattr__(name: str) -> object:
    """Load the store's public `name` from its module."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value
