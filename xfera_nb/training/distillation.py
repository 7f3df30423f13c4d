"""Distillation: a student network follows a teacher's outputs and its features at three depths.

The target of the cross-entropy is a mixture of the label and of the teacher's probabilities at
temperature 1 (Hinton, Vinyals & Dean 2015); the hints (Romero et al. 2015) are mean squared errors
between the teacher's maps, centred and scaled to a standard deviation of 1 in each batch, and a
linear map of the student's. The teacher gets the same augmented faces as the student, at its own
size, and is not trained. Departure from Romero et al.: hints and outputs are followed at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.training.efficientnet_lite import HEAD, EfficientNetLite
from xfera_nb.training.pretrained import load_pretrained

SIZE = 96
"""Side of the faces that the teacher sees, pixels."""
FROZEN = 3
"""Blocks of the teacher that stay as ImageNet made them: edges are edges."""


class Teacher(EfficientNetLite):
    """Give seven logits by EfficientNet-Lite0, for faces normalised as for the classifier.

    Those have a standard deviation of 0.25 taken out, ImageNet's weights expect 0.5.
    """

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__(classes=len(EMOTIONS), dropout=dropout, frozen=FROZEN)

    def features(self, x: Tensor) -> list[Tensor]:
        """Compute the maps of (N, 3, S, S) faces; see `EfficientNetLite.features`."""
        return super().features(x / 2)


def load_teacher(path: str | Path) -> Teacher:
    """Load the teacher whose weights recipe ``teacher`` wrote.

    Raises
    ------
    ModelError
        If the file cannot be read safely or holds another network.
    """
    teacher = Teacher()
    if load_pretrained(path, teacher).untouched:
        raise ModelError(f"{path} holds no teacher: give best.safetensors of recipe teacher's run.")
    return teacher


class Distillation(nn.Module):
    """Compute the loss of a student that follows a teacher.

    Parameters
    ----------
    teacher : Teacher
        Put into evaluation mode and kept as it is.
    student : nn.Module
        A `ResNet50BAM`, watched at the ends of its last two stages.
    share : float
        Share of the target that the teacher's probabilities take, 0-1.
    weight : float
        Of the hints in the loss.

    Attributes
    ----------
    hints : nn.ModuleDict
        The linear maps from the student's features; they are trained with it and then left.
    size : int
        Side at which `loss` wants the faces at least, pixels.
    """

    def __init__(
        self, teacher: Teacher, student: nn.Module, *, share: float, weight: float
    ) -> None:
        super().__init__()
        self.teacher = teacher.eval().requires_grad_(False)
        self.share, self.weight, self.size = share, weight, SIZE
        self.hints = nn.ModuleDict(
            {"third": _hint(1024, 112), "last": _hint(2048, 320), "pooled": _hint(2048, HEAD)}
        )
        self._features: dict[str, Tensor] = {}
        for name, place in (("third", "bam3"), ("last", "layer4")):
            student.get_submodule(place).register_forward_hook(self._keep(name))

    def loss(self, logits: Tensor, faces: Tensor, labels: Tensor) -> Tensor:
        """Compute the student's loss on a batch that has just passed through it.

        Parameters
        ----------
        logits : Tensor
            (N, 7) float32, the student's.
        faces : Tensor
            (N, 3, S, S) float, normalised, S at least `size`.
        labels : Tensor
            (N, 7) float32, rows summing to 1.

        Returns
        -------
        Tensor
            A number.
        """
        with torch.no_grad():
            shown = self.teacher.outputs(shrink(faces, self.size))
        last = self._features["last"].float()
        pairs = {
            "third": (self._features["third"].float(), shown.maps[-2]),
            "last": (last, shown.maps[-1]),
            "pooled": (last.mean((2, 3), keepdim=True), shown.pooled),
        }
        apart = [
            F.mse_loss(self.hints[name](own), _fit(wanted.float(), own.shape[-1]))
            for name, (own, wanted) in pairs.items()
        ]
        target = torch.lerp(labels, torch.softmax(shown.logits.float(), 1), self.share)
        return F.cross_entropy(logits, target) + self.weight * torch.stack(apart).sum()

    def _keep(self, name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            self._features[name] = output

        return hook


def shrink(faces: Tensor, size: int) -> Tensor:
    """Resize grey faces (N, 3, S, S), three equal channels, to `size` <= S."""
    if faces.shape[-1] == size:
        return faces
    one = F.interpolate(faces[:, :1], size=size, mode="bilinear", antialias=True)
    return one.expand(-1, 3, -1, -1)


def _hint(student: int, teacher: int) -> nn.Sequential:
    """Build a map that starts at zero: at first the hints ask for nothing but the mean."""
    hint = nn.Sequential(nn.BatchNorm2d(student, affine=False), nn.Conv2d(student, teacher, 1))
    for parameter in hint.parameters():
        nn.init.zeros_(parameter)
    return hint


def _fit(maps: Tensor, side: int) -> Tensor:
    """Scale the teacher's maps over the batch and resize them to the student's `side` cells."""
    maps = maps - maps.mean((0, 2, 3), keepdim=True)
    maps = maps / (maps.square().mean().sqrt() + 1e-6)
    if maps.shape[-1] >= side:
        return F.adaptive_avg_pool2d(maps, side)
    return F.interpolate(maps, size=side, mode="bilinear")
