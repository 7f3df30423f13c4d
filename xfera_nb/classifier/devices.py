"""Where a network computes: names of devices, checked before anything is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.errors import InputError, ModelError

if TYPE_CHECKING:
    import torch
    from torch import nn

AUTO = "auto"
DEVICES = (AUTO, "cpu", "cuda")
"""The names that menus offer; a numbered one, such as "cuda:1", is taken as well."""


def choose_device(name: str | torch.device = AUTO) -> torch.device:
    """Return the device that a name means; "auto" is the GPU if PyTorch can use one.

    Raises
    ------
    InputError
        If there is no such device by name.
    ModelError
        If PyTorch cannot use it on this computer.
    """
    import torch

    if name == AUTO:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise InputError(f"There is no device {name!r}: choose auto, cpu or cuda.") from error
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise ModelError(
                f"PyTorch sees {count} CUDA devices here, so that {name} cannot be used: leave "
                "device out, or give device='cpu'."
            )
        if device.index is None:  # tensors name their GPU by number
            device = torch.device("cuda", torch.cuda.current_device())
    return device


def device_of(module: nn.Module) -> torch.device:
    """Return the device on which a network's parameters and buffers lie; cpu if it has none.

    Raises
    ------
    ModelError
        If they lie on several devices.
    """
    import torch

    found = {tensor.device for tensor in [*module.parameters(), *module.buffers()]}
    if len(found) > 1:
        names = " and ".join(sorted(map(str, found)))
        raise ModelError(f"The network lies on {names}: move it to one device, or give device=.")
    return found.pop() if found else torch.device("cpu")
