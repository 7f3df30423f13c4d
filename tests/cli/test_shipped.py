"""The whole line with the shipped weights: from the command line to a checked explanation."""

import json

import numpy as np
import pytest
from PIL import Image

from xfera_nb.classifier import load_classifier
from xfera_nb.cli import main
from xfera_nb.datasets import astronaut
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS, LANDMARK_AUS, au_name
from xfera_nb.saliency import attribute, gradcam_all_classes

pytestmark = pytest.mark.slow

FIELDS = {
    "photo", "face", "predicted", "target", "probabilities", "confidence_level", "threshold",
    "salient_landmarks", "action_units", "matching", "missing", "not_measurable", "explanation",
    "check", "params", "classifier", "au_detector",
}  # fmt: skip
AU_FIELDS = {
    "au", "intensity", "coverage", "saliency", "score", "active", "reason", "left", "right",
}  # fmt: skip


@pytest.fixture(scope="module")
def samples(request):
    return request.config.rootpath / "data" / "samples"


def explain_json(capsys, *arguments):
    assert main(["explain", "--json", *map(str, arguments)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_happiness_with_its_movements_named(samples, capsys):
    assert main(["explain", str(samples / "C01HA.jpg")]) == 0
    said = capsys.readouterr().out
    assert "Happiness" in said and "AU06" in said and "AU12" in said


def test_every_field_is_there(samples, capsys):
    (record,) = explain_json(capsys, samples / "C01HA.jpg")
    assert set(record) >= FIELDS
    assert record["predicted"] == "happiness"
    assert set(record["probabilities"]) == set(EMOTIONS)
    assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert [row["au"] for row in record["action_units"]] == [au_name(au) for au in LANDMARK_AUS]
    rows = {row["au"]: row for row in record["action_units"]}
    assert all(set(row) >= AU_FIELDS for row in rows.values())
    assert set(record["matching"] + record["missing"]) == {"AU06", "AU12"}
    assert rows["AU06"]["intensity"] > 1 and rows["AU12"]["intensity"] > 1
    assert rows["AU16"]["intensity"] is None
    assert len(record["classifier"]["sha256"]) == 64
    hot = set(record["salient_landmarks"])
    assert hot and hot < set(range(1, 69))


def test_an_active_movement_is_named_and_checked(samples, capsys):
    photos = sorted(samples.glob("*HA.jpg"))
    records = explain_json(capsys, "--preset", "section2.1", "--k", "0", *photos)
    active = [r for r in records if any(row["active"] for row in r["action_units"])]
    assert active
    for record in active:
        assert record["check"]["precision"] == 1.0
        assert record["explanation"]


def test_the_samples_are_mostly_what_they_show(samples, capsys):
    codes = dict(zip(("AN", "DI", "AF", "HA", "NE", "SA", "SU"), EMOTIONS, strict=True))
    records = explain_json(capsys, *sorted(samples.glob("C0[1-5]??.jpg")))
    right = [r["predicted"] == codes[r["photo"][-6:-4]] for r in records]
    assert len(right) == 35 and np.mean(right) > 0.4


def test_astronaut(capsys):
    (record,) = explain_json(capsys, astronaut())
    assert record["predicted"] == "happiness"
    assert set(record) >= FIELDS


def test_two_faces_on_one_photo(samples, tmp_path, capsys):
    with Image.open(samples / "C01HA.jpg") as one, Image.open(samples / "C02SU.jpg") as two:
        pair = Image.new("RGB", (1040, 520))
        pair.paste(one, (0, 0))
        pair.paste(two, (520, 0))
    pair.save(tmp_path / "pair.png")
    first, second = explain_json(capsys, "--all-faces", tmp_path / "pair.png")
    assert (first["face"]["index"], second["face"]["index"]) == (0, 1)
    assert first["predicted"] == "happiness"
    alone = explain_json(capsys, samples / "C01HA.jpg")[0]
    assert first["probabilities"] == pytest.approx(alone["probabilities"], abs=0.15)


def test_sideways_phone_photo_reads_as_upright(samples, tmp_path, capsys):
    with Image.open(samples / "C01HA.jpg") as image:
        turned = image.convert("RGB").transpose(Image.Transpose.ROTATE_90)
        exif = Image.Exif()
        exif[0x0112] = 6
        turned.save(tmp_path / "phone.jpg", exif=exif, quality=98)
    (record,) = explain_json(capsys, tmp_path / "phone.jpg")
    (upright,) = explain_json(capsys, samples / "C01HA.jpg")
    assert record["probabilities"] == pytest.approx(upright["probabilities"], abs=0.05)


def test_one_pass_maps_equal_captums_to_1e_5(samples):
    classifier = load_classifier()
    for name in ("C01HA", "C02SU"):
        crop = find_faces(samples / f"{name}.jpg")[0].crop
        _, maps = gradcam_all_classes(classifier, crop)
        assert np.abs(maps).max() > 0.05
        for row, emotion in enumerate(EMOTIONS):
            reference = attribute(classifier, crop, emotion).values
            assert np.abs(reference - maps[0, row]).max() <= 1e-5


def test_the_models_list_their_figures(capsys):
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    assert "FER+ PrivateTest" in said and "accuracy" in said and "mean r" in said
    assert said.count("intact") == 2
