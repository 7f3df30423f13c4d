"""How expensive each step is, as ratios of one run: ``python benchmarks/core.py [--photo FILE]``.

Everything is timed in one process on one photo, the steps in turn so that a machine whose speed
drifts treats all alike; medians are printed. Bounds are the project's aims.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from xfera_nb.au_detectors import load_detector
from xfera_nb.classifier import ResNet50BAM, load_classifier
from xfera_nb.evidence import gather
from xfera_nb.evidence.occlusion import hide_regions
from xfera_nb.explanation import explain
from xfera_nb.faces import find_faces, load_photo
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.saliency import attribute, gradcam_all_classes

SAMPLE = Path(__file__).parent.parent / "data" / "samples" / "C01HA.jpg"


def medians(steps: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each step; the steps take turns."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(rounds + 1):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in times.items()}


def main() -> None:
    """Time the steps and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path, default=SAMPLE)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    photo = load_photo(options.photo)
    classifier, detector = load_classifier(), load_detector("builtin")
    face = find_faces(photo)[0]
    evidence = gather(face, classifier, detector)
    x = classifier.preprocess(face.crop)

    def forward() -> None:
        with torch.inference_mode():
            classifier.module(x)

    together = np.concatenate([face.crop[None], hide_regions(face, classifier)[0]])
    plain = ResNet50BAM().eval().to(memory_format=torch.channels_last)

    def plain_forward() -> None:
        with torch.inference_mode():
            plain(x)

    def end_to_end(*, occlusion: bool) -> None:
        found = find_faces(load_photo(options.photo))[0]
        explain(fuse(gather(found, classifier, detector, occlusion=occlusion)))

    seconds = medians(
        {
            "bare forward pass": forward,
            "the same, full size": plain_forward,
            "dlib (detection, landmarks)": lambda: find_faces(photo),
            "seven maps and prediction": lambda: gradcam_all_classes(classifier, face.crop),
            "seven Captum LayerGradCam": lambda: [
                attribute(classifier, face.crop, emotion) for emotion in EMOTIONS
            ],
            "Action Units": lambda: detector.detect(face.image, face.landmarks),
            "six regions blurred": lambda: hide_regions(face, classifier),
            "the photo and these, one batch": lambda: gradcam_all_classes(classifier, together),
            "photo to explanation": lambda: end_to_end(occlusion=False),
            "the same, with occlusion": lambda: end_to_end(occlusion=True),
        },
        options.rounds,
    )
    params = [FusionParams(k=k) for k in np.linspace(0, 3, 60)]
    fusing = [medians({"fuse": lambda p=p: fuse(evidence, p)}, 20)["fuse"] for p in params]
    bare, dlib = seconds["bare forward pass"], seconds["dlib (detection, landmarks)"]
    maps, captum = seconds["seven maps and prediction"], seconds["seven Captum LayerGradCam"]
    height, width = photo.shape[:2]
    print(f"{torch.get_num_threads()} threads, {options.photo.name} {width}x{height}")
    for name, value in seconds.items():
        print(f"  {name:30} {1000 * value:8.1f} ms")
    print(f"  {'fuse':30} {1000 * np.median(fusing):8.3f} ms")
    print(f"seven maps / bare forward        {maps / bare:6.2f}   (aim: at most 1.10)")
    print(f"seven Captum calls / seven maps  {captum / maps:6.2f}   (aim: at least 6)")
    print(f"forward pass, half / full size   {bare / seconds['the same, full size']:6.2f}")
    whole = seconds["photo to explanation"] / (bare + dlib)
    print(f"end to end / (forward + dlib)    {whole:6.2f}   (aim: at most 1.80)")
    whole = seconds["the same, with occlusion"] / (bare + dlib)
    print(f"the same, with occlusion         {whole:6.2f}   (aim: at most 3.00)")
    print(f"fuse / 200 microseconds          {np.median(fusing) / 200e-6:6.2f}   (aim: at most 1)")


if __name__ == "__main__":
    main()
