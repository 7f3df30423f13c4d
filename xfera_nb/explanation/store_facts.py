"""Build the facts of a store's faces: those that `Facts.from_fusion` gives for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xfera_nb.explanation.facts import Facts, RegionFact, build_facts, region_facts
from xfera_nb.explanation.record_values import read_number
from xfera_nb.facs import EMOTIONS, LANDMARK_AUS
from xfera_nb.fusion.states import STATES

if TYPE_CHECKING:
    from xfera_nb.classifier import Prediction
    from xfera_nb.evidence import StoreArrays
    from xfera_nb.fusion import FusionArrays, FusionParams


def read_store_facts(arrays: StoreArrays, params: FusionParams) -> Iterator[tuple[str, Facts]]:
    """Yield id and facts of each face of a store, about its predicted class.

    Parameters
    ----------
    arrays : StoreArrays
        With `region_shares` (``store.arrays(regions=True)``), if texts are to say where the map is.
    params : FusionParams

    Yields
    ------
    (str, Facts)
        In the store's order.
    """
    from xfera_nb.fusion import fuse_many

    fused = fuse_many(**arrays.inputs(region=params.region), params=params)
    for number in range(len(arrays)):
        yield str(arrays.ids[number]), _facts_of_row(arrays, fused, number, params)


def _facts_of_row(
    arrays: StoreArrays, fused: FusionArrays, number: int, params: FusionParams
) -> Facts:
    from xfera_nb.classifier import Prediction

    prediction = Prediction(arrays.probabilities[number])
    emotion = prediction.predicted
    rows = [
        (
            au,
            float(fused.intensity[number, 0, column]),
            float(fused.score[number, 0, column]),
            bool(fused.active[number, 0, column]),
            *(_side(fused, number, row, column) for row in (1, 2)),
            STATES[fused.states[number, column]],
        )
        for column, au in enumerate(LANDMARK_AUS)
    ]
    has_evidence = not np.isnan(fused.threshold[number])
    return build_facts(
        rows,
        target=emotion,
        predicted=emotion,
        confidence_level=prediction.confidence_level,
        shares=dict(zip(EMOTIONS, map(read_number, prediction.probabilities), strict=True)),
        regions=_regions_of_row(arrays, number, prediction),
        has_positive_evidence=has_evidence,
        no_evidence_reason=None if has_evidence else f"No part of the face speaks for {emotion}.",
        params=params.to_dict(),
    )


def _side(fused: FusionArrays, number: int, row: int, column: int) -> bool | None:
    known = not np.isnan(fused.intensity[number, row, column])
    return bool(fused.active[number, row, column]) if known else None


def _regions_of_row(
    arrays: StoreArrays, number: int, prediction: Prediction
) -> tuple[RegionFact, ...]:
    """Return what a store knows of a face's regions, about its predicted class."""
    from xfera_nb.evidence.occlusion import RegionOcclusion

    shares, hidden = arrays.region_shares, arrays.hidden_probabilities
    if shares is None and hidden is None:
        return ()
    row = EMOTIONS.index(prediction.predicted)
    known = hidden is not None and not np.isnan(hidden[number]).all()
    return region_facts(
        None if shares is None else shares[number, row],
        RegionOcclusion(hidden[number]) if hidden is not None and known else None,
        prediction,
        prediction.predicted,
    )
