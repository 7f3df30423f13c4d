"""Four bits a value: what comes back, and what does not fit."""

from __future__ import annotations

import pytest
import torch

from xfera_nb.au_detectors.packed import pack, round_to_packed, unpack


def test_whole_multiples_come_back_exactly():
    # The largest is 3.5 = 7 x 0.5.
    values = torch.tensor([[3.5, -3.5, 0.5, 0.0, -1.0]])
    packed, scale = pack(values)
    assert packed.dtype == torch.uint8 and packed.shape == (1, 3)
    assert scale.tolist() == [0.5]
    torch.testing.assert_close(unpack(packed, scale, 5), values, rtol=0, atol=0)


def test_rounding_errs_by_half_a_step_and_is_done_once():
    torch.manual_seed(1)
    values = torch.randn(50, 301) * torch.rand(50, 1)
    rounded = round_to_packed(values)
    scale = pack(rounded)[1][:, None]
    torch.testing.assert_close(unpack(*pack(rounded), 301), rounded)
    inside = values.abs() <= 7 * scale
    assert 0.99 < inside.float().mean() < 1
    assert ((rounded - values).abs() / scale)[inside].max() <= 0.5 + 1e-4
    assert (rounded.abs() <= 7.001 * scale).all()


def test_a_row_of_zeros_stays_one():
    assert (round_to_packed(torch.zeros(2, 4)) == 0).all()


def test_other_shapes_are_refused():
    packed, scale = pack(torch.randn(3, 6))
    for wrong in ((packed, scale, 9), (packed, scale[:2], 6), (packed[0], scale, 6)):
        with pytest.raises(ValueError, match="belong together"):
            unpack(*wrong)
