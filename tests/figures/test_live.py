"""What the live view draws from a map: an outline of few points, and two maps compared."""

import numpy as np
import pytest

from xfera_nb.errors import InputError
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import comparison_image, contour_path, salient_contours, share_of_peak
from xfera_nb.figures.comparison import LESS, MORE, normalise_maps
from xfera_nb.saliency import Heatmap


def points(path):
    return [
        np.array([[float(n) for n in pair.split()] for pair in part.strip("Z").split("L")])
        for part in path.split("M")[1:]
    ]


def test_the_path_follows_the_outline_with_few_points(make_fusion):
    fusion = make_fusion()
    share = share_of_peak(fusion.evidence.heatmap("happiness"))
    (line,) = points(contour_path(share, fusion.threshold))
    (exact,) = salient_contours(fusion)
    assert len(line) <= 8
    # The right part of a map that rises from left to right: a rectangle to the crop's edge.
    assert line[:, 0].min() == pytest.approx(exact[:, 0].min(), abs=0.5)
    assert line[:, 0].max() == pytest.approx(223.25, abs=0.5)
    assert (line[:, 1].min(), line[:, 1].max()) == (pytest.approx(0, abs=0.5),
                                                    pytest.approx(223, abs=0.5))  # fmt: skip


def test_a_hole_is_a_polygon_of_its_own():
    values = np.ones((7, 7), np.float32)
    values[3, 3] = 0
    share = share_of_peak(Heatmap(values, "fear", None, "gradcam"))
    assert contour_path(share, 0.5).count("M") == 2
    assert contour_path(share, 0.0).count("M") >= 1
    assert contour_path(share, 1.01) == ""


def test_there_is_no_outline_without_evidence(make_fusion):
    fusion = make_fusion(emotion="fear")
    assert share_of_peak(fusion.evidence.heatmap("fear")) is None
    assert contour_path(None, None) == ""


def test_two_maps_share_the_scale_of_the_stronger(make_fusion):
    evidence = make_fusion(low=0.0, high=2.0).evidence
    one, other = normalise_maps([evidence.heatmap("happiness"), evidence.heatmap("fear")])
    assert (one.max(), other.max()) == (1.0, 0.0)
    assert np.allclose(normalise_maps([evidence.heatmap("fear"), evidence.heatmap("anger")]), 0)


def test_the_difference_is_orange_where_the_first_has_more(make_fusion):
    evidence = make_fusion(low=0.0, high=2.0).evidence
    right = (2 * 234 + 220, 26 + 100)
    grey = np.array(evidence.face.crop[100, 220]).astype(int)
    ours = np.array(comparison_image(evidence, "happiness", "fear").getpixel(right)).astype(int)
    turned = np.array(comparison_image(evidence, "fear", "happiness").getpixel(right)).astype(int)
    assert np.abs(ours - MORE).sum() < np.abs(grey - MORE).sum()
    assert np.abs(turned - LESS).sum() < np.abs(grey - LESS).sum()
    assert comparison_image(evidence, "joy", "fear") == comparison_image(
        evidence, "happiness", "fear"
    )
    with pytest.raises(InputError, match="boredom"):
        comparison_image(evidence, "boredom", EMOTIONS[0])
