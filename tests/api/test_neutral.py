"""`explain` with the same person's neutral photo: what counts, and the raw numbers beside it."""

from __future__ import annotations

import numpy as np
import pytest

import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.errors import NoFaceError, ParamsError

RESTING = ActionUnits(np.full(17, 0.5), source="stand-in")


@pytest.fixture(scope="module")
def explain(classifier):
    def run(photo, detector, **options):
        setup = {"classifier": classifier, "au_detector": detector, "k": -1, "scope": "all"}
        return xf.explain(photo, **setup, **options)

    return run


def test_both_numbers_are_in_every_form(explain, detector, sample):
    result = explain(sample, detector, neutral=RESTING)
    row = result.fusion.result(12)
    assert (row.intensity, row.raw_intensity) == (1.5, 2.0)
    assert result.fusion.result(10).raw_intensity is None  # not measured
    record = {entry["au"]: entry for entry in result.to_dict()["action_units"]}
    assert (record["AU12"]["intensity"], record["AU12"]["raw_intensity"]) == (1.5, 2.0)
    assert "AU12 1.50 (2.00)" in " ".join(str(result).split())
    assert max(map(len, str(result).splitlines())) <= 88
    assert "measured 2.00" in result._repr_html_() and "subtracted" in result._repr_html_()
    again = result.with_params(k=0.5)
    assert again.fusion.result(12).raw_intensity == 2.0


def test_without_a_neutral_there_is_no_raw_number(result):
    assert result.fusion.result(12).raw_intensity is None
    assert {entry["raw_intensity"] for entry in result.to_dict()["action_units"]} == {None}
    assert "as measured" not in str(result) and "measured 2.00" not in result._repr_html_()


def test_a_photo_is_measured_by_the_same_source(explain, detector, sample):
    result = explain(sample, detector, neutral=sample.with_name("C01NE.jpg"))
    assert detector.calls == 2
    assert result.fusion.result(12).intensity == 0 and not result.fusion.active
    assert result.evidence.action_units.neutral_calibrated


def test_what_is_refused(explain, detector, sample):
    with pytest.raises(ParamsError, match="one person"):
        explain(sample, detector, neutral=RESTING, all_faces=True)
    with pytest.raises(NoFaceError):
        explain(sample, detector, neutral=np.full((90, 90, 3), 128, np.uint8))
    with pytest.raises(ValueError, match="openface measured"):
        explain(sample, detector, neutral=ActionUnits(np.zeros(17), source="openface"))
