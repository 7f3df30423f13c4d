"""The panel "Check this map", headless and as a widget, against the checks it shows."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from waiting import LONG, patiently_aside

import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier, ResNet50BAM
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.errors import ModelError
from xfera_nb.evaluation.faithfulness import check_faithfulness, compute_overlap, controls
from xfera_nb.evaluation.faithfulness.calibration import FAIL, INCONCLUSIVE, PASS
from xfera_nb.evaluation.faithfulness.interpretation import (
    TITLES,
    interpret,
    interpret_overlap,
)
from xfera_nb.evidence import gather
from xfera_nb.explanation import Draft, write_explanation
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.widgets import ExplainerState, FaithfulnessPanel, FaithfulnessState
from xfera_nb.widgets.explainer import faithfulness_state
from xfera_nb.widgets.explainer.faithfulness_state import NOT_CHECKED
from xfera_nb.widgets.explainer.panels import faithfulness as panel

pytestmark = pytest.mark.slow

FRONT = Path(panel.__file__).parents[2] / "front"


@pytest.fixture(scope="module", autouse=True)
def few_samples(samples):
    """The controls are twenty-one samples, not seventy."""
    patch = pytest.MonkeyPatch()
    files = sorted(samples.glob("C0[1-3]*.jpg"))
    faces = tuple(find_faces(file)[0] for file in files)
    patch.setattr(controls, "_find_samples", lambda: faces)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def small(sample_face):
    """A random network whose upper left cell speaks for happiness, and the lower right against."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = ResNet50BAM()
    rule = default_input_rule() | {"size": 64, "detail": 64}
    classifier = Classifier(network, {"input": rule, "name": "small", "sha256": "5eed"})
    with torch.no_grad():
        (features,) = network.features(classifier.preprocess(sample_face.crop))
        network.fc.weight *= 0.01
        difference = features[:, 0, 0] - features[:, 1, 1]
        network.fc.weight[EMOTIONS.index("happiness")] = difference / difference.square().sum()
    return classifier


@pytest.fixture(scope="module")
def measured(sample_face, small, stand_in_units):
    return gather(sample_face, small, stand_in_units)


@pytest.fixture(scope="module")
def stand_in_units():
    class Units:
        name = "made"

        def describe(self):
            return {"name": self.name}

        def detect(self, image, landmarks, photo_name=None):
            return ActionUnits(np.full(17, 2.0), source="made")

    return Units()


@pytest.fixture
def explained(measured, small, stand_in_units):
    return ExplainerState(
        measured, classifier=small, au_detector=stand_in_units, target="happiness"
    )


@pytest.fixture
def checked(explained):
    state = FaithfulnessState(explained)
    state.check()
    return state


def test_nothing_is_checked_before_it_is_asked_for(explained):
    def never():
        raise AssertionError("the classifier was loaded")

    state = FaithfulnessState(explained, never)
    view = FaithfulnessPanel(state)
    explained.k = 0.5
    assert state.checks is None and not state.stale
    assert view.interpretations == [] and view.drops == []
    assert view.text_check["figure"] == NOT_CHECKED and view.text_check["verdict"] is None


def test_it_shows_the_results_of_the_check(checked, explained, small):
    expected = check_faithfulness(explained.evidence, small, explained.params, "happiness")
    assert explained.classifier is small
    assert checked.checks == expected and checked.interpretations == list(interpret(expected))
    view = FaithfulnessPanel(checked)
    assert [one["title"] for one in view.interpretations] == [s.title for s in interpret(expected)]
    shown = [view.text_check, *view.interpretations]
    assert all(one["means"] and one["means_not"] for one in shown)
    assert sum(bool(one["beside"]) for one in view.interpretations) >= 6
    ranked = expected.au_drops.ranked
    assert [row["name"] for row in view.drops] == [row.name for row in ranked]
    assert [row["excess_drop"] for row in view.drops] == [row.excess_drop for row in ranked]
    (mouth,) = [row for row in view.drops if "AU25" in row["same_region"]]
    assert mouth["name"] == "AU12" and mouth["expected"]
    assert mouth["least"] <= mouth["random"] <= mouth["most"]
    assert view.target == "happiness" and view.error == view.status == ""
    json.dumps([view.text_check, view.interpretations, view.drops], allow_nan=False)


def test_parameters_move_the_overlap_alone(checked, explained):
    view = FaithfulnessPanel(checked)
    before = list(checked.interpretations)
    explained.k = -1.0
    after = checked.interpretations
    told = interpret_overlap(
        compute_overlap(fuse(explained.evidence, explained.params, "happiness"))
    )
    changed = [new for old, new in zip(before, after, strict=True) if new != old]
    assert changed == [one for one in told if one not in before] and len(changed) == 1
    assert [one["figure"] for one in view.updated] == [one.figure for one in changed]
    assert [one["figure"] for one in view.interpretations] == [one.figure for one in before]
    assert not checked.stale
    explained.k = FusionParams().k
    assert checked.interpretations == before and view.updated == []


def test_another_class_or_face_makes_it_stale(checked, explained, measured):
    view = FaithfulnessPanel(checked)
    before = list(checked.interpretations)
    explained.target = "fear"
    assert checked.stale and view.status == panel.STALE and checked.interpretations == before
    explained.target = "happiness"
    assert not checked.stale and view.status == ""
    explained.target = "fear"
    checked.check()
    assert not checked.stale and view.target == "fear"
    figures = [one["figure"] for one in view.interpretations]
    assert figures == [one.figure for one in checked.interpretations]


