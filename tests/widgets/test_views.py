"""The views, driven by their widgets' values, against the state and `fuse`."""

import base64
import inspect
import io
import json
import re

import anywidget
import ipywidgets as w
import numpy as np
import pytest
from PIL import Image

import xfera_nb as xf
from xfera_nb.au_detectors import pyfaceau
from xfera_nb.errors import InputError, ParamsError
from xfera_nb.explanation import Draft
from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.widgets import Explainer, ExplainerState
from xfera_nb.widgets.explainer import readout
from xfera_nb.widgets.explainer.overlay import Overlay
from xfera_nb.widgets.explainer.panels import PANELS
from xfera_nb.widgets.explainer.panels.au_table import AUTable
from xfera_nb.widgets.explainer.panels.export import view_result
from xfera_nb.widgets.explainer.panels.text import LIVE, STALE
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.front import FRONT


@pytest.fixture
def view(evidence):
    return Explainer(evidence)


def painted(view):
    """(68,) bool: the points as they are drawn; colour and shape must agree."""
    marker = view.overlay.figure.data[0].marker
    red = np.array(marker.color) == 1
    assert np.array_equal(red, np.array(marker.symbol) == 0)
    return red


def test_the_package_is_an_attribute():
    assert xf.widgets.Explainer is Explainer


@pytest.mark.parametrize(
    ("slider", "value", "params"),
    [
        ("k", 0.0, {"k": 0.0}),
        ("k", 1.65, {"k": 1.65}),
        ("min_intensity", 1.2, {"min_intensity": 1.2}),
        ("coverage", 0.15, {"coverage": 0.15}),
        ("saliency_weight", 4.0, {"saliency_weight": 4.0}),
    ],
)
def test_a_slider_paints_what_fuse_finds(view, evidence, slider, value, params):
    view.controls.sliders[slider].value = value
    expected = fuse(evidence, FusionParams(**params))
    assert np.array_equal(painted(view), expected.salient)
    rows = view.panels["au_table"].now["aus"]
    assert [LANDMARK_AUS[i] for i, row in enumerate(rows) if row[0]] == sorted(expected.active)
    assert (view.panels["au_table"].now["k"], view.panels["au_table"].now["min_intensity"]) == (
        expected.params.k,
        expected.params.min_intensity,
    )


def test_binary_fractions_of_the_front_end_are_rounded(view):
    view.controls.sliders["k"].value = 0.30000000000000004
    assert view.state.params.k == 0.3


def test_sliders_follow_the_state_and_widen(view):
    view.state.set(k=4.5, coverage=0.2)
    sliders = view.controls.sliders
    assert (sliders["k"].value, sliders["k"].max, sliders["coverage"].value) == (4.5, 4.5, 0.2)
    view.presets.presets["section2.1"].click()
    assert (sliders["k"].value, sliders["coverage"].value) == (1.0, 0.5)
    view.presets.reset.click()
    assert sliders["coverage"].value == 0.7


def test_sliders_have_the_ranges_and_steps_that_were_asked_for(view):
    def rule(name):
        s = view.controls.sliders[name]
        return s.min, s.max, s.step, s.continuous_update, s.description

    assert rule("k") == (0, 3, 0.05, True, "Saliency threshold k (mean + k SD)")
    assert rule("min_intensity") == (0, 5, 0.1, True, "Minimum AU intensity")
    assert rule("coverage") == (0, 1, 0.05, True, "Minimum coverage")
    assert view.slider_names.marks["Minimum AU intensity"] == [[6, "0.3"], [20, "1 = A"]]


