"""A made-up symmetric face, all numbers chosen by hand."""

from __future__ import annotations

import numpy as np

from xfera_nb.facs.landmarks import MIRROR

# 0-based points of the picture's left half and the middle line; eye corners 100 apart.
HALF = {
    0: (-65, 0), 1: (-64, 20), 2: (-60, 40), 3: (-55, 58), 4: (-48, 75), 5: (-38, 90),
    6: (-26, 102), 7: (-13, 110), 8: (0, 113), 17: (-58, -18), 18: (-48, -24), 19: (-36, -26),
    20: (-24, -24), 21: (-12, -20), 27: (0, 0), 28: (0, 12), 29: (0, 24), 30: (0, 36),
    31: (-12, 42), 32: (-6, 44), 33: (0, 46), 36: (-50, 0), 37: (-40, -4), 38: (-28, -4),
    39: (-20, 0), 40: (-28, 4), 41: (-40, 4), 48: (-26, 68), 49: (-16, 64), 50: (-6, 62),
    51: (0, 63), 57: (0, 80), 58: (-6, 79), 59: (-16, 76), 60: (-22, 68), 61: (-6, 67),
    62: (0, 68), 66: (0, 72), 67: (-6, 72),
}  # fmt: skip


def symmetric_landmarks() -> np.ndarray:
    """(68, 2) float64: eye corners at (100, 100) and (200, 100), middle line x = 150."""
    points = np.zeros((68, 2))
    for index, (x, y) in HALF.items():
        points[index] = (150 + x, 100 + y)
        points[MIRROR[index]] = (150 - x, 100 + y)
    return points
