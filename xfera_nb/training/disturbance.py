"""Random variation of one face with its landmarks, for the Action Unit network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from xfera_nb.au_detectors import align


@dataclass(frozen=True)
class Limits:
    """Hold how far a face's look is varied.

    Attributes
    ----------
    blur : tuple of (float, float)
        Standard deviation of the blur, pixels of the 112-pixel square.
    small : tuple of (float, float)
        Side that the square is shrunk to and enlarged from again, pixels.
    dark : float
        Probability that all grey values are multiplied by 0.15 to 0.6.
    often : float
        Probability of the blur, and of the loss of resolution.
    """

    blur: tuple[float, float] = (0.4, 1.3)
    small: tuple[float, float] = (45, 100)
    dark: float = 0.0
    often: float = 0.25


MILD = Limits()
"""What the version of November 2026 was trained with."""
HARD = Limits(blur=(0.4, 3.0), small=(26, 100), dark=0.2, often=0.25)
"""Poor photos too: small, blurred and dark faces."""


class Disturbance:
    """Change one face at random; it keeps its intensities under all of the changes.

    Never mirrored: a network that was fitted to mirror images too agreed less with OpenFace, whose
    intensities these are; probably OpenFace itself answers a mirrored face otherwise.

    A similarity of sd 2.5 degrees, 3 % scale and 1.2 pixels of the square, and sd 0.5 % of the
    brows' width a landmark (what another landmark detector would change). Brightness, contrast and
    gamma always a little; blur, loss of resolution and darkness by `limits`; in a fifth of the
    cases noise.
    """

    def __init__(self, seed: int | Sequence[int], limits: Limits = MILD) -> None:
        self.rng, self.limits = np.random.default_rng(seed), limits

    def __call__(
        self, picture: np.ndarray, landmarks: np.ndarray, shape: np.ndarray, rigid: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the network's three inputs, as `align.inputs`, for a disturbed face."""
        rng = self.rng
        size = float(np.ptp(landmarks[align.FIRST_POINT :, 0])) / 80
        landmarks = landmarks + rng.normal(0, 0.4 * size, landmarks.shape)
        grey, points, second = align.inputs(picture, landmarks, shape, rigid, self._jitter())
        grey, second = self._look(grey, second)
        return grey, points, second

    def _jitter(self) -> np.ndarray:
        angle = np.radians(self.rng.normal(0, 2.5))
        scale = np.exp(self.rng.normal(0, 0.03))
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        centre = np.full(2, (align.SIZE - 1) / 2)
        shift = centre - turn @ centre + self.rng.normal(0, 1.2, 2)
        return np.column_stack([turn, shift])

    def _look(self, *squares: np.ndarray) -> tuple[np.ndarray, ...]:
        """Change all squares alike."""
        rng, limits = self.rng, self.limits
        if rng.random() < limits.often:
            sigma = rng.uniform(*limits.blur)
            squares = tuple(cv2.GaussianBlur(square, (0, 0), sigma) for square in squares)
        if rng.random() < limits.often:
            side = int(rng.uniform(*limits.small))
            squares = tuple(coarsen(square, side) for square in squares)
        tone = np.arange(256) / 255
        tone = tone ** np.exp(rng.normal(0, 0.2))
        tone = (tone - 0.5) * np.exp(rng.normal(0, 0.2)) + 0.5 + rng.normal(0, 0.06)
        if limits.dark and rng.random() < limits.dark:
            tone = tone * rng.uniform(0.15, 0.6)
        table = np.clip(255 * tone, 0, 255).astype(np.uint8)
        squares = tuple(cv2.LUT(square, table) for square in squares)
        if rng.random() < 0.2:
            noise = rng.normal(0, rng.uniform(1, 6), squares[0].shape)
            squares = tuple(np.clip(q + noise, 0, 255).astype(np.uint8) for q in squares)
        return squares


def coarsen(square: np.ndarray, side: int) -> np.ndarray:
    """Shrink a (112, 112) uint8 square to `side` pixels by area and enlarge it again."""
    small = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (align.SIZE, align.SIZE), interpolation=cv2.INTER_LINEAR)
