"""The atlas widget shows the page of what is picked."""

from __future__ import annotations

import asyncio

import pytest
from waiting import patiently_aside

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, OPENFACE_AUS
from xfera_nb.teaching import FaceAtlas
from xfera_nb.widgets import Atlas


class Smiling:
    """A source that measures AU 12 at 3 on every face and nothing else."""

    name = "smiling"

    def describe(self) -> dict:
        return {"name": self.name}

    def detect(self, image, landmarks, photo_name=None) -> ActionUnits:
        return ActionUnits([3.0 if au == 12 else 0.0 for au in OPENFACE_AUS], source="stand-in")


@pytest.fixture(scope="module")
def folder(request, tmp_path_factory):
    here = tmp_path_factory.mktemp("samples")
    photo = request.config.rootpath / "data" / "samples" / "C01HA.jpg"
    (here / photo.name).write_bytes(photo.read_bytes())
    return here


@pytest.fixture
def atlas(folder):
    return Atlas(FaceAtlas(Smiling(), folder))


def test_it_opens_on_a_page_with_faces(atlas):
    assert "AU12 lip corner puller" in atlas.page.value
    assert "C01HA, happiness: 3.00 (C)" in atlas.page.value
    assert atlas.status.value == '<div role="status"></div>'


def test_another_action_unit_is_picked(atlas):
    atlas.au.value = 4
    assert "AU04 brow lowerer" in atlas.page.value and "corrugator" in atlas.page.value
    assert "AU12" not in atlas.page.value


def test_an_emotion_is_picked(atlas):
    assert atlas.emotion.layout.display == "none"
    atlas.what.value = "Emotion"
    assert atlas.au.layout.display == "none" and atlas.emotion.layout.display == ""
    atlas.emotion.value = "fear"
    assert "1+2+4+5*+20*+25/26/27" in atlas.page.value
    assert "Where sources disagree" in atlas.page.value
    atlas.what.value = "Action Unit"
    assert "AU12 lip corner puller" in atlas.page.value


def test_every_choice_has_a_page(atlas):
    for au in ACTION_UNITS:
        atlas.au.value = au
        assert f"<h2>AU{au:02d} " in atlas.page.value
    atlas.what.value = "Emotion"
    for emotion in EMOTIONS:
        atlas.emotion.value = emotion
        assert f"<h2>{emotion.capitalize()}</h2>" in atlas.page.value


def test_pointing_at_the_face_opens_a_page_and_the_menu_follows(atlas):
    assert atlas.face.au == 12 and atlas.face.area == "mouth corners"
    atlas.what.value = "Emotion"
    assert atlas.face.au == 0  # no Action Unit is picked
    atlas.face.au = 4  # as the page does
    assert atlas.what.value == "Action Unit" and atlas.au.value == 4
    assert "AU04 brow lowerer" in atlas.page.value
    atlas.au.value = 26
    assert atlas.face.au == 26 and atlas.face.area == "chin and jaw"


def test_it_opens_where_it_is_told_to(folder):
    assert "AU26 jaw drop" in Atlas(FaceAtlas(Smiling(), folder), au=26).page.value


def test_without_samples_it_says_why_and_shows_the_facts(tmp_path):
    atlas = Atlas(FaceAtlas(Smiling(), tmp_path / "<none>"))
    assert "holds no sample faces" in atlas.status.value and "&lt;none&gt;" in atlas.status.value
    assert "zygomaticus major" in atlas.page.value and atlas.face is None
    atlas.au.value = 4
    assert "corrugator" in atlas.page.value


def test_a_measured_atlas_is_not_measured_again(folder):
    measured = FaceAtlas(Smiling(), folder)
    measured.measure()
    assert "3.00 (C)" in Atlas(measured).page.value


def test_in_a_notebook_the_facts_come_first_and_the_faces_follow(folder):
    class Slow(Smiling):
        name = "slow"

    async def notebook():
        atlas = Atlas(FaceAtlas(Slow(), folder))
        first = atlas.page.value, atlas.status.value
        quiet = '<div role="status"></div>'
        await patiently_aside(
            lambda: atlas.atlas.is_measured and atlas.status.value == quiet, "the measured atlas"
        )
        return first, atlas.page.value

    (page, status), last = asyncio.run(notebook())
    assert "zygomaticus major" in page and "not measured yet" in page
    assert "Measuring the sample faces" in status
    assert "C01HA, happiness: 3.00 (C)" in last
