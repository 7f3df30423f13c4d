"""The Timeline: faces over time, choices, a click that opens the frame."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from clips import make_talk, read_number
from traitlets import TraitError
from video_stores import make_video_store

from xfera_nb.errors import ParamsError
from xfera_nb.evidence import EvidenceStore, explain_video
from xfera_nb.widgets import Timeline, TimelineState

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A store of one second with two faces and a cut, and the folder of its clip."""
    root = tmp_path_factory.mktemp("video")
    stand_in = runpy.run_path(str(ROOT / "tests" / "evidence" / "stand_in.py"))
    clip = make_talk(root / "talk.mp4", seconds=1)
    explain_video(
        clip, root / "store", classifier=stand_in["classifier"](),
        au_detector=stand_in["StandInDetector"]("none"), progress=False,
    )  # fmt: skip
    return root / "store", root


@pytest.fixture
def made(tmp_path):
    """The store made by hand, whose clip is not there."""
    return make_video_store(tmp_path / "store", tmp_path)


def test_the_face_that_is_seen_longest_is_shown_as_measured(made):
    state = TimelineState(made)
    assert state.face == 1 and list(state.faces) == [1, 2] and state.clip == "c.mp4"
    assert (state.smooth, state.baseline, state.shown.smooth) == (0.0, False, 0.0)
    measured = EvidenceStore.open(made).arrays().probabilities[state.shown.number]
    np.testing.assert_array_equal(state.shown.probabilities, measured)
    assert state.moments == [("highest neutral, 0.00 s", 0), ("highest happiness, 0.60 s", 6)]


def test_choices_change_what_is_shown(made):
    state = TimelineState(made)
    state.smooth = 0.2
    assert state.shown.smooth == 0.2
    state.baseline = True
    assert state.shown.baseline[8] == 0.5 and state.shown.smooth == 0.2
    state.face = 2
    assert state.shown.track == 2
    state.set_trait("smooth", 0.0)
    assert state.shown.smooth == 0.0
    for name, value in (("face", 9), ("smooth", -1.0), ("min_intensity", 0.0)):
        with pytest.raises(TraitError):
            setattr(state, name, value)


def test_a_pick_opens_the_frame_in_the_explainer(measured):
    store, _ = measured
    state = TimelineState(store)
    number = int(state.shown.number[3])
    state.pick(number)
    assert state.picked == number and state.time == pytest.approx(0.3)
    face = state.explainer.evidence.face
    assert read_number(face.image) == 3
    row = EvidenceStore.open(store).row(number)
    np.testing.assert_array_equal(face.landmarks, row.landmarks)
    explainer = state.explainer
    state.face = 2
    state.pick_time(0.1)
    assert state.explainer is explainer
    assert read_number(explainer.evidence.face.image) == 1
    assert (state.busy, state.error) == ("", "")
    with pytest.raises(ParamsError, match="no row"):
        state.pick(number)


def test_a_clip_that_is_gone_gets_a_sentence(made, measured, tmp_path):
    state = TimelineState(made)
    state.pick(0)
    assert "c.mp4#0 is not in" in state.error and state.explainer is None
    store, _ = measured
    moved = TimelineState(store, clips=tmp_path)
    moved.pick(0)
    assert "is not in" in moved.error


def test_a_video_without_faces_has_no_timeline(tmp_path, monkeypatch):
    monkeypatch.setattr("xfera_nb.widgets.timeline.state.read_timelines", lambda store: {})
    with pytest.raises(ParamsError, match="No face was found"):
        TimelineState(make_video_store(tmp_path / "store"))


def trace(view, name):
    (found,) = [one for one in view.figure.data if one.name == name]
    return found


def test_the_view_draws_the_shown_face(made):
    view = Timeline(made)
    np.testing.assert_allclose(trace(view, "happiness").y, [0.05] * 6 + [0.7] * 4)
    view.menu.value = 2
    assert view.state.face == 2 and len(trace(view, "happiness").y) == 4
    view.menu.value = 1
    view.smoothing.value = 0.2
    assert "averaged over 0.2 s" in view.figure.layout.title.text
    view.baseline.value = True
    assert "minus the median" in view.figure.layout.title.text
    view.least.value = 2.0
    assert "from 2," in view.figure.layout.annotations[1].text
    assert view.static_image().startswith(b"\x89PNG")
    assert "face 1 of 2" in repr(view)


def test_a_click_opens_the_frame(measured):
    view = Timeline(measured[0])
    line = trace(view, "neutral")
    view._on_click(line, SimpleNamespace(point_inds=[2]), None)
    assert view.state.picked == int(line.customdata[2])
    assert view.explainer is not None and view.explainer in view.children
    marks = [shape for shape in view.figure.layout.shapes if shape.name == "picked"]
    assert [mark.x0 for mark in marks] == [pytest.approx(0.2)]
    view.moments.children[0].click()
    assert view.state.picked == view.state.moments[0][1]
    view.time.value = 0.4
    view.open_button.click()
    assert view.state.time == pytest.approx(0.4)
    marks = [shape for shape in view.figure.layout.shapes if shape.name == "picked"]
    assert len(marks) == 1


def test_a_page_that_opens_later_gets_the_whole_figure(measured):
    """As in Voila, or in a notebook that is loaded again."""
    view = Timeline(measured[0])
    view.least.value = 2.0
    view.state.pick_time(0.2)
    sent = view.figure.get_state()
    assert [one["name"] for one in sent["_widget_data"] if "name" in one] == [
        one.name for one in view.figure.data if one.name
    ]
    assert "picked" in [shape.get("name") for shape in sent["_widget_layout"]["shapes"]]
    assert "from 2," in sent["_widget_layout"]["annotations"][1]["text"]


def test_a_click_beside_a_line_does_nothing(made):
    view = Timeline(made)
    view._on_click(trace(view, "neutral"), SimpleNamespace(point_inds=[]), None)
    assert view.state.picked == -1


def test_smoothing_given_at_first_is_in_the_menu(made):
    view = Timeline(made, smooth=0.7)
    assert view.smoothing.value == 0.7 and view.state.shown.smooth == 0.7
    with pytest.raises(ParamsError, match="did you mean 'smooth'"):
        Timeline(made, smoth=1)
