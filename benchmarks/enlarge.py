"""How much an enlarged photo changes landmarks and Action Units: ``python benchmarks/enlarge.py``.

Each sample is enlarged two and four times (bicubic) and compared with itself at its own size:

- first: the landmarks in the detector's box;
- one square: placed again in one upright square that the first landmarks give;
- nine squares: the mean over nine squares near the one that those give, as `find_faces` does;
- the same landmarks: those of the photo's own size, scaled, so that only resampling is left.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np

from xfera_nb.au_detectors import load_detector
from xfera_nb.faces import load_photo
from xfera_nb.faces.detector import box_area, predict_landmarks, predict_landmarks_upright
from xfera_nb.faces.search import search_faces

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
FACTORS = (1, 2, 4)


def place_first(image: np.ndarray) -> np.ndarray:
    """Place landmarks in the box of the largest face; the samples are upright."""
    found = max(search_faces(image), key=lambda one: box_area(one.box))
    return predict_landmarks(image, found.box)


def main() -> None:
    """Print both differences for each way of placing landmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="take each Nth sample")
    options = parser.parse_args()
    detector = load_detector("builtin")

    def one_square(image: np.ndarray, first: np.ndarray) -> np.ndarray:
        return predict_landmarks_upright(image, first, spread=0)

    def nine_squares(image: np.ndarray, first: np.ndarray) -> np.ndarray:
        return predict_landmarks_upright(image, one_square(image, first))

    ways: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
        "first": lambda image, first: first,
        "one square": one_square,
        "nine squares": nine_squares,
    }
    apart: dict[str, list[float]] = {name: [] for name in (*ways, "the same landmarks")}
    units: dict[str, list[np.ndarray]] = {name: [] for name in apart}
    seconds = dict.fromkeys((*ways, "detection and first"), 0.0)
    for path in sorted(SAMPLES.glob("*.jpg"))[:: options.every]:
        photo = load_photo(path)
        own: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for factor in FACTORS:
            image = cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
            start = perf_counter()
            first = place_first(image)
            seconds["detection and first"] += perf_counter() - start
            for name, way in ways.items():
                start = perf_counter()
                points = way(image, first)
                seconds[name] += perf_counter() - start
                values = detector.detect(image, points).intensities
                small = (points + 0.5) / factor - 0.5
                if factor == 1:
                    own[name] = small, values
                    continue
                eyes = own[name][0][42:48].mean(axis=0) - own[name][0][36:42].mean(axis=0)
                away = np.linalg.norm(small - own[name][0], axis=1).mean()
                apart[name].append(away / float(np.hypot(*eyes)))
                units[name].append(np.abs(values - own[name][1]))
            if factor > 1:
                points, before = own["first"]
                scaled = ((points + 0.5) * factor - 0.5).astype(np.float32)
                apart["the same landmarks"].append(0.0)
                values = detector.detect(image, scaled).intensities
                units["the same landmarks"].append(np.abs(values - before))
    print("Difference from the photo's own size: landmarks in % of the eyes' distance, AUs of 0-5")
    for name, distances in apart.items():
        difference = np.stack(units[name])
        print(
            f"  {name:20} landmarks {100 * np.mean(distances):5.2f}   AUs mean "
            f"{np.nanmean(difference):.4f}, 95th percentile "
            f"{np.nanquantile(difference, 0.95):.3f}, largest {np.nanmax(difference):.2f}"
        )
    for name in ("one square", "nine squares"):
        ratio = seconds[name] / seconds["detection and first"]
        print(f"time of {name} / detection and first landmarks {ratio:6.2f}")


if __name__ == "__main__":
    main()
