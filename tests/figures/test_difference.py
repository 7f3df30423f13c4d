"""Two fusions' maps: shares of one peak or two, their difference, what is salient in one only."""

import numpy as np
import pytest

from xfera_nb.figures import difference_image, overlay_image, unique_landmarks_image
from xfera_nb.figures.comparison import LESS, MORE, RING, normalise_maps


def test_shares_of_one_peak_or_of_each_maps_own(make_fusion):
    heat = [make_fusion(high=high).evidence.heatmap("happiness") for high in (1.0, 4.0)]
    assert [values.max() for values in normalise_maps(heat)] == [0.25, 1.0]
    assert [values.max() for values in normalise_maps(heat, shared=False)] == [1.0, 1.0]
    nothing = make_fusion(emotion="fear").evidence.heatmap("fear")
    assert [values.max() for values in normalise_maps([heat[0], nothing], shared=False)] == [
        1.0,
        0.0,
    ]


def test_the_difference_has_two_colours_and_grey_where_there_is_none(make_fusion):
    one, other = make_fusion(low=0.0, high=2.0), make_fusion(low=2.0, high=0.0)
    picture = np.array(difference_image(one, other)).astype(int)
    assert picture.shape == (448, 448, 3)
    left, right = picture[200, 20], picture[200, 430]
    assert np.abs(right - MORE).sum() < np.abs(right - LESS).sum()
    assert np.abs(left - LESS).sum() < np.abs(left - MORE).sum()
    same = np.array(difference_image(one, one))
    assert (same[..., 0] == same[..., 1]).all() and (same[..., 1] == same[..., 2]).all()


def test_rings_are_round_what_is_salient_here_alone(make_fusion):
    wide, narrow = make_fusion(k=-1.0), make_fusion(k=1.0)
    only = wide.salient & ~narrow.salient
    assert 0 < only.sum() < 68
    ring = tuple(int(RING[i : i + 2], 16) for i in (1, 3, 5))
    picture = np.array(unique_landmarks_image(wide, narrow))
    points = (wide.evidence.face.crop_landmarks + 0.5) * 2 - 0.5
    inside = points[:, 0] < 430
    edges = np.round(points[inside] + (8.5, 0)).astype(int)
    ringed = (picture[edges[:, 1], edges[:, 0]] == ring).all(axis=1)
    assert (ringed == only[inside]).all()
    same = unique_landmarks_image(narrow, wide)
    assert (np.array(same) == np.array(overlay_image(narrow, scale=2, legend=False))).all()


def test_a_size_is_refused_as_for_the_overlay(make_fusion):
    with pytest.raises(ValueError, match="whole number"):
        unique_landmarks_image(make_fusion(), make_fusion(), scale=0)
