"""Train the builtin network: `python -m xfera_nb.training.au_network --data PATH --out DIR`.

Writes `metrics.csv` (one line an epoch), `builtin.safetensors` and its card `builtin.json`, whose
figures are measured by `xfera_nb.training.au_evaluation` on the stored weights.

Recipe: faces of the split "train" with a confidence of at least 0.7; picture and landmarks are
changed alike (see `Disturbance`). The loss of the linear head, of the deep head and of their mean,
averaged over the AUs, is half the squared error in units of the AU's standard deviation plus
1 - CCC (Lin's concordance) over the batch; as the targets are clipped at 0, a negative output for a
target of 0 is no error. Faces with a confidence under 0.9 count 0.6. AdamW, cosine learning rate,
moving average of the weights; the last average is kept, so that no epoch is picked by its score.

The kernel head is then fitted in closed form (`xfera_nb.training.au_kernel`), in about two minutes;
`--pair FILE` keeps the linear and the deep head of known weights and fits the kernel head only.
`--holdout` keeps a part of the train identities back, to compare recipes on, and then measures on
it instead of on "val".
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from xfera_nb.au_detectors import align
from xfera_nb.au_detectors.card import load_network
from xfera_nb.au_detectors.network import AUNet
from xfera_nb.errors import XferaError
from xfera_nb.training.au_card import as_stored, write_card
from xfera_nb.training.au_evaluation import compare_intensities, measure_figures, predict
from xfera_nb.training.au_faces import REPORT_CONFIDENCE, TRAIN_CONFIDENCE, AUFaces, load_faces
from xfera_nb.training.au_kernel import fit_kernel

WARM_UP = 0.05
LESS_SURE_WEIGHT = 0.6


@dataclass(frozen=True)
class Recipe:
    """Hold the settings of a training; the defaults made the shipped weights."""

    epochs: int = 36
    batch: int = 64
    rate: float = 1.5e-3
    linear_rate: float = 1.5e-3
    decay: float = 0.05
    linear_decay: float = 0.05
    dropout: float = 0.3
    average: float = 0.997
    ridge: float = 0.3
    seed: int = 17


class Disturbance:
    """Change one face at random; it keeps its intensities under all of the changes.

    Mirrored in half the cases. A similarity of sd 2.5 degrees, 3 % scale and 1.2 pixels of the
    square, and sd 0.5 % of the brows' width a landmark (what another landmark detector would
    change). Brightness, contrast and gamma always a little; in a quarter of the cases each a blur
    or a loss of resolution, in a fifth noise.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(
        self, picture: np.ndarray, landmarks: np.ndarray, shape: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        rng = self.rng
        size = float(np.ptp(landmarks[align.FIRST_POINT :, 0])) / 80
        landmarks = landmarks + rng.normal(0, 0.4 * size, landmarks.shape)
        grey, points = align.align(picture, landmarks, shape, self._jitter())
        if rng.random() < 0.5:
            grey, points = align.flip(grey, points)
        return self._look(grey), points

    def _jitter(self) -> np.ndarray:
        angle = np.radians(self.rng.normal(0, 2.5))
        scale = np.exp(self.rng.normal(0, 0.03))
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        centre = np.full(2, (align.SIZE - 1) / 2)
        shift = centre - turn @ centre + self.rng.normal(0, 1.2, 2)
        return np.column_stack([turn, shift])

    def _look(self, grey: np.ndarray) -> np.ndarray:
        rng = self.rng
        if rng.random() < 0.25:
            grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.4, 1.3))
        if rng.random() < 0.25:
            small = int(rng.uniform(45, 100))
            grey = cv2.resize(grey, (small, small), interpolation=cv2.INTER_AREA)
            grey = cv2.resize(grey, (align.SIZE, align.SIZE), interpolation=cv2.INTER_LINEAR)
        tone = np.arange(256) / 255
        tone = tone ** np.exp(rng.normal(0, 0.2))
        tone = (tone - 0.5) * np.exp(rng.normal(0, 0.2)) + 0.5 + rng.normal(0, 0.06)
        grey = cv2.LUT(grey, np.clip(255 * tone, 0, 255).astype(np.uint8))
        if rng.random() < 0.2:
            noise = rng.normal(0, rng.uniform(1, 6), grey.shape)
            grey = np.clip(grey + noise, 0, 255).astype(np.uint8)
        return grey


