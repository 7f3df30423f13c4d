"""Print how often each check of a map passes, for true maps and for maps that explain nothing.

    python benchmarks/checks.py
    python benchmarks/checks.py --weights A.safetensors --faces 20
    python benchmarks/checks.py --full --faces 10
    python benchmarks/checks.py --make-controls

On each of the 70 samples the product's verdict (`xfera_nb.evaluation.faithfulness.calibration`) is
passed on the face's own map of its predicted class and on maps that explain nothing there:

    random last layers, drawn apart from those that the verdict itself compares with;
    the map of each other face, and of each other face with the same predicted class;
    the mean map of a random half of the other faces, and the half's mean map of that class: means
    that are like the verdict's own, but not the same.

A check that passes more often for these than one time in twenty is not worth its name. With --full
the two checks of a full check are judged as well, by fewer of each; they take 20 seconds a face.
--make-controls measures the samples' maps under the shipped weights again and writes the table that
the package uses as controls: run it when the weights have changed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.datasets import SAMPLES, sample
from xfera_nb.evaluation.faithfulness.calibration import FAIL, HEADS, PASS, calibrate
from xfera_nb.evaluation.faithfulness.controls import (
    SHIPPED_MAPS,
    ControlMaps,
    make_controls,
    write_controls,
)
from xfera_nb.evaluation.faithfulness.face_check import (
    CURVE_CONTROLS,
    FULL_CHECKS,
    hide_face,
    run_curves,
)
from xfera_nb.evaluation.faithfulness.hiding import plan_hiding
from xfera_nb.evaluation.faithfulness.measures import CHECKS, measure_maps
from xfera_nb.evaluation.faithfulness.network import Probe
from xfera_nb.evaluation.faithfulness.randomisation import draw_head_maps
from xfera_nb.faces import Face, find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import Heatmap
from xfera_nb.saliency.perturbation import match_colour

TRUE = "true map"
TESTED_HEADS = 20
HALVES = 10
COLUMNS = (TRUE, "random head", "another face", "same class", "mean map", "class's mean")

Verdicts = dict[str, dict[str, list[str]]]
"""Check -> kind of map -> verdicts."""


def make_tested_maps(
    rest: ControlMaps, row: int, heads: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the maps that explain nothing, by kind, each (K, h, w)."""
    n = len(rest.predicted)
    halves = [rest.take(rng.choice(n, n // 2, replace=False)).means(row) for _ in range(HALVES)]
    means = np.stack(halves)
    return {
        "random head": heads,
        "another face": rest.own,
        "same class": rest.own[rest.predicted == row],
        "mean map": means[:, 0],
        "class's mean": means[:, 1],
    }


def judge_face(
    classifier: Classifier, face: Face, rest: ControlMaps, seed: int, full: bool
) -> Iterator[tuple[str, str, list[str], list[float]]]:
    """Yield each check and kind of map with its verdicts and figures on one face."""
    rng = np.random.default_rng([seed, 1])
    picture = match_colour(face.crop, classifier.card["input"])
    probe = Probe(classifier)
    logits, activations = probe.activate(picture, classifier.default_layer)
    (prediction,) = classifier.predict(face.crop[None])
    row = EMOTIONS.index(prediction.predicted)
    own = np.tensordot(classifier.module.fc.weight[row].double().numpy(), activations, axes=1)
    plan = plan_hiding(face.crop_landmarks, seed=seed)
    hidden = hide_face(probe, picture, plan, logits, row, face.crop_landmarks, rng)
    random = draw_head_maps(activations, HEADS, rng)
    kinds = {TRUE: own[None]}
    kinds |= make_tested_maps(rest, row, draw_head_maps(activations, TESTED_HEADS, rng), rng)
    controls = {"random": random, "others": rest.own, "means": rest.means(row)}

    def judge(
        checks: Sequence[str], measured: dict[str, Mapping[str, np.ndarray]]
    ) -> Iterator[tuple]:
        same = np.flatnonzero(rest.predicted == row)
        for check in checks:
            nulls = {name: measured[name][check] for name in controls}
            for kind in kinds:
                found, values = [], []
                for number, value in enumerate(measured[kind][check]):
                    others = nulls["others"]
                    if kind in ("another face", "same class") and len(others) == len(rest.own):
                        itself = number if kind == "another face" else same[number]
                        others = np.delete(others, itself)
                    one = calibrate(value, nulls["random"], others, nulls["means"].tolist())
                    if one.value is not None:
                        found.append(one.verdict)
                        values.append(one.value)
                yield check, kind, found, values

    measured = {name: measure_maps(hidden, maps) for name, maps in (kinds | controls).items()}
    yield from judge(CHECKS, measured)
    if not full:
        return
    whole = float(probe.probabilities(logits[None], row)[0])
    ends = (whole, whole - float(hidden.prob_drops[plan.whole]))
    like = Heatmap(own, EMOTIONS[row], classifier.default_layer, "gradcam")

    def gaps(maps: np.ndarray) -> dict[str, np.ndarray]:
        pairs = [run_curves(probe, picture, one, like, row, ends, seed) for one in maps]
        values = [[np.nan if p.auc_gap is None else p.auc_gap for p in pair] for pair in pairs]
        return dict(zip(FULL_CHECKS, np.array(values).reshape(-1, 2).T, strict=True))

    # Of other faces one half is judged by the other, so that none is held against itself.
    order = rng.permutation(len(rest.own))
    few = {name: maps[:2] for name, maps in kinds.items()}
    few["another face"], same = rest.own[order[:2]], rest.predicted[order] == row
    few["same class"] = rest.own[order[same][:1]]
    few["random"] = random[:CURVE_CONTROLS]
    few["others"] = rest.own[order[2:]][~same[2:]][:CURVE_CONTROLS]
    few["means"] = controls["means"]
    yield from judge(FULL_CHECKS, {name: gaps(maps) for name, maps in few.items()})


def measure_samples(classifier: Classifier, limit: int | None) -> tuple[list[Face], ControlMaps]:
    """Return the faces of the samples (at most `limit`, of all classes), and all samples' maps."""
    codes = sorted(SAMPLES)
    faces = [find_faces(sample(code))[0] for code in codes]
    return faces[:limit], make_controls(classifier, faces)


def judge_samples(classifier: Classifier, limit: int | None, seed: int, full: bool) -> dict:
    """Return, by check and kind of map, the shares that pass and fail and the mean figure."""
    faces, controls = measure_samples(classifier, limit)
    verdicts: dict = {}
    for number, face in enumerate(tqdm(faces, unit="face", mininterval=10)):
        rest = controls.take(np.arange(len(controls.predicted)) != number)
        for check, kind, found, values in judge_face(
            classifier, face, rest, seed * 1000 + number, full
        ):
            kept = verdicts.setdefault(check, {}).setdefault(kind, ([], []))
            kept[0].extend(found)
            kept[1].extend(values)
    return {
        check: {
            kind: {
                "maps": len(found),
                "pass": float(np.mean([one == PASS for one in found])),
                "fail": float(np.mean([one == FAIL for one in found])),
                "mean": float(np.mean(values)),
            }
            for kind, (found, values) in kinds.items()
            if found
        }
        for check, kinds in verdicts.items()
    }


def print_rates(result: dict, key: str, form: str = "{:>13.0%}") -> None:
    """Print one number of each check and kind of map."""
    print(f"{'':20}" + "".join(f"{kind:>13}" for kind in COLUMNS))
    for check, kinds in result.items():
        cells = (form.format(kinds[k][key]) if k in kinds else f"{'-':>13}" for k in COLUMNS)
        print(f"{check:20}" + "".join(cells))


def main() -> None:
    """Read the options, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, help="default: shipped")
    parser.add_argument("--faces", type=int, help="at most this many of the samples")
    parser.add_argument("--full", action="store_true", help="also deletion/insertion and ROAD")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument(
        "--make-controls", action="store_true", help="write the samples' maps for the package"
    )
    options = parser.parse_args()
    classifier = load_classifier(options.weights, device="cpu")
    if options.make_controls:
        controls = measure_samples(classifier, None)[1]
        write_controls(controls)
        print(f"{len(controls.predicted)} faces' maps under {classifier.name}: {SHIPPED_MAPS.name}")
        return
    result = judge_samples(classifier, options.faces, options.seed, options.full)
    count = next(iter(result.values()))[TRUE]["maps"]
    print(f"{classifier.name}, {count} samples\n\nshare that passes")
    print_rates(result, "pass")
    print("\nshare that fails")
    print_rates(result, "fail")
    print("\nmean of the figure")
    print_rates(result, "mean", "{:>13.2f}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), "utf-8")


if __name__ == "__main__":
    main()
