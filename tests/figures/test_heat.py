"""Colours, opacity and outlines, on a map of two cells whose numbers are known.

[[0, 2]] resized to 224: cell centres at x = 55.5 and 167.5, a straight line between them, flat
outside; so the value at x is (x - 55.5) / 112 of the peak.
"""

import numpy as np
import pytest

from xfera_nb.figures import colour_scale, draw_map, heat_rgba, overlay_image, salient_contours
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


@pytest.mark.parametrize(("peak", "strength"), [(0.5, 0.25), (2.0, 1.0), (8.0, 1.0)])
def test_a_map_is_as_faint_as_its_peak_is_low_beside_the_predictions(make_fusion, peak, strength):
    fusion = make_fusion(emotion="fear", fear=peak)
    whole, drawn = heat_rgba(fusion.evidence.heatmap("fear")), draw_map(fusion)
    assert drawn[..., 3] == pytest.approx(whole[..., 3] * strength, abs=0.5)
    assert (drawn[..., :3] == whole[..., :3]).all()


def test_the_picture_of_a_weak_class_is_nearly_the_face(make_fusion):
    grey, weak, strong = (
        np.asarray(overlay_image(make_fusion(emotion="fear", fear=peak, k=9), legend=False), int)
        for peak in (0.0, 0.02, 2.0)
    )
    assert 0 < np.abs(weak - grey).max() <= 4 < 60 < np.abs(strong - grey).max()


def test_a_class_without_evidence_has_no_map_to_draw(make_fusion):
    assert draw_map(make_fusion(emotion="fear")) is None
