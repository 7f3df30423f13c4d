"""A study made from photos and from a store, with a small network in place of the shipped one."""

import shutil

import numpy as np
import pytest
import torch
from constant_aus import ConstantAUs

from xfera_nb.classifier import Classifier, ResNet50BAM
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.datasets import open_dataset
from xfera_nb.errors import PhotoError, StudyError, WriterError
from xfera_nb.evidence import EvidenceStore
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.study import Study, build_study

pytestmark = pytest.mark.slow

CODES = ("AN", "DI", "HA", "NE", "SA", "SU")


@pytest.fixture(scope="module")
def network():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rule = default_input_rule() | {"size": 64, "detail": 64}
    yield Classifier(ResNet50BAM(), {"input": rule, "name": "small net", "sha256": "5eed"})
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def photos(request, tmp_path_factory):
    """Six samples."""
    folder = tmp_path_factory.mktemp("photos")
    for code in CODES:
        name = f"C01{code}.jpg"
        shutil.copy(request.config.rootpath / "data" / "samples" / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def built(photos, network, tmp_path_factory, draw):
    """A study from photos, and its folder's store."""
    out = tmp_path_factory.mktemp("built") / "study"
    study = build_study(
        photos, out, draw, misclassified=2, ambiguous=1, random=1, margin=1.0, seed=2,
        classifier=network, au_detector=ConstantAUs(), progress=False,
    )  # fmt: skip
    return study, EvidenceStore.open(out / "evidence")


@pytest.fixture(scope="module")
def draw(picture):
    drawn = []

    def pictures(fusion):
        drawn.append(fusion)
        return picture, picture + fusion.target.encode()

    pictures.drawn = drawn
    return pictures


def test_items_hold_what_the_store_holds(built):
    study, store = built
    rows = {row.photo_path: row for row in store.rows()}
    assert len(study.items) == 4
    for item in study.items:
        row = rows[item.photo_name]
        assert item.emotion == row.emotion and item.predicted == row.predicted
        assert item.probabilities == pytest.approx(row.probabilities, abs=1e-5)
        assert (item.kind == "misclassified") <= (item.emotion != item.predicted)
        assert f'"{item.predicted.capitalize()}"' in item.text
        assert item.unsupported == 0
        assert study.picture(item.heatmap).endswith(item.predicted.encode())


def test_the_evidence_made_again_from_a_row_is_the_one_that_was_stored(built, draw, network):
    study, store = built
    fusion = next(f for f in draw.drawn if f.evidence.face.photo_name == study.items[0].photo_name)
    row = next(row for row in store.rows() if row.photo_path == study.items[0].photo_name)
    index = EMOTIONS.index(fusion.target)
    np.testing.assert_allclose(fusion.evidence.activation[index], row.activation[index], atol=1e-6)
    assert fusion.evidence.face.box == tuple(row.box)
    assert fusion.evidence.classifier["name"] == "small net"


def test_it_says_what_made_it_and_names_no_folder(built, photos):
    study, _ = built
    made = Study.load(study.folder).made
    assert made["classifier"] == {"name": "small net", "sha256": "5eed"}
    assert made["asked"] == {"misclassified": 2, "ambiguous": 1, "random": 1}
    assert made["photos"] == 6 and made["writer"] == "offline" and made["margin"] == 1.0
    assert made["params"] == FusionParams().to_dict()
    assert str(photos) not in (study.folder / "study.json").read_text()


def test_from_the_store_it_is_the_same_study(built, draw, tmp_path):
    study, store = built
    counts = {"misclassified": 2, "ambiguous": 1, "random": 1, "margin": 1.0, "seed": 2}
    again = build_study(store, tmp_path / "again", draw, **counts)
    assert again.fingerprint == study.fingerprint
    by_path = build_study(study.folder / "evidence", tmp_path / "by path", draw, **counts)
    assert by_path.fingerprint == study.fingerprint


def test_photos_that_moved_are_found_where_they_are_said_to_be(built, draw, photos, tmp_path):
    store = EvidenceStore.open(built[0].folder / "evidence")
    store.manifest["source"] = str(tmp_path / "gone")
    with pytest.raises(StudyError, match="give the folder of its photos"):
        build_study(store, tmp_path / "a", draw, random=3)
    study = build_study(store, tmp_path / "b", draw, random=3, photos=photos)
    assert len(study.items) == 6  # of six faces all, whatever their kind


def test_parameters_texts_and_conditions_are_taken(built, draw, tmp_path):
    study = build_study(
        built[1], tmp_path / "s", draw, random=3, conditions=("none", "text"), choice="rank",
        params=FusionParams(k=-5), texts={"title": "Visi"}, labels={"fear": "paura"}, age_bands=(),
    )  # fmt: skip
    assert (study.conditions, study.choice, study.age_bands) == (("none", "text"), "rank", ())
    assert study.texts["title"] == "Visi" and study.labels["fear"] == "paura"
    assert study.made["params"]["k"] == -5
    assert draw.drawn[-1].params == FusionParams(k=-5)
    assert draw.drawn[-1].target == fuse(draw.drawn[-1].evidence).predicted


def test_a_dataset_is_taken_as_it_is(photos, network, draw, tmp_path):
    data = open_dataset(photos).select(emotion=("anger", "happiness", "sadness"))
    study = build_study(
        data, tmp_path / "s", draw, misclassified=0, ambiguous=0, random=3, classifier=network,
        au_detector=ConstantAUs(), progress=False,
    )  # fmt: skip
    assert sorted(item.emotion for item in study.items) == ["anger", "happiness", "sadness"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"misclassified": 0, "ambiguous": 0, "random": 0}, "No photo is requested"),
        ({"conditions": ("none", "video")}, "conditions"),
        ({"choice": "guess"}, "choice"),
        ({"texts": {"nonsense": "x"}}, "unknown"),
        ({"misclassified": 1, "ambiguous": 0, "random": 0}, "as many items as conditions"),
    ],
)
def test_what_cannot_be_a_study_is_refused_and_leaves_none(built, draw, tmp_path, options, said):
    with pytest.raises(StudyError, match=said):
        build_study(built[1], tmp_path / "s", draw, **options)
    assert not (tmp_path / "s" / "study.json").exists()


class Failing:
    name = "failing"

    def write(self, facts, prompt):
        raise WriterError("The server is gone; try again.")


def test_no_other_writer_takes_over_in_a_study(built, draw, tmp_path):
    with pytest.raises(WriterError, match="The server is gone"):
        build_study(built[1], tmp_path / "s", draw, random=3, writer=Failing())
    assert not (tmp_path / "s" / "study.json").exists()


def test_a_folder_with_a_study_is_refused_before_anything_is_measured(built, draw, photos):
    with pytest.raises(StudyError, match="holds a study already"):
        build_study(photos, built[0].folder, draw)


def test_a_damaged_photo_is_reported(built, draw, photos, tmp_path):
    copy = tmp_path / "photos"
    shutil.copytree(photos, copy)
    for photo in copy.iterdir():
        photo.write_text("no photo")
    with pytest.raises(StudyError, match="cannot be read") as caught:
        build_study(built[1], tmp_path / "s", draw, photos=copy)
    assert isinstance(caught.value.__cause__, PhotoError)
