"""Two faces under shared sliders: the state without a screen, and what goes to the front end."""

import json

import numpy as np
import pytest
from PIL import Image

from xfera_nb.errors import ParamsError
from xfera_nb.evidence import assemble
from xfera_nb.faces import find_faces
from xfera_nb.figures import pair_image
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.report import Result
from xfera_nb.widgets import Compare, CompareState, ExplainerState


@pytest.fixture(scope="module")
def other(samples, evidence):
    """Another sample with the maps of `evidence` turned upside down."""
    (face,) = find_faces(samples / "C02SU.jpg")
    maps = np.array([heatmap.values[::-1] for heatmap in evidence.heatmaps])
    return assemble(
        face, evidence.prediction, maps, evidence.action_units, layer="layer4.2",
        classifier={"name": "made"}, au_detector={"name": "stand-in"},
    )  # fmt: skip


@pytest.fixture
def view(evidence, other):
    return Compare(Result.from_evidence(evidence), Result.from_evidence(other))


def test_both_sides_move_together(view):
    state = view.state
    before = state.comparison
    view.view.k = 0.25
    assert (state.a.k, state.b.k, state.k) == (0.25, 0.25, 0.25)
    assert state.comparison is not before
    assert state.comparison.a.params.k == state.comparison.b.params.k == 0.25
    assert [side["k"] for side in view.view.now["sides"]] == [0.25, 0.25]


def test_one_side_moves_alone(view):
    view.view.moves = "B"
    view.view.coverage = 0.1
    state = view.state
    assert (state.a.coverage, state.b.coverage) == (0.7, 0.1)
    view.view.moves = "A"
    assert view.view.coverage == 0.7
    view.view.moves = "B"
    assert view.view.coverage == 0.1
    assert state.comparison.differ_in["coverage"] == ("0.7", "0.1")


def test_two_settings_are_not_lost_at_the_first_move(evidence):
    view = Compare(fuse(evidence, FusionParams(k=2)), fuse(evidence, FusionParams(k=0.5)))
    assert view.state.moves == "B" and view.view.k == 0.5
    view.view.k = 0.75
    assert (view.state.a.k, view.state.b.k) == (2.0, 0.75)


def test_several_numbers_are_compared_once(view):
    seen = []
    view.state.observe(seen.append, "comparison")
    view.state.set(k=0.5, coverage=0.4, min_intensity=1.0)
    assert len(seen) == 1
    assert (view.view.k, view.view.coverage, view.view.min_intensity) == (0.5, 0.4, 1.0)


@pytest.mark.parametrize("numbers", [{"size": 1}, {"k": 99.0}, {"k": float("nan")}])
def test_numbers_that_cannot_be_are_refused(view, numbers):
    with pytest.raises(ParamsError):
        view.state.set(**numbers)
    assert view.state.a.k == view.state.b.k == view.state.k == FusionParams().k


def test_a_side_that_is_moved_elsewhere_is_followed(view):
    view.state.a.k = 0.1
    assert view.state.comparison.a.params.k == 0.1
    assert view.view.now["sides"][0]["k"] == 0.1
    assert view.view.k == 0.1  # both: A's is shown


def test_what_is_sent_says_what_was_compared(view):
    found, sent = view.state.comparison, view.view.now
    for letter, side, fusion in zip("AB", sent["sides"], (found.a, found.b), strict=True):
        assert [c == "1" for c in side["salient"]] == fusion.salient.tolist()
        only = {i + 1 for i, c in enumerate(side["only"]) if c == "1"}
        assert only == set(found.salient(f"only {letter}"))
        assert side["outline"].startswith("M")
    fixed = view.view.fixed
    assert [side["name"] for side in fixed["sides"]] == list(found.names)
    assert len(fixed["rows"]) == len(sent["rows"]) == len(found.action_units)
    ten = next(row for row in fixed["rows"] if row[0] == "AU10")
    assert ten[3] is None and ten[4] is None
    json.dumps([fixed, sent], allow_nan=False)


def test_a_slider_sends_little_and_no_picture(view):
    sent = []
    view.view.send_state = lambda key=None: sent.append(key)
    view.state.set(k=1.3)
    names = {name for keys in sent for name in ([keys] if isinstance(keys, str) else keys or [])}
    assert "fixed" not in names
    assert len(json.dumps(view.view.now)) < 8_000


def test_another_class_brings_its_map(view):
    before = view.view.fixed["sides"][0]["heat"]
    view.state.a.target = "anger"
    after = view.view.fixed["sides"][0]
    assert after["heat"] != before and "anger" in after["title"]
    view.state.a.target = "fear"
    assert view.view.fixed["sides"][0]["heat"] == ""
    assert view.view.now["sides"][0]["outline"] == ""
    assert any("nothing" in said or "No part" in said for said in view.view.now["said"])


def test_names_are_data_not_markup(evidence, other):
    view = Compare(
        Result.from_evidence(evidence), Result.from_evidence(other), names=("<b>a</b>", "b")
    )
    assert view.view.fixed["sides"][0]["name"] == "<b>a</b>"
    assert "innerHTML" not in view.view._esm


def test_states_are_taken_as_they_are(evidence):
    one, other = ExplainerState(evidence), ExplainerState(evidence, target="anger")
    state = CompareState(one, other)
    assert state.a is one and state.b is other
    assert Compare(state).state is state
    assert state.comparison.b.target == "anger"


def test_options_are_named_and_refused_where_they_have_no_effect(evidence, samples, classifier):
    result = Result.from_evidence(evidence)
    with pytest.raises(ParamsError, match="measured already, so that method has no effect"):
        Compare(result, result, method="occlusion")
    with pytest.raises(ParamsError, match="give it alone"):
        Compare(CompareState(result, result), result)
    with pytest.raises(TypeError, match="metod"):
        Compare(result, result, metod="occlusion")
    seen = Compare(result, samples / "C01SU.jpg", classifier=classifier, method="hirescam",
                   layer="layer3.5", target="fear")  # fmt: skip
    shown = seen.state.b.fusion.evidence.heatmap("fear")
    assert (shown.method, shown.layer) == ("hirescam", "layer3.5")
    assert seen.state.b.target == "fear"
    assert seen.view.fixed["sides"][1]["title"] == "HiResCAM for fear at layer3.5"


def test_who_only_reads_gets_words_and_a_picture(view, tmp_path):
    bundle = view._repr_mimebundle_()
    assert "Active in both:" in bundle["text/plain"]
    picture = pair_image(view.state.comparison.a, view.state.comparison.b)
    assert isinstance(picture, Image.Image) and picture.size == (2 * 448 + 12, 448)
    view.save_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8").count("<img") == 2
