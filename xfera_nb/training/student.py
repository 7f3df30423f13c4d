"""Train ResNet50-BAM with teachers, hiding consistency and weak guidance; resumable.

The loss is, for a batch of faces and for its copy in which a part of each face is hidden
(`xfera_nb.training.erasing`),

    classification + guide * guidance + hide * hiding consistency

Classification is the cross-entropy of both halves against the votes, mixed with the probabilities
of a teacher on the same varied face, not hidden (Hinton, Vinyals & Dean 2015). A weight of 0
leaves a part out: so the controls are made. Each step draws its random numbers from the seed and
its own number, and the loss draws none, so that all weights see the same faces, varied and hidden
alike, in the same order; a run that was stopped goes on exactly where it stood. The rate follows
the number of steps, never the clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
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
    """Hold the settings of a student's training; the defaults are those of the shipped weights.

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
    teacher_share : float
        Of the target, 0-1.
    average : float
        Decay of the moving average of the weights, which is what is kept.
    class_power : float
        Faces are drawn with weight (share of their class) ** -class_power.
    extra_share : float
        Share of the faces drawn from the second source.
    weight_decay, dropout : float
    """

    images: int = 200_000
    batch: int = 32
    rate: tuple[float, float] = (0.01, 0.0003)
    sizes: tuple[tuple[int, float], ...] = ((64, 0.45), (80, 0.3), (112, 0.25))
    hide: float = 0.5
    guide: float = 0.05
    teacher_share: float = 0.7
    average: float = 0.998
    class_power: float = 0.45
    extra_share: float = 0.14
    weight_decay: float = 5e-4
    dropout: float = 0.1

    @property
    def steps(self) -> int:
        """Return the number of steps."""
        return self.images // self.batch


class Teacher(NamedTuple):
    """A network (N, 3, S, S) to (N, 7) logits, and the side S that it is shown."""

    network: nn.Module
    side: int


class Batch(NamedTuple):
    """What one step sees; `varied` is shown to the teacher and, smaller, to the student."""

    varied: Tensor  # (N, 1, 128, 128) float 0-255
    masks: Tensor  # (N, 1, S, S) 0-1
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
        ``weights_only=True``), `student.csv` and `average.safetensors`.
    teachers : sequence of Teacher
        One of them, at random, in each step; without any the votes alone are the target.
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
        self.sources = [faces] if extra is None else [faces, extra]
        self.chances = _chances(self.sources, recipe)
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
        sums, since = np.zeros(3), self.step
        for step in tqdm(range(self.step, last), disable=not progress, mininterval=5):
            rate = self._set_rate()
            sums += self._learn(self.draw(step))
            self.step = step + 1
            decay = min(self.recipe.average, self.step / (self.step + 9))
            update_average(self.average, self.network, decay)
            if self.step % save_every == 0 or self.step == last:
                if not np.isfinite(sums).all():
                    raise ModelError(
                        "The training diverged (the loss is not a number): lower the learning rate."
                    )
                self._save(rate, sums / (self.step - since))
                sums, since = np.zeros(3), self.step
        return self.step

    def draw(self, step: int) -> Batch:
        """Draw the batch of a step; it depends on the seed, the step and the sizes alone."""
        recipe, draw = self.recipe, np.random.default_rng((self.seed, step))
        torch.manual_seed(self.seed * 10_000_019 + step)
        from_extra = draw.random(recipe.batch) < (recipe.extra_share if self.sources[1:] else 0)
        sides, shares = zip(*recipe.sizes, strict=True)
        size = int(draw.choice(sides, p=np.array(shares) / sum(shares)))
        parts = []
        for number, source in enumerate(self.sources):
            count = int((from_extra == number).sum())
            if count:
                rows = draw.choice(len(source), count, p=self.chances[number])
                parts.append((source[rows], *_vary(source[rows], rises=number == 0)))
        varied = torch.cat([pictures for _, pictures, _ in parts])
        landmarks = torch.cat([points for _, _, points in parts])
        return Batch(
            varied,
            draw_masks(landmarks.numpy(), size, draw),
            landmarks,
            torch.from_numpy(np.concatenate([part.active for part, _, _ in parts])),
            torch.from_numpy(np.concatenate([part.faces.targets for part, _, _ in parts])),
            size,
        )

    def _learn(self, batch: Batch) -> np.ndarray:
        recipe, count = self.recipe, len(batch.varied)
        shown = F.interpolate(batch.varied, size=batch.size, mode="bilinear", antialias=True)
        hidden = hide(shown, batch.masks)
        target = self._target(batch)
        both = normalise(torch.cat([shown, hidden]).to(self.device))
        features = self.network.features(both.contiguous(memory_format=torch.channels_last))
        logits = self.network.fc(self.network.dropout(features.mean((2, 3))))
        maps, hidden_maps = class_maps(features, self.network.fc.weight).split(count)
        wanted = landmark_maps(batch.landmarks, batch.active, features.shape[-1])
        labels = batch.targets.argmax(1)
        parts = (
            F.cross_entropy(logits, target.repeat(2, 1)),
            guidance_loss(maps, labels.to(self.device), wanted.to(self.device)),
            hiding_loss(maps, hidden_maps, batch.masks.to(self.device)),
        )
        loss = parts[0]
        for weight, part in zip((recipe.guide, recipe.hide), parts[1:], strict=True):
            if weight:
                loss = loss + weight * part
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        return np.array([float(part.detach()) for part in parts])

    def _target(self, batch: Batch) -> Tensor:
        targets = batch.targets.to(self.device)
        if not self.teachers:
            return targets
        teacher, side = self.teachers[int(torch.randint(len(self.teachers), (1,)))]
        faces = batch.varied
        if side != faces.shape[-1]:
            faces = F.interpolate(faces, size=side, mode="bilinear")
        with torch.no_grad():
            answer = torch.softmax(teacher(normalise(faces.to(self.device))), 1)
        return torch.lerp(targets, answer, self.recipe.teacher_share)

    def _set_rate(self) -> float:
        first, last = self.recipe.rate
        share = self.step / self.recipe.steps
        rate = last + (first - last) * (1 + math.cos(math.pi * share)) / 2
        rate *= min(1.0, (self.step + 1) / 40)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def _save(self, rate: float, losses: np.ndarray) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }
        save_state(self.out / "student.pt", state)
        weights = {key: value.contiguous().cpu() for key, value in self.average.items()}
        save_file(weights, self.out / "average.safetensors")
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


def _vary(faces: MarkedFaces, *, rises: bool) -> tuple[Tensor, Tensor]:
    """Vary faces with their landmarks: (N, 1, 128, 128) float 0-255, (N, 68, 2).

    Mirrored in half the cases; up to 10 degrees, 12 % of scale, 5 % of shift, and for the main
    source up to 12 % upwards; in 15 % of the batches a loss of resolution; contrast and light.
    """
    count = len(faces)
    angle = (torch.rand(count) * 2 - 1) * math.radians(10)
    scale = (1 + (torch.rand(count) * 2 - 1) * 0.12) * faces.faces.zoom
    mirror = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
    shift = (torch.rand(2, count) * 2 - 1) * 0.1
    up = torch.rand(count) * 0.24
    if rises:
        shift[1] += up
    theta = torch.stack([mirror * cos, -sin, shift[0], mirror * sin, cos, shift[1]], 1)
    theta = theta.view(count, 2, 3)
    pictures = torch.from_numpy(faces.faces.images)[:, None].float()
    grid = F.affine_grid(theta, [count, 1, _SHOWN, _SHOWN], align_corners=False)
    varied = F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    if torch.rand(()) < 0.15:
        coarse = int(torch.randint(24, 64, ()))
        varied = F.interpolate(varied, size=coarse, mode="bilinear", antialias=True)
        varied = F.interpolate(varied, size=_SHOWN, mode="bilinear")
    middle = varied.mean((1, 2, 3), keepdim=True)
    contrast, light = ((torch.rand(count, 1, 1, 1) * 2 - 1) * limit for limit in (0.3, 20))
    varied = ((varied - middle) * (1 + contrast) + middle + light).clamp(0, 255)
    off = torch.from_numpy(faces.landmarks) - theta[:, None, :, 2]
    known = off.isfinite().all(2).all(1)
    points = torch.linalg.solve(theta[:, :, :2], off.nan_to_num(0).transpose(1, 2)).transpose(1, 2)
    return varied, torch.where(known[:, None, None], points, torch.nan)