def test_the_overlay_opens_with_all_that_it_draws(evidence, monkeypatch):
    """A page that loads its small module too late for anywidget gets no message after this one."""
    opened, really_open = [], Overlay.open
    monkeypatch.setattr(
        Overlay, "open", lambda self: (opened.append(self.get_state()), really_open(self))
    )
    overlay = Explainer(evidence).overlay
    assert [state["_esm"] for state in opened] == [overlay._esm] and len(overlay._esm) < 20_000
    for name in ("base", "face", "heat", "stops", "frame"):
        assert opened[0][name] == getattr(overlay, name) != type(getattr(overlay, name))()
    assert opened[0]["slider"].startswith("IPY_MODEL_")
    assert opened[0]["plotly"].startswith("IPY_MODEL_")


def test_all_overlays_share_one_copy_of_plotly(evidence):
    one, other = (Explainer(evidence).overlay for _ in range(2))
    assert one.plotly is other.plotly and len(one.plotly.value) > 1_000_000
    assert all(len(json.dumps(overlay.get_state(["base"]))) < 20_000 for overlay in (one, other))
    one.plotly.close()
    assert Explainer(evidence).overlay.plotly.comm is not None


def test_a_move_sends_the_new_frame_alone(view, monkeypatch):
    sent = []
    monkeypatch.setattr(view.overlay, "send_state", lambda keys: sent.append(set(keys)))
    view.controls.sliders["k"].value = 0.4
    assert sent == [{"frame"}]
    assert len(json.dumps(view.overlay.frame)) < 2_000
    assert len(json.dumps(view.panels["au_table"].now)) < 3_000


@pytest.mark.parametrize("region", ["crop", "hull"])
def test_the_stops_are_what_fuse_finds_at_each_k(view, evidence, region):
    view.state.region = region
    stops = view.overlay.stops
    assert (stops["start"], stops["step"]) == (0, 0.05)
    assert len(stops["salient"]) == len(stops["outline"]) == 61
    for number, hot in enumerate(stops["salient"]):
        expected = fuse(evidence, FusionParams(k=round(0.05 * number, 2), region=region))
        assert hot == "".join(str(int(point)) for point in expected.salient)
    assert len(set(stops["salient"])) > 10
    assert stops["outline"][8] != stops["outline"][20]
    view.state.k = 0.4
    assert view.overlay.frame == {
        "k": 0.4, "salient": stops["salient"][8], "outline": stops["outline"][8],
    }  # fmt: skip
    view.state.target = "fear"
    assert set(view.overlay.stops["salient"]) == {"0" * 68}


def test_a_value_between_the_stops_is_painted_too(view, evidence):
    view.state.k = 0.4321
    assert np.array_equal(painted(view), fuse(evidence, FusionParams(k=0.4321)).salient)


def test_the_outline_is_that_of_the_threshold(view):
    view.state.k = 0.3
    path = view.overlay.figure.layout.shapes[0].path
    points = [tuple(map(float, p.split())) for p in path.strip("MZ").replace("ZM", "L").split("L")]
    share = view.state.evidence.heatmap("happiness").upsampled() / view.state.evidence.peak[3]
    at = [share[round(min(max(y, 0), 223)), round(min(max(x, 0), 223))] for x, y in points]
    inner = [v for v, (x, y) in zip(at, points, strict=True) if 1 < x < 222 and 1 < y < 222]
    assert len(inner) >= 4
    assert np.allclose(inner, view.state.fusion.threshold, atol=0.06)
    view.state.target = "fear"
    assert view.overlay.figure.layout.shapes[0].path == "M0 0Z"
    now = view.scale.now
    assert now["threshold"] is None and "speaks for fear" in now["no_evidence"]
    assert not painted(view).any()


def test_a_row_marks_its_landmarks(view):
    assert view.overlay.figure.layout.shapes[2].path == "M0 0Z"
    view.panels["au_table"].hover = 12
    rings = view.overlay.figure.layout.shapes[2].path
    assert rings.count("M") == len(view.state.fusion.result(12).relevant)
    view.panels["au_table"].pinned = 6
    view.panels["au_table"].hover = 0
    assert view.state.selected_au == 6
    view.state.selected_au = 0
    assert view.panels["au_table"].pinned == 0
    assert view.overlay.figure.layout.shapes[2].path == "M0 0Z"


