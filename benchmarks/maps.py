"""Measure how true and how individual the classifier's maps are, on labelled face crops.

    python benchmarks/maps.py --crops FOLDER
    python benchmarks/maps.py --crops FOLDER --weights A.safetensors B.safetensors --faces 200

FOLDER holds a `faces.csv` with the columns file, split, emotion and x0, y0 ... x67, y67. Each face
of its split "val" is measured as the product measures a photo: Grad-CAM of the predicted class at
the last block, landmarks of the table, AUs of the builtin source.

Controls, in place of the face's own map and with the same predictions: the map of a random last
layer of the same network (normal weights with the trained layer's standard deviation), another
face's map, the mean map of all other faces, and the mean map of the other faces with the same
prediction. A figure that a control reaches as well says nothing about the map.

Figures
    Similarity: median Spearman correlation of the map with the two mean maps (leave one out).
    Additivity (Sensitivity-n, Ancona et al., ICLR 2018): the map summed over a blurred region
    against the fall of the target's logit, over all faces and regions: Pearson r, and the squared
    error as a share of the squared falls.
    Occlusion: for each face, the share of the positive map in brows, eyes, nose, cheeks, mouth and
    chin against the fall of the target's probability when that region is blurred: mean Spearman,
    and how often the region with the largest share is also the one that costs most (chance 1/6).
    Localisation: IoU of the salient region with the region of the class's AUs, and the pointing
    game with its chance; neutral has no such region and is left out.
    Insertion minus deletion, and ROAD (LeRF minus MoRF): on the first `--curves` faces. With
    several weights their own maps' curves are also compared with those of the first, face by face.
    Expected AUs: share of the answers with at least one AU of Table 2's row active, by preset.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from scipy.stats import bootstrap
from tqdm import tqdm

from xfera_nb.au_detectors import load_detector
from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.evaluation.faithfulness import compute_overlap
from xfera_nb.evaluation.faithfulness.correlation import rank_correlation
from xfera_nb.evaluation.faithfulness.face_check import run_curves
from xfera_nb.evaluation.faithfulness.hiding import average_to
from xfera_nb.evaluation.faithfulness.measures import measure_shares
from xfera_nb.evaluation.faithfulness.network import Probe
from xfera_nb.evaluation.faithfulness.randomisation import draw_head_maps
from xfera_nb.evidence import Evidence, assemble, gather
from xfera_nb.faces import face_from_landmarks
from xfera_nb.faces.regions import FACE_REGIONS, face_region_masks
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import PRESETS, FusionParams, fuse
from xfera_nb.saliency.perturbation import (
    blend,
    blur_picture,
    match_colour,
    soften_masks,
)

OWN = "own map"
CURVES = ("insertion minus deletion", "ROAD")
CONTROLS = ("random head", "another face", "mean map", "class's mean map")


@dataclass(frozen=True, eq=False)
class MeasuredFace:
    """Everything about one face that does not depend on which map is judged.

    Attributes
    ----------
    label, predicted : int
        Rows of `EMOTIONS`.
    evidence : Evidence
    random_map : ndarray
        (h, w), the map of a random last layer.
    masks : ndarray
        (6, 224, 224) bool, the face regions.
    weights : ndarray
        (6, h, w), how much of each cell a blurred region covers, 0-1.
    logit_falls, costs : ndarray
        (6,): fall of the predicted class's logit and of its probability, by blurred region.
    """

    label: int
    predicted: int
    evidence: Evidence
    random_map: np.ndarray = field(repr=False)
    masks: np.ndarray = field(repr=False)
    weights: np.ndarray = field(repr=False)
    logit_falls: np.ndarray
    costs: np.ndarray

    @property
    def own_map(self) -> np.ndarray:
        """(h, w) float32, the signed map of the predicted class."""
        return self.evidence.heatmaps[self.predicted].values


def read_rows(folder: Path, limit: int | None, seed: int) -> list[dict[str, str]]:
    """Return the rows of the split "val", in a random order, at most `limit`."""
    with open(folder / "faces.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "val"]
    np.random.default_rng(seed).shuffle(rows)
    return rows[:limit]


def measure_faces(
    classifier: Classifier, folder: Path, rows: Sequence[dict[str, str]], seed: int
) -> Iterator[MeasuredFace]:
    """Measure each face once: evidence, a random head's map, and the cost of blurring regions."""
    detector = load_detector("builtin")
    # As large as the trained layer's, for the one figure that depends on the scale.
    spread = float(classifier.module.fc.weight.std())
    rng = np.random.default_rng(seed)
    for row in tqdm(rows, unit="face", mininterval=5):
        image = cv2.imread(str(folder / row["file"]))[..., ::-1].copy()
        points = np.array([(float(row[f"x{i}"]), float(row[f"y{i}"])) for i in range(68)])
        face = face_from_landmarks(image, points, photo_name=row["file"])
        evidence = gather(face, classifier, detector)
        predicted = EMOTIONS.index(evidence.prediction.predicted)
        picture = match_colour(face.crop, classifier.card["input"])
        masks = face_region_masks(face.crop_landmarks)
        soft = soften_masks(masks)
        pictures = np.concatenate([picture[None], blend(picture, blur_picture(picture), soft)])
        if pictures.ndim == 3:
            pictures = np.repeat(pictures[..., None], 3, axis=3)
        with torch.inference_mode():
            features = classifier.module.features(classifier.preprocess(pictures))
            logits = classifier.module.fc(features.mean(dim=(2, 3))).double()
        activations = features[0].double().numpy()
        probabilities = torch.softmax(logits / classifier.temperature, dim=1).numpy()[:, predicted]
        target = logits.numpy()[:, predicted]
        yield MeasuredFace(
            label=EMOTIONS.index(row["emotion"]),
            predicted=predicted,
            evidence=evidence,
            random_map=draw_head_maps(activations, 1, rng)[0] * spread / activations[0].size,
            masks=masks,
            weights=average_to(soft, features.shape[2:]),
            logit_falls=target[0] - target[1:],
            costs=probabilities[0] - probabilities[1:],
        )


