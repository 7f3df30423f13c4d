"""ActionUnits: unknown is NaN, sides are the person's, nothing can be changed or out of range."""

from __future__ import annotations

import math

import numpy as np
import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.facs.action_units import OPENFACE_AUS


def test_intensity_is_found_by_number_and_unknown_is_nan():
    values = np.full(17, np.nan)
    values[8] = 2.5  # AU12 stands ninth
    units = ActionUnits(values)
    assert units.intensity(12) == 2.5
    assert math.isnan(units.intensity(1))
    assert math.isnan(units.intensity(11))
    assert units.measured == (12,)
    assert units.intensities.dtype == np.float32


def test_zero_is_measured():
    assert ActionUnits(np.zeros(17)).measured == OPENFACE_AUS


def test_sides_are_kept_apart():
    units = ActionUnits(np.ones(17), left=np.full(17, 2.0), right=np.zeros(17))
    assert units.side(12, "left") == 2.0
    assert units.side(12, "right") == 0.0
    assert math.isnan(units.side(11, "left"))
    assert math.isnan(ActionUnits(np.ones(17)).side(12, "left"))
    with pytest.raises(ValueError, match="side must be"):
        units.side(12, "top")


def test_reliability_is_unknown_unless_given():
    assert math.isnan(ActionUnits(np.ones(17)).reliability_of(12))
    given = np.linspace(-1, 1, 17)
    assert ActionUnits(np.ones(17), reliability=given).reliability_of(45) == 1.0


def test_arrays_are_copied_and_locked():
    values = np.ones(17, dtype=np.float32)
    units = ActionUnits(values, presence={12: 1})
    values[0] = 4
    assert units.intensity(1) == 1.0
    with pytest.raises(ValueError, match="read-only"):
        units.intensities[0] = 2
    assert units.presence == {12: True}
    with pytest.raises(TypeError):
        units.presence[12] = False


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"intensities": np.ones(16)}, "shape"),
        ({"intensities": np.full(17, 5.1)}, "0 to 5"),
        ({"intensities": np.full(17, -0.1)}, "0 to 5"),
        ({"intensities": np.full(17, np.inf)}, "0 to 5"),
        ({"left": np.ones(17)}, "together"),
        ({"reliability": np.full(17, 1.2)}, "-1 to 1"),
    ],
)
def test_what_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        ActionUnits(**({"intensities": np.ones(17)} | changes))
