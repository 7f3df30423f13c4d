"""Hide face regions from the classifier: the prediction and the map follow, Action Units stay."""

import numpy as np
import pytest

from xfera_nb.classifier import Prediction
from xfera_nb.errors import InputError
from xfera_nb.evidence.occlusion import occlude_regions
from xfera_nb.faces.regions import FACE_REGIONS, face_region_masks
from xfera_nb.facs import EMOTIONS
from xfera_nb.widgets import Explainer, ExplainerState
from xfera_nb.widgets.explainer import evidence_cache
from xfera_nb.widgets.explainer.readout import class_facts, summary
from xfera_nb.widgets.explainer.state import BRUSH_RADIUS

WRONG_POINTS = [1, [1], ["a", 2], [float("nan"), 2], [1, 2, 3]]


@pytest.fixture
def state(samples, classifier, stand_in):
    return ExplainerState(
        samples / "C01HA.jpg", classifier=classifier, au_detector=stand_in(), occlusion=False
    )


def test_the_prediction_follows_and_the_action_units_stay(state, classifier):
    whole = state.evidence
    state.hidden = ("mouth", "brows")
    assert state.hidden == state.evidence.face.hidden == ("brows", "mouth")
    assert state.evidence.action_units is whole.action_units
    assert state.unhidden is whole.prediction
    state.hidden = ["mouth"]
    expected = occlude_regions(whole.face, classifier).prediction("mouth").probabilities
    assert state.evidence.prediction.probabilities == pytest.approx(expected, abs=2e-3)
    masks = face_region_masks(whole.face.crop_landmarks)
    changed = (state.evidence.face.crop != whole.face.crop).any(axis=2)
    assert changed[masks[FACE_REGIONS.index("mouth")]].mean() > 0.9
    assert not changed[masks[FACE_REGIONS.index("brows")]].any()
    state.toggle_region("mouth")
    assert state.hidden == () and state.evidence is whole and state.unhidden is None


def test_a_hidden_region_stays_on_the_next_face_and_reset_shows_all(samples, classifier, stand_in):
    photos = [samples / "C01HA.jpg", samples / "C01SU.jpg"]
    state = ExplainerState(
        photos, classifier=classifier, au_detector=stand_in(), hidden=["eyes"], occlusion=False
    )
    state.next()
    assert state.photo_name == "C01SU.jpg" and state.evidence.face.hidden == ("eyes",)
    assert "hidden=('eyes',)" in state.to_code()
    state.reset()
    assert state.evidence.face.hidden == () and "hidden" not in state.to_code()


def test_an_explanation_is_about_what_was_hidden(state):
    state.explain()
    assert not state.stale
    state.hidden = ("nose",)
    assert state.stale
    state.hidden = ()
    assert not state.stale


def test_given_evidence_is_measured_again_with_its_own_weights(samples, classifier, stand_in):
    given = ExplainerState(
        samples / "C01HA.jpg", classifier=classifier, au_detector=stand_in(), occlusion=False
    ).evidence
    state = ExplainerState(given, classifier=classifier)
    state.hidden = ("mouth",)
    assert state.evidence.face.hidden == ("mouth",)
    state.hidden = ()
    assert state.evidence is given


def test_another_method_makes_no_map_of_the_whole_face(state, monkeypatch):
    state.method = "saliency"
    whole = state.evidence.prediction.probabilities
    made = []
    attribute = evidence_cache.attribute

    def counted(network, crop, target, **options):
        made.append(target)
        return attribute(network, crop, target, **options)

    monkeypatch.setattr(evidence_cache, "attribute", counted)
    state.set(hidden=("mouth",), au_detector="stand-in")
    assert state.unhidden.probabilities == pytest.approx(whole)
    assert len(made) == len(set(made)) <= 2


@pytest.mark.slow
def test_the_check_of_a_map_goes_stale(state, monkeypatch):
    checks = Explainer(state).panels["faithfulness"].state
    checks.check()
    assert checks.checks is not None and not checks.stale
    state.hidden = ("mouth",)
    assert checks.stale
    state.hidden = ()
    assert not checks.stale


def test_an_unknown_region_is_refused(state):
    with pytest.raises(InputError, match="mouth"):
        state.hidden = ("mout",)
    assert state.hidden == ()


