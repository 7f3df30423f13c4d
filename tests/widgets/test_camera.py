"""The camera's state and view: faces, smoothing, a neutral face, practice, newest frame first."""

from __future__ import annotations

import asyncio
import sys
import threading

import numpy as np
import pytest
from fake_camera import draw_face, to_jpeg
from traitlets import TraitError
from waiting import patiently_aside

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.errors import DetectorError, InputError, ParamsError, PhotoError
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS
from xfera_nb.figures import heat_rgba
from xfera_nb.widgets import Camera, CameraState
from xfera_nb.widgets.camera import measuring
from xfera_nb.widgets.camera.measuring import NO_FACE, read_frame
from xfera_nb.widgets.camera.practice import HOLD, Practice
from xfera_nb.widgets.camera.widget import _coloured

STEP = 0.1


class ChosenUnits:
    """Every Action Unit as it was set; AU10 is not measured."""

    name = "chosen"

    def __init__(self):
        self.level, self.broken = 2.0, False

    def describe(self):
        return {"name": self.name, "version": 1}

    def detect(self, image, landmarks, photo_name=None):
        if self.broken:
            raise DetectorError("The AU source is out of order; choose another.")
        values = np.full(17, self.level)
        values[OPENFACE_AUS.index(10)] = np.nan
        return ActionUnits(values, source="chosen")


@pytest.fixture
def units():
    return ChosenUnits()


@pytest.fixture
def state(classifier, units):
    """A state on an untrained network, which is loaded at once, and AUs that a test sets."""
    return CameraState(classifier=classifier, au_detector=units)


@pytest.fixture(scope="module")
def smile():
    return draw_face("C01HA")


def index_of(au):
    return OPENFACE_AUS.index(au)


@pytest.mark.slow
def test_the_prediction_follows_faces_that_take_turns_and_move():
    state, time = CameraState(), 0.0
    for code, emotion in [("C01HA", "happiness"), ("C03AN", "anger"), ("C04SU", "surprise")] * 2:
        for shift in (-20, 0, 25):
            time += STEP
            moment = state.look(to_jpeg(draw_face(code, shift)), time)
            assert moment.predicted == emotion
            left, _, right, _ = moment.face.box
            assert (left + right) / 2 == pytest.approx(320 + shift, abs=25)
            assert (moment.frames, moment.smooth, moment.reason) == (1, 0.0, "")
    assert moment.intensities[index_of(26)] > 1  # the jaw drops in surprise
    assert moment.heatmap().has_positive_evidence


def test_between_two_searches_the_face_is_found_near_its_last_place(state, smile, monkeypatch):
    searched = []
    search = measuring.FaceTracker._find

    def count(self, image):
        before = self._since_search
        found = search(self, image)
        searched.append(self._since_search <= before)
        return found

    monkeypatch.setattr(measuring.FaceTracker, "_find", count)
    for number in range(5):
        assert state.look(smile, number * STEP).measured.track == 1
    assert searched == [True, False, False, False, False]


def test_a_frame_without_a_face_says_why_and_the_next_face_is_found(state, smile):
    assert state.look(smile, 0.0).face is not None
    moment = state.look(draw_face(None), STEP)
    assert (moment.face, moment.predicted, moment.reason, moment.frames) == (None, None, NO_FACE, 0)
    assert np.isnan(moment.probabilities).all() and np.isnan(moment.intensities).all()
    assert moment.heatmap() is None
    assert state.look(smile, 2 * STEP).face is not None


def test_of_two_faces_the_larger_one_is_followed_until_it_is_lost(state):
    large, small = draw_face("C01HA"), draw_face("C04SU")[::2, ::2]
    both = np.full((480, 1000, 3), 112, np.uint8)
    both[:, :640], both[100:340, 660:980] = large, small
    state.smooth = 1.0
    first = state.look(both, 0.0)
    assert first.face.box[0] < 500 and first.frames == 1
    only_small = both.copy()
    only_small[:, :640] = 112
    moment = state.look(only_small, STEP)
    assert moment.face.box[0] > 600 and moment.measured.track != first.measured.track
    assert moment.frames == 1  # never a mean over two faces
    assert state.look(both, 2 * STEP).measured.track == moment.measured.track


