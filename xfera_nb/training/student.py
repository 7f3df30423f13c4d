"""Train ResNet50-BAM with teachers, hiding consistency and weak guidance; resumable.

The loss is, for a batch of faces and for its copy in which a part of each face is hidden
(`xfera_nb.training.erasing`),

    classification + guide * guidance + hide * hiding consistency

Classification is the cross-entropy of both halves against the votes, mixed with the mean
probabilities of the teachers on the same varied face (Hinton, Vinyals & Dean 2015), for the copy on
the copy: a mouth that nobody sees should not be answered for. A weight of 0 leaves a part out: so
the controls are made. Each step draws its random numbers from the seed and
its own number, and the loss draws none, so that all weights see the same faces, varied and hidden
alike, in the same order; a run that was stopped goes on exactly where it stood. The rate follows
the number of steps, never the clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from xfera_nb.classifier.checkpoint import load_tensors
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.training.augmentation import normalise
from xfera_nb.training.erasing import draw_masks, hide
from xfera_nb.training.guidance import guidance_loss, landmark_maps
from xfera_nb.training.hiding import class_maps, hiding_loss
from xfera_nb.training.marked_faces import MarkedFaces
from xfera_nb.training.run_files import append_row, refuse_foreign_state, save_state
from xfera_nb.training.trainer import update_average

COLUMNS = ("step", "images", "rate", "classification", "guidance", "hiding")
_SHOWN = 128  # side at which faces are varied once, for the teacher and the student alike


@dataclass(frozen=True)
class StudentRecipe:
    """Hold the settings of a student's training.

    Attributes
    ----------
    images : int
        Faces seen; each is also seen with a part hidden.
    batch : int
    rate : tuple of (float, float)
        Learning rate at the start and the end; a half cosine between, after 40 steps of warm-up.
    sizes : tuple of (int, float)
        Sides in pixels with the share of the batches that each gets.
    hide, guide : float
        Weights of hiding consistency and of guidance; 0 leaves it out.
    teacher_share, hidden_share : float
        Of the target, 0-1: of the face, and of the copy with a part hidden.
    average : float
        Decay of the moving average of the weights, which is what is kept.
    class_power : float
        Faces are drawn with weight (share of their class) ** -class_power.
    extra_share : float
        Share of the faces drawn from the second source.
    weight_decay, dropout : float
    """

    images: int = 870_400
    batch: int = 256
    rate: tuple[float, float] = (0.12, 0.0)
    sizes: tuple[tuple[int, float], ...] = ((112, 1.0),)
    hide: float = 0.7
    guide: float = 0.05
    teacher_share: float = 0.7
    hidden_share: float = 0.8
    average: float = 0.998
    class_power: float = 0.6
    extra_share: float = 0.14
    weight_decay: float = 5e-4
    dropout: float = 0.1

    @property
    def steps(self) -> int:
        """Return the number of steps."""
        return self.images // self.batch


STUDENT_RECIPES: Mapping[str, StudentRecipe] = MappingProxyType(
    {
        "student": StudentRecipe(),
        "student_longer": StudentRecipe(images=332_800, rate=(0.06, 0.0), hide=0.4, guide=0.03),
    }
)
"""How the shipped weights were trained: one after the other."""


class Teacher(NamedTuple):
    """A network (N, 3, S, S) to (N, 7) logits, and the side S that it is shown."""

    network: nn.Module
    side: int


class Batch(NamedTuple):
    """What one step sees; `varied` is shown to the teacher and, smaller, to the student."""

    varied: Tensor  # (N, 1, 128, 128) float 0-255
    hidden: Tensor  # the same with a part hidden
    masks: Tensor  # (N, 1, 128, 128) 0-1
    landmarks: Tensor  # (N, 68, 2) in the varied picture, -1 to 1
    active: Tensor  # (N, 68) bool
    targets: Tensor  # (N, 7)
    size: int  # S


class StudentTraining:
    """Train a student from wherever the run in `out` stands.

    Parameters
    ----------
    network : ResNet50BAM
        The start, at half resolution; trained in place at half the sizes' pixels (its first
        averaging is left out, which is the same as showing it twice the size).
    recipe : StudentRecipe
    faces : MarkedFaces
    out : Path
        Folder of the run: `student.pt` (tensors and numbers only, read with
        ``weights_only=True``), `student.csv`, `average.safetensors` and, at the end,
        `final.safetensors` (see `measure_norms`).
    teachers : sequence of Teacher
        Their mean is the target's; without any the votes alone are the target.
    extra : MarkedFaces, optional
        A second source.
    seed : int
    device : str
        "cpu" or "cuda".
    """

    def __init__(
        self,
        network: ResNet50BAM,
        recipe: StudentRecipe,
        faces: MarkedFaces,
        *,
        out: Path,
        teachers: Sequence[Teacher] = (),
        extra: MarkedFaces | None = None,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        self.recipe, self.out, self.seed = recipe, Path(out), seed
        self.device = torch.device(device)
        sources = [faces] if extra is None else [faces, extra]
        self.sources = [_Source(source, self.device) for source in sources]
        self.chances = _chances(sources, recipe)
        network.shrink = nn.Identity()
        network.dropout = nn.Dropout(recipe.dropout)
        self.network = network.to(self.device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.teachers = [
            Teacher(network.to(self.device).eval().requires_grad_(False), side)
            for network, side in teachers
        ]
        self.average = {key: value.clone() for key, value in network.state_dict().items()}
        wide = [p for p in network.parameters() if p.ndim > 1]
        narrow = [p for p in network.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.SGD(
            [
                {"params": wide, "weight_decay": recipe.weight_decay},
                {"params": narrow, "weight_decay": 0.0},
            ],
            lr=recipe.rate[0],
            momentum=0.9,
            nesterov=True,
        )
        self.step = 0

    def run(self, *, until: int | None = None, save_every: int = 100, progress: bool = True) -> int:
        """Train to the end, or to step `until`; return the step reached.

        Raises
        ------
        ModelError
            The run's state is damaged or of another network, or the training diverged.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        self._resume()
        self.network.train()
        last = min(self.recipe.steps, until or self.recipe.steps)
        sums, since = torch.zeros(3, device=self.device), self.step
        for step in tqdm(range(self.step, last), disable=not progress, mininterval=5):
            rate = self._set_rate()
            sums += self._learn(self.draw(step))
            self.step = step + 1
            decay = min(self.recipe.average, self.step / (self.step + 9))
            update_average(self.average, self.network, decay)
            if self.step % save_every == 0 or self.step == last:
                if not sums.isfinite().all():
                    raise ModelError(
                        "The training diverged (the loss is not a number): lower the learning rate."
                    )
                self._save(rate, (sums / (self.step - since)).tolist())
                sums, since = torch.zeros_like(sums), self.step
        if self.step == self.recipe.steps:
            _save_weights(self.out / "final.safetensors", self.measure_norms())
        return self.step

    def measure_norms(self, batches: int = 60) -> dict[str, Tensor]:
        """Return the averaged weights with batch norms between those of training and whole faces.

        Training normalises faces and their copies together, so that its statistics are those of
        faces of which half miss a part. The mean of these and of the statistics on whole faces
        keeps the accuracy and makes the maps of whole faces truer (docs/training.md).
        """
        network = self.network
        kept = {key: value.clone() for key, value in network.state_dict().items()}
        network.load_state_dict(self.average)
        norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the plain mean over the batches
        network.train()
        with torch.inference_mode(), self._mixed_precision():
            for number in range(batches):
                batch = self.draw(self.recipe.steps + number)
                network.features(self._show(batch.varied, batch.size))
        settled = {key: value.clone() for key, value in self.average.items()}
        for key, value in network.state_dict().items():
            if key.endswith(("running_mean", "running_var")):
                settled[key] = (settled[key] + value) / 2
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        network.load_state_dict(kept)
        return settled

    def draw(self, step: int) -> Batch:
        """Draw the batch of a step; it depends on the seed, the step and the device alone."""
        recipe, draw = self.recipe, np.random.default_rng((self.seed, step))
        torch.manual_seed(self.seed * 10_000_019 + step)
        from_extra = draw.random(recipe.batch) < (recipe.extra_share if self.sources[1:] else 0)
        sides, shares = zip(*recipe.sizes, strict=True)
        size = int(draw.choice(sides, p=np.array(shares) / sum(shares)))
        parts = []
        for number, source in enumerate(self.sources):
            count = int((from_extra == number).sum())
            if count:
                rows = draw.choice(len(source.targets), count, p=self.chances[number])
                parts.append(source.vary(torch.from_numpy(rows), rises=number == 0))
        varied, landmarks, active, targets = (torch.cat(part) for part in zip(*parts, strict=True))
        masks = draw_masks(landmarks, _SHOWN)
        return Batch(varied, hide(varied, masks), masks, landmarks, active, targets, size)

    def _learn(self, batch: Batch) -> Tensor:
        recipe, count = self.recipe, len(batch.varied)
        both = torch.cat([batch.varied, batch.hidden])
        target = self._target(both, batch.targets)
        with self._mixed_precision():
            features = self.network.features(self._show(both, batch.size))
        features = features.float()
        logits = self.network.fc(self.network.dropout(features.mean((2, 3))))
        maps, hidden_maps = class_maps(features, self.network.fc.weight).split(count)
        wanted = landmark_maps(batch.landmarks, batch.active, features.shape[-1])
        parts = (
            F.cross_entropy(logits, target),
            guidance_loss(maps, batch.targets.argmax(1), wanted),
            hiding_loss(maps, hidden_maps, batch.masks),
        )
        loss = parts[0]
        for weight, part in zip((recipe.guide, recipe.hide), parts[1:], strict=True):
            if weight:
                loss = loss + weight * part
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        return torch.stack([part.detach() for part in parts])

    @staticmethod
    def _show(faces: Tensor, size: int) -> Tensor:
        shown = F.interpolate(faces, size=size, mode="bilinear", antialias=True)
        return normalise(shown).contiguous(memory_format=torch.channels_last)

    def _target(self, both: Tensor, targets: Tensor) -> Tensor:
        """Return the target of the faces and of their copies, (2N, 7)."""
        targets = targets.repeat(2, 1)
        if not self.teachers:
            return targets
        answer = torch.zeros_like(targets)
        with torch.no_grad(), self._mixed_precision():
            for teacher, side in self.teachers:
                faces = both
                if side != both.shape[-1]:
                    faces = F.interpolate(both, size=side, mode="bilinear")
                faces = normalise(faces).contiguous(memory_format=torch.channels_last)
                answer += torch.softmax(teacher(faces).float(), 1) / len(self.teachers)
        shares = torch.ones(len(both), 1, device=self.device)
        shares[: len(both) // 2] *= self.recipe.teacher_share
        shares[len(both) // 2 :] *= self.recipe.hidden_share
        return torch.lerp(targets, answer, shares)

    def _mixed_precision(self) -> torch.autocast:
        on = self.device.type == "cuda"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=on)

    def _set_rate(self) -> float:
        first, last = self.recipe.rate
        share = self.step / self.recipe.steps
        rate = last + (first - last) * (1 + math.cos(math.pi * share)) / 2
        rate *= min(1.0, (self.step + 1) / 40)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def _save(self, rate: float, losses: list[float]) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }
        save_state(self.out / "student.pt", state)
        _save_weights(self.out / "average.safetensors", self.average)
        numbers = (self.step, self.step * self.recipe.batch, rate, *losses)
        append_row(self.out / "student.csv", COLUMNS, dict(zip(COLUMNS, numbers, strict=True)))

    def _resume(self) -> None:
        path = self.out / "student.pt"
        if not path.exists():
            return
        state = load_tensors(path, self.device)
        with refuse_foreign_state(path):
            self.network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.average, self.step = state["average"], int(state["step"])


