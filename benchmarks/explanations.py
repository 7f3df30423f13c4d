"""Count what explanations name, by preset and class, and choose the parameters to recommend.

    python benchmarks/explanations.py
    python benchmarks/explanations.py --crops FOLDER --occlusion 200 --sweep

The 70 samples are measured, and with --crops the faces of the split "val" of a FOLDER that holds a
`faces.csv` with the columns file, split, emotion and x0, y0 ... x67, y67. Classes are the answers:
the predicted ones. Printed for each preset, and with --json written:

- named: share of the answers with at least one movement named, by class;
- neutral: mean number of movements named on faces that are answered, or labelled, neutral;
- empty: share of the answers whose text is empty;
- agreement: mean, over the movements named, of the fall of the class's probability when the face
  region at the AU's landmarks is blurred, less the mean fall of the six regions. No map is needed
  for it; --occlusion says for how many faces of each set it is measured.

--sweep tries a grid of k, minimum intensity and coverage, in both scopes, and prints the settings
that docs/method.md's criterion prefers: at most one movement on average on neutral answers, then
the greatest share of the other answers with one named, then (within 0.01) the best agreement.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from xfera_nb.au_detectors import load_detector
from xfera_nb.classifier import load_classifier
from xfera_nb.datasets import SAMPLES, found_samples
from xfera_nb.evidence import Evidence, StoreArrays, gather
from xfera_nb.explanation import explain
from xfera_nb.faces import Face, face_from_landmarks, find_faces
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import EMOTIONS, LANDMARK_AUS, au_landmarks
from xfera_nb.fusion import PRESETS, FusionParams, Sweep, fuse, fuse_many, sweep

NEUTRAL = EMOTIONS.index("neutral")
GRID = {
    "k": np.round(np.linspace(-0.5, 1.5, 21), 2),
    "min_intensity": np.round(np.linspace(0.3, 1.5, 13), 2),
    "coverage": np.round(np.linspace(0.1, 0.8, 8), 2),
}
MOST_NEUTRAL = 1.0
SAME = 0.01
"""Shares of named answers that differ by less count as equal."""
# Landmark numbers of each face region, 1-68.
_LANDMARKS = {
    "brows": range(18, 28),
    "eyes": range(37, 49),
    "nose": range(28, 37),
    "cheeks": (*range(1, 6), *range(13, 18)),
    "mouth": range(49, 69),
    "chin": range(6, 13),
}
REGION_OF = np.zeros(68, int)
for _region, _numbers in _LANDMARKS.items():
    REGION_OF[np.array(_numbers) - 1] = FACE_REGIONS.index(_region)


def sample_faces() -> Iterator[tuple[Face, str]]:
    """Yield the samples' faces with their labels."""
    for code, path in found_samples().items():
        yield find_faces(path)[0], SAMPLES[code].emotion


def crop_faces(folder: Path, limit: int | None, seed: int) -> Iterator[tuple[Face, str]]:
    """Yield the faces of the split "val" in a random order, at most `limit` of each label."""
    with open(folder / "faces.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "val"]
    np.random.default_rng(seed).shuffle(rows)
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["emotion"]] += 1
        if limit is not None and counts[row["emotion"]] > limit:
            continue
        image = cv2.imread(str(folder / row["file"]))[..., ::-1].copy()
        points = np.array([(float(row[f"x{i}"]), float(row[f"y{i}"])) for i in range(68)])
        yield face_from_landmarks(image, points, photo_name=row["file"]), row["emotion"]


def measure(faces: Iterator[tuple[Face, str]], hidden: int) -> tuple[list[Evidence], list[str]]:
    """Gather the evidence of faces; of the first `hidden` with the effect of hiding regions."""
    classifier, detector = load_classifier(), load_detector("builtin")
    found, labels = [], []
    for face, label in tqdm(faces, unit="face", mininterval=10):
        found.append(gather(face, classifier, detector, occlusion=len(found) < hidden))
        labels.append(label)
    return found, labels


def to_arrays(faces: Sequence[Evidence]) -> StoreArrays:
    """Return faces as arrays without labels, so that a sweep groups them by their answers."""
    return StoreArrays(
        number=np.arange(len(faces)),
        ids=np.arange(len(faces)).astype(str),
        true=np.full(len(faces), -1),
        probabilities=np.stack([face.prediction.probabilities for face in faces]),
        activation=np.stack([face.activation for face in faces]),
        mean={name: np.stack([face.mean[name] for face in faces]) for name in ("crop", "hull")},
        std={name: np.stack([face.std[name] for face in faces]) for name in ("crop", "hull")},
        peak=np.stack([face.peak for face in faces]),
        intensities=np.stack([face.action_units.intensities for face in faces]),
        left=None,
        right=None,
    )