def test_nothing_is_smoothed_unless_asked_and_then_the_moment_says_so(state, smile):
    angry = draw_face("C03AN")
    raw = [state.look(frame, n * STEP).probabilities for n, frame in enumerate((smile, angry))]
    assert not np.array_equal(*raw)
    state.smooth = 0.25
    first = state.look(smile, 10.0)
    np.testing.assert_array_equal(first.probabilities, first.measured.prediction.probabilities)
    second = state.look(angry, 10.1)
    assert (second.frames, second.smooth) == (2, 0.25)
    mean = (
        first.measured.prediction.probabilities + second.measured.prediction.probabilities
    ) / 2
    np.testing.assert_allclose(second.probabilities, mean, rtol=1e-5)
    assert state.look(smile, 10.3).frames == 2  # the first is older than 0.25 s
    assert state.look(smile, 12.0).frames == 1
    for name, value in [("smooth", -1.0), ("smooth", 9.0), ("smooth", float("nan"))]:
        with pytest.raises(TraitError):
            setattr(state, name, value)
    with pytest.raises(TraitError):
        CameraState(smooth=7.0)


def test_a_neutral_face_is_subtracted_and_what_is_not_measured_stays_so(state, units, smile):
    with pytest.raises(InputError, match="No face is measured yet"):
        state.take_neutral()
    units.level = 1.5
    state.look(smile, 0.0)
    state.take_neutral()
    units.level = 2.0
    moment = state.look(smile, STEP)
    assert moment.neutral
    assert moment.intensities[index_of(4)] == 0.5 and np.isnan(moment.intensities[index_of(10)])
    assert moment.measured.units.intensity(4) == 2.0
    units.level = 1.0
    assert state.look(smile, 2 * STEP).intensities[index_of(4)] == 0
    state.forget_neutral()
    moment = state.look(smile, 3 * STEP)
    assert not moment.neutral and moment.intensities[index_of(4)] == 1.0


@pytest.mark.slow
def test_practice_passes_when_the_unit_is_held(state, units, smile):
    state.min_intensity = 1.0
    units.level = 0.0
    state.look(smile, 0.0)
    state.practise(4)
    for number in range(10):
        state.look(smile, 1 + 0.2 * number)
    assert (state.practice.held, state.practice.passed) == (0.0, False)
    units.level = 1.0  # reaches the mark
    for number in range(8):
        state.look(smile, 5 + 0.2 * number)
        assert not state.practice.passed
    state.look(smile, 5 + HOLD + 0.1)
    assert state.practice.passed
    units.level = 0.0
    state.look(smile, 7.0)
    assert state.practice.passed and state.practice.held == 0.0
    state.practise(4)
    assert not state.practice.passed
    with pytest.raises(InputError, match="AU10 is not measured"):
        state.practise(10)


def test_a_break_begins_the_hold_again():
    practice = Practice(4)
    for time in (0.0, 0.4, 0.8, 1.2):
        practice = practice.after(time, 2.0, 1.0)
    assert practice.held == pytest.approx(1.2)
    assert practice.after(1.4, 0.9, 1.0).held == 0  # below the mark
    assert practice.after(1.4, float("nan"), 1.0).held == 0  # not measured
    late = practice.after(3.0, 2.0, 1.0)  # nobody saw it in between
    assert (late.held, late.passed) == (0.0, False)


def test_another_rule_begins_a_practice_again(state, units, smile):
    state.look(smile, 0.0)
    state.practise(4)
    for number in range(6):
        state.look(smile, 1 + 0.4 * number)
    assert state.practice.passed
    state.take_neutral()
    assert state.practice == Practice(4)


