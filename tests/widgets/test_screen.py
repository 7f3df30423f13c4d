"""The Explainer as one screen: title, live text, faint maps, strips and the settings' drawer."""

import numpy as np
import pytest

from xfera_nb.facs import EMOTIONS, OPENFACE_AUS, au_name
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.figures.heat import relative_peak
from xfera_nb.fusion import STATES, FusionParams, fuse
from xfera_nb.widgets import Explainer
from xfera_nb.widgets.explainer import readout
from xfera_nb.widgets.explainer.change_strip import describe
from xfera_nb.widgets.explainer.panels.text import LIVE


@pytest.fixture
def view(evidence):
    return Explainer(evidence)


def test_the_title_names_the_target_where_it_is_not_the_prediction(view):
    title = view.title
    assert "Happiness <span>70.0\u00a0%</span>" in title.value
    assert "predicted with" in title.value and "not the prediction" not in title.value
    view.target.target = "anger"
    assert "Anger <span>5.0\u00a0%</span>" in title.value
    assert "not the prediction, which is <b>happiness, 70.0\u00a0%</b>" in title.value
    assert "medium confidence" in title.value
    view.target.target = "happiness"
    assert "Happiness <span>" in title.value and "not the prediction" not in title.value


def test_a_map_is_as_faint_as_its_peak_beside_the_predictions(view, evidence):
    drawn = view.overlay
    assert drawn.opacity == 1.0 and view.scale.opacity == 1.0 and view.scale.fixed["drawn"] == ""
    peaks = dict(zip(EMOTIONS, evidence.peak.tolist(), strict=True))
    for name in ("anger", "disgust"):
        view.state.target = name
        share = peaks[name] / peaks["happiness"]
        assert drawn.opacity == view.scale.opacity == pytest.approx(share, abs=1e-4)
        assert view.scale.fixed["drawn"] == (
            f"Drawn at {share:.0%} strength: its peak is {share:.0%} of happiness's."
        )
        view.state.opacity = 0.5
        assert drawn.opacity == pytest.approx(0.5 * share, abs=1e-4)
        view.state.opacity = 1.0
    assert peaks["disgust"] / peaks["happiness"] < 0.01
    view.state.target = None
    assert drawn.opacity == 1.0


def test_a_stronger_map_is_not_overdrawn_and_none_has_no_strength(view):
    view.state.target = "fear"
    assert relative_peak(view.state.fusion) is None
    assert view.scale.fixed["drawn"] == "" and view.scale.fixed["peak"] is None
    assert "speaks for fear" in view.scale.now["no_evidence"]
    view.state.target = "anger"
    strong = view.state.fusion
    peaks = strong.evidence.peak.copy()
    peaks[EMOTIONS.index("anger")] = 3 * peaks[EMOTIONS.index("happiness")]
    object.__setattr__(strong.evidence, "peak", peaks)
    try:
        assert relative_peak(strong) == pytest.approx(3)
        assert readout.map_opacity(strong, 0.5) == 0.5
        assert (
            "at full strength: its peak is 300% of happiness's"
            in (readout.map_facts(strong)["drawn"])
        )
    finally:
        peaks[EMOTIONS.index("anger")] /= 3


def at_each_stop(view, evidence, trait, target):
    """What the strip says of each stop of its slider, and what `fuse` finds there."""
    slider, strip = view.controls.sliders[trait], view.controls.strips[trait]
    values = np.arange(slider.min, slider.max + slider.step / 2, slider.step).round(6)
    assert [row[0] for row in strip.rows] == [au_name(au) for au in EXPECTED_AUS[target]]
    for au, (_, last, _, _) in zip(EXPECTED_AUS[target], strip.rows, strict=True):
        # The front end's rule.
        said = [last == "all" or (last is not None and v <= last + 1e-9) for v in values.tolist()]
        params = [view.state.params.replace(**{trait: v}) for v in values.tolist()]
        found = [au in fuse(evidence, one, target).active for one in params]
        assert said == found
        yield sum(found), len(found)


@pytest.mark.parametrize("trait", ["k", "min_intensity", "coverage"])
@pytest.mark.parametrize("target", ["happiness", "anger", "fear"])
@pytest.mark.parametrize("preset", ["recommended", "algorithm1", "algorithm1-line33"])
def test_a_strip_switches_where_fuse_does(view, evidence, trait, target, preset):
    view.state.target = target
    view.state.preset(preset)
    counts = list(at_each_stop(view, evidence, trait, target))
    assert counts
    view.state.set(k=0.6, min_intensity=1.9, coverage=0.55)
    list(at_each_stop(view, evidence, trait, target))


