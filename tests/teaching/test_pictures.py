"""Marks lie where the landmarks are; steps go where the numbers say."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from xfera_nb.teaching import grids_svg, landmarks_image, pictures_row, steps_svg
from xfera_nb.teaching.lessons import gradcam


def test_a_marked_landmark_is_painted_at_its_place_and_no_other():
    crop = np.full((224, 224, 3), 90, np.uint8)
    points = np.tile([200.0, 200.0], (68, 1))
    points[8] = (50, 120)  # landmark 9
    picture = np.asarray(landmarks_image(crop, points, [9], scale=2))
    assert picture.shape == (448, 448, 3)
    assert picture[241, 101].tolist() == [255, 176, 0]
    assert picture[20, 20].tolist() == [90, 90, 90]
    unmarked = np.asarray(landmarks_image(crop, points, scale=2))
    assert not (unmarked == (255, 176, 0)).all(axis=2).any()


def test_a_picture_cannot_be_smaller_than_the_crop():
    with pytest.raises(ValueError, match="whole number from 1"):
        landmarks_image(np.zeros((4, 4, 3), np.uint8), np.zeros((68, 2)), scale=0)


def test_a_row_holds_each_picture_with_its_caption_escaped():
    text = pictures_row({"k = 0": Image.new("RGB", (8, 8)), 'a "b"': Image.new("RGB", (8, 8))})
    assert re.findall("<figcaption>(.*?)</figcaption>", text) == ["k = 0", "a &quot;b&quot;"]
    assert text.count('src="data:image/jpeg;base64,') == 2


def drawing(**options):
    rest = {"x_label": "k", "y_label": "share"} | options
    return steps_svg([0, 1, 2], {"AU12 <b>": [1.0, 0.5, 0.0]}, **rest)


def test_steps_hold_their_value_until_the_next_place():
    # 0..2 is 60..600 across; 1 is at 14, 0.5 at 129 and 0 at 244.
    assert "M60.0 14.0H330.0V129.0H600.0V244.0" in drawing()


def test_the_cut_is_a_line_at_its_height():
    assert "M60.0 129.0H600.0" in drawing(cut=0.5, cut_label="half")


def test_the_drawing_is_sound_xml_that_says_what_it_shows():
    root = ElementTree.fromstring(drawing(cut=0.5, cut_label="half"))
    assert root.get("aria-label") == "share against k: AU12 <b>"
    assert not re.search("<b>", drawing())


@pytest.mark.parametrize("count", [0, 5])
def test_as_many_lines_as_can_be_told_apart(count):
    series = {str(i): [0, 1] for i in range(count)}
    with pytest.raises(ValueError, match="1 to 4 series"):
        steps_svg([0, 1], series, x_label="x", y_label="y")


def test_facts_and_quiz_load_nothing_heavy():
    code = "import sys, xfera_nb.teaching; print({'torch', 'cv2', 'dlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_number_of_a_grid_is_drawn_and_spoken():
    drawing = grids_svg({"one <b>": np.array([[0, 1.5], [-2, 3]]), "two": np.zeros((1, 2))})
    assert re.findall(r">(-?[\d.]+)</text>", drawing) == ["0", "1.5", "-2", "3", "0", "0"]
    assert "one &lt;b&gt;" in drawing and "<b>" not in drawing
    assert 'aria-label="one &lt;b&gt;: [[0.0, 1.5], [-2.0, 3.0]]; two: [[0.0, 0.0]]"' in drawing
    assert "max-width:176px" in drawing  # two columns of 38, a gap of 24, two columns


def test_cells_are_framed_from_the_threshold_on():
    for threshold, count in ((5, 4), (8, 2), (9, 0)):
        drawing = grids_svg({"map": gradcam.positive_map()}, framed_from=threshold)
        assert drawing.count('stroke-width="3"') == count


def test_what_speaks_against_is_blue():
    drawing = grids_svg({"map": np.array([[-1.0, 1.0]])})
    assert drawing.index("#005ad2") < drawing.index("#e67800")
