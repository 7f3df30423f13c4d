"""Labelled faces with their landmarks and the landmarks that guide each, for the student."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xfera_nb.errors import PhotoError
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.training.guidance import active_landmarks
from xfera_nb.training.labelled_faces import LabelledFaces, read_crops, read_ferplus

_FERPLUS_SIDE = 48


@dataclass(frozen=True, eq=False)
class MarkedFaces:
    """Hold N labelled faces with landmarks.

    Attributes
    ----------
    faces : LabelledFaces
    landmarks : (N, 68, 2) float32
        (x, y) from -1 (left, upper edge of the picture) to 1; NaN where unknown.
    active : (N, 68) bool
        The landmarks that guide, from `active_landmarks`; none without landmarks.
    """

    faces: LabelledFaces
    landmarks: np.ndarray
    active: np.ndarray

    def __len__(self) -> int:
        return len(self.faces)

    def __getitem__(self, chosen: np.ndarray | slice) -> MarkedFaces:
        return MarkedFaces(self.faces[chosen], self.landmarks[chosen], self.active[chosen])


def without_marks(faces: LabelledFaces) -> MarkedFaces:
    """Return faces whose landmarks nobody knows."""
    count = len(faces)
    landmarks = np.full((count, 68, 2), np.nan, np.float32)
    return MarkedFaces(faces, landmarks, np.zeros((count, 68), bool))


def read_marked_ferplus(path: Path, marks: Path | None) -> MarkedFaces:
    """Read the split Training of the FER+ pack with its landmarks.

    Parameters
    ----------
    path : Path
        As for `read_ferplus`; lone votes are dropped.
    marks : Path or None
        An .npz with `landmarks` (N, 68, 2), pixels of the 48 px pictures, and `intensities`
        (N, 17), NaN where there are none, row by row as in the split.

    Raises
    ------
    PhotoError
        A file cannot be read or does not fit the split.
    """
    faces = read_ferplus(path, "Training", min_votes=2)
    if marks is None:
        return without_marks(faces)
    try:
        with np.load(marks, allow_pickle=False) as pack:
            points, intensities = (
                pack[name].astype(np.float32) for name in ("landmarks", "intensities")
            )
    except (OSError, KeyError, ValueError) as error:
        raise PhotoError(
            f"{marks} cannot be read: it needs the arrays landmarks and intensities."
        ) from error
    if points.shape != (len(faces), 68, 2) or intensities.shape != (len(faces), 17):
        raise PhotoError(f"{marks} does not fit the split Training of {path}: check both files.")
    return _mark(faces, (points + 0.5) / _FERPLUS_SIDE * 2 - 1, intensities)


def read_marked_crops(folder: Path) -> MarkedFaces:
    """Read the train split of a folder of face crops with landmarks.

    Parameters
    ----------
    folder : Path
        As for `read_crops`; `faces.csv` also has `x0`, `y0` ... `y67` in pixels of the pictures,
        which are square and 160 px wide. Intensities come from `openface_aus.csv` beside it.

    Raises
    ------
    PhotoError
        A file cannot be read.
    """
    faces = read_crops(folder, "train")
    try:
        with open(folder / "faces.csv", newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["split"] == "train"]
        with open(folder / "openface_aus.csv", newline="", encoding="utf-8") as file:
            known = {row["file"]: row for row in csv.DictReader(file)}
        points = [[(float(row[f"x{i}"]), float(row[f"y{i}"])) for i in range(68)] for row in rows]
        unknown = {f"{au_name(au)}_r": "nan" for au in OPENFACE_AUS}
        intensities = [
            [float(known.get(row["file"], unknown)[name] or "nan") for name in unknown]
            for row in rows
        ]
    except (OSError, KeyError, ValueError) as error:
        raise PhotoError(
            f"The landmarks or Action Units of {folder} cannot be read ({str(error)[:80]})."
        ) from error
    landmarks = np.array(points, np.float32) / _CROP_SIDE * 2 - 1
    return _mark(faces, landmarks, np.array(intensities, np.float32))


_CROP_SIDE = 160


def _mark(faces: LabelledFaces, landmarks: np.ndarray, intensities: np.ndarray) -> MarkedFaces:
    known = np.isfinite(landmarks).all((1, 2))
    sure = faces.targets.max(1) > 0.5
    active = np.zeros((len(faces), 68), bool)
    for row in np.flatnonzero(known & sure):
        active[row] = active_landmarks(EMOTIONS[faces.majority[row]], intensities[row])
    return MarkedFaces(faces, np.where(known[:, None, None], landmarks, np.nan), active)