def test_a_strip_says_why_in_words(view, evidence):
    params = FusionParams(k=0.3, min_intensity=1.2, coverage=0.3)
    view.state.set(k=0.3, min_intensity=1.2, coverage=0.3)
    rows = {name: {row[0]: row for row in strip.rows} for name, strip in strips(view)}
    assert rows["k"]["AU06"][1:3] == [None, "never"]
    assert rows["k"]["AU06"][3] == (
        "AU06 is active at no k: its intensity 1.00 is below the minimum 1.2."
    )
    last = rows["k"]["AU12"][1]
    assert rows["k"]["AU12"][2:] == [f"{last:.2f}", f"AU12 is active up to k of {last:.2f}."]
    assert rows["min_intensity"]["AU12"][3] == "AU12 is active up to a minimum intensity of 2.00."
    share = fuse(evidence, params).result(12).coverage
    said = f"AU12 is active up to a coverage of {100 * share:.0f}\u00a0%."
    assert rows["coverage"]["AU12"][3] == said
    view.state.target = "fear"
    rows = {name: {row[0]: row for row in strip.rows} for name, strip in strips(view)}
    assert "no part of the face speaks for fear" in rows["k"]["AU01"][3]
    view.state.target = "neutral"
    assert all(strip.rows == [] for _, strip in strips(view))
    assert "expects no Action Unit for neutral" in view.controls.about.value
    with pytest.raises(ValueError, match="is not one of k"):
        describe("opacity", view.state.fusion, 12, None)


def strips(view):
    return view.controls.strips.items()


def test_a_value_without_an_end_is_always(view):
    view.state.preset("algorithm1-line33")
    view.state.k = 0.3
    rows = {row[0]: row for row in view.controls.strips["min_intensity"].rows}
    attended = view.state.fusion.result(12).attended
    assert attended and rows["AU12"][1:3] == ["all", "always"]
    assert rows["AU12"][3] == "AU12 is active at every minimum intensity."


def test_the_list_gets_each_state(view):
    table = view.panels["au_table"]
    states = [STATES[row[8]] for row in table.now["aus"]]
    assert states == [row.state for row in view.state.fusion.action_units]
    assert states[LANDMARK_AUS.index(10)] == "not measurable"
    assert table.states == list(STATES)
    view.controls.sliders["min_intensity"].value = 2.5
    assert not any(row[8] < 2 for row in table.now["aus"])
    assert len(OPENFACE_AUS) <= len(table.now["aus"]) == len(LANDMARK_AUS)


def test_the_sentences_are_there_at_once_and_follow(view):
    text = view.panels["text"]
    view.state.set(k=0.3, coverage=0.3)
    before = text.value
    assert LIVE in before and "happiness" in before.lower() and 'role="status"' not in before
    view.controls.sliders["k"].value = 2.5
    after = text.value
    assert LIVE in after and after != before
    view.state.language = "de"
    assert text.value != after


def test_the_drawer_is_folded_and_opens_where_a_lesson_needs_it(view, evidence):
    assert not view.state.settings_open and not view.settings.fold.is_open
    assert view.settings.fold.words == "k 1.3 · intensity 0.8 · coverage 70%"
    view.settings.fold.is_open = True
    assert view.state.settings_open
    view.state.settings_open = False
    assert not view.settings.fold.is_open
    view.state.k = 0.45
    assert view.settings.fold.words.startswith("k 0.45 · ")
    opened = Explainer(evidence, settings_open=True)
    assert opened.settings.fold.is_open
    assert opened.settings.children[1].children == (
        opened.controls, opened.panels["map_options"],
    )  # fmt: skip


def test_the_current_preset_is_marked(view):
    def current():
        buttons = view.presets.presets.items()
        marked = [name for name, button in buttons if "xf-current" in button._dom_classes]
        assert marked == [name for name, one in buttons if one.tooltip.endswith("(current)")]
        return marked

    assert current() == ["recommended"]
    view.presets.presets["algorithm1"].click()
    assert current() == ["algorithm1"]
    view.state.k = 0.77
    assert current() == []
