"""`xfera train` and `xfera evaluate` on a handful of samples, and what they refuse."""

import json

import pytest
from PIL import Image

from xfera_nb.cli import main
from xfera_nb.facs import EMOTIONS

pytestmark = pytest.mark.slow

CODES = ("AN", "DI", "AF", "HA", "NE", "SA", "SU")


@pytest.fixture
def folder(tmp_path, request):
    samples = request.config.rootpath / "data" / "samples"
    for split, number in (("train", "01"), ("val", "02")):
        for emotion, code in zip(EMOTIONS, CODES, strict=True):
            (tmp_path / "faces" / split / emotion).mkdir(parents=True)
            with Image.open(samples / f"C{number}{code}.jpg") as image:
                image.save(tmp_path / "faces" / split / emotion / "a.png")
    return tmp_path / "faces"


def test_the_papers_recipe_runs_and_resumes(folder, tmp_path, capsys, monkeypatch):
    from dataclasses import replace

    from xfera_nb.training import recipes

    paper = recipes.RECIPES["paper"]
    phases = (replace(paper.phases[0], sizes=((32, 1.0),)),) * 2
    monkeypatch.setattr(recipes, "RECIPES", {"paper": replace(paper, phases=phases)})
    command = ["train", "--recipe", "paper", "--data", str(folder)]
    command += ["--out", str(tmp_path / "run")]
    assert main([*command, "--until", "1"]) == 0
    assert "Phase 1: accuracy" in capsys.readouterr().out
    assert main(command) == 0
    assert "Phase 2: accuracy" in capsys.readouterr().out
    rows = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    assert [row.split(",")[1] for row in rows] == ["images", "7", "14"]


def test_a_student_follows_a_teacher(folder, tmp_path, capsys, monkeypatch):
    from dataclasses import replace

    from xfera_nb.training import recipes

    short = {
        name: replace(recipe, phases=(replace(recipe.phases[1], images=14, sizes=((32, 1.0),)),))
        for name, recipe in recipes.RECIPES.items()
    }
    monkeypatch.setattr(recipes, "RECIPES", short)
    command = ["train", "--data", str(folder), "--recipe"]
    assert main([*command, "teacher", "--out", str(tmp_path / "teacher")]) == 0
    best = str(tmp_path / "teacher" / "best.safetensors")
    for name, options in (
        ("distilled", ["--teacher", best]),
        (
            "distilled_half",
            ["--teacher", best, "--start", str(tmp_path / "distilled/best.safetensors")],
        ),
    ):
        assert main([*command, name, *options, "--out", str(tmp_path / name)]) == 0
        assert "Phase 1: accuracy" in capsys.readouterr().out
        assert (tmp_path / name / "best.safetensors").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--out", "o"], "--ferplus"),
        (["train", "--recipe", "x", "--folder", "f", "--out", "o"], "no recipe"),
        (["train", "--folder", "none", "--out", "o"], "holds no images"),
        (["train", "--ferplus", "none.npz", "--out", "o"], "none.npz"),
        (["train", "--recipe", "distilled", "--data", "f", "--out", "o"], "needs --teacher"),
        (
            ["train", "--recipe", "cpu", "--data", "f", "--out", "o", "--teacher", "t"],
            "takes no --teacher",
        ),
        (["evaluate"], "There is no data"),
        (["evaluate", "--aus", "none"], "openface_aus.csv"),
        (["evaluate", "--crops", "none", "--classifier", "none.safetensors"], "none.safetensors"),
    ],
)
def test_wrong_use_is_one_line(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and "Traceback" not in error


def test_evaluate_prints_the_figures(tmp_path, request, capsys):
    from xfera_nb.classifier import ResNet50BAM
    from xfera_nb.classifier.checkpoint import save_weights

    samples = request.config.rootpath / "data" / "samples"
    rows = [f"{samples}/C0{n}HA.jpg,val,happiness" for n in (1, 2)]
    (tmp_path / "faces.csv").write_text("\n".join(["file,split,emotion", *rows]) + "\n")
    weights = tmp_path / "w.safetensors"
    save_weights(weights, ResNet50BAM(), {"name": "random"})
    command = ["evaluate", "--crops", str(tmp_path), "--classifier", str(weights)]
    assert main(command) == 0
    assert "face crops, val: 2 faces" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["face crops, val"]
    assert figures["per_class"]["happiness"]["support"] == 2