def test_nothing_is_queued_the_newest_frame_wins(state, smile):
    entered, may_go = threading.Event(), threading.Event()
    measure, seen = state._measurer.measure, []

    def hold(image, time):
        seen.append(int(image[0, 0, 0]))
        entered.set()
        assert may_go.wait(60)
        return measure(image, time)

    state._measurer.measure = hold

    async def offer():
        answers = {}
        for number in range(5):
            frame = smile.copy()
            frame[0, 0] = number
            state.offer(frame, lambda outcome, number=number: answers.update({number: outcome}))
            if number == 0:
                await patiently_aside(entered.is_set)
        assert state.busy and state.dropped == 3
        assert answers == {1: None, 2: None, 3: None}
        may_go.set()
        await patiently_aside(lambda: len(answers) == 5)
        return answers

    answers = asyncio.run(offer())
    assert seen == [0, 4]
    assert answers[0].face is not None and answers[4].face is not None
    assert not state.busy and state.moment is answers[4]


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0" + bytes(40)])
def test_what_is_no_jpeg_is_refused_and_the_next_frame_is_measured(state, smile, data):
    answers = []
    state.offer(data, answers.append)
    assert isinstance(answers[0], PhotoError) and not state.busy
    state.offer(to_jpeg(smile), answers.append)
    assert answers[1].face is not None


