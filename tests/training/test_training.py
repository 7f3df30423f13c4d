"""The trainer on faces that the test makes: it learns, resumes exactly, and varies as it says."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from xfera_nb.errors import ModelError, PhotoError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.training.augmentation import PLAIN, Augmentation, augment, normalise
from xfera_nb.training.labelled_faces import LabelledFaces, read_crops, read_ferplus, read_folder
from xfera_nb.training.recipes import RECIPES, Phase, Recipe
from xfera_nb.training.trainer import Trainer, has_native_bf16, predict_logits, update_average

pytestmark = pytest.mark.slow


def tiny_network():
    torch.manual_seed(1)
    return nn.Sequential(
        nn.AvgPool2d(4),
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(32, 7),
    )


def stripes(count, seed=0):
    """Two classes that differ by which half is bright."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 2, count)
    images = draw.integers(0, 60, (count, 16, 16)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[8 * label : 8 * label + 8] += 150
    return LabelledFaces(images, np.eye(7, dtype=np.float32)[labels])


RECIPE = Recipe(
    optimizer="adam",
    phases=(Phase(256, ((32, 1.0),), (0.02, 0.02), averaging=0.5),) * 4,
    batch_size=32,
    augmentation=Augmentation(rotation=5, erase=0.1),
)


def trainer(out, recipe=RECIPE, **options):
    return Trainer(
        tiny_network(), recipe, stripes(256), stripes(64, 9), out=out, bf16=False, **options
    )


def test_learns_and_writes_metrics(tmp_path):
    row = trainer(tmp_path).run(progress=False)
    assert row["accuracy"] == 1.0
    with open(tmp_path / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    assert [int(r["images"]) for r in rows] == [256, 512, 768, 1024]
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert (tmp_path / "best.safetensors").exists()


def test_interrupted_run_equals_unbroken(tmp_path):
    trainer(tmp_path / "whole").run(progress=False)
    trainer(tmp_path / "parts").run(until=2, progress=False)
    trainer(tmp_path / "parts").run(progress=False)
    states = [
        torch.load(tmp_path / run / "checkpoint.pt", weights_only=True)["network"]
        for run in ("whole", "parts")
    ]
    for key, value in states[0].items():
        assert torch.equal(value, states[1][key]), key


def test_the_average_by_hand(tmp_path):
    run = trainer(tmp_path)
    key = next(iter(run.average))
    before = run.average[key].clone()
    with torch.no_grad():
        run.network.state_dict()[key].add_(1.0)
    update_average(run.average, run.network, 0.75)
    assert torch.allclose(run.average[key], before + 0.25)
    update_average(run.average, run.network, 0.0)
    assert torch.allclose(run.average[key], before + 1.0)


def test_damaged_checkpoint_is_refused(tmp_path):
    (tmp_path / "checkpoint.pt").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="old file format"):
        trainer(tmp_path).run(progress=False)
    torch.save({"network": {}}, tmp_path / "checkpoint.pt")
    with pytest.raises(ModelError, match="another network"):
        trainer(tmp_path).run(progress=False)


def test_plateau_divides_the_rate(tmp_path):
    recipe = replace(RECIPE, phases=(Phase(32, ((32, 1.0),), (0.0, 0.0)),) * 5, patience=2)
    run = trainer(tmp_path, recipe)
    run.run(progress=False)
    # Nothing is learnt at rate 0: the first phase is best, then two pairs without improvement.
    assert run.factor == pytest.approx(0.01)


def test_the_papers_recipe_says_what_the_paper_says():
    paper = RECIPES["paper"]
    assert (paper.optimizer, paper.batch_size, len(paper.phases)) == ("adam", 64, 100)
    assert paper.patience == 5
    assert {phase.rate for phase in paper.phases} == {(1e-5, 1e-5)}
    assert {phase.sizes for phase in paper.phases} == {((224, 1.0),)}


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_each_recipe_takes_two_steps(tmp_path, name):
    recipe = RECIPES[name]
    short = replace(recipe, phases=(replace(recipe.phases[0], images=8, sizes=((32, 1.0),)),) * 2)
    short = replace(short, batch_size=8)
    extra = LabelledFaces(stripes(20).images, stripes(20).targets, zoom=0.8)
    row = trainer(tmp_path, short, extra=extra).run(progress=False)
    assert row["images"] == 16 and np.isfinite(row["loss"])


def test_ties_are_left_out_of_validation(tmp_path):
    faces = stripes(4)
    faces.targets[0] = [0.5, 0.5, 0, 0, 0, 0, 0]
    run = Trainer(tiny_network(), RECIPE, faces, faces, out=tmp_path, bf16=False)
    assert len(run.validation) == 3


def test_plain_augmentation_is_resizing():
    images = torch.randint(0, 255, (3, 1, 16, 16), dtype=torch.uint8)
    resized = nn.functional.interpolate(images.float(), size=32, mode="bilinear")
    assert torch.allclose(augment(images, 32, PLAIN), normalise(resized), atol=1e-4)


def test_mirror_and_zoom_do_what_they_say():
    images = torch.zeros(1, 1, 64, 64, dtype=torch.uint8)
    images[..., 24:40, 8:24] = 255
    mirrored = augment(images, 64, replace(PLAIN, mirror=1.0))
    assert torch.allclose(mirrored, normalise(images.flip(-1).float()), atol=1e-4)
    half = augment(images, 64, PLAIN, zoom=0.5)
    bright = (half[0, 0] > 1.0).nonzero()
    assert bright.min(dim=0).values.tolist() == pytest.approx([28, 20], abs=1)
    assert bright.max(dim=0).values.tolist() == pytest.approx([35, 27], abs=1)


def test_rise_moves_faces_up_only():
    torch.manual_seed(0)
    images = torch.zeros(64, 1, 50, 50, dtype=torch.uint8)
    images[..., 25, :] = 255
    rows = augment(images, 50, PLAIN, shift_up=0.2)[:, 0, :, 25].argmax(dim=1)
    assert 14 <= rows.min() < 18 and 23 < rows.max() <= 25


def test_variation_stays_in_range_and_varies():
    torch.manual_seed(0)
    images = torch.randint(0, 255, (16, 1, 48, 48), dtype=torch.uint8)
    one, two = (augment(images, 64, Augmentation()) for _ in range(2))
    assert one.shape == (16, 3, 64, 64)
    assert one.min() >= -2 and one.max() <= 2
    assert not torch.equal(one, two)
    assert torch.equal(one[:, 0], one[:, 2])


def test_logits_do_not_depend_on_the_batch():
    faces = stripes(10)
    network = tiny_network()
    whole = predict_logits(network, faces, 32, batch=10)
    parts = predict_logits(network, faces, 32, batch=3)
    assert torch.allclose(whole, parts, atol=1e-6)


def test_ferplus_votes_to_targets(tmp_path):
    classes = [
        "neutral",
        "happiness",
        "surprise",
        "sadness",
        "anger",
        "disgust",
        "fear",
        "contempt",
        "unknown",
        "NF",
    ]
    votes = np.array([[4, 1, 0, 0, 3, 0, 0, 2, 0, 0], [1, 1, 0, 0, 0, 0, 0, 8, 0, 0]], np.uint8)
    path = tmp_path / "pack.npz"
    np.savez(
        path,
        images=np.zeros((2, 48, 48), np.uint8),
        votes=votes,
        classes=np.array(classes),
        split=np.array(["Training"] * 2),
    )
    faces = read_ferplus(path, "Training", min_votes=2)
    assert faces.targets[0, EMOTIONS.index("neutral")] == pytest.approx(4 / 7)
    assert faces.targets[0, EMOTIONS.index("happiness")] == 0
    assert faces.targets[1].tolist().count(0.5) == 2
    assert faces.tied.tolist() == [False, True]
    with pytest.raises(PhotoError, match="no split"):
        read_ferplus(path, "Test")
    with pytest.raises(PhotoError, match="cannot be read"):
        read_ferplus(tmp_path / "none.npz", "Training")


def test_folders_of_faces(tmp_path):
    from PIL import Image

    for emotion in ("anger", "surprise"):
        (tmp_path / "train" / emotion).mkdir(parents=True)
        Image.new("RGB", (50, 50), (90, 90, 90)).save(tmp_path / "train" / emotion / "a.png")
    faces = read_folder(tmp_path, "train")
    assert faces.majority.tolist() == [0, 6]
    assert faces.images.shape == (2, 96, 96) and faces.images[0, 0, 0] == 90
    (tmp_path / "faces.csv").write_text("file,split,emotion\ntrain/anger/a.png,val,anger\n")
    assert len(read_crops(tmp_path, "val")) == 1
    (tmp_path / "train" / "anger" / "b.png").write_bytes(b"no image")
    with pytest.raises(PhotoError, match="b.png"):
        read_folder(tmp_path, "train")
    with pytest.raises(PhotoError, match="no images"):
        read_folder(tmp_path, "val")


def test_bf16_by_default_only_where_the_hardware_has_it(tmp_path, monkeypatch):
    def chosen(**options):
        faces = stripes(8)
        return Trainer(tiny_network(), RECIPE, faces, faces, out=tmp_path, **options).bf16

    for check in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, check, lambda: False, raising=False)
    assert chosen() is False and chosen(bf16=True) is True
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert chosen() is True and chosen(bf16=False) is False
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported")
    assert chosen() is False
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert has_native_bf16(torch.device("cuda")) is True
    assert has_native_bf16(torch.device("meta")) is False
