"""The attention module and the network around it, against numbers worked by hand."""

import math

import pytest
import torch

from xfera_nb.classifier.bam import BAM
from xfera_nb.classifier.resnet50_bam import ResNet50BAM


@pytest.mark.parametrize(("channels", "size"), [(256, 56), (512, 28), (1024, 14)])
def test_attention_broadcasts_both_branches(channels, size):
    bam = BAM(channels).eval()
    x = torch.randn(2, channels, size, size)
    assert bam.channel(x).shape == (2, channels, 1, 1)
    assert bam.spatial(x).shape == (2, 1, size, size)
    attention = bam.attention(x)
    assert attention.shape == x.shape
    assert attention.min() > 0 and attention.max() < 1
    assert bam(x).shape == x.shape


def test_reduction_and_dilation_are_the_papers():
    bam = BAM(256)
    assert bam.channel[1].out_channels == 16
    dilated = [m for m in bam.spatial if getattr(m, "kernel_size", None) == (3, 3)]
    assert [m.dilation for m in dilated] == [(4, 4), (4, 4)]


def test_tiny_bam_by_hand():
    """Two channels, one hidden unit, 1x1 features: every layer is a scalar sum."""
    bam = BAM(2, reduction=2).eval()
    for module in bam.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.zeros_(module.weight)
            torch.nn.init.zeros_(module.bias)
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eps = 0.0
    with torch.no_grad():
        bam.channel[1].weight[:] = torch.tensor([1.0, 2.0]).view(1, 2, 1, 1)
        bam.channel[4].weight[:] = torch.tensor([0.5, -0.25]).view(2, 1, 1, 1)
        bam.spatial[0].weight[:] = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
        for layer in (3, 6):
            bam.spatial[layer].weight[0, 0, 1, 1] = 1.0
        bam.spatial[9].weight[:] = 0.5
        bam.spatial[9].bias[:] = -1.0
    x = torch.tensor([3.0, -1.0]).view(1, 2, 1, 1)
    # Channel: hidden = 3 + 2 * -1 = 1; out = 0.5, -0.25. Spatial: 3 -> 3 -> 3 -> 3 * 0.5 - 1 = 0.5.
    first = 1 / (1 + math.exp(-1.0))
    second = 1 / (1 + math.exp(-0.25))
    assert bam.attention(x).flatten().tolist() == pytest.approx([first, second])
    assert bam(x).flatten().tolist() == pytest.approx([3 * (1 + first), -1 * (1 + second)])


def test_dilation_reaches_four_pixels():
    bam = BAM(16).eval()
    for parameter in bam.spatial.parameters():
        torch.nn.init.constant_(parameter, 0.1)
    x = torch.zeros(1, 16, 33, 33)
    x[0, :, 16, 16] = 10.0
    with torch.no_grad():
        changed = bam.spatial(x) != bam.spatial(torch.zeros_like(x))
    rows = changed[0, 0].any(dim=1).nonzero().flatten().tolist()
    # Two 3x3 convolutions with dilation 4 reach 8 pixels in steps of 4.
    assert rows == [8, 12, 16, 20, 24]


def test_too_few_channels_are_refused():
    with pytest.raises(ValueError, match="at least 16"):
        BAM(8)


def test_network_shapes_and_places_of_attention():
    network = ResNet50BAM().eval()
    seen = {}
    for name in ("bam1", "bam2", "bam3", "layer4"):
        network.get_submodule(name).register_forward_hook(
            lambda module, inputs, output, name=name: seen.update({name: tuple(output.shape)})
        )
    with torch.inference_mode():
        logits = network(torch.zeros(1, 3, 224, 224))
    assert logits.shape == (1, 7)
    assert seen == {
        "bam1": (1, 256, 56, 56),
        "bam2": (1, 512, 28, 28),
        "bam3": (1, 1024, 14, 14),
        "layer4": (1, 2048, 7, 7),
    }


def test_network_is_a_resnet50():
    plain = ResNet50BAM(classes=1000, bam=False)
    # 25,557,032 parameters is ResNet50's published count with 1000 classes.
    assert sum(p.numel() for p in plain.parameters()) == 25_557_032


def test_half_resolution_is_the_plain_network_at_half_size():
    torch.manual_seed(2)
    plain, half = ResNet50BAM().eval(), ResNet50BAM(half_resolution=True).eval()
    half.load_state_dict(plain.state_dict())
    x = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        coarse = plain.features(torch.nn.functional.avg_pool2d(x, 2))
        fine = half.features(x)
    assert coarse.shape == (1, 2048, 4, 4) and fine.shape == (1, 2048, 7, 7)
    torch.testing.assert_close(fine[..., ::2, ::2], coarse, rtol=1e-3, atol=1e-3)
    assert not torch.allclose(fine[..., 1::2, 1::2], coarse[..., :3, :3])
