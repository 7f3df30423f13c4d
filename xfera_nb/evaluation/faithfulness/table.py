"""The checks of many faces as a table: ``faithfulness.parquet`` beside the rows of a store.

A row is a face of the store, `number` being its `Row.number`. Columns named in `AUS` are fixed
lists of float64 in the order of `LANDMARK_AUS`, those in `FIGURES` float64; null is undefined.
``excess_drop`` is `AUDrop.excess_drop`: how far the target class's probability drops when the AU's
region is blurred, less the mean drop of random regions of the same area. A face that could not be
checked has a `reason` and nothing else. What made the rows is in the file's metadata, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xfera_nb.datasets.dataset import keepable
from xfera_nb.evaluation.faithfulness.check import Faithfulness
from xfera_nb.evaluation.faithfulness.sanity import PROBE_LAYER
from xfera_nb.evidence.added import FAITHFULNESS
from xfera_nb.evidence.storage import Storage, StoreError
from xfera_nb.facs.table2 import LANDMARK_AUS

AUS = ("excess_drop", "prob_drop", "random_drop", "saliency")
FIGURES: Mapping[str, str] = {
    "probability": "probability of the target class",
    "blurred_probability": "the same, face wholly blurred",
    "rank_correlation": "excess drop vs saliency, rank",
    "deletion": "deletion, AUC",
    "insertion": "insertion, AUC",
    "deletion_insertion_gap": "insertion less deletion, AUC gap",
    "road_gap": "ROAD, AUC gap",
    "hirescam": f"HiResCAM at {PROBE_LAYER}, rank",
    "random_head": "random last layer, rank",
    "random_layer4": "random from layer4 on, rank",
    "random_all": "all parts random, rank",
    "iou": "overlap, IoU",
    "hit": "pointing game, hits",
    "chance": "the same, by chance",
    "bam1": "attention of BAM 1, rank",
    "bam2": "attention of BAM 2, rank",
    "bam3": "attention of BAM 3, rank",
}
"""Name of a column -> what it holds, for people."""
_KEY = b"xfera_faithful"


def row_of(number: int, id_: str, person: str | None, checks: Faithfulness) -> dict[str, Any]:
    """A face's row."""
    weights = checks.au_drops.rows
    attention = {one.layer: one.correlation for one in checks.attention}
    at = {one.layer: one.correlation for one in checks.hirescam if not one.by_construction}
    random = {one.down_to: one.correlation for one in checks.randomised}
    return {
        "number": number,
        "id": id_,
        "person": person,
        "target": checks.target,
        "reason": None,
        "excess_drop": [row.excess_drop for row in weights],
        "prob_drop": [row.prob_drop for row in weights],
        "random_drop": [row.random_drop for row in weights],
        "saliency": [row.saliency for row in weights],
        "probability": checks.probability,
        "blurred_probability": checks.blurred_probability,
        "rank_correlation": checks.au_drops.rank_correlation,
        "deletion": checks.deletion_insertion.morf and checks.deletion_insertion.morf.auc,
        "insertion": checks.deletion_insertion.lerf and checks.deletion_insertion.lerf.auc,
        "deletion_insertion_gap": checks.deletion_insertion.auc_gap,
        "road_gap": checks.road.auc_gap,
        "hirescam": at.get(PROBE_LAYER),
        "random_head": random.get("fc"),
        "random_layer4": random.get("layer4"),
        "random_all": random.get("conv1"),
        "iou": checks.overlap.iou,
        "hit": None if checks.overlap.hit is None else float(checks.overlap.hit),
        "chance": None if checks.overlap.hit is None else checks.overlap.chance,
        **{bam: attention.get(bam) for bam in ("bam1", "bam2", "bam3")},
    }


def failed_row(number: int, id_: str, person: str | None, reason: str) -> dict[str, Any]:
    """The row of a face that could not be checked."""
    return {"number": number, "id": id_, "person": person, "reason": reason}


def schema() -> pa.Schema:
    """The columns of the file."""
    texts = ("id", "person", "target", "reason")
    columns = [pa.field("number", pa.int64(), nullable=False)]
    columns += [pa.field(name, pa.string()) for name in texts]
    columns += [pa.field(name, pa.list_(pa.float64(), len(LANDMARK_AUS))) for name in AUS]
    return pa.schema([*columns, *(pa.field(name, pa.float64()) for name in FIGURES)])


def write(place: Storage, rows: Iterable[Mapping[str, Any]], made_by: Mapping[str, Any]) -> None:
    """Write the file, whole or not at all, in the order of `number`."""
    ordered = sorted(rows, key=lambda row: row["number"])
    plan = schema().with_metadata({_KEY: json.dumps(made_by, sort_keys=True).encode()})
    full = [{name: _kept(row.get(name)) for name in plan.names} for row in ordered]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(full, schema=plan), sink, compression="zstd")
    place.write(FAITHFULNESS, sink.getvalue().to_pybytes())


def _kept(value: Any) -> Any:
    return keepable(value) if isinstance(value, str) else value


def read(place: Storage, made_by: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that are there; none where there is no file.

    Raises
    ------
    StoreError
        If the file is damaged, or something else made its rows.
    """
    try:
        data = place.read(FAITHFULNESS)
    except FileNotFoundError:
        return []
    try:
        table = pq.read_table(pa.BufferReader(data))
        said = json.loads((table.schema.metadata or {})[_KEY])
        whole = table.schema.remove_metadata().equals(schema())
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise StoreError(
            f"{FAITHFULNESS} of {place.shown} is damaged or was not made by xfera faithfulness: "
            "delete it, or give --force."
        ) from error
    wanted = json.loads(json.dumps(made_by))
    other = [key for key in wanted if said.get(key) != wanted[key]]
    if other or not whole:
        raise StoreError(
            f"{FAITHFULNESS} of {place.shown} was made with another {other[0] if other else 'form'}"
            ": give --force to make it anew, or the options that made it."
        )
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def columns_of(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, np.ndarray]:
    """Columns of figures as arrays: (N,) float64, or (N, A) for those of `AUS`, NaN undefined."""
    width = len(LANDMARK_AUS)
    found = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name in AUS:
            plain = [[np.nan] * width if row is None else row for row in values]
            found[name] = np.array(plain, dtype=np.float64).reshape(-1, width)
        else:
            found[name] = np.array(values, dtype=np.float64)
    return found
