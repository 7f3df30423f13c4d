"""How well the builtin network agrees with OpenFace: the figures of its card, measured again.

`python -m xfera_nb.training.au_evaluation --data PATH [--weights FILE]`

Measured on the faces of the split "val" with an OpenFace confidence of at least 0.9, per AU:
Pearson's r, and ICC(3,1) (Shrout & Fleiss 1979: two-way mixed, consistency, single measure; with
two raters (BMS - EMS) / (BMS + EMS)), as the facial expression challenges report it. Both compare
the network with OpenFace's output, not with human FACS coders. Undefined is NaN.

`CONDITIONS` are the same faces made worse, with the targets of the good photo.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import torch
from scipy.stats import pearsonr

from xfera_nb.au_detectors import align
from xfera_nb.au_detectors.card import WEIGHTS, load_network
from xfera_nb.au_detectors.network import AUNet, measure_faces
from xfera_nb.errors import XferaError
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.training.au_faces import REPORT_CONFIDENCE, AUFaces, load_faces
from xfera_nb.training.disturbance import coarsen


def pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Compute Pearson's r of two (N,) arrays, -1 to 1; NaN when one of them is constant."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(pearsonr(a.astype(np.float64), b.astype(np.float64)).statistic)


def icc_3_1(a: np.ndarray, b: np.ndarray) -> float:
    """Compute ICC(3,1) of two raters' (N,) arrays, -1 to 1; NaN when neither varies."""
    ratings = np.stack([a, b], 1).astype(np.float64)
    count = len(ratings)
    faces, raters = ratings.mean(1, keepdims=True), ratings.mean(0, keepdims=True)
    between = 2 * ((faces - ratings.mean()) ** 2).sum() / (count - 1)
    error = ((ratings - faces - raters + ratings.mean()) ** 2).sum() / (count - 1)
    total = between + error
    return float((between - error) / total) if total > 0 else float("nan")


def compare_intensities(output: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """Compare intensities (N, 17) with targets (N, 17): ``r``, ``icc`` and ``mae``, (17,) each."""
    columns = range(target.shape[1])
    return {
        "r": np.array([pearson(output[:, i], target[:, i]) for i in columns]),
        "icc": np.array([icc_3_1(output[:, i], target[:, i]) for i in columns]),
        "mae": np.abs(output - target).mean(0),
    }


def _keep(square: np.ndarray) -> np.ndarray:
    return square


def _blur(square: np.ndarray) -> np.ndarray:
    blurred: np.ndarray = cv2.GaussianBlur(square, (0, 0), 2.0)
    return blurred


def _darken(square: np.ndarray) -> np.ndarray:
    return (square * 0.2).astype(np.uint8)


def _shrink(square: np.ndarray) -> np.ndarray:
    return coarsen(square, 37)


CONDITIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = MappingProxyType(
    {"blurred": _blur, "dark": _darken, "small": _shrink}
)
"""Blur of standard deviation 2 pixels where the eyes are 45 apart; a fifth of the light; eyes 15
pixels apart."""


def predict(
    net: AUNet,
    faces: AUFaces,
    batch: int = 64,
    change: Callable[[np.ndarray], np.ndarray] = _keep,
) -> np.ndarray:
    """Measure a set of faces, (N, 17) in 0-5; `change` is applied to both squares first."""
    net.eval()
    shapes, rows = net.shapes(), []
    for start in range(0, len(faces), batch):
        some = [
            align.inputs(faces.pictures[i], faces.landmarks[i], *shapes)
            for i in range(start, min(start + batch, len(faces)))
        ]
        some = [(change(grey), points, change(second)) for grey, points, second in some]
        rows.append(measure_faces(net, *(np.stack(column) for column in zip(*some, strict=True))))
    return np.concatenate(rows)


def measure_figures(net: AUNet, faces: AUFaces) -> dict[str, Any]:
    """Measure the card's figures.

    Per AU and mean r, ICC(3,1) and mean absolute error; mean r of each of `CONDITIONS`.
    """
    score = compare_intensities(predict(net, faces), faces.intensities)
    worse = {
        name: compare_intensities(predict(net, faces, change=change), faces.intensities)["r"]
        for name, change in CONDITIONS.items()
    }
    per_au = {
        au_name(au): {name: round(float(score[name][i]), 3) for name in score}
        for i, au in enumerate(OPENFACE_AUS)
    }
    return {
        "faces": len(faces),
        "mean_r": round(float(score["r"].mean()), 3),
        "mean_icc_3_1": round(float(score["icc"].mean()), 3),
        **{f"mean_r_{name}": round(float(r.mean()), 3) for name, r in worse.items()},
        "per_au": per_au,
    }


def time_one_face(net: AUNet, faces: AUFaces, count: int = 50) -> float:
    """Time one face: median milliseconds, alignment included, with torch's number of threads."""
    shapes, times = net.shapes(), []
    for i in range(count + 5):
        index = i % len(faces)
        start = time.perf_counter()
        one = align.inputs(faces.pictures[index], faces.landmarks[index], *shapes)
        measure_faces(net, *(part[None] for part in one))
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times[5:]))


def main(arguments: list[str] | None = None) -> None:
    """Print the figures beside the card's (command line)."""
    parser = argparse.ArgumentParser(description="Measure the builtin Action Unit network.")
    parser.add_argument("--data", required=True, type=Path, help="folder with faces.csv")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="safetensors with its card")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    net, card = load_network(options.weights)
    faces = load_faces(options.data, "val", REPORT_CONFIDENCE)
    now, then = measure_figures(net, faces), card["figures"]
    print(f"{now['faces']} faces; agreement with OpenFace (card's figure in brackets)")
    print("AU      r             ICC(3,1)      mean absolute error")
    for name, row in now["per_au"].items():
        old = then["per_au"][name]
        print(name, *(f"{row[k]:7.3f} ({old[k]:.3f})" for k in ("r", "icc", "mae")))
    print(f"mean {now['mean_r']:7.3f} ({then['mean_r']:.3f})", end=" ")
    print(f"{now['mean_icc_3_1']:7.3f} ({then['mean_icc_3_1']:.3f})")
    for name in (f"mean_r_{condition}" for condition in CONDITIONS):
        print(f"{name[7:]:8}{now[name]:7.3f} ({then.get(name, float('nan')):.3f})")
    print(f"{time_one_face(net, faces):.1f} ms a face on one thread, alignment included")


if __name__ == "__main__":
    try:
        main()
    except XferaError as error:
        sys.exit(str(error))
