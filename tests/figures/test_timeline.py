"""The timeline's traces hold the numbers, and its title says what was done to them."""

from __future__ import annotations

import numpy as np
import pytest
from video_stores import make_video_store

from xfera_nb.evaluation import read_timelines
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import timeline_figure


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_video_store(tmp_path_factory.mktemp("video") / "store")


def trace(figure, name):
    (found,) = [one for one in figure.data if one.name == name]
    return found


def test_lines_hold_the_numbers_and_the_rows(store):
    face = read_timelines(store)[1]
    figure = timeline_figure(face, clip="c.mp4")
    happy = trace(figure, "happiness")
    np.testing.assert_allclose(happy.y, [0.05] * 6 + [0.7] * 4)
    np.testing.assert_allclose(happy.x, np.arange(10) / 10)
    assert list(happy.customdata) == [0, 1, 2, 3, 4, 5, 6, 8, 10, 12]
    np.testing.assert_allclose(trace(figure, "AU12").y, [0.5] * 6 + [3.0] * 4)
    assert {one.name for one in figure.data} >= {*EMOTIONS, "mouth", "moments"}


def test_spans_and_moments_are_marked(store):
    face = read_timelines(store)[1]
    figure = timeline_figure(face, min_intensity=1.0)
    assert [x for x in trace(figure, "AU12 active").x if x is not None] == [0.6, 0.9]
    apex = trace(figure, "AU12 apex")
    assert list(apex.y) == [3.0] and list(apex.customdata) == [6]
    assert "onset 0.60, apex 0.60, offset 0.90 or later" in apex.text[0]
    assert list(trace(figure, "moments").customdata) == [0, 6]
    assert list(trace(timeline_figure(face, moments=[4]), "moments").x) == [0.4]


def test_the_title_says_what_was_done(store):
    plain = timeline_figure(read_timelines(store)[1], clip="<b>.mp4").layout.title.text
    assert "not smoothed" in plain and "as measured" in plain and "<b>.mp4" not in plain
    faces = read_timelines(store, smooth=0.5, baseline=True)
    title = timeline_figure(faces[1]).layout.title.text
    assert "averaged over 0.5 s" in title and "minus the median" in title
    assert "too few neutral frames" in timeline_figure(faces[2]).layout.title.text


def test_a_line_is_broken_where_the_face_was_not_seen(store):
    face = read_timelines(store)[1]
    later = np.where(np.arange(10) > 4, face.time + 2, face.time)
    face.__dict__["time"] = later
    happy = trace(timeline_figure(face), "happiness")
    assert len(happy.x) == 11 and np.isnan(happy.y[5]) and happy.customdata[5] == -1
