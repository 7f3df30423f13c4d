"""EfficientNet-Lite0: padding by hand, shapes, names, cuts, freezing, what the loader refuses."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from xfera_nb.efficientnet_lite import EfficientNetLite, SameConv, load_start
from xfera_nb.errors import ModelError


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
        maps, told, answer = net.features(picture), net.told(picture), net(picture)
    assert [tuple(m.shape[1:]) for m in maps] == [
        (16, 32, 32), (24, 16, 16), (40, 8, 8), (112, 4, 4), (320, 2, 2),
    ]  # fmt: skip
    assert told.pooled.shape == (2, 1280, 1, 1) and answer.shape == (2, 7)
    torch.testing.assert_close(told, (maps, told.pooled, answer))
    by_hand = told.pooled.flatten(1).numpy() @ net._fc.weight.detach().numpy().T
    by_hand = torch.from_numpy(by_hand) + net._fc.bias.detach()
    torch.testing.assert_close(answer, by_hand)


def test_a_cut_network_gives_the_maps_of_the_whole_one():
    whole, cut = EfficientNetLite().eval(), EfficientNetLite(blocks=11).eval()
    cut.load_state_dict({k: v for k, v in whole.state_dict().items() if k in cut.state_dict()})
    picture = torch.randn(1, 3, 112, 112)
    with torch.inference_mode():
        short, full = cut.features(picture), whole.features(picture)
    assert cut.channels == 112 and short[-1].shape == (1, 112, 7, 7)
    for a, b in zip(short, full, strict=False):
        torch.testing.assert_close(a, b)
    with pytest.raises(ValueError, match="no head"):
        cut(picture)


@pytest.mark.parametrize("arguments", [{"blocks": 0}, {"blocks": 17}, {"blocks": 3, "frozen": 4}])
def test_impossible_sizes_are_refused(arguments):
    with pytest.raises(ValueError, match="1 to 16"):
        EfficientNetLite(**arguments)


def test_frozen_parts_keep_their_weights_and_statistics():
    net = EfficientNetLite(blocks=3, frozen=1).train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    rate = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
    net.features(torch.randn(2, 3, 32, 32))[-1].square().sum().backward()
    rate.step()
    changed = {name for name, v in net.state_dict().items() if not torch.equal(v, before[name])}
    assert changed and all(name.startswith(("_blocks.1.", "_blocks.2.")) for name in changed)
    assert "_blocks.1._bn1.running_mean" in changed
    assert all(p.requires_grad for p in EfficientNetLite(blocks=1).parameters())


@pytest.fixture(scope="module")
def published() -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    return EfficientNetLite().state_dict()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_both_kinds_of_file_are_read(published, tmp_path, suffix):
    path = tmp_path / f"start{suffix}"
    torch.save(published, path) if suffix == ".pth" else save_file(published, path)
    net = load_start(path, EfficientNetLite(classes=7))
    torch.testing.assert_close(net._conv_head.weight, published["_conv_head.weight"])
    assert net._fc.out_features == 7  # the file's thousand classes are left out
    cut = load_start(path, EfficientNetLite(blocks=5))
    name = "_blocks.4._project_conv.weight"
    torch.testing.assert_close(cut.state_dict()[name], published[name])
    thousand = load_start(path, EfficientNetLite())
    torch.testing.assert_close(thousand._fc.weight, published["_fc.weight"])


def test_files_that_do_not_fit_are_refused(published, tmp_path):
    net = EfficientNetLite(blocks=2)
    path = tmp_path / "start.pth"
    with pytest.raises(ModelError, match="missing: check the path"):
        load_start(path, net)
    path.write_bytes(b"no tensors")
    with pytest.raises(ModelError, match="no readable file of tensors"):
        load_start(path, net)
    torch.save({"_conv_stem.weight": 3}, path)
    with pytest.raises(ModelError, match="not a state dict"):
        load_start(path, net)
    torch.save({"conv1.weight": torch.zeros(2)}, path)
    with pytest.raises(ModelError, match="no EfficientNet-Lite0 .*first _conv_stem.weight"):
        load_start(path, net)
    torch.save(published | {"_bn0.bias": torch.zeros(31)}, path)
    with pytest.raises(ModelError, match="1 tensors are missing or of another shape, first _bn0"):
        load_start(path, net)
    torch.save(published | {"_bn0.bias": torch.full((32,), torch.nan)}, path)
    with pytest.raises(ModelError, match="not finite"):
        load_start(path, net)
    broken = path.with_suffix(".safetensors")
    broken.write_bytes(b"no tensors")
    with pytest.raises(ModelError, match="no readable file of tensors"):
        load_start(broken, net)


def test_a_file_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "start.pth"
    torch.save({"_bn0.bias": pytest.raises}, path)
    with pytest.raises(ModelError, match="tensors alone"):
        load_start(path, EfficientNetLite(blocks=1))
