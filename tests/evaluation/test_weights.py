"""A network is written with a card whose figures a second measurement reprints."""

import numpy as np
import pytest
import torch

from xfera_nb.classifier import ResNet50BAM, load_card, load_classifier
from xfera_nb.classifier.checkpoint import card_path
from xfera_nb.evaluation import export_weights, measure_card


@pytest.fixture
def pack(tmp_path):
    draw = np.random.default_rng(1)
    path = tmp_path / "pack.npz"
    classes = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"]
    np.savez(
        path,
        images=draw.integers(0, 255, (24, 48, 48)).astype(np.uint8),
        votes=draw.multinomial(10, [1 / 7] * 7, 24).astype(np.uint8),
        classes=np.array(classes),
        split=np.array(["PublicTest", "PrivateTest"] * 12),
    )
    return path


@pytest.mark.slow
def test_card_is_complete_and_reprintable(tmp_path, pack):
    torch.manual_seed(0)
    path = tmp_path / "w.safetensors"
    begun = {"name": "n", "recipe": {}, "training_data": []}
    card = export_weights(ResNet50BAM(), path, begun, ferplus=pack)
    assert card == load_card(path)
    assert {"figures", "temperature", "restrictions", "sha256", "input", "classes"} <= set(card)
    assert "research use" in card["restrictions"].lower()
    assert card_path(path).read_text().endswith("}\n")
    again = measure_card(load_classifier(path), ferplus=pack)
    assert again == card["figures"]
    assert list(again) == ["FER+ PrivateTest"]
