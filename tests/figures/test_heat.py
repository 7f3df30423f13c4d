"""Colours, opacity and outlines, on a map of two cells whose numbers are known.

[[0, 2]] resized to 224: cell centres at x = 55.5 and 167.5, a straight line between them, flat
outside; so the value at x is (x - 55.5) / 112 of the peak.
"""

import numpy as np
import pytest

from xfera_nb.figures import colour_scale, heat_rgba, salient_contours
from xfera_nb.figures.heat import OPACITY, colour_table
from xfera_nb.saliency import Heatmap


def test_opacity_is_proportional_to_the_share_of_the_peak():
    heat = heat_rgba(Heatmap(np.array([[0, 2]]), "happiness", "layer4.2", "gradcam"))
    assert heat.shape == (224, 224, 4) and heat.dtype == np.uint8
    assert (heat[:, :56, 3] == 0).all()
    assert (heat[:, 168:, 3] == round(255 * OPACITY)).all()
    assert heat[100, 112, 3] == round((112 - 55.5) / 112 * 255 * OPACITY)
    assert heat[0, 223, :3].tolist() == colour_table()[255].tolist()


def test_strength_does_not_change_the_picture():
    weak, strong = (Heatmap(np.array([[-1, s]]), "fear", None, "gradcam") for s in (1e-3, 50))
    assert (heat_rgba(weak) == heat_rgba(strong)).all()


@pytest.mark.parametrize("values", [[[0, 0]], [[-1, -2]], [[np.nan, 1]]])
def test_nothing_is_drawn_without_evidence(values):
    assert heat_rgba(Heatmap(np.array(values), "fear", None, "gradcam")) is None


def test_brightness_rises_along_the_scale():
    brightness = colour_table().astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) > -0.75).all() and brightness[-1] - brightness[0] > 200
    assert colour_scale()[0].tolist() == [128, 128, 128]


def test_the_outline_is_where_the_map_reaches_the_threshold(make_fusion):
    fusion = make_fusion(k=0.5)
    (line,) = salient_contours(fusion)
    expected = 55.5 + 112 * fusion.threshold
    assert line[:, 0].min() == pytest.approx(expected, abs=0.3)
    assert line[:, 0].max() == pytest.approx(223.5, abs=0.3)
    assert line[:, 1].min() == pytest.approx(-0.5, abs=0.3)


def test_no_outline_without_evidence(make_fusion):
    assert salient_contours(make_fusion(emotion="fear")) == ()


def test_nothing_is_outlined_beyond_the_peak(make_fusion):
    fusion = make_fusion(k=8)
    assert fusion.threshold > 1
    assert salient_contours(fusion) == ()