def test_the_text_that_is_shown_is_checked(checked, explained):
    def expect_check_of(shown):
        assert view.text_check["figure"] == shown.check.summary
        has_claims = shown.check.precision is not None
        assert view.text_check["verdict"] == (PASS if has_claims else None)

    view = FaithfulnessPanel(checked)
    assert explained.explanation is None
    expect_check_of(write_explanation(explained.fusion))
    explained.k = 0.0  # the offline writer's sentences follow, and so does their check
    expect_check_of(write_explanation(explained.fusion))
    explained.explain()
    expect_check_of(explained.explanation)
    explained.target = "fear"
    assert explained.stale
    expect_check_of(write_explanation(explained.fusion))


def test_a_written_text_is_stale_when_the_settings_have_moved(measured, small):
    class Model:
        name = model = "a model"

        def write(self, facts, prompt):
            return Draft("The lip corners are pulled up.", self.name, self.model)

    explained = ExplainerState(measured, classifier=small, target="happiness", writer=Model())
    view = FaithfulnessPanel(explained)
    view.state.check()
    explained.explain()
    assert view.text_check["figure"] == explained.explanation.check.summary
    explained.target = "fear"
    assert view.text_check["figure"].endswith("Stale: for another text than now.")
    assert view.text_check["verdict"] is None


def test_what_fails_is_one_sentence(explained, small):
    other = Classifier(small.module, small.card | {"sha256": "0ther"})
    state = FaithfulnessState(explained, lambda: other)
    view = FaithfulnessPanel(state)
    state.check()
    assert "other weights" in view.error and not view.busy and state.checks is None

    def missing():
        raise ModelError("The weights are missing: install the package again.")

    state = FaithfulnessState(explained, missing)
    state.check()
    assert state.error == "The weights are missing: install the package again."


def test_without_evidence_there_are_reasons_and_no_verdicts(explained, small, measured):
    cold = xf.evidence.assemble(
        measured.face, measured.prediction, -np.ones((7, 2, 2), np.float32),
        measured.action_units, layer="layer4.2",
    )  # fmt: skip
    state = FaithfulnessState(ExplainerState(cold, classifier=small, target="anger"), lambda: small)
    state.check()
    by_title = {one.title: one for one in state.interpretations}
    for name in ("occlusion", "au_agreement", "localisation"):
        found = by_title[TITLES[name]]
        assert found.figure.startswith("none: ") and found.verdict == INCONCLUSIVE
        assert found.beside == ""
    for title in ("Deletion and insertion", "ROAD", "Pointing game"):
        assert by_title[title].figure.startswith("none: ") and by_title[title].verdict is None
    assert all(row["saliency"] is None for row in state.drops)


def test_verdicts_follow_the_controls(checked):
    checks = checked.checks
    one = checks.calibrated["additivity"]
    top = max(*one.random, *one.others, one.mean_map, one.class_mean or -1)
    for value, verdict in (
        (top + 0.01, PASS),
        (float(np.median(one.random)) - 0.01, FAIL),
        (float(np.median(one.random)) + 1e-6, INCONCLUSIVE),
    ):
        other = dict(checks.calibrated) | {"additivity": replace(one, value=value)}
        told = {each.title: each for each in interpret(replace(checks, calibrated=other))}
        assert told[TITLES["additivity"]].verdict == verdict
        assert "99 random last layers" in told[TITLES["additivity"]].beside


def test_from_the_page_it_runs_in_a_thread_and_the_sliders_stay_live(explained, small, monkeypatch):
    started, go = [], Event()

    def slow(evidence, classifier, params, emotion, progress):
        started.append(emotion)
        progress(16, 60)
        go.wait(LONG)
        return check_faithfulness(evidence, classifier, params, emotion)

    monkeypatch.setattr(faithfulness_state, "check_faithfulness", slow)
    view = FaithfulnessPanel(FaithfulnessState(explained))

    async def use():
        view._handle_custom_msg({"check": True}, [])
        assert view.busy and view.status.startswith(panel.BUSY)
        await patiently_aside(lambda: "16 of 60" in view.status, "progress")
        view._handle_custom_msg({"check": True}, [])  # pressed again: one is enough
        for noise in ({}, {"check": "yes"}, [1], "check"):
            view._handle_custom_msg(noise, [])
        explained.k = 0.0
        assert view.busy and explained.fusion.params.k == 0.0
        go.set()
        await patiently_aside(lambda: not view.busy, "the checks")
        assert view.status == ""

    asyncio.run(use())
    assert started == ["happiness"] and not view.busy and len(view.drops) > 10
    assert view.state.checks.params.k == FusionParams().k
    told = interpret_overlap(compute_overlap(explained.fusion))
    assert {one.figure for one in told} <= {one.figure for one in view.state.interpretations}


def test_an_overtaken_check_is_dropped(explained, small):
    state = FaithfulnessState(explained)
    outcome = check_faithfulness(explained.evidence, small, target="happiness")
    state._request_id = 2
    state._take(1, (explained.evidence, "happiness"), (outcome, None))
    assert state.checks is None


def test_the_front_end_sets_text_only():
    script = (FRONT / "faithfulness.js").read_text("utf-8")
    assert "innerHTML" not in script and "insertAdjacentHTML" not in script
    assert (FRONT / "faithfulness.css").is_file()
    assert set(EMOTIONS).isdisjoint(script.split())


def test_it_is_there_by_name():
    assert xf.widgets.FaithfulnessPanel is FaithfulnessPanel
    assert xf.widgets.FaithfulnessState is FaithfulnessState