def make_controls(faces: Sequence[MeasuredFace], seed: int) -> dict[str, np.ndarray]:
    """Return the maps to judge by name, each (N, h, w): the faces' own and the four controls."""
    own = np.stack([face.own_map for face in faces])
    predicted = np.array([face.predicted for face in faces])
    n = len(own)
    shift = np.random.default_rng(seed).integers(1, n, n)
    class_mean = np.full_like(own, np.nan)
    for row in np.unique(predicted):
        same = predicted == row
        if same.sum() > 1:
            class_mean[same] = (own[same].sum(0) - own[same]) / (same.sum() - 1)
    return {
        OWN: own,
        "random head": np.stack([face.random_map for face in faces]),
        "another face": own[(np.arange(n) + shift) % n],
        "mean map": (own.sum(0) - own) / (n - 1),
        "class's mean map": class_mean,
    }


def with_map(face: MeasuredFace, values: np.ndarray) -> Evidence:
    """Return the face's evidence with another map for the predicted class."""
    maps = np.stack([heatmap.values for heatmap in face.evidence.heatmaps])
    maps[face.predicted] = values
    evidence = face.evidence
    return assemble(
        evidence.face, evidence.prediction, maps, evidence.action_units,
        layer=evidence.heatmaps[0].layer, classifier=evidence.classifier,
        au_detector=evidence.au_detector,
    )  # fmt: skip


