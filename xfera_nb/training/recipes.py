"""Named ways to train the classifier; `RECIPES` holds them all.

`paper` is what the XFERa paper says (section 2): Adam, learning rate 1e-5, batches of 64, at most
100 epochs, the rate divided by 10 after 5 epochs without a better accuracy; it expects a
VGGFace2-pretrained start and RAF-DB.

The others are what two CPU cores had time for; all take soft labels from the votes of FER+.
`cpu_mixed`, then `cpu` from its weights, gave the first shipped weights: the plain network at mixed
small sizes, then half resolution (see `ResNet50BAM`) at 224, the size that is used, because batch
normalisation trained at one size fails at another. `teacher` fits an EfficientNet-Lite0 that knows
ImageNet to the faces; `distilled` and then `distilled_half` train ResNet50-BAM further under it.
`mobilenet` fine-tunes a MobileNet v1 that knows the faces of VGGFace2; under it, recipe ``student``
(`xfera_nb.training.student`) makes the maps of ResNet50-BAM true decompositions of its logits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from xfera_nb.training.augmentation import Augmentation


@dataclass(frozen=True)
class Phase:
    """Describe a stretch of training, evaluated and saved at its end.

    Attributes
    ----------
    images : int or None
        Images seen; None for each training image once (an epoch).
    sizes : tuple of (int, float)
        Input sizes in pixels with the share of the batches that each gets.
    rate : tuple of (float, float)
        Learning rate at the start and the end; a half cosine between.
    shift_up : float
        Largest share of the side by which the main source's faces are moved up: FER+ cuts the
        chin, so that its faces lie lower (eyes at 0.40 of the height) than in the toolkit's own
        crop (0.30).
    averaging : float
        Decay at each step of the moving average of the weights that is evaluated and kept; 0 keeps
        the weights themselves.
    """

    images: int | None
    sizes: tuple[tuple[int, float], ...]
    rate: tuple[float, float]
    shift_up: float = 0.0
    averaging: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """Describe a training run, except for its data, its start and its seed.

    Attributes
    ----------
    optimizer : str
        "adam", "adamw" or "sgd" (Nesterov momentum 0.9).
    phases : tuple of Phase
    batch_size : int
    patience : int or None
        Phases without a better accuracy before the rate is divided by 10; None keeps the rates
        that the phases state.
    soft_labels : bool
        Vote shares as targets; otherwise the majority.
    class_power : float
        Images are drawn with weight (share of their class) ** -class_power: 0 as they come, 1 all
        classes alike.
    extra_share : float
        Share of each batch from the second source of faces, if one is given.
    weight_decay, dropout : float
    half_resolution : bool
        Trains `ResNet50BAM` at half resolution.
    augmentation : Augmentation
    network : str
        "resnet50_bam", "efficientnet_lite0" or "mobilenet_v1".
    teacher_share, hints : float
        With a teacher, the share of the target that its probabilities take and the weight of its
        features in the loss (see `Distillation`).
    """

    optimizer: str
    phases: tuple[Phase, ...]
    batch_size: int = 64
    patience: int | None = None
    soft_labels: bool = True
    class_power: float = 0.0
    extra_share: float = 0.0
    weight_decay: float = 0.0
    dropout: float = 0.0
    half_resolution: bool = False
    augmentation: Augmentation = field(default_factory=Augmentation)
    network: str = "resnet50_bam"
    teacher_share: float = 0.0
    hints: float = 0.0

    @property
    def needs_teacher(self) -> bool:
        """Return whether the network follows a teacher."""
        return self.teacher_share > 0 or self.hints > 0


_MIXED = ((64, 0.3), (96, 0.4), (128, 0.25), (160, 0.05))
_FULL = ((224, 1.0),)
_COMMON: Mapping[str, Any] = {
    "class_power": 0.3,
    "extra_share": 0.15,
    "weight_decay": 5e-4,
    "dropout": 0.2,
}
_SLIGHT = Augmentation(rotation=10, zoom=0.12, shift=0.05, coarsen=0.12, contrast=0.3, erase=0.15)
_DISTILLED: Mapping[str, Any] = {
    "class_power": 0.4,
    "extra_share": 0.12,
    "weight_decay": 5e-4,
    "dropout": 0.1,
    "augmentation": _SLIGHT,
    "teacher_share": 0.6,
    "hints": 0.3,
}
_HIGH_RATES = (0.04, 0.0395, 0.038, 0.035, 0.032, 0.0285, 0.021, 0.0165, 0.0098)
_LOW_RATES = (0.0098, 0.006, 0.0027, 0.002)


def _phases(
    images: int, sizes: tuple[tuple[int, float], ...], averaging: float, *rates: float
) -> tuple[Phase, ...]:
    """Build phases of `images` faces each, one from each rate to the next."""
    pairs = zip(rates, rates[1:], strict=False)
    return tuple(Phase(images, sizes, pair, shift_up=0.12, averaging=averaging) for pair in pairs)


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "paper": Recipe(
            optimizer="adam",
            phases=(Phase(None, _FULL, (1e-5, 1e-5)),) * 100,
            patience=5,
            soft_labels=False,
        ),
        "cpu_mixed": Recipe(
            optimizer="sgd",
            phases=(Phase(12_800, _MIXED, (0.03, 0.03), averaging=0.995),) * 4,
            **_COMMON,
        ),
        "cpu": Recipe(
            optimizer="sgd",
            phases=(
                Phase(9_600, _FULL, (0.02, 0.015), shift_up=0.12, averaging=0.98),
                Phase(9_600, _FULL, (0.015, 0.006), shift_up=0.12, averaging=0.98),
                Phase(14_400, _FULL, (0.008, 0.0), shift_up=0.12, averaging=0.98),
            ),
            half_resolution=True,
            **_COMMON,
        ),
        "teacher": Recipe(
            optimizer="adamw",
            phases=(
                *_phases(3_200, ((96, 1.0),), 0.99, 0.0, 1e-3),
                *_phases(36_160, ((96, 1.0),), 0.99, 1e-3, 2e-5),
                *_phases(3_200, ((96, 1.0),), 0.99, 2e-5, 1e-3),
                *_phases(35_104, ((96, 1.0),), 0.99, 1e-3, 5e-4, 2e-5),
            ),
            class_power=0.4,
            extra_share=0.12,
            weight_decay=0.02,
            dropout=0.2,
            augmentation=_SLIGHT,
            network="efficientnet_lite0",
        ),
        "mobilenet": Recipe(
            optimizer="adamw",
            phases=(
                *_phases(3_200, ((112, 1.0),), 0.998, 0.0, 1e-3),
                *_phases(28_000, ((112, 1.0),), 0.998, 1e-3, 8.5e-4, 5e-4, 1.5e-4, 1e-5),
                *_phases(1_600, ((144, 1.0),), 0.998, 0.0, 4e-4),
                *_phases(20_000, ((144, 1.0),), 0.998, 4e-4, 2e-4, 8e-6),
            ),
            class_power=0.4,
            extra_share=0.12,
            weight_decay=0.02,
            dropout=0.3,
            augmentation=_SLIGHT,
            network="mobilenet_v1",
        ),
        "distilled": Recipe(
            optimizer="sgd",
            phases=(
                *_phases(6_400, ((64, 1.0),), 0.995, 0.0, 0.04),
                *_phases(35_200, ((64, 1.0),), 0.995, *_HIGH_RATES),
                *_phases(34_688, ((64, 0.5), (80, 0.3), (96, 0.2)), 0.995, *_LOW_RATES),
            ),
            **_DISTILLED,
        ),
        "distilled_half": Recipe(
            optimizer="sgd",
            phases=_phases(9_984, _FULL, 0.99, 6e-3, 3e-3, 2e-4),
            half_resolution=True,
            **{**_DISTILLED, "class_power": 0.5},
        ),
    }
)
