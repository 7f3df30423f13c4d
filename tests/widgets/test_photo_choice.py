"""The photos that the Explainer offers: folders, photos that fail, and what the page says then."""

import asyncio
import shutil

import numpy as np
import pytest
from PIL import Image
from waiting import patiently_aside

import xfera_nb as xf
from xfera_nb.errors import NoFaceError, PhotoError, name_photo
from xfera_nb.explanation import Draft
from xfera_nb.widgets import App, ExplainerState
from xfera_nb.widgets.explainer.panels.picker import Picker
from xfera_nb.widgets.explainer.panels.text import LIVE, OTHER_FACE, text_html
from xfera_nb.widgets.shared import photos

pytestmark = pytest.mark.slow


class Model:
    """A language model that says one sentence."""

    name = model = "model"

    def write(self, facts, prompt):
        return Draft("I saw the mouth.", self.name, self.model)


@pytest.fixture
def folder(tmp_path, samples):
    """A folder as KDEF's: one subfolder a person; the first two photos show no face."""
    for person, code in (("AF01", "C01HA"), ("AF02", "C01SU")):
        (tmp_path / person).mkdir()
        shutil.copy(samples / f"{code}.jpg", tmp_path / person / f"{person}{code[3:]}S.JPG")
    grey = Image.new("RGB", (90, 90), "grey")
    grey.save(tmp_path / "AF01" / "AF01AFFL.JPG", "JPEG")
    grey.save(tmp_path / "AF01" / "AF01AFFR.JPG", "JPEG")
    (tmp_path / "AF01" / "notes.txt").touch()
    return tmp_path


@pytest.fixture
def opened(classifier, stand_in):
    def explainer_state(source, **options):
        return ExplainerState(source, au_detector=stand_in(), classifier=classifier, **options)

    return explainer_state


def test_subfolders_are_offered_and_photos_without_a_face_passed_over(folder, opened):
    state = opened(folder)
    assert [photo.name for photo in state.photos] == [
        "AF01/AF01AFFL.JPG", "AF01/AF01AFFR.JPG", "AF01/AF01HAS.JPG", "AF02/AF02SUS.JPG",
    ]  # fmt: skip
    assert (state.photo_index, state.photo_name) == (2, "AF01/AF01HAS.JPG")
    assert state.true_emotion == "happiness"
    assert state.error.startswith("AF01/AF01AFFL.JPG: No face was found;")
    assert state.error.endswith("1 more could not be shown. Shown is AF01/AF01HAS.JPG.")


def test_a_list_without_any_face_is_one_sentence(opened, folder):
    grey = np.full((90, 90, 3), 128, np.uint8)
    with pytest.raises(NoFaceError, match="None of the 2 photos could be explained; the first: "):
        opened([grey, grey])
    with pytest.raises(PhotoError, match="None of the first 20 of the 25 photos"):
        opened([grey] * 24 + [folder / "AF02" / "AF02SUS.JPG"])


def test_a_long_list_is_cut_with_a_warning(folder, monkeypatch):
    monkeypatch.setattr(photos, "MAX_PHOTOS", 3)
    with pytest.warns(UserWarning, match="holds 4 photos; the first 3 are offered"):
        assert len(photos.list_photos(folder)) == 3


def test_the_picker_names_the_photo_that_is_shown_after_one_that_fails(samples, opened):
    grey = np.full((90, 90, 3), 128, np.uint8)
    state = opened([samples / "C01HA.jpg", grey, samples / "C01SU.jpg"])
    picker = Picker(state)
    picker.index = 1
    assert (picker.index, state.photo_index, state.photo_name) == (0, 0, "C01HA.jpg")
    assert picker.error.endswith("Shown is still C01HA.jpg.")
    picker.index = 1  # it can be tried again
    assert picker.index == 0 and picker.error
    picker._on_message(None, {"step": 1}, [])  # and passed over
    assert (picker.index, state.photo_name, picker.error) == (2, "C01SU.jpg", "")
    picker._on_message(None, {"step": -1}, [])
    assert (picker.index, state.photo_name) == (2, "C01SU.jpg")
    picker._on_message(None, {"step": -1}, [])
    assert (picker.index, state.photo_name, picker.error) == (0, "C01HA.jpg", "")