def test_the_grid_has_the_maps_cells(view):
    view.panels["map_options"].grid.value = True
    lines = view.overlay.figure.layout.shapes[1].path
    assert lines.count("M") == 12 and "M31.5 -0.5L31.5 223.5" in lines
    view.panels["map_options"].grid.value = False
    assert view.overlay.figure.layout.shapes[1].path == "M0 0Z"


def test_a_front_end_that_opens_late_gets_what_is_drawn(view):
    view.state.k = 0.4
    kept = view.overlay.get_state()
    assert [mark == "1" for mark in kept["frame"]["salient"]] == view.state.fusion.salient.tolist()
    assert kept["slider"] == f"IPY_MODEL_{view.controls.sliders['k'].model_id}"


def test_opacity_and_hints(view):
    view.controls.sliders["opacity"].value = 0.25
    assert view.overlay.figure.layout.images[1].opacity == 0.25
    hints = view.overlay.figure.data[0].customdata
    assert list(hints[8][:2]) == [9, "jaw"]
    assert hints[8][2] == f"{view.state.fusion.activation[8]:.2f}"


def test_the_class_is_chosen_and_compared(view):
    assert view.target.facts["target"] == "happiness" == view.target.facts["true"]
    before = view.overlay.figure.layout.images[1].source
    view.target.target = "anger"
    assert view.state.fusion.target == "anger"
    assert view.overlay.figure.layout.images[1].source != before
    assert view.panels["au_table"].fixed["target"] == "anger"
    view.target.target = "happiness"
    assert view.state.target is None
    assert view.panels["map_comparison"].value == ""
    view.target.true_emotion = "anger"
    assert "happiness and anger" in view.panels["map_comparison"].value
    view.target.true_emotion = ""
    assert view.state.true_emotion is None and view.panels["map_comparison"].value == ""


