"""The headless state: everything follows from the traits, and against `fuse` itself."""

import asyncio
import subprocess
import sys
import threading

import numpy as np
import pytest
from traitlets import TraitError
from waiting import LONG, patiently_aside

from xfera_nb.au_detectors import register_source, unregister_source
from xfera_nb.errors import NoFaceError, ParamsError, WriterError
from xfera_nb.evidence import gather
from xfera_nb.explanation import Facts, OfflineWriter, TextRequest, write_explanation
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.saliency import saliency_method, unregister_method
from xfera_nb.widgets import Explainer, ExplainerState
from xfera_nb.widgets.explainer import evidence_cache
from xfera_nb.widgets.shared.photos import MAX_UPLOAD, emotion_in_name, list_photos

pytestmark = pytest.mark.slow


def same(one, other):
    return (
        one.params == other.params
        and one.target == other.target
        and np.array_equal(one.salient, other.salient)
        and one.active == other.active
    )


@pytest.mark.slow
def test_no_widget_library_is_loaded():
    code = (
        "import sys; from xfera_nb.widgets import ExplainerState;"
        "print({n.split('.')[0] for n in sys.modules} & {'ipywidgets', 'plotly', 'anywidget'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", 0.0), ("k", 2.5), ("min_intensity", 1.5), ("coverage", 0.1), ("saliency_weight", 3.0),
        ("region", "hull"), ("scope", "typical"),
    ],
)  # fmt: skip
def test_each_parameter_fuses_again(evidence, name, value):
    state = ExplainerState(evidence)
    before = state.fusion
    setattr(state, name, value)
    assert state.fusion is not before
    assert same(state.fusion, fuse(evidence, FusionParams(**{name: value})))


def test_parameters_may_come_as_a_mapping(evidence):
    """As of a params file, which the page of ``xfera app --params`` gets."""
    state = ExplainerState(evidence, params={"k": 0.5, "scope": "all"})
    assert state.params == state.fusion.params == FusionParams(k=0.5, scope="all")


def test_k_moves_the_salient_landmarks(evidence):
    state = ExplainerState(evidence, params=FusionParams(k=0))
    many = int(state.fusion.salient.sum())
    state.k = 1.2
    assert 0 < int(state.fusion.salient.sum()) < many


def test_setting_several_at_once_fuses_once(evidence):
    state = ExplainerState(evidence)
    seen = []
    state.observe(lambda change: seen.append(change["new"].params), "fusion")
    state.set(k=0.5, coverage=0.2, scope="all")
    assert seen == [FusionParams(k=0.5, coverage=0.2, scope="all")]


def test_presets_and_reset(evidence):
    state = ExplainerState(evidence)
    state.set(k=2, target="anger", grid=True, selected_au=12, opacity=0.2)
    state.preset("section2.1")
    assert (state.params, state.target) == (FusionParams.preset("section2.1"), "anger")
    state.preset("algorithm1")
    assert state.params == FusionParams.preset("algorithm1")
    state.reset()
    assert (state.target, state.grid, state.selected_au, state.opacity) == (None, False, 0, 1.0)
    with pytest.raises(ParamsError, match="choose from algorithm1, algorithm1-line33, section2.1"):
        state.preset("best")


@pytest.mark.parametrize(
    ("name", "value"), [("k", float("nan")), ("coverage", 1.2), ("region", "nose"), ("k", "1")]
)
def test_what_is_no_value_is_refused_and_changes_nothing(evidence, name, value):
    state = ExplainerState(evidence)
    before = state.fusion
    with pytest.raises(TraitError):
        setattr(state, name, value)
    assert state.fusion is before
    with pytest.raises(ParamsError, match="'speed'"):
        state.set(speed=1)


def test_the_class_is_chosen_and_without_evidence_says_so(evidence):
    state = ExplainerState(evidence)
    assert state.fusion.target == "happiness"
    state.target = "fear"
    assert state.fusion.no_evidence_reason.startswith("No part of the face speaks for fear")
    assert not state.fusion.salient.any()
    state.target = None
    assert state.fusion.target == "happiness"


def test_explain_is_about_what_is_shown_and_goes_stale(evidence):
    state = ExplainerState(evidence)
    assert (state.explanation, state.stale) == (None, False)
    state.explain()
    assert state.explanation.writer == "offline"
    assert state.draft == state.explanation.text != ""
    assert not state.writing and not state.stale
    state.k = 2
    assert state.stale
    state.k = FusionParams().k
    assert not state.stale
    state.target = "anger"
    assert state.stale
    state.explain()
    assert not state.stale and '"Anger"' in state.explanation.text


