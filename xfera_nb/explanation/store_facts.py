"""The facts of every face of a store, for words over a whole data set.

Units and scales are those of `Facts`; nothing is measured again and no picture is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xfera_nb.explanation.facts import Facts, build_facts
from xfera_nb.facs import EMOTIONS, EXPECTED_AUS, LANDMARK_AUS

if TYPE_CHECKING:
    from xfera_nb.evidence import StoreArrays
    from xfera_nb.fusion import FusionArrays, FusionParams


def read_store_facts(arrays: StoreArrays, params: FusionParams) -> Iterator[tuple[str, Facts]]:
    """Id and facts of each face about its predicted class.

    Parameters
    ----------
    arrays : StoreArrays
    params : FusionParams

    Yields
    ------
    (str, Facts)
        In the store's order.
    """
    from xfera_nb.fusion import fuse_many

    fused = fuse_many(**arrays.inputs(region=params.region), params=params)
    for number in range(len(arrays)):
        yield str(arrays.ids[number]), _facts(arrays, fused, number, params)


def _facts(
    arrays: StoreArrays, fused: FusionArrays, number: int, params: FusionParams
) -> Facts:
    from xfera_nb.classifier import Prediction

    prediction = Prediction(arrays.probabilities[number])
    emotion = prediction.predicted
    expected = EXPECTED_AUS[emotion]
    intensity = dict(zip(LANDMARK_AUS, fused.intensity[number, 0].tolist(), strict=True))
    active = {au for au, is_on in zip(LANDMARK_AUS, fused.active[number, 0], strict=True) if is_on}
    unknown = {au for au in expected if np.isnan(intensity[au])}
    rows = [
        (
            au,
            intensity[au],
            float(fused.score[number, 0, column]),
            au in active,
            *(_side(fused, number, row, column) for row in (1, 2)),
        )
        for column, au in enumerate(LANDMARK_AUS)
    ]
    has_evidence = not np.isnan(fused.threshold[number])
    return build_facts(
        rows,
        target=emotion,
        predicted=emotion,
        confidence_level=prediction.confidence_level,
        probability=float(arrays.probabilities[number, EMOTIONS.index(emotion)]),
        matching=[au for au in expected if au in active],
        missing=[au for au in expected if au not in active and au not in unknown],
        not_measurable=[au for au in expected if au in unknown],
        has_positive_evidence=has_evidence,
        no_evidence_reason=None if has_evidence else f"No part of the face speaks for {emotion}.",
        params=params.to_dict(),
    )


def _side(fused: FusionArrays, number: int, row: int, column: int) -> bool | None:
    known = not np.isnan(fused.intensity[number, row, column])
    return bool(fused.active[number, row, column]) if known else None
