"""Time the checks of one face, in forward passes: ``python benchmarks/faithfulness.py``.

A forward pass is the classifier on one 224 px crop, as `benchmarks/core.py` times it. The panel's
check and its parts alternate with it in one process; medians are printed. The first check of a
classifier (it reads the controls and allocates memory) is timed separately: the median over
processes that each check once, with forward passes before and after, imports excluded.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from pathlib import Path

import numpy as np
import scipy.stats  # noqa: F401  (not part of the first check)
import torch
from core import SAMPLE, medians

from xfera_nb.au_detectors import load_detector
from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.evaluation.faithfulness import (
    check_faithfulness,
    compute_overlap,
    expected_region,
)
from xfera_nb.evaluation.faithfulness.calibration import HEADS
from xfera_nb.evaluation.faithfulness.face_check import hide_face
from xfera_nb.evaluation.faithfulness.hiding import make_copies, plan_hiding
from xfera_nb.evaluation.faithfulness.measures import measure_maps
from xfera_nb.evaluation.faithfulness.network import Probe
from xfera_nb.evaluation.faithfulness.randomisation import draw_head_maps
from xfera_nb.evidence import Evidence, gather
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import fuse
from xfera_nb.saliency.perturbation import match_colour

AIM = 60
"""Forward passes that the panel's check may take."""
BEFORE_AND_AFTER = 6
"""Forward passes that a first check is divided by, each side."""


def measure_photo(photo: Path) -> tuple[Classifier, Evidence]:
    """Return the shipped classifier and the photo's evidence."""
    classifier = load_classifier()
    return classifier, gather(find_faces(photo)[0], classifier, load_detector("builtin"))


def time_first_check(photo: Path) -> tuple[float, float]:
    """Return the seconds of this process's first check, and of a forward pass around it."""
    classifier, evidence = measure_photo(photo)
    x = classifier.preprocess(evidence.face.crop)
    times: list[float] = []

    def forwards() -> None:
        for _ in range(BEFORE_AND_AFTER):
            start = time.perf_counter()
            with torch.inference_mode():
                classifier.module(x)
            times.append(time.perf_counter() - start)

    forwards()
    start = time.perf_counter()
    check_faithfulness(evidence, classifier)
    first = time.perf_counter() - start
    forwards()
    return first, float(np.median(times[1:]))


def time_first_checks(photo: Path, processes: int) -> tuple[float, float]:
    """Return the median seconds of a first check, and its median ratio to a forward pass."""
    fresh = multiprocessing.get_context("spawn")
    with fresh.Pool(1, maxtasksperchild=1) as pool:
        times = [pool.apply(time_first_check, (photo,)) for _ in range(processes)]
    seconds, bare = np.array(times).T
    return float(np.median(seconds)), float(np.median(seconds / bare))


def main() -> None:
    """Time the check and its parts and print them as forward passes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path, default=SAMPLE)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--processes", type=int, default=5, help="for the first check")
    parser.add_argument("--full", action="store_true", help="also a full check")
    options = parser.parse_args()
    first, first_ratio = time_first_checks(options.photo, options.processes)
    classifier, evidence = measure_photo(options.photo)
    x = classifier.preprocess(evidence.face.crop)

    def forward() -> None:
        with torch.inference_mode():
            classifier.module(x)

    checks = check_faithfulness(evidence, classifier)
    probe = Probe(classifier)
    picture = match_colour(evidence.face.crop, classifier.card["input"])
    row = EMOTIONS.index(checks.target)
    rng = np.random.default_rng(0)
    plan = plan_hiding(evidence.face.crop_landmarks)
    blurred, imputed = make_copies(picture, plan, probe.detail, rng)
    logits, activations = probe.activate(picture, classifier.default_layer)
    face = hide_face(probe, picture, plan, logits, row, evidence.face.crop_landmarks, rng)
    heads = draw_head_maps(activations, HEADS, rng)
    fusion, on = fuse(evidence), expected_region(evidence, checks.target)
    steps = {
        "bare forward pass": forward,
        "the panel's check": lambda: check_faithfulness(evidence, classifier),
        f"{len(blurred)} blurred pictures": lambda: probe.logits(blurred),
        f"{len(imputed)} imputed pictures": lambda: probe.logits(imputed),
        "choosing what to hide": lambda: plan_hiding(evidence.face.crop_landmarks),
        "hiding it": lambda: make_copies(picture, plan, probe.detail, rng),
        f"figures of {HEADS} random last layers": lambda: measure_maps(face, heads),
        "overlap, as a slider moves": lambda: compute_overlap(fusion, on),
    }
    seconds = medians(steps, options.rounds)
    bare = seconds.pop("bare forward pass")
    print(f"{torch.get_num_threads()} threads, {options.photo.name}, {checks.pictures} pictures")
    print(f"  {'bare forward pass':32} {1000 * bare:8.1f} ms")
    for name, value in seconds.items():
        print(f"  {name:32} {1000 * value:8.1f} ms {value / bare:7.2f} forward passes")
    print(f"  {'first check on a classifier':32} {1000 * first:8.1f} ms {first_ratio:7.2f}")
    if options.full:
        start = time.perf_counter()
        full = check_faithfulness(evidence, classifier, full=True)
        whole = time.perf_counter() - start
        label = f"full check, {full.pictures} pictures"
        print(f"  {label:32} {1000 * whole:8.1f} ms {whole / bare:7.2f}")
    ratio = seconds["the panel's check"] / bare
    print(f"first check / forward pass     {first_ratio:6.2f}   (aim: at most {AIM})")
    print(f"check / forward pass           {ratio:6.2f}   (aim: at most {AIM})")


if __name__ == "__main__":
    main()
