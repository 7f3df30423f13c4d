"""One small trainer for every recipe: CPU or CUDA, bf16, resumable, seeded, with a metrics file.

A run lives in a folder: `checkpoint.pt` (network, moving average, optimiser, counters; tensors and
numbers only, read with ``weights_only=True``), `metrics.csv` (a row for each phase) and
`best.safetensors` (the averaged weights with the best accuracy; of the phases that end at the
last phase's sizes). A killed run goes on at the last finished phase with the same data order.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from xfera_nb.classifier.checkpoint import load_tensors
from xfera_nb.errors import ModelError
from xfera_nb.training.augmentation import PLAIN, augment, normalise
from xfera_nb.training.distillation import Distillation, shrink
from xfera_nb.training.labelled_faces import LabelledFaces
from xfera_nb.training.recipes import Phase, Recipe
from xfera_nb.training.run_files import append_row, refuse_foreign_state, save_state

METRICS = ("phase", "images", "rate", "loss", "accuracy", "validation_loss", "size", "seconds")


class Trainer:
    """Train a network by a recipe.

    Parameters
    ----------
    network : nn.Module
        (N, 3, S, S) to (N, 7) logits; trained in place.
    recipe : Recipe
    train, validation : LabelledFaces
        Validation images whose majority is tied are left out.
    extra : LabelledFaces, optional
        A second source, mixed into each batch by the recipe's `extra_share`.
    out : str or Path
        Folder of the run, made if missing.
    seed : int
    device : str
        "cpu" or "cuda".
    bf16 : bool, optional
        Compute in bfloat16 where PyTorch thinks it safe. By default where the hardware has
        bfloat16 of its own: a CPU that only imitates it takes ten times as long as in float32.
    distillation : Distillation, optional
        A teacher whose outputs and features the network is asked to follow as well.
    """

    def __init__(
        self,
        network: nn.Module,
        recipe: Recipe,
        train: LabelledFaces,
        validation: LabelledFaces,
        *,
        out: str | Path,
        extra: LabelledFaces | None = None,
        seed: int = 0,
        device: str = "cpu",
        bf16: bool | None = None,
        distillation: Distillation | None = None,
    ) -> None:
        self.recipe, self.train, self.extra = recipe, train, extra
        self.validation = validation[~validation.tied]
        self.seed, self.device = seed, torch.device(device)
        self.bf16 = has_native_bf16(self.device) if bf16 is None else bf16
        self.out = Path(out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.network = network.to(self.device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = {key: value.clone() for key, value in network.state_dict().items()}
        self.distillation = distillation.to(self.device) if distillation else None
        hints = distillation.hints.parameters() if distillation else ()
        trainable = [*network.parameters(), *hints]
        self.trainable = [parameter for parameter in trainable if parameter.requires_grad]
        self.optimizer = _optimizer(self.trainable, recipe)
        self.done = self.images = self.best_phase = 0
        self.best, self.factor = -1.0, 1.0

    def run(self, *, until: int | None = None, progress: bool = True) -> dict[str, float]:
        """Train from where the run stands to its end, or to phase `until`.

        Returns
        -------
        dict
            The last row of the metrics.

        Raises
        ------
        ModelError
            If the run's checkpoint is damaged or of another network.
        """
        self._resume()
        row: dict[str, float] = {}
        phases = self.recipe.phases[:until]
        for number in range(self.done, len(phases)):
            started = time.monotonic()
            loss = self._phase(phases[number], number, progress)
            size = max(side for side, _ in phases[number].sizes)
            accuracy, validation_loss = self.evaluate(size)
            self.done = number + 1
            self._keep_best(accuracy, size)
            row = {
                "phase": self.done,
                "images": self.images,
                "rate": phases[number].rate[1] * self.factor,
                "loss": loss,
                "accuracy": accuracy,
                "validation_loss": validation_loss,
                "size": size,
                "seconds": time.monotonic() - started,
            }
            self._save(row)
        return row

    def evaluate(self, size: int, batch: int = 64) -> tuple[float, float]:
        """Compute accuracy (0-1) and cross-entropy of the averaged weights on validation faces."""
        weights = {key: value.clone() for key, value in self.network.state_dict().items()}
        self.network.load_state_dict(self.average)
        logits = predict_logits(
            self.network, self.validation, size, batch=batch, device=self.device, bf16=self.bf16
        )
        self.network.load_state_dict(weights)
        targets = torch.from_numpy(self.validation.targets)
        right = logits.argmax(1) == targets.argmax(1)
        return float(right.float().mean()), float(F.cross_entropy(logits, targets))

    def _phase(self, phase: Phase, number: int, progress: bool) -> float:
        torch.manual_seed(self.seed * 1000 + number)
        draw = np.random.default_rng((self.seed, number))
        batch = self.recipe.batch_size
        steps = math.ceil((phase.images or len(self.train)) / batch)
        order = self._order(draw, steps * batch, epoch=phase.images is None)
        sides, shares = zip(*phase.sizes, strict=True)
        self.network.train()
        total, bar = 0.0, tqdm(total=steps * batch, unit="img", disable=not progress, mininterval=5)
        for step in range(steps):
            self._set_rate(phase, step / steps)
            size = int(draw.choice(sides, p=np.array(shares) / sum(shares)))
            rows = order[step * batch : (step + 1) * batch]
            drawn = max(size, self.distillation.size) if self.distillation else size
            x, y = self._batch(rows, drawn, draw, phase.shift_up)
            loss = self._step(x, y, size)
            if phase.averaging or step == steps - 1:
                update_average(self.average, self.network, phase.averaging)
            if not math.isfinite(loss):
                raise ModelError(
                    "The training diverged (the loss is not a number): lower the learning rate."
                )
            total += loss
            self.images += len(x)
            bar.update(len(x))
            bar.set_postfix(phase=number + 1, loss=f"{total / (step + 1):.3f}", refresh=False)
        bar.close()
        return total / steps

    def _step(self, x: Tensor, y: Tensor, size: int) -> float:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            resized = shrink(x, size).contiguous(memory_format=torch.channels_last)
            logits = self.network(resized).float()
            if self.distillation:
                loss = self.distillation.loss(logits, x, y)
            else:
                loss = F.cross_entropy(logits, y)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.trainable, 5.0)
        self.optimizer.step()
        return float(loss.detach())

    def _batch(
        self, rows: np.ndarray, size: int, draw: np.random.Generator, shift_up: float
    ) -> tuple[Tensor, Tensor]:
        extra = self.extra
        from_extra = round(len(rows) * self.recipe.extra_share) if extra else 0
        parts = [self._augment(self.train, rows[from_extra:], size, shift_up)]
        if extra and from_extra:
            weights = _draw_weights(extra, self.recipe.class_power)
            parts.append(self._augment(extra, draw.choice(len(extra), from_extra, p=weights), size))
        return torch.cat([x for x, _ in parts]), torch.cat([y for _, y in parts])

    def _augment(
        self, faces: LabelledFaces, rows: np.ndarray, size: int, shift_up: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        images = torch.from_numpy(faces.images[rows]).unsqueeze(1).to(self.device)
        targets = torch.from_numpy(faces.targets[rows]).to(self.device)
        if not self.recipe.soft_labels:
            targets = F.one_hot(targets.argmax(1), targets.shape[1]).float()
        return augment(images, size, self.recipe.augmentation, faces.zoom, shift_up), targets

    def _order(self, draw: np.random.Generator, count: int, *, epoch: bool) -> np.ndarray:
        if epoch:
            return draw.permutation(len(self.train))
        weights = _draw_weights(self.train, self.recipe.class_power)
        return draw.choice(len(self.train), count, replace=count > len(self.train), p=weights)

    def _set_rate(self, phase: Phase, progress: float) -> None:
        first, last = phase.rate
        rate = last + (first - last) * (1 + math.cos(math.pi * progress)) / 2
        for group in self.optimizer.param_groups:
            group["lr"] = rate * self.factor

    def _keep_best(self, accuracy: float, size: int) -> None:
        final = size == max(side for side, _ in self.recipe.phases[-1].sizes)
        if accuracy > self.best:
            self.best, self.best_phase = accuracy, self.done
            if final:
                weights = {k: v.contiguous().cpu() for k, v in self.average.items()}
                save_file(weights, self.out / "best.safetensors")
        elif self.recipe.patience and self.done - self.best_phase >= self.recipe.patience:
            self.factor, self.best_phase = self.factor / 10, self.done

    def _save(self, row: dict[str, float]) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "counters": {
                key: getattr(self, key)
                for key in ("done", "images", "best", "best_phase", "factor")
            },
        }
        if self.distillation:
            state["hints"] = self.distillation.hints.state_dict()
        save_state(self.out / "checkpoint.pt", state)
        append_row(self.out / "metrics.csv", METRICS, row)

    def _resume(self) -> None:
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return
        state = load_tensors(path, self.device)
        with refuse_foreign_state(path):
            self.network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.average = state["average"]
            if self.distillation:
                self.distillation.hints.load_state_dict(state["hints"])
            for key, value in state["counters"].items():
                setattr(self, key, value)


@torch.no_grad()
def update_average(average: dict[str, Tensor], network: nn.Module, decay: float) -> None:
    """Move an exponential average of a network's weights towards them, in place.

    Parameters
    ----------
    average : dict of str to Tensor
        As `network.state_dict()` has them; whole numbers are copied.
    network : nn.Module
    decay : float
        Share of the average that stays, 0-1.
    """
    for key, value in network.state_dict().items():
        if value.is_floating_point():
            average[key].lerp_(value, 1 - decay)
        else:
            average[key].copy_(value)


def has_native_bf16(device: torch.device) -> bool:
    """Return whether a device computes in bfloat16 itself; False where PyTorch cannot tell."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    # The names are private to PyTorch, so that another version may lack them.
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return device.type == "cpu" and any(
        bool(getattr(torch.cpu, check, lambda: False)()) for check in checks
    )


