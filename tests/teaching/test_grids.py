"""Tables of numbers as drawings: every number is there, hot cells are framed."""

import re

import numpy as np

from xfera_nb.teaching import grids_svg
from xfera_nb.teaching.lessons import gradcam


def test_every_number_is_drawn_and_said():
    drawing = grids_svg({"one <b>": np.array([[0, 1.5], [-2, 3]]), "two": np.zeros((1, 2))})
    assert re.findall(r">(-?[\d.]+)</text>", drawing) == ["0", "1.5", "-2", "3", "0", "0"]
    assert "one &lt;b&gt;" in drawing and "<b>" not in drawing
    assert 'aria-label="one &lt;b&gt;: [[0.0, 1.5], [-2.0, 3.0]]; two: [[0.0, 0.0]]"' in drawing
    assert 'width="176"' in drawing  # two columns of 38, a gap of 24, two columns


def test_hot_cells_are_framed_from_the_threshold_on():
    for threshold, count in ((5, 4), (8, 2), (9, 0)):
        drawing = grids_svg({"map": gradcam.positive_map()}, framed_from=threshold)
        assert drawing.count('stroke-width="3"') == count


def test_what_speaks_against_is_blue():
    drawing = grids_svg({"map": np.array([[-1.0, 1.0]])})
    assert drawing.index("#005ad2") < drawing.index("#e67800")