def test_buttons_and_state_follow_each_other(state):
    view = Explainer(state)
    hiding = view.hiding
    assert "Press a region" in hiding.change.value
    assert list(hiding.regions) == list(FACE_REGIONS) and hiding.reset.disabled
    hiding.regions["mouth"].value = True
    hiding.regions["eyes"].value = True
    assert state.hidden == ("eyes", "mouth") and not hiding.reset.disabled
    before = view.overlay.face["source"]
    hiding.reset.click()
    assert state.hidden == () and not any(one.value for one in hiding.regions.values())
    assert view.overlay.face["source"] != before
    state.hidden = ("chin",)
    assert [name for name, one in hiding.regions.items() if one.value] == ["chin"]
    assert view.target.facts["before"] is not None and "the chin" in view.target.facts["change"]
    assert "Without the chin" in hiding.change.value


def test_the_change_is_a_sentence(state):
    state.hidden = ("eyes", "mouth")
    probabilities = np.full(7, 0.05)
    probabilities[EMOTIONS.index("fear")] = 0.7
    other = class_facts(state.fusion, None, None, Prediction(probabilities))
    now = state.evidence.prediction
    assert other["change"] == (
        f"Without the eyes and the mouth the prediction changes from fear (70%) to {now.predicted} "
        f"({now.confidence:.0%})."
    )
    same = np.full(7, 0.05)
    same[EMOTIONS.index(now.predicted)] = 0.7
    still = class_facts(state.fusion, None, None, Prediction(same))
    assert still["change"] == (
        f"Without the eyes and the mouth it is still {now.predicted}: {now.confidence:.0%} instead "
        "of 70%."
    )
    unmoved = class_facts(state.fusion, None, None, now)["change"]
    assert unmoved.endswith(f"{now.predicted}: {now.confidence:.0%}, as before.")
    assert class_facts(state.fusion, None)["change"] == ""
    assert "hidden: eyes, mouth" in summary(state.fusion, "C01HA.jpg")


def test_painted_spots_are_blurred_and_named(state):
    view = Explainer(state)
    view.hiding.brush.value = True
    assert state.brush and view.overlay.brush == BRUSH_RADIUS
    before = state.evidence.face.crop
    view.overlay._on_paint(None, {"paint": [[112, 170], [118, 170.04]]}, [])
    assert state.hidden == ((112, 170, BRUSH_RADIUS), (118, 170, BRUSH_RADIUS))
    changed = np.abs(state.evidence.face.crop.astype(int) - before).sum(axis=2) > 0
    assert changed[165:175, 105:125].mean() > 0.9 and not changed[:140].any()
    assert "Without the painted area" in view.hiding.change.value
    state.toggle_region("eyes")
    assert state.hidden[0] == "eyes" and len(state.hidden) == 3
    assert "Without the eyes and the painted area" in view.hiding.change.value
    assert "hidden: eyes, painted area" in repr(view)
    view.hiding.reset.click()
    assert state.hidden == () and (state.evidence.face.crop == before).all()


@pytest.mark.parametrize(
    "content", [None, {}, {"paint": "all"}, *({"paint": [one]} for one in WRONG_POINTS)]
)
def test_a_stroke_that_is_none_hides_nothing(state, content):
    view = Explainer(state)
    view.overlay._on_paint(None, content, [])
    assert state.hidden == ()


def test_more_spots_than_a_face_can_need_are_refused(state):
    many = [(x, y) for x in range(0, 200, 9) for y in range(0, 200, 9)]
    with pytest.raises(InputError, match="Whole face"):
        state.paint(many)
    assert state.hidden == ()


def test_what_is_painted_belongs_to_its_face(samples, classifier, stand_in):
    photos = [samples / "C01HA.jpg", samples / "C01SU.jpg"]
    spot = (112.0, 170.0, 20.0)
    state = ExplainerState(
        photos, classifier=classifier, au_detector=stand_in(), hidden=["eyes", spot],
        occlusion=False,
    )  # fmt: skip
    assert state.evidence.face.hidden == ("eyes", spot)
    assert f"hidden={state.hidden!r}" in state.to_code()
    state.next()
    assert state.hidden == state.evidence.face.hidden == ("eyes",)
