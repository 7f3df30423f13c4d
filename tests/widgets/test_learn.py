"""Atlas and quiz as two tabs, and the face to point at."""

from __future__ import annotations

import json

import pytest
from traitlets import TraitError

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.facs import ACTION_UNITS, FACE_AREAS, OPENFACE_AUS, areas_of
from xfera_nb.teaching import FaceAtlas
from xfera_nb.widgets import FaceAreas, Learn


class Resting:
    """A source that measures nothing anywhere, and counts."""

    name = "resting"

    def describe(self) -> dict:
        return {"name": self.name}

    def detect(self, image, landmarks, photo_name=None) -> ActionUnits:
        return ActionUnits([0.0] * len(OPENFACE_AUS), source="stand-in")


@pytest.fixture
def atlas(samples, tmp_path, classifier):
    for code in ("C01NE", "C01HA"):
        (tmp_path / f"{code}.jpg").write_bytes((samples / f"{code}.jpg").read_bytes())
    return FaceAtlas(Resting(), tmp_path, classifier)


def displayed(learn):
    return [panel.layout.display != "none" for panel in learn._panels.values()]


def test_the_atlas_is_shown_first_and_the_quiz_is_made_when_it_is_opened(atlas):
    learn = Learn(atlas, au=4, seed=7)
    assert displayed(learn) == [True, False] and learn.quiz is None
    assert "AU04 brow lowerer" in learn.atlas.page.value
    learn.tabs.chosen = "Quiz"
    assert displayed(learn) == [False, True] and learn.quiz.seed == 7
    assert learn.quiz.atlas is atlas and learn.quiz.page["kind"] == "question"
    quiz = learn.quiz
    learn.tabs.chosen = "Atlas"
    learn.tabs.chosen = "Quiz"
    assert learn.quiz is quiz
    with pytest.raises(TraitError, match="no tab 'Exam'"):
        learn.tabs.chosen = "Exam"


def test_a_face_tells_each_action_unit_with_muscle_and_words(sample_face):
    face = FaceAreas(sample_face, au=12)
    assert (face.au, face.area) == (12, "mouth corners")
    assert [area["name"] for area in face.areas] == list(FACE_AREAS)
    brows = face.areas[-1]
    assert brows["label"].startswith("Brows: AU01 inner brow raiser")
    assert brows["units"][2] == {
        "au": 4, "code": "AU04", "name": "brow lowerer",
        "muscle": "corrugator supercilii, depressor supercilii",
        "words": "the lowering of the eyebrows",
    }  # fmt: skip
    for area in face.areas:
        assert all(
            -20 <= n <= face.size + 20
            for outline in area["outlines"] for point in outline for n in point
        )  # fmt: skip
    json.dumps(face.areas, allow_nan=False)


def test_picking_keeps_an_area_where_the_action_unit_is_seen(sample_face):
    face = FaceAreas(sample_face, au=14)
    face.area = "mouth corners"
    face.pick(14)
    assert face.area == "mouth corners"  # it is seen at the cheeks too
    for au in ACTION_UNITS:
        face.pick(au)
        assert face.au == au and face.area in areas_of(au)
    with pytest.raises(TraitError, match="no Action Unit 3"):
        face.au = 3
    with pytest.raises(TraitError, match="no area 'ears'"):
        face.area = "ears"
