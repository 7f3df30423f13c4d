"""Train the builtin network: `python -m xfera_nb.training.au_network --data PATH ...`.

    python -m xfera_nb.training.au_network --data PATH --features FILE --out DIR

Writes `builtin.safetensors` and its card `builtin.json`, whose figures are measured by
`xfera_nb.training.au_evaluation` on the stored weights.

The MobileNet's first blocks are taken over as they are from `--features`, a teacher of the
classifier (recipe ``mobilenet``) or the published network; everything else is fitted in closed form
(`xfera_nb.training.au_kernel`) to the faces of the split "train" with a confidence of at least 0.7
and one disturbed copy of each (`xfera_nb.training.disturbance`): blurred,
dark and small faces too. The features are kept in the folder, so that a run that was stopped goes
on. `--holdout` keeps a part of the train identities back, to compare settings on, and measures on
it instead of on "val".
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from xfera_nb.au_detectors import align
from xfera_nb.au_detectors.face_maps import FaceMaps
from xfera_nb.au_detectors.network import AUNet
from xfera_nb.errors import XferaError
from xfera_nb.training.au_card import as_stored, write_card
from xfera_nb.training.au_evaluation import compare_intensities, measure_figures, predict
from xfera_nb.training.au_faces import REPORT_CONFIDENCE, TRAIN_CONFIDENCE, AUFaces, load_faces
from xfera_nb.training.au_kernel import (
    extract_disturbed,
    extract_features,
    fit_kernel,
    reduce_cells,
)
from xfera_nb.training.mobilenet import MobileNetTeacher, load_tfjs
from xfera_nb.training.pretrained import load_pretrained

LESS_SURE_WEIGHT = 0.6
COPIES = ("plain", "disturbed")


@dataclass(frozen=True)
class Recipe:
    """Hold the settings of a training; the defaults made the shipped weights.

    Attributes
    ----------
    ridge : float
        Penalty of the regression.
    disturbed : float
        How much the disturbed copies count, 0-1; the plain faces count the rest.
    seed : int
    """

    ridge: float = 0.2
    disturbed: float = 0.3
    seed: int = 17


def copy_maps(teacher: MobileNetTeacher, maps: FaceMaps) -> None:
    """Give `maps` the teacher's first layers, their normalisations merged into the convolutions.

    Three equal channels become one. The channels' means differ by 10 of 255, which the equal
    contrast of the faces makes meaningless.
    """
    with torch.no_grad():
        for layer, (conv, norm) in zip(maps.layers, teacher.layers(), strict=False):
            mean, variance = norm.get_buffer("running_mean"), norm.get_buffer("running_var")
            scale = norm.weight / (variance + norm.eps).sqrt()
            kernel = conv.weight * scale.view(-1, 1, 1, 1)
            weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
            alike = kernel.shape == weight.shape
            weight.copy_((kernel if alike else kernel.sum(1, True)).half())
            bias.copy_(norm.bias - mean * scale)


def load_features(path: Path) -> MobileNetTeacher:
    """Load a teacher's weights, or the published network's.

    Raises
    ------
    ModelError
        If the file cannot be read or holds another network.
    """
    if path.suffix == ".json":
        return load_tfjs(path)
    teacher = MobileNetTeacher()
    load_pretrained(path, teacher)
    return teacher.eval()


def face_weights(faces: AUFaces) -> np.ndarray:
    """Return how much each face counts, (N,) float64: less where OpenFace was less sure."""
    return np.where(faces.confidence < REPORT_CONFIDENCE, LESS_SURE_WEIGHT, 1.0)


def fit(train: AUFaces, teacher: MobileNetTeacher, recipe: Recipe, out: Path) -> AUNet:
    """Fit a network to faces; the features are kept in `out`."""
    net = AUNet().eval()
    net.mean_shape.copy_(torch.from_numpy(align.mean_shape(train.landmarks)))
    rigid = align.rigid_shape(train.landmarks, net.mean_shape.numpy())
    net.mean_rigid.copy_(torch.from_numpy(rigid))
    copy_maps(teacher, net.maps)
    reduce_cells(net, train, recipe.seed)
    copies = _features(net, train, recipe.seed, out)
    shares = (1 - recipe.disturbed, recipe.disturbed)
    fit_kernel(net, train, copies, face_weights(train), recipe.ridge, recipe.seed, shares)
    return net


def _features(net: AUNet, train: AUFaces, seed: int, out: Path) -> list[Tensor]:
    """Return the features of plain and disturbed faces; read those that are there."""
    path = out / "features.safetensors"
    if path.exists():
        kept = load_file(path)
        if all(len(kept.get(how, ())) == len(train) for how in COPIES):
            return [kept[how] for how in COPIES]
    copies = [extract_features(net, train), extract_disturbed(net, train, seed)]
    save_file(dict(zip(COPIES, copies, strict=True)), path)
    return copies


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
    parser.add_argument(
        "--features", required=True, type=Path, help="the MobileNet: teacher or faceres-deep.json"
    )
    parser.add_argument("--holdout", type=float, default=0.0, help="share of train identities")
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
    print(f"{len(train)} faces to train on, {len(check)} to measure", file=sys.stderr)
    net = fit(train, load_features(options.features), recipe, options.out)
    hours = time.process_time() / 3600
    if options.holdout:
        score = compare_intensities(predict(as_stored(net), check), check.intensities)
        print(f"r {score['r'].mean():.4f} ICC {score['icc'].mean():.4f}", file=sys.stderr)
        return
    measured = measure_figures(as_stored(net), check)
    how = {**asdict(recipe), "features": options.features.name, "cpu_hours": round(hours, 3)}
    write_card(net, measured, how, len(train), options.out, notes=options.notes)


if __name__ == "__main__":
    try:
        main()
    except XferaError as error:
        sys.exit(str(error))
