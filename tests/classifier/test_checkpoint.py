"""Weights and cards: what is written is read, and what does not fit is refused in a sentence."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from xfera_nb.classifier import SHIPPED
from xfera_nb.classifier.checkpoint import (
    STATE_KEYS,
    STATE_PREFIXES,
    card_path,
    load_card,
    load_weights,
    save_weights,
)
from xfera_nb.classifier.model import load_classifier
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.training.pretrained import load_pretrained


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    torch.manual_seed(3)
    network = ResNet50BAM()
    path = tmp_path_factory.mktemp("weights") / "net.safetensors"
    save_weights(path, network, {"name": "test", "temperature": 2.0})
    return path, network


def test_written_weights_come_back_as_halves(saved):
    path, network = saved
    fresh = ResNet50BAM()
    load_weights(path, fresh)
    for key, value in network.state_dict().items():
        if value.is_floating_point():
            assert torch.equal(fresh.state_dict()[key], value.half().float()), key


def test_classifier_reads_card_and_temperature(saved):
    classifier = load_classifier(saved[0])
    assert classifier.temperature == 2.0
    assert classifier.describe()["name"] == "test"
    logits = torch.tensor([[0.0, 0, 0, 4.0, 0, 0, 2.0]])
    prediction = classifier.to_predictions(logits)[0]
    top = torch.tensor([1.0, 1, 1, torch.e**2, 1, 1, torch.e])
    assert prediction.probabilities.tolist() == pytest.approx((top / top.sum()).tolist())
    assert (prediction.predicted, prediction.runner_up) == ("happiness", "surprise")
    assert prediction.margin == pytest.approx(float((top[3] - top[6]) / top.sum()))


@pytest.mark.parametrize("half_resolution", [True, False])
def test_the_card_knows_the_resolution(tmp_path, half_resolution):
    save_weights(tmp_path / "w.safetensors", ResNet50BAM(half_resolution=half_resolution), {})
    assert load_classifier(tmp_path / "w.safetensors").module.half_resolution is half_resolution


def test_missing_card_changed_file_and_wrong_classes(saved, tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(saved[0].read_bytes())
    with pytest.raises(ModelError, match="card .* is missing"):
        load_card(path)
    card = json.loads(card_path(saved[0]).read_text())
    card_path(path).write_text(json.dumps({**card, "classes": ["joy"] * 7}))
    with pytest.raises(ModelError, match="other classes"):
        load_card(path)
    card_path(path).write_text(json.dumps(card))
    load_card(path)
    with open(path, "r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    with pytest.raises(ModelError, match="sha256"):
        load_card(path)


@pytest.mark.parametrize("text", ["", "[]", '{"classes": 3}', "\x00"])
def test_damaged_card(saved, tmp_path, text):
    path = tmp_path / "w.safetensors"
    path.write_bytes(saved[0].read_bytes())
    card_path(path).write_text(text)
    with pytest.raises(ModelError, match="damaged"):
        load_card(path)


def test_truncated_or_foreign_tensors(saved, tmp_path):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(saved[0].read_bytes()[:1000])
    with pytest.raises(ModelError, match="not a readable"):
        load_weights(path, ResNet50BAM())
    tensors = load_file(saved[0])
    tensors["fc.weight"] = torch.zeros(6, 2048)
    save_file(tensors, path)
    with pytest.raises(ModelError, match="fc.weight"):
        load_weights(path, ResNet50BAM())


def test_shipped_weights_fit_their_card_and_size():
    card = load_card(SHIPPED)
    assert SHIPPED.stat().st_size <= 52_000_000
    assert {"training_data", "recipe", "figures", "restrictions", "temperature"} <= set(card)
    load_classifier()


def _small(seed=1):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))


@pytest.mark.parametrize("key", [None, *STATE_KEYS])
@pytest.mark.parametrize("prefix", ["", *STATE_PREFIXES, "module.model.backbone."])
def test_checkpoints_of_training_scripts(tmp_path, key, prefix):
    source, network = _small(), _small(2)
    state = {prefix + name: value for name, value in source.state_dict().items()}
    whole = state if key is None else {"epoch": 3, "best": 0.5, key: state, "optimizer": {"lr": 1}}
    torch.save(whole, tmp_path / "s.pth")
    report = load_pretrained(tmp_path / "s.pth", network)
    assert torch.equal(network[1].weight, source[1].weight)
    assert not (report.unused or report.misfits or report.untouched)


def test_a_name_that_needs_no_change_wins(tmp_path):
    source, teacher, network = _small(), _small(3), _small(2)
    state = {f"model.{name}": value for name, value in teacher.state_dict().items()}
    for order in ({**source.state_dict(), **state}, {**state, **source.state_dict()}):
        torch.save(order, tmp_path / "s.pth")
        load_pretrained(tmp_path / "s.pth", network)
        assert torch.equal(network[1].weight, source[1].weight)


def test_nested_and_nameless_checkpoints(tmp_path):
    network = _small(2)
    torch.save({"state_dict": {"model": _small().state_dict()}}, tmp_path / "deep.pt")
    assert len(load_pretrained(tmp_path / "deep.pt", network).matched) == 4
    for whole in ({"epoch": 3}, [torch.zeros(1)], {"generator": _small().state_dict()}, {}, 3):
        torch.save(whole, tmp_path / "bad.pt")
        with pytest.raises(ModelError, match="is not a state dict"):
            load_pretrained(tmp_path / "bad.pt", network)


@pytest.mark.parametrize("name", ["w.pth", "w.pt", "w.safetensors", "w.ckpt"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 94301234\n",
            "is a git-lfs pointer and not the weights themselves: fetch them with `git lfs pull`.",
        ),
        (b"\n<!DOCTYPE html><html><head>Google Drive", "is a web page and not weights"),
        (b"\xef\xbb\xbf<html>Sign in", "is a web page and not weights"),
        (b"<?xml version='1.0'?><Error>AccessDenied", "is a web page and not weights"),
        (b"", "is empty: fetch it again"),
    ],
)
def test_a_pointer_or_a_page_is_called_that(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    for load in (load_classifier, lambda path: load_pretrained(path, _small())):
        with pytest.raises(ModelError) as caught:
            load(path)
        assert said in str(caught.value) and "\n" not in str(caught.value)


def test_tensors_without_a_network_are_no_classifier(tmp_path):
    torch.save(_small().state_dict(), tmp_path / "mine.pth")
    with pytest.raises(ModelError, match="holds tensors and no network: fill your own network"):
        load_classifier(tmp_path / "mine.pth")
