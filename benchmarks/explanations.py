"""Count what explanations name, by preset and class, and choose the parameters to recommend.

    python benchmarks/explanations.py
    python benchmarks/explanations.py --crops FOLDER --occlusion 200 --sweep

The 70 samples are measured, and with --crops the faces of the split "val" of a FOLDER that holds a
`faces.csv` with the columns file, split, emotion and x0, y0 ... x67, y67. Classes are the answers:
the predicted ones. Printed for each preset, and with --json written:

- named: share of the answers with at least one movement named, by class;
- neutral: mean number of movements named on faces that are answered, or labelled, neutral;
- region: share of the texts that name a region of the face with its share of the map;
- silent: share of the texts that name no movement although one is present;
- agreement: mean, over the movements named, of the fall of the class's probability when the face
  region at the AU's landmarks is blurred, less the mean fall of the six regions. No map is needed
  for it; --occlusion says for how many faces of each set it is measured.

--sweep tries a grid of k, minimum intensity and coverage, in both scopes, and prints the settings
that docs/method.md's criterion prefers on all the sets.
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
from xfera_nb.explanation import Explanation, explain, split_sentences
from xfera_nb.explanation.catalogue import CATALOGUES
from xfera_nb.faces import Face, face_from_landmarks, find_faces
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import EMOTIONS, LANDMARK_AUS, au_landmarks
from xfera_nb.fusion import PRESETS, SCOPES, FusionParams, fuse, fuse_many, sweep

NEUTRAL = EMOTIONS.index("neutral")
GRID = {
    "k": np.round(np.linspace(-0.5, 1.5, 21), 2),
    "min_intensity": np.round(np.linspace(0.3, 1.5, 13), 2),
    "coverage": np.round(np.linspace(0.3, 0.8, 6), 2),
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
        written = [explain(fuse(face, params)) for face in faces]
        figures["region"] = float(np.mean([_names_region(one) for one in written]))
        figures["silent"] = float(
            np.mean([bool(one.facts.present) and not one.check.supported for one in written])
        )
    return figures


def _names_region(explanation: Explanation) -> bool:
    """Return whether a text names a region of the face with its share of the map."""
    words = CATALOGUES[explanation.prompt.language].regions.values()
    sentences = split_sentences(explanation.text)
    return any(
        "%" in sentence and (word.name in sentence or word.at in sentence)
        for sentence in sentences[1:]
        for word in words
    )


def choose(
    sets: Sequence[tuple[StoreArrays, Sequence[str], np.ndarray]], scope: str, most: int = 6
) -> list[dict[str, float]]:
    """Return the settings that the criterion prefers on all sets of faces, the best first."""
    shares, means, agreements = [], [], []
    for arrays, labels, drops in sets:
        base = FusionParams(scope=scope)
        found = sweep(arrays, **GRID, base=base, excess_drop=drops)
        answers = np.array([found.faces[emotion] for emotion in EMOTIONS], float)
        answers[NEUTRAL] = 0
        share = np.nan_to_num(found.per_emotion["explained"])
        shares.append(np.tensordot(answers / answers.sum(), share, axes=1))
        agreements.append(found.measures["excess_drop"])
        true = np.array([EMOTIONS.index(label) for label in labels])
        by_label = sweep(replace(arrays, true=true), **GRID, base=base)
        means.append(by_label.per_emotion["mean_active"][NEUTRAL])
    named, neutral = np.min(shares, axis=0), np.max(means, axis=0)
    agreement = np.nan_to_num(np.nanmean(agreements, axis=0), nan=-1.0)
    allowed = neutral <= MOST_NEUTRAL
    equal = np.argwhere(allowed & (named >= named[allowed].max(initial=0.0) - SAME))
    order = sorted(map(tuple, equal), key=lambda at: -agreement[at])
    return [
        {name: float(axis[i]) for i, (name, axis) in zip(at, found.axes.items(), strict=True)}
        | {"named": float(named[at]), "neutral": float(neutral[at])}
        | {"agreement": float(agreement[at])}
        for at in order[:most]
    ]


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
    return {"faces": len(faces), "presets": figures}


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
    results: dict[str, Any] = {}
    measured = []
    for name, faces in sets.items():
        found, labels = measure(faces, options.occlusion)
        results[name] = report(name, found, labels, options)
        measured.append((to_arrays(found), labels, au_drops(found)))
    for scope in SCOPES if options.sweep else ():
        results[f"chosen, scope {scope}"] = choose(measured, scope)
        print(f"\nscope {scope}: settings that the criterion prefers")
        for row in results[f"chosen, scope {scope}"]:
            print("  " + ", ".join(f"{key} {value:.3g}" for key, value in row.items()))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