def test_choices_follow_and_fail_in_a_sentence(view, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("OPENFACE_BIN", raising=False)
    c = view.panels["map_options"].choices
    c["region"].value = "hull"
    c["scope"].value = "all"
    assert (view.state.params.region, view.state.params.scope) == ("hull", "all")
    view.state.au_detector = "openface"
    assert "install OpenFace" in view.picker.error
    assert c["au_detector"].value == "stand-in"


def test_sources_that_are_not_installed_are_not_offered_and_told(evidence, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("OPENFACE_BIN", raising=False)
    monkeypatch.setattr(pyfaceau, "find_spec", lambda name: None)
    options = Explainer(evidence).panels["map_options"]
    assert set(options.choices["au_detector"].options) == {"stand-in", "builtin"}
    assert "openface: OpenFace was not found; install OpenFace 2.x" in options.missing.value
    assert "pyfaceau: The package pyfaceau is not installed; install it" in options.missing.value
    program = tmp_path / "FaceLandmarkImg"
    program.touch(mode=0o755)
    monkeypatch.setenv("OPENFACE_BIN", str(program))
    monkeypatch.setattr(pyfaceau, "find_spec", lambda name: object())
    options = Explainer(evidence).panels["map_options"]
    assert {"openface", "pyfaceau"} < set(options.choices["au_detector"].options)
    assert options.missing.value == ""


class Evil:
    name = "evil"
    model = "<img src=x onerror=alert(1)>"

    def write(self, facts, prompt):
        return Draft("<script>x</script> I saw it.", self.name, self.model)


def test_words_are_escaped_checked_and_stale(evidence):
    view = Explainer(evidence, writer=Evil())
    assert LIVE in view.panels["text"].value and "classified" in view.panels["text"].value
    view.explain_row.explain.click()
    html = view.panels["text"].value
    assert "&lt;script&gt;" in html and "<script" not in html and "<img" not in html
    assert "Written by" in html and "Check: " in html and STALE not in html
    view.controls.sliders["k"].value = 2
    assert STALE in view.panels["text"].value
    view.explain_row.explain.click()
    assert STALE not in view.panels["text"].value
    assert view.explain_row.explain.description == "Explain again"


def test_an_upload_comes_in_pieces(view, samples):
    data = (samples / "C02AN.jpg").read_bytes()[:1000]
    half = {"upload": "x.jpg", "of": 2}
    view.picker._on_message(None, {**half, "part": 1}, [data])
    assert view.state.error == ""
    view.picker._on_message(None, {**half, "part": 0}, [data[:500]])
    view.picker._on_message(None, {**half, "part": 1}, [data[500:]])
    assert view.picker.error.startswith("x.jpg is damaged")
    assert view.picker.names == ["C01HA.jpg"]


def test_faces_of_a_group(two_faces, classifier, stand_in):
    view = Explainer(two_faces[0], au_detector=stand_in(), classifier=classifier)
    assert len(view.picker.boxes) == 2 and view.picker.face == 1
    assert view.picker.boxes[0][0] < view.picker.boxes[1][0] < 100
    view.picker.face = 0
    assert view.state.face_index == 0
    assert view.overlay.figure.data[0].x[0] == pytest.approx(
        view.state.faces[0].crop_landmarks[0, 0], abs=0.01
    )


def test_exports(view, tmp_path):
    sent = []
    view.panels["export"].send = lambda content, buffers=None: sent.append((content, buffers))
    for kind, _ in view.panels["export"].kinds:
        view.panels["export"]._on_request(None, {"make": kind}, [])
    view.panels["export"]._on_request(None, {"make": "other"}, [])
    kinds = [content["kind"] for content, _ in sent]
    assert kinds == ["code", "json", "html", "png"]
    view.state.target = "anger"
    view.panels["export"]._on_request(None, {"make": "png"}, [])
    assert sent.pop()[0]["name"] == "xfera-C01HA-anger.png"
    view.state.target = None
    assert FusionParams(**json.loads(sent[1][1][0])) == view.state.params
    page = sent[2][1][0].decode()
    assert page.startswith("<!doctype html>") and "http" not in page.split("</style>")[-1][:200]
    picture = Image.open(io.BytesIO(sent[3][1][0]))
    assert picture.format == "PNG" and picture.width == 672
    view.save_html(tmp_path / "page.html")
    assert "C01HA.jpg" in (tmp_path / "page.html").read_text()


def test_the_page_has_the_words_that_are_shown(evidence):
    state = ExplainerState(evidence, writer=Evil())
    assert view_result(state).explanation.writer == "offline"
    state.explain()
    assert view_result(state).explanation.writer == "evil"
    state.k = 2
    assert view_result(state).explanation.writer == "offline"


def test_what_shows_where_widgets_do_not(view, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "xfera_nb.widgets.shared.view.display", lambda *what, **how: shown.append(what[0])
    )
    view._ipython_display_()
    bundle, static = shown
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("Explainer of C01HA.jpg: happiness")
    assert "JupyterLab" in bundle["text/plain"]
    # The style sheet of the live view finds the image by its class and hides it.
    assert 'class="xf-static-image"' in static.data
    assert "img.xf-static-image" in view.slider_names._css
    encoded = re.search(r"data:image/jpeg;base64,([^\"]+)", static.data)[1]
    assert Image.open(io.BytesIO(base64.b64decode(encoded))).width == 448
    assert len(encoded) < 80_000


@pytest.mark.parametrize("fallback_of", [w.VBox, anywidget.AnyWidget])
def test_a_line_of_text_stands_in_for_a_widget(fallback_of):
    class Mine(TextFallback, fallback_of):
        def __repr__(self):
            return "Mine: shown."

    bundle = Mine()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    first, second = data["text/plain"].split("\n")
    assert first == "Mine: shown."
    assert second.startswith("To use it live, run this cell in JupyterLab")


@pytest.mark.parametrize("name", xf.widgets.__all__)
def test_each_view_has_such_a_line(name):
    view = getattr(xf.widgets, name)
    if isinstance(view, type) and issubclass(view, w.Widget):
        assert issubclass(view, TextFallback)
        assert view.__repr__ not in (w.Widget.__repr__, anywidget.AnyWidget.__repr__)


def test_a_panel_is_two_files_and_a_line(evidence, monkeypatch):
    """The lines of `PANELS` alone decide which panels there are, and in which order."""

    class Mine(w.HTML):
        def __init__(self, state):
            super().__init__(f"about {state.fusion.target}")

    monkeypatch.setitem(PANELS, "mine", Mine)
    view = Explainer(evidence)
    assert list(view.panels) == [*PANELS] and view.panels["mine"].value == "about happiness"
    assert view.children[-2] is view.panels["mine"]  # the last child names the sliders


def test_the_dom_helpers_are_written_once():
    modules = {path.stem: path.read_text("utf-8") for path in FRONT.glob("*.js")}
    assert [name for name, text in modules.items() if "const make =" in text] == ["dom"]
    assert "const make =" in AUTable._esm and "xf-au-table" in AUTable._esm


def test_options_are_explicit_and_a_typo_names_the_nearest(evidence):
    names = inspect.signature(xf.Explainer).parameters
    assert {"k", "coverage", "target", "method", "layer", "au_detector"} <= set(names)
    assert all(one.kind is not inspect.Parameter.VAR_KEYWORD for one in names.values())
    view = xf.Explainer(evidence, params="section2.1", k=0.5, target="Anger", scope="all")
    assert view.state.params == FusionParams.preset("section2.1").replace(k=0.5)
    assert view.state.fusion.target == "anger"
    with pytest.raises(ParamsError, match="did you mean 'coverage'"):
        xf.Explainer(evidence, coverge=0.5)
    with pytest.raises(InputError, match="did you mean 'happiness'"):
        xf.Explainer(evidence, target="happines")
    with pytest.raises(InputError, match="did you mean 'gradcam'"):
        view.state.method = "gradcamm"
    with pytest.raises(ParamsError, match="has its options already"):
        xf.Explainer(view.state, k=1)


def test_readout_says_all_and_nothing_else(evidence):
    fusion = fuse(evidence, FusionParams(scope="all"))
    fixed, now = readout.fixed_facts(fusion), readout.slider_facts(fusion)
    assert len(fixed["rows"]) == len(now["aus"]) == len(LANDMARK_AUS)
    by_au = dict(zip(LANDMARK_AUS, zip(fixed["rows"], now["aus"], strict=True), strict=True))
    row, moved = by_au[10]
    assert row[5] is None and "not measurable" in now["reasons"][moved[7]]
    row, moved = by_au[12]
    result = fusion.result(12)
    assert row[5] == result.intensity and row[8] == 0.8
    assert moved[:2] == [int(result.active), len(result.salient)]
    assert now["reasons"][moved[7]] == result.reason
    assert json.loads(json.dumps(now)) == json.loads(json.dumps(now, allow_nan=False))
    facts = readout.class_facts(fusion, "fear")
    assert facts["probabilities"][EMOTIONS.index("happiness")] == 0.7
    assert (facts["predicted"], facts["true"], facts["level"]) == ("happiness", "fear", "Medium")


def test_every_view_says_what_to_do_without_its_kernel(evidence, tmp_path):
    """`tests/browser/test_explainer.py` restarts a kernel."""
    words = "run this cell again"
    live = Explainer(evidence)
    checks = live.panels["faithfulness"]
    page = xf.widgets.StudyPage(tmp_path)
    quiz = xf.widgets.Quiz(1, count=2, kinds=["movement"])
    assert all("xf-live" in view._dom_classes for view in (live, checks, page, quiz))
    assert all(words in view._css for view in (live.slider_names, checks, page, quiz))