def compute_loss(output: Tensor, target: Tensor, weight: Tensor, spread: Tensor) -> Tensor:
    """Compute the loss of one head: (N, 17) unclipped, targets 0-5, (N, 1) weights, (17,) sds."""
    weight = weight / weight.sum()
    error = torch.where(target > 0, output - target, output.clamp(min=0)) / spread
    output = output.clamp(min=0)
    mean_a, mean_t = (weight * output).sum(0), (weight * target).sum(0)
    off_a, off_t = output - mean_a, target - mean_t
    both = (weight * off_a * off_t).sum(0)
    parts = (weight * (off_a**2 + off_t**2)).sum(0) + (mean_a - mean_t) ** 2
    ccc = 2 * both / (parts + 1e-4)
    return (0.5 * (weight * error**2).sum(0) + 1 - ccc).mean()


def face_weights(faces: AUFaces) -> np.ndarray:
    """Return how much each face counts, (N,) float64: less where OpenFace was less sure."""
    return np.where(faces.confidence < REPORT_CONFIDENCE, LESS_SURE_WEIGHT, 1.0)


def _groups(net: AUNet, recipe: Recipe) -> list[dict[str, Any]]:
    linear = [p for p in net.linear.parameters() if p.ndim > 1]
    known = {id(p) for p in linear}
    known |= {id(p) for p in net.kernel.parameters()}
    rest = [p for p in net.parameters() if id(p) not in known]
    return [
        {"params": linear, "weight_decay": recipe.linear_decay, "lr": recipe.linear_rate},
        {"params": [p for p in rest if p.ndim > 1], "weight_decay": recipe.decay},
        {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _optimiser(
    net: AUNet, recipe: Recipe, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    optimiser = torch.optim.AdamW(_groups(net, recipe), lr=recipe.rate)
    warm = int(WARM_UP * steps)
    schedules = [
        torch.optim.lr_scheduler.LinearLR(optimiser, 0.05, total_iters=warm),
        torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps - warm),
    ]
    return optimiser, torch.optim.lr_scheduler.SequentialLR(optimiser, schedules, [warm])


def _set_rigid(net: AUNet, train: AUFaces) -> None:
    rigid = align.rigid_shape(train.landmarks, net.mean_shape.numpy())
    net.mean_rigid.copy_(torch.from_numpy(rigid))


def fit(train: AUFaces, check: AUFaces, recipe: Recipe, out: Path) -> AUNet:
    """Train the linear and the deep head on `train`, watching `check`; the averaged network."""
    torch.manual_seed(recipe.seed)
    disturb = Disturbance(recipe.seed)
    net = AUNet(recipe.dropout)
    net.mean_shape.copy_(torch.from_numpy(align.mean_shape(train.landmarks)))
    _set_rigid(net, train)
    for bias in ("linear.1.bias", "last.2.bias"):
        net.get_parameter(bias).data.copy_(torch.from_numpy(train.intensities.mean(0)))
    shape = net.mean_shape.numpy().astype(np.float64)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's own omission
    average = AveragedModel(
        net, multi_avg_fn=get_ema_multi_avg_fn(recipe.average), use_buffers=True
    )
    optimiser, schedule = _optimiser(net, recipe, recipe.epochs * (len(train) // recipe.batch))
    spread = torch.from_numpy(train.intensities.std(0))
    weight = face_weights(train)
    with open(out / "metrics.csv", "w", newline="", encoding="utf-8") as file:
        log = csv.writer(file)
        log.writerow(["epoch", "loss", "check_r", "check_icc", "linear_r", "deep_r", "seconds"])
        for epoch in range(1, recipe.epochs + 1):
            start, losses = time.monotonic(), []
            net.train()
            order = disturb.rng.permutation(len(train))
            batches = order[: len(order) // recipe.batch * recipe.batch].reshape(-1, recipe.batch)
            bar = tqdm(batches, f"epoch {epoch}/{recipe.epochs}", leave=False, disable=None)
            for batch in bar:
                faces = [disturb(train.pictures[i], train.landmarks[i], shape) for i in batch]
                grey = torch.from_numpy(np.stack([f[0] for f in faces]))
                points = torch.from_numpy(np.stack([f[1] for f in faces]))
                target = torch.from_numpy(train.intensities[batch])
                share = torch.from_numpy(weight[batch, None].astype(np.float32))
                heads = net.pair(grey, points)
                each = [compute_loss(h, target, share, spread) for h in (*heads, heads.mean(0))]
                loss = sum(each, torch.zeros(()))
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
                optimiser.step()
                schedule.step()
                average.update_parameters(net)
                losses.append(loss.item())
                bar.set_postfix(loss=f"{np.mean(losses):.3f}")
            outputs = predict(cast(AUNet, average.module), check)
            score = compare_intensities(outputs["pair"], check.intensities)
            alone = [
                compare_intensities(outputs[h], check.intensities)["r"] for h in ("linear", "deep")
            ]
            means = [np.mean(losses), *(np.mean(v) for v in (score["r"], score["icc"], *alone))]
            row = [epoch, *(f"{v:.4f}" for v in means), f"{time.monotonic() - start:.0f}"]
            log.writerow(row)
            file.flush()
            print(*row, file=sys.stderr)
    return cast(AUNet, average.module.eval())


def hold_out(faces: AUFaces, share: float, seed: int) -> tuple[AUFaces, AUFaces]:
    """Split by identity: (the rest, about `share` of the identities)."""
    names = np.unique(faces.identity)
    kept = np.random.default_rng(seed).permutation(names)[: round(share * len(names))]
    mask = np.isin(faces.identity, kept)

    def take(which: np.ndarray) -> AUFaces:
        return AUFaces(
            [p for p, on in zip(faces.pictures, which, strict=True) if on],
            faces.landmarks[which],
            faces.intensities[which],
            faces.confidence[which],
            faces.identity[which],
        )

    return take(~mask), take(mask & (faces.confidence >= REPORT_CONFIDENCE))


def main(arguments: list[str] | None = None) -> None:
    """Train by command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Train the builtin Action Unit network.")
    parser.add_argument("--data", required=True, type=Path, help="folder with faces.csv")
    parser.add_argument("--out", required=True, type=Path, help="folder for weights and card")
    parser.add_argument("--holdout", type=float, default=0.0, help="share of train identities")
    parser.add_argument("--pair", type=Path, help="weights whose linear and deep head are kept")
    parser.add_argument("--notes", help="a sentence for the card")
    parser.add_argument("--threads", type=int, default=1)
    for name, value in asdict(Recipe()).items():
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, type=type(value), default=value, help=f"default {value}")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(**{name: getattr(options, name) for name in asdict(Recipe())})
    train = load_faces(options.data, "train", TRAIN_CONFIDENCE)
    if options.holdout:
        train, check = hold_out(train, options.holdout, recipe.seed)
    else:
        check = load_faces(options.data, "val", REPORT_CONFIDENCE)
    print(f"{len(train)} faces to train on, {len(check)} to watch", file=sys.stderr)
    known, how = None, asdict(recipe)
    if options.pair:
        net, known = load_network(options.pair)
        _set_rigid(net, train)
        how = {name: how[name] for name in ("ridge", "seed")}
    else:
        net = fit(train, check, recipe, options.out)
    fit_kernel(net, train, face_weights(train), recipe.ridge, recipe.seed)
    hours = time.process_time() / 3600
    if options.holdout:
        for part, output in predict(as_stored(net), check).items():
            score = compare_intensities(output, check.intensities)
            print(
                f"{part} r {score['r'].mean():.4f} ICC {score['icc'].mean():.4f}", file=sys.stderr
            )
        return
    measured = measure_figures(as_stored(net), check)
    how["cpu_hours"] = round(hours, 3)
    write_card(net, measured, how, len(train), options.out, pair=known, notes=options.notes)


if __name__ == "__main__":
    try:
        main()
    except XferaError as error:
        sys.exit(str(error))