def _save_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    save_file({key: value.contiguous().cpu() for key, value in weights.items()}, path)


def control(recipe: StudentRecipe, name: str) -> StudentRecipe:
    """Return the recipe of a control: "no hiding", "no guidance" or "neither".

    Raises
    ------
    KeyError
        Another name.
    """
    changes = {
        "no hiding": {"hide": 0.0},
        "no guidance": {"guide": 0.0},
        "neither": {"hide": 0.0, "guide": 0.0},
    }[name]
    return replace(recipe, **changes)  # type: ignore[arg-type]


def _chances(sources: Sequence[MarkedFaces], recipe: StudentRecipe) -> list[np.ndarray]:
    """Return how likely each face of each source is drawn; the classes are counted over all."""
    share = np.concatenate([source.faces.targets for source in sources]).mean(0)
    rarity = np.where(share > 0, share, 1.0) ** -recipe.class_power
    weights = [(source.faces.targets @ rarity).astype(np.float64) for source in sources]
    return [weight / weight.sum() for weight in weights]


class _Source:
    """Faces with their landmarks on a device."""

    def __init__(self, faces: MarkedFaces, device: torch.device) -> None:
        arrays = (faces.faces.images, faces.landmarks, faces.active, faces.faces.targets)
        self.images, self.landmarks, self.active, self.targets = (
            torch.from_numpy(array).to(device) for array in arrays
        )
        self.zoom = faces.faces.zoom

    def vary(self, rows: Tensor, *, rises: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Vary faces: (N, 1, 128, 128) float 0-255, (N, 68, 2), (N, 68) active, (N, 7) targets.

        Mirrored in half the cases; up to 12 degrees, 15 % of scale, 6 % of shift, and if the
        source `rises` up to 12 % upwards; in 15 % of the batches a loss of resolution; contrast
        and light.
        """
        device, count = self.images.device, len(rows)
        rows = rows.to(device)

        def draw(limit: float, *shape: int) -> Tensor:
            return (torch.rand(*shape, device=device) * 2 - 1) * limit

        angle = draw(math.radians(12), count)
        scale = (1 + draw(0.15, count)) * self.zoom
        mirror = draw(1, count).sign()
        cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
        shift = draw(0.12, 2, count)
        up = torch.rand(count, device=device) * 0.24
        if rises:
            shift[1] += up
        theta = torch.stack([mirror * cos, -sin, shift[0], mirror * sin, cos, shift[1]], 1)
        theta = theta.view(count, 2, 3)
        pictures = self.images[rows][:, None].float()
        grid = F.affine_grid(theta, [count, 1, _SHOWN, _SHOWN], align_corners=False)
        varied = F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
        if float(torch.rand(())) < 0.15:
            coarse = int(torch.randint(24, 64, ()))
            varied = F.interpolate(varied, size=coarse, mode="bilinear", antialias=True)
            varied = F.interpolate(varied, size=_SHOWN, mode="bilinear")
        middle = varied.mean((1, 2, 3), keepdim=True)
        contrast, light = (draw(limit, count, 1, 1, 1) for limit in (0.3, 20))
        varied = ((varied - middle) * (1 + contrast) + middle + light).clamp(0, 255)
        # NaN stays NaN: a face without landmarks has none after the variation either.
        off = (self.landmarks[rows] - theta[:, None, :, 2]).transpose(1, 2)
        points = (torch.linalg.inv(theta[:, :, :2]) @ off).transpose(1, 2)
        return varied, points, self.active[rows], self.targets[rows]
