"""``xfera ablate``: over a store, the share of movements that leave the text with their fact."""

from __future__ import annotations

import json

import numpy as np
import pytest
from model_server import fault, says, serving

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import Evidence, EvidenceStore, Row, assemble
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.occlusion import RegionOcclusion
from xfera_nb.evidence.storage import Storage
from xfera_nb.evidence.store import write_shard
from xfera_nb.explanation import Facts
from xfera_nb.explanation.facts import RegionFact
from xfera_nb.explanation.store_facts import read_store_facts
from xfera_nb.faces import find_faces
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS
from xfera_nb.fusion import FusionParams, fuse


def row(number, predicted, values, *, left=None, evidence=True):
    """A face whose whole map is hot; AU -> intensity, and what differs on the person's left."""
    activation = np.full((7, 68), 1.0 if evidence else -1.0)
    intensities = np.array([values.get(au, 0.0) for au in OPENFACE_AUS], np.float32)
    on_left = intensities.copy()
    for au, value in (left or {}).items():
        on_left[OPENFACE_AUS.index(au)] = value
    ones = np.ones(7)
    return Row(
        number=number, id=f"photo{number}", emotion=predicted, label=predicted, person="P",
        box=np.arange(4, dtype=np.int32), landmarks=np.zeros((68, 2), np.float32),
        probabilities=np.eye(7, dtype=np.float32)[EMOTIONS.index(predicted)],
        maps=np.zeros((7, 2, 2), np.float32), activation=np.maximum(activation, 0),
        mean_crop=ones * 0.2, std_crop=ones * 0.1, mean_hull=ones * 0.2, std_hull=ones * 0.1,
        peak=ones if evidence else -ones, intensities=intensities, left=on_left, right=intensities,
    )  # fmt: skip


ROWS = (
    row(0, "happiness", {6: 1.2, 12: 3.4}, left={6: 0.0}),
    row(1, "happiness", {12: 4.4, 25: 3.0}),
    row(2, "surprise", {1: 2.0, 2: 2.0, 5: 1.0, 26: 4.0}),
    row(3, "fear", {1: 2.0}, evidence=False),
    row(4, "neutral", {}),
    Row(number=5, id="photo5", reason="No face was found."),
)


@pytest.fixture
def store(tmp_path):
    place = Storage(tmp_path / "made.store")
    manifests.write(place, {
        "format": 2, "source": "made", "dataset": {"kind": "folder", "photos": len(ROWS)},
        "map_shape": [2, 2], "shard": 10, "batch": 2, "layer": "layer4", "method": "gradcam",
        "classifier": {"name": "made"}, "au_detector": {"name": "made"},
    })  # fmt: skip
    write_shard(place, 0, ROWS, (2, 2))
    return tmp_path / "made.store"


def test_facts_of_a_store(store):
    arrays = EvidenceStore.open(store).arrays()
    facts = dict(read_store_facts(arrays, FusionParams(scope="all")))
    assert list(facts) == [f"photo{n}" for n in range(5)]
    smile = facts["photo0"]
    assert isinstance(smile, Facts)
    assert (smile.target, smile.confidence_level, smile.probability) == ("happiness", "High", 1.0)
    assert [(m.au, m.side, m.strength, m.bilateral) for m in smile.movements] == [
        (12, None, "clear", True), (6, "right", "faint", False),
    ]  # fmt: skip
    assert facts["photo1"].active == (12, 25)
    assert [(e.au, e.state) for e in facts["photo1"].expected] == [
        (6, "absent, attended"), (12, "present, attended"),
    ]  # fmt: skip
    assert facts["photo3"].movements == () and not facts["photo3"].has_positive_evidence


@pytest.fixture(scope="module")
def measured(samples):
    """Two faces, the second without the effect of hiding a region, as evidence and as rows."""
    face = find_faces(samples / "C01HA.jpg")[0]
    rng = np.random.default_rng(4)
    found = []
    for number, (answer, hides) in enumerate((("happiness", True), ("fear", False))):
        shares = np.full(7, 0.05, np.float32)
        shares[EMOTIONS.index(answer)] = 0.7
        hidden = rng.dirichlet(np.ones(7), 6).astype(np.float32)
        hidden[1] = np.nan  # a region outside of the crop
        evidence = assemble(
            face, Prediction(shares), rng.normal(size=(7, 4, 4)).astype(np.float32),
            ActionUnits(rng.uniform(0, 3, 17)), layer="layer4",
            occlusion=RegionOcclusion(hidden) if hides else None,
        )  # fmt: skip
        row = Row(
            number=number, id=f"face{number}", emotion=answer, box=np.array(face.box, np.int32),
            landmarks=np.array(face.landmarks), probabilities=shares,
            maps=np.stack([one.values for one in evidence.heatmaps]),
            activation=evidence.activation, peak=evidence.peak,
            mean_crop=evidence.mean["crop"], std_crop=evidence.std["crop"],
            mean_hull=evidence.mean["hull"], std_hull=evidence.std["hull"],
            intensities=evidence.action_units.intensities,
            hidden_probabilities=hidden if hides else None,
        )  # fmt: skip
        found.append((evidence, row))
    return found