def test_frames_are_cut_off_or_too_large():
    whole = to_jpeg(draw_face("C01HA"))
    assert read_frame(whole).shape == (480, 640, 3)
    for data, words in [
        (whole[: len(whole) // 2], "cannot be read"),
        (bytes(measuring.MAX_BYTES + 1), "at most 2 MB"),
        (to_jpeg(np.zeros((8, 2000, 3), np.uint8)), "at most 1920 pixels"),
    ]:
        with pytest.raises(PhotoError, match=words):
            read_frame(data)


def test_a_source_that_fails_leaves_the_prediction(state, units, smile):
    units.broken = True
    moment = state.look(smile, 0.0)
    assert moment.predicted in EMOTIONS
    assert np.isnan(moment.intensities).all() and "out of order" in moment.reason
    with pytest.raises(InputError, match="No face is measured"):
        state.take_neutral()


_WRITES: list[str] | None = None


def _audit(event, arguments):
    if _WRITES is not None and event == "open":
        path, mode, flags = arguments
        if any(letter in (mode or "") for letter in "wax+") or (flags or 0) & 3:
            _WRITES.append(str(path))


@pytest.mark.slow
def test_no_file_is_written_while_frames_are_measured(state, smile):
    global _WRITES
    sys.addaudithook(_audit)
    state.look(to_jpeg(smile), 0.0)
    _WRITES = []
    try:
        for number in range(1, 4):
            state.look(to_jpeg(smile), number * STEP)
        state.freeze()
        found = list(_WRITES)
        with open("/dev/null", "w"):
            assert _WRITES[len(found) :] == ["/dev/null"]  # the check sees what is written
    finally:
        _WRITES = None
    assert found == []


@pytest.mark.slow
def test_a_frozen_moment_is_explained_as_it_was_shown(state, units, smile):
    with pytest.raises(InputError, match="No face is seen"):
        state.freeze()
    moment = state.look(smile, 0.0)
    units.level = 0.5
    state.look(draw_face("C03AN"), STEP)
    state.freeze(moment)
    explained = state.explainer.evidence
    np.testing.assert_array_equal(explained.face.landmarks, moment.face.landmarks)
    np.testing.assert_allclose(
        explained.prediction.probabilities, moment.probabilities, atol=1e-3
    )
    assert state.explainer.photo_name.startswith("camera ")
    explainer = state.explainer
    state.take_neutral(moment)
    state.freeze(moment)
    assert state.explainer is explainer and len(explainer.photos) == 2
    assert explainer.evidence.action_units.neutral_calibrated
    assert explainer.evidence.action_units.intensity(4) == 0.0
    assert explainer.evidence.occlusion is not None


# The view


def answers_of(panel, monkeypatch):
    sent = []
    monkeypatch.setattr(panel, "send", lambda *message: sent.append(message))
    return sent


def test_a_frame_of_the_page_is_answered_with_what_is_drawn(state, smile, monkeypatch):
    panel = Camera(state).panel
    sent = answers_of(panel, monkeypatch)
    panel._on_message(None, {"frame": "a 1"}, [memoryview(to_jpeg(smile))])
    (content, (heat,)) = sent[0]
    assert content["answer"] == "a 1" and content["predicted"] == state.moment.predicted
    assert len(content["landmarks"]) == 136 and len(content["to_photo"]) == 6
    assert content["intensities"][index_of(10)] is None  # not measured, never 0
    assert len(heat) == content["heat"] ** 2 * 4
    panel._on_message(None, {"frame": "a 2"}, [b"broken"])
    assert "cannot be read" in sent[1][0]["reason"]
    panel._on_message(None, {"frame": "a 3"}, [memoryview(to_jpeg(draw_face(None)))])
    assert sent[2][0]["reason"] == NO_FACE and "predicted" not in sent[2][0]


def test_a_weak_class_is_drawn_faint(state, smile):
    moment = state.look(smile, 0.0)
    peaks = {one: moment.heatmap(one).peak for one in EMOTIONS}
    weak = min((one for one in EMOTIONS if peaks[one] < peaks[moment.predicted]), key=peaks.get)
    share = peaks[weak] / peaks[moment.predicted]
    alone = heat_rgba(moment.heatmap(weak), 56)[..., 3]
    np.testing.assert_allclose(_coloured(moment, weak)[..., 3], alone * share, atol=1)
    np.testing.assert_array_equal(
        _coloured(moment, moment.predicted), heat_rgba(moment.heatmap(), 56)
    )


@pytest.mark.slow
def test_choices_of_the_page_reach_the_state_and_bad_ones_are_said(state, smile, monkeypatch):
    camera = Camera(state)
    panel = camera.panel
    answers_of(panel, monkeypatch)

    def choose(name, value=None, of=None):
        panel._on_message(None, {"set": name, "value": value, "of": of}, [])

    choose("freeze")
    assert "No face" in panel.choices["error"]
    panel._on_message(None, {"frame": "a 1"}, [to_jpeg(smile)])
    assert panel.choices["error"] == ""
    choose("smooth", 0.5)
    choose("target", "fear")
    choose("practice", 4)
    choose("neutral", True, "a 1")
    assert (state.smooth, state.target, state.practice.au) == (0.5, "fear", 4)
    assert panel.choices["neutral"] and panel.choices["practice"] == 4
    for name, value in [("smooth", "much"), ("target", "boredom"), ("practice", 10)]:
        state.error = ""
        choose(name, value)
        assert panel.choices["error"]
    choose("neutral", False)
    choose("target")
    assert state.neutral is None and state.target is None
    choose("freeze", of="a 1")
    assert camera.explainer.state is state.explainer
    for junk in (None, 3, {"frame": 1}, {"frame": "x"}, {"set": "explainer", "value": 1}):
        panel._on_message(None, junk, [])


def test_options_are_checked_and_the_static_image_holds_no_face(state, smile):
    with pytest.raises(ParamsError, match="smooth"):
        Camera(smoth=1)
    with pytest.raises(ParamsError, match="already"):
        Camera(state, smooth=1.0)
    camera = Camera(state)
    assert repr(camera) == "Camera: not running."
    empty = camera.static_image()
    state.look(smile, 0.0)
    assert state.moment.predicted in repr(camera)
    filled = camera.static_image()
    assert empty != filled
    assert empty.startswith(b"\x89PNG") and filled.startswith(b"\x89PNG")
