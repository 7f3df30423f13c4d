"""EfficientNet-Lite0: padding by hand, shapes, names, freezing, and what is no teacher."""

from __future__ import annotations

import pytest
import torch

from xfera_nb.training.efficientnet_lite import EfficientNetLite, SameConv

pytestmark = pytest.mark.slow


def ones(kernel: int, stride: int) -> SameConv:
    conv = SameConv(1, 1, kernel, stride)
    torch.nn.init.ones_(conv.weight)
    return conv


def test_same_padding_puts_the_odd_pixel_last():
    # Sides of 4, kernel 3, stride 2: 2 outputs need (2 - 1) x 2 + 3 = 5 pixels, so 1 is added, at
    # the end. The windows of 1 2 3 4 0 are 1 2 3 and 3 4 0; a row of three sums them three times,
    # the last window has two rows only.
    picture = torch.tensor([1.0, 2, 3, 4]).expand(1, 1, 4, 4)
    expected = torch.tensor([[[[18.0, 21.0], [12.0, 14.0]]]])
    torch.testing.assert_close(ones(3, 2)(picture), expected)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "sums"),
    [
        (4, 3, 1, [3, 6, 9, 7]),  # 0 1 2 3 4 0
        (4, 5, 2, [10, 9]),  # 0 1 2 3 4 0 0: three pixels are added, one of them before
        (5, 5, 2, [6, 15, 12]),  # 0 0 1 2 3 4 5 0 0
        (5, 3, 2, [3, 9, 9]),  # 0 1 2 3 4 5 0
    ],
)
def test_same_padding_for_other_sizes(size, kernel, stride, sums):
    row = torch.arange(1.0, size + 1)
    picture = torch.zeros(1, 1, size, size)
    picture[0, 0, 0] = row
    found = ones(kernel, stride)(picture)
    assert found.shape == (1, 1, len(sums), len(sums))
    assert found[0, 0, 0].tolist() == sums


def test_the_whole_network_has_the_published_size():
    net = EfficientNetLite()
    # 4.652 million weights are stated for EfficientNet-Lite0 with 1000 classes.
    assert sum(p.numel() for p in net.parameters()) == 4_652_008
    assert len(net.state_dict()) == 296
    shapes = {name: tuple(value.shape) for name, value in net.state_dict().items()}
    assert shapes["_conv_stem.weight"] == (32, 3, 3, 3)
    assert shapes["_blocks.0._depthwise_conv.weight"] == (32, 1, 3, 3)
    assert "_blocks.0._expand_conv.weight" not in shapes
    assert shapes["_blocks.3._expand_conv.weight"] == (144, 24, 1, 1)
    assert shapes["_blocks.3._depthwise_conv.weight"] == (144, 1, 5, 5)
    assert shapes["_blocks.15._project_conv.weight"] == (320, 1152, 1, 1)
    assert shapes["_conv_head.weight"] == (1280, 320, 1, 1)
    assert net._bn1.eps == net._blocks[4]._bn2.eps == 1e-3


def test_features_are_the_last_maps_of_each_size():
    net = EfficientNetLite(classes=7).eval()
    picture = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        maps, outputs, answer = net.features(picture), net.outputs(picture), net(picture)
    assert [tuple(m.shape[1:]) for m in maps] == [
        (16, 32, 32), (24, 16, 16), (40, 8, 8), (112, 4, 4), (320, 2, 2),
    ]  # fmt: skip
    assert outputs.pooled.shape == (2, 1280, 1, 1) and answer.shape == (2, 7)
    torch.testing.assert_close(outputs, (maps, outputs.pooled, answer))
    by_hand = outputs.pooled.flatten(1).numpy() @ net._fc.weight.detach().numpy().T
    by_hand = torch.from_numpy(by_hand) + net._fc.bias.detach()
    torch.testing.assert_close(answer, by_hand)


def test_frozen_parts_keep_their_weights_and_statistics():
    net = EfficientNetLite(frozen=14).train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    rate = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
    net.features(torch.randn(2, 3, 64, 64))[-1].square().sum().backward()
    rate.step()
    changed = {name for name, v in net.state_dict().items() if not torch.equal(v, before[name])}
    assert changed and all(name.startswith(("_blocks.14.", "_blocks.15.")) for name in changed)
    assert "_blocks.14._bn1.running_mean" in changed
    assert all(p.requires_grad for p in EfficientNetLite().parameters())
