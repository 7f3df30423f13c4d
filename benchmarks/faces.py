"""How long the search for faces takes, as ratios of one run: ``python benchmarks/faces.py``.

The photos are made of one sample: alone, as one near face with a row of far ones, lying on its
side, and grey without a face. Each is searched as `find_faces` does for the largest face and for
all; the searches take turns, so that a machine whose speed drifts treats all alike, and medians
are printed beside the largest face of the same photo found upright. The bounds are those that
`xfera_nb.faces.search` states.

``--scores`` prints the detector's scores on the samples turned by several angles instead: as they
are, and the best of the three quarter turns.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from core import medians

from xfera_nb.faces import load_photo
from xfera_nb.faces.detector import detect_scaled
from xfera_nb.faces.search import TURNED_MARGIN, search_faces

SAMPLE = Path(__file__).parent.parent / "data" / "samples" / "C01HA.jpg"
LONGER_SIDES = (520, 1280, 4000)


def make_group(sample: np.ndarray, longer: int) -> np.ndarray:
    """Lay one near face and six far ones, 5 % of the width each, on grey."""
    image = np.full((longer * 2 // 3, longer, 3), 128, np.uint8)

    def lay(left: int, top: int, side: int) -> None:
        small = cv2.resize(sample, (side, side), interpolation=cv2.INTER_AREA)
        image[top : top + side, left : left + side] = small

    lay(longer // 100, longer // 4, longer * 2 // 5)
    for number in range(6):
        lay(longer * 45 // 100 + number * longer * 9 // 100, longer // 20, longer * 85 // 1000)
    return image


def print_scores() -> None:
    """Print how the detector scores turned samples."""
    paths = sorted(SAMPLE.parent.glob("*.jpg"))
    print(f"Best score on each of {len(paths)} samples (0 where nothing is found)")
    for degrees in (0, 130, 135, 140, 180):
        unturned, best = [], []
        for path in paths:
            image = load_photo(path)
            height, width = image.shape[:2]
            middle = ((width - 1) / 2, (height - 1) / 2)
            turn = cv2.getRotationMatrix2D(middle, degrees, 1.0)
            image = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
            scores = [
                max((one.score for one in detect_scaled(image, 1.0, turns=turns)), default=0.0)
                for turns in range(4)
            ]
            unturned.append(scores[0])
            best.append(max(scores[1:]))
        print(
            f"  by {degrees:3} degrees: as it is {min(unturned):.2f} to {max(unturned):.2f}; "
            f"turned {min(best):.2f} to {max(best):.2f}, below {TURNED_MARGIN} on "
            f"{sum(score < TURNED_MARGIN for score in best)}"
        )


def main() -> None:
    """Time the searches and print the ratios, or print the scores."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scores", action="store_true", help="scores of turned samples instead")
    options = parser.parse_args()
    if options.scores:
        print_scores()
        return
    sample = load_photo(SAMPLE)
    print("Time of a search over that of the largest face, upright (faces found)")
    heads = ("longer side", "all", "on its side", "no face", "all, no face")
    print(" ".join(head.rjust(12) for head in heads))
    for longer in LONGER_SIDES:
        group = make_group(sample, longer)
        side = np.ascontiguousarray(np.rot90(group))
        empty = np.full_like(group, 90)
        whats = {
            "largest": (group, False),
            "all": (group, True),
            "on its side": (side, False),
            "no face": (empty, False),
            "all, no face": (empty, True),
        }
        searches: dict[str, Callable[[], object]] = {
            name: partial(search_faces, image, all_sizes=all_sizes)
            for name, (image, all_sizes) in whats.items()
        }
        found = {
            name: len(search_faces(image, all_sizes=all_sizes))
            for name, (image, all_sizes) in whats.items()
        }
        seconds = medians(searches, options.rounds)
        cells = [
            f"{seconds[name] / seconds['largest']:6.1f} ({found[name]})".rjust(12)
            for name in list(searches)[1:]
        ]
        print(f"{longer:12} {' '.join(cells)}")


if __name__ == "__main__":
    main()
