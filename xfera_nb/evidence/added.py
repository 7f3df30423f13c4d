"""Figures that later commands put beside the rows of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xfera_nb.evidence.storage import StoreError
from xfera_nb.facs.table2 import LANDMARK_AUS

if TYPE_CHECKING:
    from xfera_nb.evidence.store import EvidenceStore

FAITHFULNESS = "faithfulness.parquet"


def read_excess_drops(store: EvidenceStore, numbers: np.ndarray) -> np.ndarray | None:
    """Read the excess drops that ``xfera faithfulness`` measured for some faces.

    Parameters
    ----------
    store : EvidenceStore
    numbers : ndarray
        (N,) int, `Row.number` of each face.

    Returns
    -------
    ndarray or None
        (N, A) float64 in the order of `LANDMARK_AUS`: how far the target class's probability drops
        when the AU's region is blurred, less the mean drop of random regions of the same area, -1
        to 1; NaN where it was not measured. None if the store has no such figures.

    Raises
    ------
    StoreError
        If their file cannot be read or holds something else.
    """
    data = store.beside(FAITHFULNESS)
    if data is None:
        return None
    width = len(LANDMARK_AUS)
    drops = np.full((len(numbers), width), np.nan)
    try:
        table = pq.read_table(pa.BufferReader(data), columns=["number", "excess_drop"])
        known = table["number"].to_numpy()
        column = table["excess_drop"].to_pylist()
        rows = [[np.nan] * width if row is None else row for row in column]
        values = np.array(rows, dtype=np.float64).reshape(-1, width)
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise StoreError(
            f"{FAITHFULNESS} of {store!r} cannot be read: run xfera faithfulness again."
        ) from error
    order = np.argsort(known)
    found = np.searchsorted(known, numbers, sorter=order).clip(max=max(len(known) - 1, 0))
    if len(known):
        at = order[found]
        there = known[at] == numbers
        drops[there] = values[at[there]]
    return drops
