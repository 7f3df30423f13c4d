"""``xfera models`` over cards made here."""

import hashlib
import json

import pytest

from xfera_nb.cli import main, models

CLASSIFIER = {
    "name": "resnet50_bam",
    "restrictions": "Research use only.",
    "figures": {
        "FER+ PrivateTest": {
            "images": 3137, "accuracy": 0.8125, "macro_f1": 0.7001, "ece": 0.0204,
            "per_class": {"fear": {"f1": 0.5}}, "confusion": [[1]],
        }
    },
}  # fmt: skip
ACTION_UNITS = {
    "name": "builtin",
    "restrictions": ["Agreement is with OpenFace.", "No decisions about people."],
    "figures": {"measured_on": "split val", "faces": 900, "mean_r": 0.761, "mean_icc_3_1": 0.7},
}


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    paths = {}
    for kind, card in (("classifier", CLASSIFIER), ("au_detector", ACTION_UNITS)):
        path = tmp_path / f"{kind}.safetensors"
        path.write_bytes(kind.encode())
        card = card | {"sha256": hashlib.sha256(kind.encode()).hexdigest()}
        path.with_suffix(".json").write_text(json.dumps(card))
        paths[kind] = path
    monkeypatch.setattr(models, "SHIPPED", paths)
    return paths


def test_figures_restrictions_and_checksums(shipped, capsys):
    assert main(["models"]) == 0
    done = capsys.readouterr()
    assert done.err == ""
    digest = hashlib.sha256(b"classifier").hexdigest()
    assert digest[:12] in done.out and digest not in done.out
    for words in (
        "3,137 images", "accuracy 0.812", "macro F1 0.700", "(ECE) 0.020", "mean r 0.761",
        "900 faces", "split val", "Research use only.", "No decisions about people.", "intact",
    ):  # fmt: skip
        assert words in done.out


def test_json(shipped, capsys):
    assert main(["models", "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["kind"], second["kind"]) == ("classifier", "au_detector")
    assert first["intact"] is True and first["file"] == "classifier.safetensors"
    assert first["card"]["figures"] == CLASSIFIER["figures"]


def test_weights_that_are_not_the_cards(shipped, capsys):
    shipped["classifier"].write_bytes(b"other")
    shipped["au_detector"].unlink()
    assert main(["models"]) == 0
    assert capsys.readouterr().out.count("DIFFERS from its card") == 2


def test_one_card_missing_or_damaged(shipped, capsys):
    shipped["classifier"].with_suffix(".json").write_text("[")
    assert main(["models"]) == 0
    done = capsys.readouterr()
    assert "builtin" in done.out
    assert done.err.count("\n") == 1 and done.err.startswith("xfera: The card of classifier")


def test_all_missing(shipped, capsys):
    for path in shipped.values():
        path.with_suffix(".json").unlink()
    assert main(["models"]) == 2
    assert capsys.readouterr().out == ""


def test_the_shipped_paths_are_those_that_are_loaded():
    from xfera_nb.au_detectors.card import WEIGHTS
    from xfera_nb.classifier.checkpoint import SHIPPED

    assert models.SHIPPED == {"classifier": SHIPPED, "au_detector": WEIGHTS}