class Broken:
    name = "broken"
    model = "m"

    def stream(self, facts, prompt):
        yield "half a "
        raise WriterError("The server broke off; try again.")


def test_a_failing_writer_leaves_the_offline_words_and_a_note(evidence):
    state = ExplainerState(evidence, writer=Broken())
    assert state.writers == ("broken", "offline", "openai", "vision")
    state.explain()
    assert (
        state.note == "The server broke off; try again. The sentences here are the offline "
        "writer's."
    )
    assert state.explanation.writer == "offline" and "half a" not in state.draft


def test_a_writer_without_a_key_is_an_error_in_a_sentence(evidence, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    state = ExplainerState(evidence, writer="openai")
    state.explain()
    assert "OPENAI_API_KEY" in state.error and state.explanation is None and not state.writing


class Slow(OfflineWriter):
    """Waits for leave before its last piece."""

    name = "slow"

    def __init__(self):
        self.go = threading.Event()

    def stream(self, facts, prompt):
        yield f"About {facts.target}"
        self.go.wait(LONG)
        yield "."


def test_writing_aside_leaves_the_sliders_free_and_drops_the_overtaken(evidence):
    writer = Slow()
    state = ExplainerState(evidence, writer=writer)

    async def work():
        with state.in_background():
            state.explain()
        assert state.writing and state.explanation is None
        state.k = 2.0
        assert state.fusion.params.k == 2.0
        state.target = "anger"
        with state.in_background():
            state.explain()
        writer.go.set()
        await patiently_aside(lambda: not state.writing, "the end of writing")
        await asyncio.sleep(0.05)

    asyncio.run(work())
    assert state.explanation.text == "About anger."
    assert not state.stale


def test_photos_of_a_folder_are_measured_once_each(samples, classifier, stand_in):
    source = stand_in()
    paths = [samples / "C01HA.jpg", samples / "C02AN.jpg"]
    state = ExplainerState(paths, au_detector=source, classifier=classifier)
    assert (state.photo_name, state.true_emotion) == ("C01HA.jpg", "happiness")
    first = state.evidence
    state.target = "fear"
    state.next()
    assert (state.photo_name, state.true_emotion, state.target) == ("C02AN.jpg", "anger", None)
    state.next()
    assert state.evidence is first and source.calls == 2
    state.previous()
    assert state.photo_index == 1 and source.calls == 2


def test_a_layer_measures_no_action_units_again_and_a_source_no_map(
    sample_face, classifier, stand_in
):
    source = stand_in()
    state = ExplainerState(sample_face, au_detector=source, classifier=classifier)
    before = state.evidence
    state.layer = "layer3.5"
    assert state.evidence.heatmaps[0].values.shape == (14, 14)
    assert state.evidence.action_units is before.action_units and source.calls == 1
    state.layer = "layer4.2"
    assert state.evidence is before


def test_a_method_that_is_slow_makes_the_maps_that_are_shown(sample_face, classifier, stand_in):
    state = ExplainerState(sample_face, au_detector=stand_in(), classifier=classifier)
    state.method = "saliency"
    shown = state.fusion.target
    assert state.evidence.heatmap(shown).values.shape == (28, 28)
    other = next(e for e in EMOTIONS if e != shown)
    state.target = other
    assert np.isfinite(state.evidence.heatmap(other).values).all()


def test_what_cannot_be_had_keeps_what_is_shown(sample_face, classifier, stand_in, monkeypatch):
    monkeypatch.delenv("OPENFACE_BIN", raising=False)
    monkeypatch.setenv("PATH", "")
    state = ExplainerState(sample_face, au_detector=stand_in(), classifier=classifier)
    before = state.evidence
    state.au_detector = "openface"
    assert "install OpenFace" in state.error
    assert (state.au_detector, state.evidence) == ("stand-in", before)
    state.layer = "layer9"
    assert "no layer named 'layer9'" in state.error and state.layer == "layer4.2"
    state.layer = "layer3.5"
    assert state.error == ""


def test_a_photo_without_a_face_is_passed_over(samples, classifier, stand_in):
    grey = np.full((200, 200, 3), 128, np.uint8)
    photos = [samples / "C01HA.jpg", grey, samples / "C01SU.jpg"]
    state = ExplainerState(photos, au_detector=stand_in(), classifier=classifier)
    state.next()
    assert state.error.startswith("photo: No face was found;")
    assert state.error.endswith("Shown is still C01HA.jpg.")
    assert state.fusion.evidence.face.photo_name == "C01HA.jpg"
    state.next()
    assert (state.photo_name, state.error) == ("C01SU.jpg", "")
    with pytest.raises(NoFaceError):
        ExplainerState(grey, au_detector=stand_in(), classifier=classifier)


def test_faces_are_chosen_the_largest_first(two_faces, classifier, stand_in):
    canvas, _ = two_faces
    state = ExplainerState(canvas, au_detector=stand_in(), classifier=classifier)
    assert len(state.faces) == 2 and state.face_index == 1
    state.choose_face(0)
    assert state.evidence.face is state.faces[0]
    with pytest.raises(ParamsError, match="2 faces"):
        state.choose_face(2)
    assert state.to_code().rstrip().endswith("all_faces=True)[0]")


def test_uploads(evidence, samples, classifier, stand_in):
    state = ExplainerState(samples / "C01HA.jpg", au_detector=stand_in(), classifier=classifier)
    before = state.evidence
    for name, data, words in (
        ("a.jpg", b"", "is empty"),
        ("b.jpg", bytes(MAX_UPLOAD + 1), "the limit is 20 MB"),
        ("c.txt", b"not a photo", "not an image"),
    ):
        state.load_upload(name, data)
        assert state.error.startswith(name) and words in state.error
        assert state.evidence is before and len(state.photos) == 1
    state.load_upload("../../C02AN.jpg", (samples / "C02AN.jpg").read_bytes())
    assert (state.error, state.photo_name, state.photo_index) == ("", "C02AN.jpg", 1)


def test_measuring_aside_drops_the_overtaken(samples, classifier, stand_in):
    paths = [samples / f"C0{n}HA.jpg" for n in (1, 2, 3)]
    state = ExplainerState(paths, au_detector=stand_in(), classifier=classifier)
    shown = []
    state.observe(lambda change: shown.append(state.photo_name), "evidence")

    async def work():
        with state.in_background():
            state.photo_index = 1
            state.photo_index = 2
        assert state.busy == "Measuring C03HA.jpg …" and state.photo_name == "C01HA.jpg"
        await patiently_aside(lambda: not state.busy, "the end of measuring")
        await asyncio.sleep(0.1)

    asyncio.run(work())
    assert set(shown) == {"C03HA.jpg"}  # the map, and then what hiding a region does


def test_the_effect_of_hiding_comes_after_the_map(samples, classifier, stand_in, monkeypatch):
    leave, started = threading.Event(), threading.Event()
    measure = evidence_cache.occlude_regions

    def wait_and_measure(face, network):
        started.set()
        leave.wait(LONG)
        return measure(face, network)

    monkeypatch.setattr(evidence_cache, "occlude_regions", wait_and_measure)
    seen = []

    async def work():
        state = ExplainerState(
            samples / "C01HA.jpg", au_detector=stand_in(), classifier=classifier, person="third"
        )
        await patiently_aside(started.is_set, "the start of hiding")
        first = state.fusion
        assert first.evidence.occlusion is None
        state.observe(lambda change: seen.append(change["new"]), "evidence")
        state.k = 2.0  # the sliders are free
        with state.in_background():
            state.explain()
        assert state.writing and state.explanation is None
        leave.set()
        await patiently_aside(lambda: not state.writing, "the end of writing")
        assert state.evidence.occlusion is not None
        assert state.evidence.heatmaps is first.evidence.heatmaps
        return state

    state = asyncio.run(work())
    assert len(seen) == 1 and not state.stale
    whole = gather(state.evidence.face, classifier, stand_in(), occlusion=True)
    assert state.evidence.occlusion.probabilities == pytest.approx(
        whole.occlusion.probabilities, abs=1e-5
    )
    request = TextRequest(person="third")
    expected = write_explanation(fuse(whole, state.params), OfflineWriter(), request)
    assert state.explanation.text == expected.text
    assert Facts.from_fusion(state.fusion).knows_hiding


def test_hiding_is_measured_once_and_only_where_it_is_wanted(samples, classifier, stand_in):
    state = ExplainerState(
        samples / "C01HA.jpg", au_detector=stand_in(), classifier=classifier, occlusion=False
    )
    assert state.evidence.occlusion is None
    state.measure_occlusion()
    assert state.evidence.occlusion is None and "occlusion=False" in state.to_code()
    state.set(occlusion=True)
    hidden = state.evidence.occlusion
    assert hidden is not None and "occlusion" not in state.to_code()
    state.layer = "layer3.5"
    assert state.evidence.occlusion is hidden


def test_given_evidence_keeps_what_it_has(evidence):
    state = ExplainerState(evidence)
    state.explain()
    assert state.evidence is evidence and state.evidence.occlusion is None


def test_a_copy_on_another_device_leaves_the_live_classifier_in_place(
    sample_face, classifier, stand_in
):
    state = ExplainerState(sample_face, au_detector=stand_in(), classifier=classifier)
    assert classifier.on_device("meta").device.type == "meta"
    state.layer = "layer3.5"
    assert (state.error, state.classifier.device.type) == ("", "cpu")
    assert np.isfinite(state.evidence.heatmap("fear").values).all()


def test_parameters_as_a_file(evidence, tmp_path):
    state = ExplainerState(evidence, k=1.5, scope="all")
    path = tmp_path / "params.json"
    path.write_text(state.to_json())
    assert FusionParams.load(path) == state.params == FusionParams(k=1.5, scope="all")


def run_code(state):
    """What the exported code of a state makes."""
    space = {}
    exec(compile(state.to_code(), "code", "exec"), space)
    return space["result"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "choices",
    [
        {},
        {
            "k": 0.5, "coverage": 0.2, "region": "hull", "scope": "all", "target": "anger",
            "layer": "layer3.5", "language": "it", "prompt": "contrast", "contrast_with": "fear",
        },
        {"params": "section2.1", "method": "saliency", "prompt": "strict", "language": "de"},
        {"hidden": ("mouth", "eyes"), "occlusion": False},
    ],
)  # fmt: skip
def test_the_exported_code_gives_the_same_again(samples, choices):
    state = ExplainerState(samples / "C01HA.jpg", **choices)
    state.explain()
    result = run_code(state)
    assert same(result.fusion, state.fusion)
    target = state.fusion.target
    shown, made = (one.evidence.heatmap(target) for one in (state.fusion, result.fusion))
    assert (made.layer, made.method) == (shown.layer, shown.method)
    assert np.allclose(made.values, shown.values, rtol=1e-3, atol=1e-7)
    assert result.explanation.text == state.explanation.text
    assert result.request == state.text_request


def test_the_code_names_a_preset_and_the_face(two_faces, evidence, classifier, stand_in):
    state = ExplainerState(evidence)
    assert "explain('C01HA.jpg', au_detector='stand-in')" in state.to_code()
    state.preset("section2.1")
    assert "params='section2.1'" in state.to_code()
    state.set(coverage=0.4)
    assert "coverage=0.4" in state.to_code() and "params" not in state.to_code()


def test_a_registered_method_and_source_are_chosen_and_exported(samples, stand_in):
    @saliency_method("twice", label="Input twice")
    def twice(classifier, x, target, layer):
        """Double the input."""
        return 2 * x.detach()

    register_source("mine", lambda: stand_in("mine"), "measurements of a test")
    try:
        view = Explainer(samples / "C01HA.jpg", method="twice", au_detector="mine")
        menus = view.panels["map_options"].choices
        assert ("Input twice", "twice") in menus["method"].options
        assert "mine" in menus["au_detector"].options
        assert "openface-files" not in menus["au_detector"].options  # needs its files
        assert view.state.evidence.heatmap(view.state.fusion.target).method == "twice"
        assert view.state.evidence.action_units.source == "mine"
        code = view.state.to_code()
        assert "method='twice'" in code and "au_detector='mine'" in code
        assert same(run_code(view.state).fusion, view.state.fusion)
    finally:
        unregister_method("twice")
        unregister_source("mine")


@pytest.mark.parametrize(
    ("name", "emotion"),
    [("C01AF.jpg", "fear"), ("AM07SUS.JPG", "surprise"), ("BF01HAHL.jpg", "happiness"),
     ("holiday.jpg", None), ("C01AFX.jpg", None)],
)  # fmt: skip
def test_the_true_class_is_read_from_names(name, emotion):
    assert emotion_in_name(name) == emotion


def test_photo_lists(samples, evidence, tmp_path):
    assert len(list_photos(None)) == 70 == len(list_photos(samples))
    assert [p.name for p in list_photos([samples / "C01HA.jpg", evidence])] == ["C01HA.jpg"] * 2
    for empty in (tmp_path, []):
        with pytest.raises(Exception, match="no photo"):
            list_photos(empty)
