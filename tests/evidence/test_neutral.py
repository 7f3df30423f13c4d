"""Intensities less the person's neutral: whose, on every number, and who has none."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.evidence import EvidenceStore, StoreArrays, StoreError, subtract_neutral
from xfera_nb.evidence.evidence import Evidence
from xfera_nb.facs import EMOTIONS

ROWS = (  # id, label, person, session, angle, AU12
    ("a", "happiness", "F01", "A", "S", 3.0),
    ("b", "neutral", "F01", "A", "S", 1.0),
    ("c", "happiness", "F01", "B", "S", 3.0),
    ("d", "neutral", "F01", "B", "S", 0.5),
    ("e", "fear", "F01", "A", "HL", 2.0),  # no neutral from that angle
    ("f", "fear", "F02", "B", "S", 2.0),  # session A's serves
    ("g", "neutral", "F02", "A", "S", 2.5),
    ("h", "fear", "M03", "A", "S", 2.0),  # the neutral photo was not measured
    ("i", "neutral", "M03", "A", "S", np.nan),
    ("j", "fear", "", "", "", 2.0),
)
AU12 = 8


def made(rows=ROWS, sides=True):
    n = len(rows)
    intensities = np.full((n, 17), 1.5, np.float32)
    intensities[:, AU12] = [row[5] for row in rows]
    intensities[np.isnan(intensities[:, AU12])] = np.nan
    intensities[1, 0] = np.nan
    ids, labels, person, session, angle = (
        np.array([row[place] for row in rows]) for place in range(5)
    )
    flat = np.zeros((n, 7))
    return StoreArrays(
        number=np.arange(n), ids=ids, true=np.array([EMOTIONS.index(label) for label in labels]),
        probabilities=flat, activation=np.zeros((n, 7, 68)), mean={"crop": flat, "hull": flat},
        std={"crop": flat, "hull": flat}, peak=flat, intensities=intensities,
        left=intensities * 0.5 if sides else None, right=intensities if sides else None,
        groups={"person": person, "session": session, "angle": angle},
    )  # fmt: skip


def test_by_hand():
    raw = made()
    arrays = raw.neutral_calibrated()
    expected = [2.0, 0.0, 2.5, 0.0, np.nan, 0.0, 0.0, np.nan, np.nan, np.nan]
    np.testing.assert_array_equal(arrays.intensities[:, AU12], np.float32(expected))
    np.testing.assert_array_equal(arrays.left[:, AU12], np.float32(expected) / 2)
    assert arrays.neutral.tolist() == [1, 1, 3, 3, -1, 6, 6, -1, -1, -1]
    assert dict(arrays.without) == {
        "F01, angle HL": 1, "M03, angle S": 2, "photos of unknown persons": 1,
    }  # fmt: skip
    # An AU that the neutral photo lacks is unknown on all of that session.
    assert np.isnan(arrays.intensities[[0, 1], 0]).all() and arrays.intensities[2, 0] == 0
    assert np.isnan(arrays.intensities[[4, 7, 8, 9]]).all()


def test_raw_numbers_are_kept_beside():
    raw = made()
    arrays = raw.neutral_calibrated()
    assert arrays.raw_intensities is raw.intensities and arrays.raw_left is raw.left
    assert raw.intensities[0, AU12] == 3
    assert arrays.intensities.dtype == np.float32
    assert arrays.ids is raw.ids and arrays.activation is raw.activation
    assert arrays.neutral_calibrated() is arrays
    without_sides = made(sides=False).neutral_calibrated()
    assert without_sides.left is None and without_sides.raw_right is None


def test_fusion_takes_the_calibrated_numbers():
    arrays = made().neutral_calibrated()
    assert arrays.inputs()["intensities"] is arrays.intensities


def test_a_store_without_persons_or_neutrals_says_so():
    nobody = replace(made(), groups={})
    with pytest.raises(StoreError, match="names no persons"):
        nobody.neutral_calibrated()
    with pytest.raises(StoreError, match="extract the neutral photos too"):
        made(ROWS[:1] + ROWS[4:6]).neutral_calibrated()


def test_a_store_of_kdefs_shape(unbroken, kdef):
    """The neutral is the one that the data set names, wherever it was measured."""
    store = EvidenceStore.open(unbroken[0])
    arrays = store.arrays().neutral_calibrated()
    items = {item.id: item for item in kdef}
    for row, name in enumerate(arrays.ids.tolist()):
        neutral = kdef.neutral_of(items[name])
        there = arrays.neutral[row] >= 0
        measured = name != "AF02SAS"  # refused by the stand-in source
        assert there == (neutral is not None)
        if there and measured:
            assert arrays.ids[arrays.neutral[row]] == neutral.id
            other = arrays.raw_intensities[arrays.neutral[row]]
            expected = np.clip(arrays.raw_intensities[row] - other, 0, None)
            np.testing.assert_array_equal(arrays.intensities[row], expected)
        else:
            assert np.isnan(arrays.intensities[row]).all()
    assert arrays.groups["person"][arrays.ids == "BF01HAS"] == "F01"
    assert (arrays.intensities[arrays.true == 4] == 0)[:, :7].all()


def evidence(units):
    nothing = MappingProxyType({})
    return Evidence(
        face=None, prediction=None, heatmaps=(), action_units=units, activation=np.zeros((7, 68)),
        mean=nothing, std=nothing, peak=np.zeros(7), classifier=nothing, au_detector=nothing,
    )  # fmt: skip


def test_one_face():
    values, rest = np.full(17, 2.0), np.full(17, 0.5)
    values[0], rest[1], rest[2] = np.nan, np.nan, 3
    smiling = ActionUnits(values, left=values, right=values, sides_source="x", source="a test")
    resting = ActionUnits(rest, left=rest, right=rest / 2, sides_source="x", source="a test")
    result = subtract_neutral(evidence(smiling), resting)
    units = result.action_units
    assert units.neutral_calibrated and units.source == "a test"
    np.testing.assert_array_equal(units.intensities[:4], np.float32([np.nan, np.nan, 0, 1.5]))
    assert units.side(5, "left") == 1.5 and units.side(5, "right") == 1.75
    assert result.raw_action_units is smiling
    plain = ActionUnits(rest, source="a test")
    assert subtract_neutral(evidence(smiling), plain).action_units.left is None
    with pytest.raises(ValueError, match="already"):
        subtract_neutral(result, resting)
    with pytest.raises(ValueError, match="openface measured the neutral face"):
        subtract_neutral(evidence(smiling), replace(plain, source="openface"))
