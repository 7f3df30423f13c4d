"""Resizing and reading of maps, by hand and against PyTorch."""

import numpy as np
import pytest
import torch

from xfera_nb.saliency import Heatmap, interpolation_matrix, sample_maps


def a_map(values):
    return Heatmap(np.array(values, np.float32), "happiness", "layer4.2", "gradcam")


def test_interpolation_by_hand():
    # Four pixels over two cells: centres lie at -0.25 (cut to 0), 0.25, 0.75 and 1.25 (cut to 1).
    expected = [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]]
    assert interpolation_matrix(4, 2) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("cells", [1, 2, 4, 7, 14, 224])
def test_resizing_equals_pytorchs(cells):
    values = np.random.default_rng(cells).normal(size=(cells, cells)).astype(np.float32)
    ours = a_map(values).upsampled(signed=True)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(values)[None, None], size=224, mode="bilinear", align_corners=False
    )
    assert ours == pytest.approx(theirs[0, 0].numpy(), abs=1e-5)


def test_relu_comes_before_resizing():
    resized = a_map([[1.0, -3.0]]).upsampled(4)
    assert resized[0] == pytest.approx([1, 0.75, 0.25, 0])


def test_reading_points_is_reading_pixels():
    heatmap = a_map(np.random.default_rng(0).normal(size=(7, 7)))
    points = np.array([[0, 0], [100.4, 30.6], [223.4, 223.4], [-0.6, 5], [5, 223.6]])
    pixels = heatmap.upsampled()
    expected = [pixels[0, 0], pixels[31, 100], pixels[223, 223], np.nan, np.nan]
    assert heatmap.at(points) == pytest.approx(expected, nan_ok=True)
    assert sample_maps(heatmap.relu[None], points).shape == (1, 5)


def test_no_positive_evidence_is_a_state():
    for values in ([[-1.0, -2.0]], [[0.0]], [[np.nan, 1.0]]):
        assert not a_map(values).has_positive_evidence
        assert np.isnan(a_map(values).peak)
    assert a_map([[-1.0, 0.5]]).has_positive_evidence
    assert a_map([[-1.0, 0.5]]).peak == pytest.approx(0.5)


def test_maps_cannot_be_written_or_misshapen():
    with pytest.raises(ValueError, match="read-only"):
        a_map([[1.0]]).values[0, 0] = 2
    with pytest.raises(ValueError, match=r"\(h, w\)"):
        a_map([1.0])
    assert a_map([[1.0]]).title == "Grad-CAM for happiness at layer4.2"
