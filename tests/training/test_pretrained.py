"""Filling a network from published state dicts: torchvision's names and Caffe's."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.training.pretrained import load_pretrained

pytestmark = pytest.mark.slow


def test_start_from_torchvision_names(tmp_path):
    source = ResNet50BAM(classes=8631, bam=False)
    state = {f"module.{key}": value for key, value in source.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "s.pt")
    network = ResNet50BAM()
    report = load_pretrained(tmp_path / "s.pt", network)
    assert torch.equal(network.layer3[5].conv2.weight, source.layer3[5].conv2.weight)
    assert sorted(report.misfits) == ["module.fc.bias", "module.fc.weight"]
    assert not report.unused and not report.caffe
    assert all(key.startswith(("bam", "fc")) for key in report.untouched)


def test_start_from_caffe_names(tmp_path):
    tensors = {
        "conv1_7x7_s2.weight": torch.full((64, 3, 7, 7), 0.5),
        "conv1_7x7_s2_bn.running_var": torch.full((64,), 3.0),
        "conv2_1_1x1_reduce.weight": torch.full((64, 64, 1, 1), 2.0),
        "conv4_6_3x3_bn.weight": torch.full((256,), 4.0),
        "conv5_3_1x1_increase.weight": torch.full((2048, 512, 1, 1), 5.0),
        "conv3_1_1x1_proj_bn.bias": torch.full((512,), 6.0),
        "classifier.weight": torch.zeros(8631, 2048),
    }
    save_file(tensors, tmp_path / "s.safetensors")
    network = ResNet50BAM()
    report = load_pretrained(tmp_path / "s.safetensors", network)
    assert report.caffe and report.unused == ("classifier.weight",)
    assert set(report.matched) == {
        "conv1.weight",
        "bn1.running_var",
        "layer1.0.conv1.weight",
        "layer3.5.bn2.weight",
        "layer4.2.conv3.weight",
        "layer2.0.downsample.1.bias",
    }
    assert network.layer4[2].conv3.weight.unique().tolist() == [5.0]


def test_start_refuses_what_is_not_tensors(tmp_path):
    torch.save({"layer1.0.conv1.weight": Path("x")}, tmp_path / "bad.pt")
    with pytest.raises(ModelError, match="more than tensors"):
        load_pretrained(tmp_path / "bad.pt", ResNet50BAM())
    save_file({"other": torch.zeros(1)}, tmp_path / "o.safetensors")
    with pytest.raises(ModelError, match="Nothing in"):
        load_pretrained(tmp_path / "o.safetensors", ResNet50BAM())