def test_the_facts_of_a_store_are_those_of_its_faces(measured, tmp_path):
    place = Storage(tmp_path / "whole.store")
    manifests.write(place, {
        "format": 2, "source": "made", "dataset": {"kind": "folder", "photos": 3},
        "map_shape": [4, 4], "shard": 10, "batch": 2, "layer": "layer4", "method": "gradcam",
        "classifier": {"name": "made"}, "au_detector": {"name": "made"}, "occlusion": True,
    })  # fmt: skip
    rows = [row for _, row in measured]
    write_shard(place, 0, [*rows, Row(number=2, id="wall", reason="No face was found.")], (4, 4))
    store = EvidenceStore.open(tmp_path / "whole.store")
    params = FusionParams(scope="all", coverage=0.2)
    stored = dict(read_store_facts(store.arrays(regions=True), params))
    image = measured[0][0].face.image
    for evidence, row in measured:
        expected = Facts.from_fusion(fuse(evidence, params))
        assert len(expected.regions) == 6 and expected.map_regions
        assert stored[row.id] == expected
        again = Evidence.from_row(store.row(row.number), image, store.manifest)
        assert Facts.from_fusion(fuse(again, params)) == expected
    assert stored["face0"].knows_hiding and not stored["face1"].knows_hiding
    assert stored["face0"].regions[1].prob_drop is None
    plain = dict(read_store_facts(store.arrays(), params))
    assert plain["face0"].knows_hiding and not plain["face0"].map_regions
    assert plain["face1"].regions == tuple(RegionFact(name) for name in FACE_REGIONS)


@pytest.mark.parametrize("language", ["en", "it", "es", "de"])
def test_the_offline_writer_follows_all_facts(xfera, store, language):
    code, out, err = xfera(
        "ablate", store, "--language", language, "--json", "--preset", "section2.1"
    )
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["faces"], told["active"], told["named"], told["share"]) == (5, 8, 8, 1.0)
    assert told["per_au"]["AU12"] == {"active": 2, "named": 2, "vanished": 2}
    assert (told["writer"], told["model"], told["language"]) == ("offline", None, language)


def test_as_text(xfera, store):
    code, out, err = xfera("ablate", store)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == (
        "5 faces, texts by offline in en with the paper prompt; maps: gradcam at layer4"
    )
    assert lines[1] == "8 of 8 named AUs vanish from the text with their fact: 1.0000"
    assert lines[-1].split() == ["AU26", "1", "1", "1"]


def test_a_stubborn_model_is_counted(xfera, store):
    with serving(says("A smile with raised cheeks.")) as server:
        code, out, err = xfera(
            "ablate", store, "--writer", "openai", "--base-url", server.url, "--model", "m",
            "--cache", "off", "--limit", "1", "--json", "--texts",
        )  # fmt: skip
    told = json.loads(out)
    assert (code, err, told["faces"]) == (0, "", 1)
    assert (told["named"], told["vanished"], told["share"]) == (2, 0, 0.0)
    assert told["texts"][0]["id"] == "photo0"
    assert told["texts"][0]["without"][0]["vanished"] is False
    assert len(server.asked) == 3


def test_a_model_that_fails_is_given_up(xfera, store):
    with serving(fault(401)) as server:
        code, out, err = xfera(
            "ablate", store, "--writer", "openai", "--base-url", server.url, "--cache", "off",
        )  # fmt: skip
    assert (code, out) == (3, "")
    lines = err.splitlines()
    assert [line.split(": ")[1] for line in lines[:3]] == ["photo0", "photo1", "photo2"]
    assert "the run stops" in lines[3] and "No text could be written" in lines[4]
    assert len(lines) == 5


def test_a_share_of_the_faces_is_spread(xfera, store):
    told = json.loads(xfera("ablate", store, "--limit", "2", "--json", "--texts")[1])
    assert [one["id"] for one in told["texts"]] == ["photo0", "photo2"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--model", "m"), "--model needs --writer openai"),
        (("--cache", "off"), "--cache needs --writer openai"),
        (("--prompt", "contrast"), "invalid choice"),
        (("--limit", "0"), "not a whole number of at least 1"),
        (("--writer", "openai", "--temperature", "3"), "from 0 to 2"),
        (("--writer", "openai", "--timeout", "0"), "more than 0"),
    ],
)
def test_what_is_refused(xfera, store, arguments, told):
    code, out, err = xfera("ablate", store, *arguments)
    assert (code, out) == (2, "") and told in err and len(err.splitlines()) == 1


def test_no_store(xfera, tmp_path):
    code, out, err = xfera("ablate", tmp_path)
    assert (code, out) == (2, "") and "holds no store" in err