@torch.inference_mode()
def predict_logits(
    network: nn.Module,
    faces: LabelledFaces,
    size: int,
    *,
    batch: int = 64,
    device: torch.device | str = "cpu",
    bf16: bool = False,
) -> Tensor:
    """Compute logits (N, 7) float32 of faces, not augmented, resized to `size`.

    Leaves `network` in evaluation mode.
    """
    network.eval()
    device = torch.device(device)
    plain: list[Tensor] = []
    for images in _chunks(faces, batch):
        x = torch.from_numpy(images).unsqueeze(1).to(device).float()
        if faces.zoom == 1.0:
            x = normalise(F.interpolate(x, size=size, mode="bilinear"))
        else:
            x = augment(x, size, PLAIN, faces.zoom)
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            plain.append(network(x.contiguous(memory_format=torch.channels_last)).float().cpu())
    return torch.cat(plain)


def _chunks(faces: LabelledFaces, batch: int) -> Iterator[np.ndarray]:
    for start in range(0, len(faces), batch):
        yield faces.images[start : start + batch]


def _draw_weights(faces: LabelledFaces, power: float) -> np.ndarray:
    share = faces.targets.mean(axis=0)
    weights = faces.targets @ np.where(share > 0, share, 1.0) ** -power
    weights = weights.astype(np.float64)
    shares: np.ndarray = weights / weights.sum()
    return shares


def _optimizer(parameters: Sequence[nn.Parameter], recipe: Recipe) -> torch.optim.Optimizer:
    groups = [
        {
            "params": [p for p in parameters if p.ndim > 1],
            "weight_decay": recipe.weight_decay,
        },
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    rate = recipe.phases[0].rate[0]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True)
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(groups, lr=rate)