def au_drops(faces: Sequence[Evidence]) -> np.ndarray:
    """Return (N, A) falls of the answer's probability at each AU, less the six regions' mean."""
    drops = np.full((len(faces), len(LANDMARK_AUS)), np.nan)
    for row, face in enumerate(faces):
        if face.occlusion is None:
            continue
        fall = face.occlusion.prob_drops(face.prediction, face.prediction.predicted)
        fall = fall - np.nanmean(fall)
        for column, au in enumerate(LANDMARK_AUS):
            regions = REGION_OF[np.array(au_landmarks(au)) - 1]
            drops[row, column] = np.nanmean(fall[regions])
    return drops


def judge(
    faces: Sequence[Evidence], labels: Sequence[str], arrays: StoreArrays, drops: np.ndarray,
    params: FusionParams, *, texts: bool,
) -> dict[str, float]:  # fmt: skip
    """Return the figures of one preset."""
    active = fuse_many(**arrays.inputs(region=params.region), params=params).active[:, 0]
    named, answers = active.sum(axis=1), arrays.predicted
    others = answers != NEUTRAL
    figures = {
        emotion: float((named[answers == row] > 0).mean()) if (answers == row).any() else np.nan
        for row, emotion in enumerate(EMOTIONS)
    }
    labelled = np.array([label == "neutral" for label in labels])
    figures |= {
        "all but neutral": float((named[others] > 0).mean()),
        "neutral, mean named": float(named[~others].mean()),
        "labelled neutral, mean named": float(named[labelled].mean()),
        "others, mean named": float(named[others].mean()),
        "agreement": float(np.nanmean(drops[active]))
        if not np.isnan(drops[active]).all()
        else np.nan,
    }
    if texts:
        words = [explain(fuse(face, params)).text for face in faces]
        figures["empty"] = float(np.mean([not text.strip() for text in words]))
    return figures


def choose(found: Sequence[Sweep], most: int = 12) -> list[dict[str, Any]]:
    """Return the settings that the criterion prefers, the best first."""
    rows = []
    for one in found:
        answers = np.array([one.faces[emotion] for emotion in EMOTIONS], float)
        share = one.per_emotion["explained"]
        others = np.delete(np.arange(len(EMOTIONS)), NEUTRAL)
        weight = answers[others] / answers[others].sum()
        named = np.einsum("e,e...->...", weight, np.nan_to_num(share[others]))
        neutral = one.per_emotion["mean_active"][NEUTRAL]
        agreement = one.measures["excess_drop"]
        for place in np.argwhere(neutral <= MOST_NEUTRAL):
            at = tuple(place)
            rows.append(
                {
                    "scope": one.base.scope,
                    **{
                        name: float(axis[i])
                        for (name, axis), i in zip(one.axes.items(), at, strict=True)
                    },
                    "named": float(named[at]),
                    "neutral": float(neutral[at]),
                    "agreement": float(agreement[at]),
                }
            )
    best = max(row["named"] for row in rows)
    rows.sort(
        key=lambda row: (
            row["named"] < best - SAME,
            -row["agreement"] if row["named"] >= best - SAME else -row["named"],
        )
    )
    return rows[:most]


def report(
    name: str, faces: list[Evidence], labels: list[str], options: argparse.Namespace
) -> dict[str, Any]:
    """Measure and print one set of faces."""
    arrays, drops = to_arrays(faces), au_drops(faces)
    figures = {
        preset: judge(faces, labels, arrays, drops, params, texts=not options.no_texts)
        for preset, params in PRESETS.items()
    }
    print(f"\n{name}: {len(faces)} faces")
    print(f"{'':<30}" + "".join(f"{preset:>20}" for preset in figures))
    for figure in next(iter(figures.values())):
        print(f"{figure:<30}" + "".join(f"{row[figure]:>20.3f}" for row in figures.values()))
    chosen = []
    if options.sweep:
        bases = [replace(FusionParams(), scope=scope) for scope in ("typical", "all")]
        found = [sweep(arrays, **GRID, base=base, excess_drop=drops) for base in bases]
        chosen = choose(found)
        print("\nsettings that the criterion prefers")
        for row in chosen:
            print(
                "  "
                + ", ".join(
                    f"{key} {value:g}" if isinstance(value, float) else f"{value}"
                    for key, value in row.items()
                )
            )
    return {"faces": len(faces), "presets": figures, "chosen": chosen}


def main() -> None:
    """Read the options, measure the sets, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--crops", type=Path, help="folder with faces.csv")
    parser.add_argument("--per-class", type=int, help="at most this many crops of a label")
    parser.add_argument("--no-samples", action="store_true", help="measure the crops alone")
    parser.add_argument("--occlusion", type=int, default=70, help="faces with hidden regions")
    parser.add_argument("--sweep", action="store_true", help="choose parameters on a grid")
    parser.add_argument("--no-texts", action="store_true", help="write no texts (faster)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    sets: dict[str, Iterator[tuple[Face, str]]] = {}
    if not options.no_samples:
        sets["samples"] = sample_faces()
    if options.crops:
        sets["crops"] = crop_faces(options.crops, options.per_class, options.seed)
    results = {}
    for name, faces in sets.items():
        results[name] = report(name, *measure(faces, options.occlusion), options)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