def judge_maps(
    faces: Sequence[MeasuredFace], maps: dict[str, np.ndarray], name: str, curves: np.ndarray
) -> dict[str, float]:
    """Return the figures of one set of maps (N, h, w), with what `trace_curves` gives for it."""
    chosen = maps[name]
    falls = np.stack([face.logit_falls for face in faces])
    costs = np.stack([face.costs for face in faces])
    sums = np.stack([(v * f.weights).sum(axis=(1, 2)) for v, f in zip(chosen, faces, strict=True)])
    shares = np.stack(
        [measure_shares(v[None], f.masks)[0] for v, f in zip(chosen, faces, strict=True)]
    )
    there = np.isfinite(sums).all(axis=1)
    some = np.isfinite(shares).all(axis=1)
    ranks = [rank_correlation(s, c) for s, c in zip(shares[some], costs[some], strict=True)]
    overlaps = []
    for values, face in zip(chosen, faces, strict=True):
        if np.isfinite(values).all():
            evidence = face.evidence if name == OWN else with_map(face, values)
            overlaps.append(compute_overlap(fuse(evidence, FusionParams())))
    known = curves[np.isfinite(curves).all(axis=1)]
    means = known.mean(axis=0) if len(known) else [float("nan")] * len(CURVES)
    return {
        "Spearman with the mean map": median_correlation(chosen, maps["mean map"]),
        "Spearman with the class's mean map": median_correlation(chosen, maps["class's mean map"]),
        "additivity, Pearson r": float(
            np.corrcoef(sums[there].ravel(), falls[there].ravel())[0, 1]
        ),
        "additivity, relative error": float(
            ((sums - falls)[there] ** 2).sum() / (falls[there] ** 2).sum()
        ),
        "occlusion cost against share, Spearman": mean_of(ranks),
        "largest share is the most costly": float(
            (shares[some].argmax(1) == costs[some].argmax(1)).mean()
        ),
        "IoU with the class's region": mean_of(overlap.iou for overlap in overlaps),
        "pointing game": mean_of(overlap.hit for overlap in overlaps),
        "pointing game, chance": mean_of(overlap.chance for overlap in overlaps),
        **dict(zip(CURVES, map(float, means), strict=True)),
    }


def trace_curves(
    classifier: Classifier, faces: Sequence[MeasuredFace], maps: np.ndarray
) -> np.ndarray:
    """Return (N, 2) float64, each map's insertion minus deletion and ROAD; NaN where undefined."""
    rows = [
        perturb(classifier, face, values) if np.isfinite(values).all() else (None, None)
        for values, face in zip(maps, faces, strict=False)
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, len(CURVES))


def print_differences(curves: dict[str, np.ndarray]) -> None:
    """Print how the own maps' curves of the weights differ from the first ones', face by face."""
    (first, before), *others = curves.items()
    for name, after in others:
        both = np.isfinite(before) & np.isfinite(after)
        gained = (after - before)[both.all(axis=1)]
        if len(gained) < 2:
            continue
        print(f"\n{name} minus {first}, {len(gained)} faces: mean, 95 % interval (bootstrap)")
        for figure, values in zip(CURVES, gained.T, strict=True):
            low, high = bootstrap(
                (values,), np.mean, method="percentile", rng=np.random.default_rng(0)
            ).confidence_interval
            print(f"{figure:<36}{values.mean():>+10.3f}{low:>+10.3f} to {high:+.3f}")


def median_correlation(maps: np.ndarray, others: np.ndarray) -> float:
    """Return the median Spearman correlation of maps with their counterparts."""
    values = [rank_correlation(a, b) for a, b in zip(maps, others, strict=True)]
    return float(np.median([value for value in values if value is not None]))


def mean_of(values: Any) -> float:
    """Return the mean of what is defined; NaN if nothing is."""
    known = [float(value) for value in values if value is not None]
    return float(np.mean(known)) if known else float("nan")


def perturb(
    classifier: Classifier, face: MeasuredFace, values: np.ndarray
) -> tuple[float | None, float | None]:
    """Return insertion minus deletion, and ROAD, of one map; None without positive evidence."""
    probe = Probe(classifier)
    target = EMOTIONS[face.predicted]
    picture = match_colour(face.evidence.face.crop, classifier.card["input"])
    blurred = np.rint(blur_picture(picture)[None]).astype(np.uint8)
    ends = (
        float(face.evidence.prediction.probabilities[face.predicted]),
        float(probe.probabilities(probe.logits(blurred), face.predicted)[0]),
    )
    like = face.evidence.heatmap(target)
    deletion, road = run_curves(probe, picture, values, like, face.predicted, ends, seed=0)
    return deletion.auc_gap, road.auc_gap


