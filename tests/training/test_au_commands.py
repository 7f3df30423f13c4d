"""The two commands on a made-up folder of faces, and what they say when it is not one."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from xfera_nb.cli import main
from xfera_nb.errors import DetectorError
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.training import au_evaluation, au_network
from xfera_nb.training.au_faces import load_faces
from xfera_nb.training.mobilenet import MobileNetTeacher

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path, face):
    rng = np.random.default_rng(7)
    names = [f"{au_name(au)}_r" for au in OPENFACE_AUS]
    header = "file,split,identity," + ",".join(f"x{i},y{i}" for i in range(68))
    rows, labels = [header], ["file,split,confidence," + ",".join(names)]
    for i in range(10):
        name, split = f"{i}.png", "train" if i < 6 else "val"
        cv2.imwrite(str(tmp_path / name), rng.integers(0, 256, (300, 300), np.uint8))
        points = (face + rng.normal(0, 1, face.shape)).ravel()
        rows.append(f"{name},{split},p{i}," + ",".join(f"{v:.2f}" for v in points))
        values = ",".join(f"{v:.3f}" for v in rng.uniform(0, 5, 17))
        labels.append(f"{name},{split},{0.6 if i in (0, 9) else 0.95},{values}")
    (tmp_path / "faces.csv").write_text("\n".join(rows))
    (tmp_path / "openface_aus.csv").write_text("\n".join(labels[:-3] + labels[-2:]))
    return tmp_path


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_split_confidence_and_labels_decide_who_is_read(folder):
    assert len(load_faces(folder, "train", 0.7)) == 5  # the first has 0.6
    faces = load_faces(folder, "val", 0.9)
    assert len(faces) == 2  # of four, one has 0.6 and one no label
    assert faces.pictures[0].shape == (300, 300)
    assert faces.landmarks.shape == (2, 68, 2) and faces.intensities.shape == (2, 17)


@pytest.fixture
def start(folder):
    torch.manual_seed(0)
    path = folder / "teacher.safetensors"
    save_file(MobileNetTeacher().state_dict(), path)
    return path


def test_train_writes_what_evaluate_reprints(folder, start, capsys):
    out = folder / "out"
    given = ["--data", str(folder), "--features", str(start), "--out", str(out)]
    au_network.main([*given, "--ridge", "0.2"])
    card = json.loads((out / "builtin.json").read_text())
    assert card["recipe"]["ridge"] == 0.2 and card["training_data"]["faces"] == 5
    assert card["recipe"]["features"] == "teacher.safetensors"
    assert card["figures"]["faces"] == 2
    capsys.readouterr()
    au_evaluation.main(["--data", str(folder), "--weights", str(out / "builtin.safetensors")])
    said = capsys.readouterr().out
    r = card["figures"]["per_au"]["AU12"]["r"]
    assert f"AU12 {r:7.3f} ({r:.3f})" in said
    for condition in ("blurred", "dark", "small"):
        r = card["figures"][f"mean_r_{condition}"]
        assert f"{condition:8}{r:7.3f} ({r:.3f})" in said
    assert "ms a face on one thread" in said


def test_a_training_that_goes_on_ends_in_the_same_weights(folder, start, monkeypatch):
    given = ["--data", str(folder), "--features", str(start), "--out"]
    au_network.main([*given, str(folder / "whole")])
    au_network.main([*given, str(folder / "parts")])
    (folder / "parts" / "builtin.safetensors").unlink()
    for name in ("extract_features", "extract_disturbed"):
        monkeypatch.delattr(au_network, name)  # the features are there already
    au_network.main([*given, str(folder / "parts")])
    parts, whole = (folder / name / "builtin.safetensors" for name in ("parts", "whole"))
    assert parts.read_bytes() == whole.read_bytes()


def test_a_holdout_writes_no_weights(folder, start, capsys):
    out = folder / "out"
    arguments = ["--features", str(start), "--holdout", "0.4"]
    au_network.main(["--data", str(folder), "--out", str(out), *arguments])
    assert not (out / "builtin.safetensors").exists()
    assert "ICC" in capsys.readouterr().err


def test_what_is_no_training_data_has_its_sentence(folder):
    with pytest.raises(DetectorError, match="no face in the split 'test'"):
        load_faces(folder, "test", 0)
    (folder / "3.png").write_bytes(b"")
    with pytest.raises(DetectorError, match="3.png of the training data cannot be read"):
        load_faces(folder, "train", 0)
    text = (folder / "openface_aus.csv").read_text()
    (folder / "openface_aus.csv").write_text(text.replace("AU12_r", "AU12"))
    with pytest.raises(DetectorError, match="lacks the column 'AU12_r'"):
        load_faces(folder, "train", 0)
    (folder / "openface_aus.csv").unlink()
    with pytest.raises(DetectorError, match="has no openface_aus.csv"):
        load_faces(folder, "train", 0)


def test_xfera_evaluate_holds_the_shipped_network_against_its_card(folder, capsys):
    assert main(["evaluate", "--aus", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "AU network, 2 faces" in said and "The card DIFFERS in faces, mean_r" in said
    assert main(["evaluate", "--aus", str(folder), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["AU network"]
    assert f"{figures['per_au']['AU12']['mae']:8.2f}" in said