def test_a_step_past_a_failed_neighbour_ends_where_it_began(samples, opened):
    grey = np.full((90, 90, 3), 128, np.uint8)
    state = opened([samples / "C01HA.jpg", grey])
    state.next()
    assert state.photo_index == 0 and state.error
    state.next()
    assert (state.photo_index, state.error) == (0, "")
    state.photo_index = 7
    assert (state.photo_index, state.error) == (0, "There is no photo 7; there are 2.")


def test_what_overtakes_a_photo_leaves_picker_and_picture_agreed(samples, opened):
    state = opened([samples / "C01HA.jpg", samples / "C01SU.jpg"])

    async def work():
        with state.in_background():
            state.photo_index = 1
            state.layer = "layer3.5"  # before the photo came
        await patiently_aside(lambda: not state.busy, "the end of measuring")
        assert (state.photo_index, state.photo_name) == (1, "C01SU.jpg")
        with state.in_background():
            state.photo_index = 0
            state.load_upload("bad.jpg", b"not a photo")
        await patiently_aside(lambda: not state.busy, "the end of the upload")

    asyncio.run(work())
    assert (state.photo_index, state.photo_name) == (1, "C01SU.jpg")
    assert state.error.startswith("bad.jpg is not an image")


def test_the_text_of_another_face_makes_room(samples, opened):
    state = opened([samples / "C01HA.jpg", samples / "C01SU.jpg"], writer=Model())
    state.explain()
    before = text_html(state)
    assert '<p class="xf-say">' in before and "<details>" not in before
    state.next()
    shown = text_html(state)
    assert state.stale and state.explains_another_face
    assert f"<summary>{OTHER_FACE} C01HA.jpg</summary>" in shown
    assert shown.index("Surprise") < shown.index(LIVE) < shown.index("I saw the mouth.")
    state.previous()
    assert not state.stale and text_html(state) == before


def test_the_offline_text_follows_to_another_face(samples, opened):
    state = opened([samples / "C01HA.jpg", samples / "C01SU.jpg"])
    assert LIVE in text_html(state)
    state.explain()
    assert "Check:" in text_html(state) and LIVE not in text_html(state)
    state.next()
    shown = text_html(state)
    assert LIVE in shown and "<details>" not in shown and "Check:" not in shown


def test_nothing_is_out_of_date_where_nothing_has_changed(samples, opened, monkeypatch):
    from xfera_nb.widgets.explainer import evidence_cache
    from xfera_nb.widgets.explainer.ablation_state import AblationState
    from xfera_nb.widgets.explainer.faithfulness_state import FaithfulnessState

    monkeypatch.setattr(evidence_cache, "_SIZE", 4)  # what was measured is soon forgotten
    state = opened([samples / "C01HA.jpg", samples / "C01SU.jpg"], occlusion=False)
    ablation, checks = AblationState(state), FaithfulnessState(state)
    state.explain()
    ablation.run()
    checks._about = checks._map_now()

    k = state.k
    for change, back in (
        ({"k": k + 0.5}, {"k": k}),
        ({"layer": "layer3.5"}, {"layer": "layer4.2"}),
        ({"photo_index": 1}, {"photo_index": 0}),
        ({"target": "fear"}, {"target": None}),
    ):
        state.set(**change)
        assert state.stale and ablation.stale, change
        state.set(**back)
        assert not (state.stale or ablation.stale or checks.stale), change


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("a.jpg does not exist.", "x/a.jpg does not exist."),
        ("The photo is empty; look.", "x/a.jpg is empty; look."),
        ("No face was found on a.jpg; try.", "x/a.jpg: No face was found; try."),
        ("OpenFace has nothing.", "x/a.jpg: OpenFace has nothing."),
    ],
)
def test_an_error_names_its_photo_once(sentence, said):
    assert name_photo(PhotoError(sentence), "x/a.jpg") == said


def test_the_served_page_says_in_a_sentence_why_it_shows_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("XFERA_APP", f'{{"source": "{tmp_path}"}}')
    (shown,) = App.served()._places["explain"].children
    assert "holds no photos, nor do its subfolders" in shown.value and "<p role=" in shown.value


def test_the_first_samples_are_one_that_is_right_and_one_that_is_wrong():
    right, wrong = photos.list_photos(None)[:2]
    assert len(photos.list_photos(None)) == 70
    first, second = (xf.explain(photo.source, occlusion=False) for photo in (right, wrong))
    assert first.predicted == right.true_emotion and len(first.fusion.matching) >= 2
    assert second.predicted != wrong.true_emotion