def count_expected_aus(
    faces: Sequence[MeasuredFace], maps: np.ndarray, name: str
) -> dict[str, dict[str, float]]:
    """Return, by preset, the share of answers with an expected AU active, by predicted class."""
    found: dict[str, dict[str, float]] = {}
    for preset, params in PRESETS.items():
        only_expected = replace(params, scope="typical")
        active: dict[str, list[bool]] = {emotion: [] for emotion in EMOTIONS}
        smiles = []
        for values, face in zip(maps, faces, strict=True):
            if not np.isfinite(values).all():
                continue
            evidence = face.evidence if name == OWN else with_map(face, values)
            aus = fuse(evidence, only_expected).active
            active[EMOTIONS[face.predicted]].append(bool(aus))
            if EMOTIONS[face.predicted] == "happiness":
                smiles.append({6, 12} <= set(aus))
        rest = [a for e, rows in active.items() if e not in ("happiness", "neutral") for a in rows]
        found[preset] = {
            **{emotion: mean_of(rows) for emotion, rows in active.items() if emotion != "neutral"},
            "all but happiness": mean_of(rest),
            "AU06 and AU12 of happiness": mean_of(smiles),
        }
    return found


def mean_shares(faces: Sequence[MeasuredFace]) -> dict[str, dict[str, float]]:
    """Return the mean share of the positive map in each region, by predicted class."""
    shares = np.stack([measure_shares(face.own_map[None], face.masks)[0] for face in faces])
    predicted = np.array([face.predicted for face in faces])
    return {
        emotion: dict(zip(FACE_REGIONS, np.nanmean(shares[predicted == row], 0), strict=True))
        for row, emotion in enumerate(EMOTIONS)
        if (predicted == row).any()
    }


def print_table(rows: dict[str, dict[str, float]], width: int = 36) -> None:
    """Print figures, one column for each key of `rows`."""
    print(" " * width + "".join(f"{name:>18}" for name in rows))
    for figure in next(iter(rows.values())):
        cells = "".join(f"{row.get(figure, float('nan')):>18.2f}" for row in rows.values())
        print(f"{figure:<{width}}{cells}")


def measure(path: Path | None, options: argparse.Namespace) -> dict[str, Any]:
    """Measure and print one set of weights."""
    classifier = load_classifier(path)
    rows = read_rows(options.crops, options.faces, options.seed)
    faces = list(measure_faces(classifier, options.crops, rows, options.seed))
    maps = make_controls(faces, options.seed)
    n_curves = min(options.curves, len(faces))
    accuracy = np.mean([face.label == face.predicted for face in faces])
    print(f"\n{classifier.name}: {len(faces)} faces, accuracy {accuracy:.3f} on their labels")
    names = list(maps)[: 1 if options.no_controls else None]
    curves = {name: trace_curves(classifier, faces[:n_curves], maps[name]) for name in names}
    judged = {name: judge_maps(faces, maps, name, curves[name]) for name in names}
    print_table(judged)
    print(f"(curves on {n_curves} faces)\n\nmean share of the positive map, by predicted class")
    shares = mean_shares(faces)
    print_table({region: {e: row[region] for e, row in shares.items()} for region in FACE_REGIONS})
    expected = {}
    for name in (OWN, "class's mean map"):
        expected[name] = count_expected_aus(faces, maps[name], name)
        print(f"\nanswers with an expected AU active, {name}")
        print_table(expected[name])
    return {"weights": classifier.name, "faces": len(faces), "accuracy": float(accuracy),
            "figures": judged, "curves": curves[OWN].tolist(), "shares": shares,
            "expected": expected}  # fmt: skip


def main() -> None:
    """Read the options, measure each set of weights, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--crops", type=Path, required=True, help="folder with faces.csv")
    parser.add_argument("--weights", type=Path, nargs="+", default=[None], help="default: shipped")
    parser.add_argument("--faces", type=int, help="at most this many faces")
    parser.add_argument("--curves", type=int, default=25, help="faces for insertion and ROAD")
    parser.add_argument("--no-controls", action="store_true", help="judge the own maps alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    results = [measure(path, options) for path in options.weights]
    names = [str(path.stem) if path else "shipped" for path in options.weights]
    curves = [np.array(result["curves"]) for result in results]
    print_differences(dict(zip(names, curves, strict=True)))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), "utf-8")


if __name__ == "__main__":
    main()
