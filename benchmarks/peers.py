"""This toolkit beside others, each through its own API, as ratios of one run.

Only what is installed and loads takes part; why another does not is said. Compared are:

- seven class maps of one face: `seven_maps`, Captum's `LayerGradCam` seven times, and grad-cam
  (pytorch_grad_cam) with seven targets, all on the shipped network's last block;
- photo to emotion: `find_faces` and `predict` beside `FER(mtcnn=False).detect_emotions` of fer,
  whose detector and network are others: a comparison of cost, not of worth;
- Action Units of a face that is found already: the builtin source beside pyfaceau, where its
  models are there.

Run: python benchmarks/peers.py [--photo FILE] [--rounds N]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import torch
from core import SAMPLE, medians

from xfera_nb.au_detectors import load_detector
from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.errors import XferaError
from xfera_nb.faces import find_faces, load_photo
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import heatmap, seven_maps

Step = Callable[[], object]


def offer(steps: dict[str, Step], name: str, make: Callable[[], Step]) -> None:
    """Let a package take part if it is there and loads; say why not otherwise."""
    try:
        steps[f"{name} {version(name)}"] = make()
    except PackageNotFoundError:
        print(f"{name} is not installed, so it is not compared")
    except (ImportError, RuntimeError) as error:
        print(f"{name} does not load here ({error}), so it is not compared")


def grad_cam(classifier: Classifier, crop: np.ndarray) -> Step:
    """Seven maps by grad-cam in one batch of seven targets."""
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    x = classifier.preprocess(crop).repeat(len(EMOTIONS), 1, 1, 1)
    cam = GradCAM(classifier.module, [classifier.module.get_submodule("layer4.2")])
    targets = [ClassifierOutputTarget(number) for number in range(len(EMOTIONS))]
    return lambda: cam(input_tensor=x, targets=targets)


def fer(photo: np.ndarray) -> Step:
    """Photo to emotions by fer with its OpenCV detector, which expects BGR."""
    from fer.fer import FER

    detector, bgr = FER(mtcnn=False), np.ascontiguousarray(photo[..., ::-1])
    return lambda: detector.detect_emotions(bgr)


def compare(title: str, steps: dict[str, Step], rounds: int) -> None:
    """Time the steps in turn and print each beside the first."""
    seconds = medians(steps, rounds)
    own = next(iter(seconds.values()))
    print(title)
    for name, value in seconds.items():
        print(f"  {name:32} {1000 * value:8.1f} ms   {value / own:6.2f} times the first")


def main() -> None:
    """Compare with what is installed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path, default=SAMPLE)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    photo = load_photo(options.photo)
    face = find_faces(photo)[0]
    classifier, builtin = load_classifier(), load_detector("builtin")
    print(f"{torch.get_num_threads()} threads, {options.photo.name}")

    maps: dict[str, Step] = {
        "xfera_nb.seven_maps": lambda: seven_maps(classifier, face.crop),
        f"captum {version('captum')}": lambda: [
            heatmap(classifier, face.crop, emotion) for emotion in EMOTIONS
        ],
    }
    offer(maps, "grad-cam", lambda: grad_cam(classifier, face.crop))
    compare("seven class maps", maps, options.rounds)

    emotions: dict[str, Step] = {
        "xfera_nb": lambda: classifier.predict(find_faces(photo)[0].crop[None])
    }
    offer(emotions, "fer", lambda: fer(photo))
    compare("photo to emotion", emotions, options.rounds)

    units: dict[str, Step] = {
        "xfera_nb builtin": lambda: builtin.detect(face.image, face.landmarks)
    }
    try:
        pyfaceau = load_detector("pyfaceau")
        units["pyfaceau"] = lambda: pyfaceau.detect(face.image, face.landmarks)
    except XferaError as error:
        print(f"pyfaceau is not compared: {error}")
    compare("Action Units of a face found", units, options.rounds)


if __name__ == "__main__":
    main()
