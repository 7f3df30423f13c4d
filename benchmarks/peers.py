"""This toolkit beside others, each through its own API, as ratios of one run.

Only what is installed and loads takes part; why another does not is said. Compared are:

- seven class maps of one face: `gradcam_all_classes`; Captum's `LayerGradCam` seven times; grad-cam
  (pytorch_grad_cam) with seven targets in one batch, once as its README has it, on a network whose
  weights ask for gradients, and once with only those that its maps need; all on the shipped
  network's last block;
- photo file to emotion: `find_faces` and `predict` beside `FER(mtcnn=False).detect_emotions` of
  fer, whose detector and network are others: a comparison of cost, not of worth;
- Action Units of a face that is found already: the builtin source beside pyfaceau, where its
  models are there.

Memory is that of a process of its own, which does one of these once: what it has before, all
models loaded, and its peak meanwhile (Linux: VmRSS and VmHWM, reset before). The last table is
`xfera_nb.explain` on larger and larger photos.

Run: python benchmarks/peers.py [--photo FILE] [--rounds N]
"""

from __future__ import annotations

import argparse
import copy
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch
from core import SAMPLE, medians
from PIL import Image

import xfera_nb as xf
from xfera_nb.au_detectors import load_detector
from xfera_nb.classifier import Classifier
from xfera_nb.errors import XferaError
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import attribute, gradcam_all_classes

LAYER = "layer4.2"
MEGAPIXELS = (3, 12, 50)

Step = Callable[[], object]


class Bench:
    """What the steps work on; loaded when first asked for, so that a peer does not pay for it."""

    def __init__(self, photo: Path) -> None:
        self.photo = photo

    @cached_property
    def classifier(self) -> Classifier:
        return xf.load_classifier()

    @cached_property
    def face(self) -> xf.Face:
        return find_faces(self.photo)[0]


def own_maps(bench: Bench) -> Step:
    classifier, crop = bench.classifier, bench.face.crop
    return lambda: gradcam_all_classes(classifier, crop)


def captum(bench: Bench) -> Step:
    classifier, crop = bench.classifier, bench.face.crop
    return lambda: [attribute(classifier, crop, emotion) for emotion in EMOTIONS]


def grad_cam(bench: Bench, asking: str = "") -> Step:
    """Seven maps by grad-cam; of the weights, those below `asking` ask for gradients."""
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    x = bench.classifier.preprocess(bench.face.crop).repeat(len(EMOTIONS), 1, 1, 1)
    module = copy.deepcopy(bench.classifier.module)
    module.get_submodule(asking).requires_grad_(True)
    cam = GradCAM(module, [module.get_submodule(LAYER)])
    targets = [ClassifierOutputTarget(number) for number in range(len(EMOTIONS))]
    return lambda: cam(input_tensor=x, targets=targets)


def own_emotion(bench: Bench) -> Step:
    classifier, photo = bench.classifier, bench.photo
    find_faces(SAMPLE)  # loads dlib's models
    return lambda: classifier.predict(find_faces(photo)[0].crop[None])


def fer(bench: Bench) -> Step:
    """Photo to emotions by fer with its OpenCV detector, which expects OpenCV's BGR."""
    import cv2
    from fer.fer import FER

    detector, photo = FER(mtcnn=False), str(bench.photo)
    return lambda: detector.detect_emotions(cv2.imread(photo))


def builtin(bench: Bench) -> Step:
    detector, face = load_detector("builtin"), bench.face
    return lambda: detector.detect(face.image, face.landmarks)


def pyfaceau(bench: Bench) -> Step:
    detector, face = load_detector("pyfaceau"), bench.face
    return lambda: detector.detect(face.image, face.landmarks)


def explained(bench: Bench) -> Step:
    xf.explain(SAMPLE)  # loads all models
    return lambda: xf.explain(bench.photo)


OWN = "xfera_nb"
CONTESTS: dict[str, dict[str, Callable[[Bench], Step]]] = {
    "seven class maps": {
        OWN: own_maps,
        "captum": captum,
        "grad-cam": grad_cam,
        "grad-cam, last block only": lambda bench: grad_cam(bench, LAYER),
    },
    "photo to emotion": {OWN: own_emotion, "fer": fer},
    "Action Units of a face found": {OWN: builtin, "pyfaceau": pyfaceau},
    "photo to explanation": {OWN: explained},
}
"""Contest -> who takes part -> what makes its step ready. The first is the measure."""


def taking_part(contest: str, bench: Bench) -> dict[str, Step]:
    """The steps of all that is installed and loads; why another does not is printed."""
    steps = {}
    for name, make in CONTESTS[contest].items():
        package = name.partition(",")[0]
        try:
            version(OWN.replace("_", "-") if package == OWN else package)
            steps[name] = make(bench)
            steps[name]()
        except PackageNotFoundError:
            print(f"  {name} is not installed, so it is not compared")
        except (ImportError, AttributeError, RuntimeError, XferaError) as error:
            print(f"  {name} does not work here ({error}), so it is not compared")
    return steps


def memory(contest: str, name: str, photo: Path) -> tuple[int, int] | None:
    """MB of a process of its own, before its step and at most during it; None where unknown."""
    command = [sys.executable, __file__, "--photo", str(photo), "--memory", contest, name]
    done = subprocess.run(command, capture_output=True, text=True)
    said = done.stdout.split()[-2:]
    return (int(said[0]), int(said[1])) if done.returncode == 0 and len(said) == 2 else None


def of_one(contest: str, name: str, bench: Bench) -> None:
    """What the process of `memory` does."""
    step = CONTESTS[contest][name](bench)
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again
    before = megabytes("VmRSS")
    step()
    print(before, megabytes("VmHWM"))


def megabytes(field: str) -> int:
    """A size of this process in Linux's `/proc/self/status`."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0


def compare(contest: str, bench: Bench, rounds: int) -> None:
    """Time the steps in turn and print each beside the first, with its process's memory."""
    print(contest)
    seconds = medians(taking_part(contest, bench), rounds)
    own = seconds[OWN]
    for name, value in seconds.items():
        package = name.partition(",")[0]
        label = name if package == OWN else name.replace(package, f"{package} {version(package)}")
        line = f"  {label:34}{1000 * value:8.1f} ms {value / own:7.2f} times the first"
        used = memory(contest, name, bench.photo)
        print(line + (f"  {used[1]:6} MB at most, {used[1] - used[0]} for this" if used else ""))


def main() -> None:
    """Compare with what is installed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path, default=SAMPLE)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    bench = Bench(options.photo)
    if options.memory:
        of_one(*options.memory, bench)
        return
    print(f"{torch.get_num_threads()} threads, {options.photo.name}")
    *contests, larger = CONTESTS
    for contest in contests:
        compare(contest, bench, options.rounds)
    print(f"{larger}, memory")
    with Image.open(options.photo) as photo, tempfile.TemporaryDirectory() as folder:
        for count in MEGAPIXELS:
            scale = (count * 1e6 / (photo.width * photo.height)) ** 0.5
            size = (round(photo.width * scale), round(photo.height * scale))
            path = Path(folder, f"{count}.jpg")
            photo.convert("RGB").resize(size).save(path)
            used = memory(larger, OWN, path)
            said = f"{used[1]:6} MB at most, {used[1] - used[0]} for this photo" if used else "?"
            print(f"  {count:3} megapixels {said}")


if __name__ == "__main__":
    main()
