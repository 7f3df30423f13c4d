"""Faces to train and check the classifier on, read into memory as small grey squares.

Three forms are read: the FER+ pack (one .npz of 48x48 images with the votes of ten people), a
folder of face crops listed by a `faces.csv`, and a folder tree with one subfolder a class, as in
``train/happiness/*.jpg``. None of them comes with the toolkit: their pictures may not be
redistributed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from xfera_nb.datasets.ferplus import read_pack
from xfera_nb.datasets.files import DAMAGED, known_formats, read_table
from xfera_nb.errors import PhotoError
from xfera_nb.facs.emotions import EMOTIONS

FOLDER_SIDE = 96
"""Side of the squares read from folders, pixels: as fine as their coarser photographs."""


@dataclass(frozen=True, eq=False)
class LabelledFaces:
    """Hold grey faces with soft labels.

    Attributes
    ----------
    images : ndarray
        (N, s, s) uint8.
    targets : ndarray
        (N, 7) float32, rows summing to 1, in the order of `EMOTIONS`.
    zoom : float
        Scale at which these squares are shown, so that the faces of all sources are of one size.
    """

    images: np.ndarray
    targets: np.ndarray
    zoom: float = 1.0

    def __len__(self) -> int:
        return len(self.images)

    @property
    def majority(self) -> np.ndarray:
        """Return the class with the most votes, (N,) int64; the first of equals."""
        winners: np.ndarray = self.targets.argmax(axis=1)
        return winners

    @property
    def tied(self) -> np.ndarray:
        """Return where two classes share the most votes, (N,) bool."""
        best = self.targets.max(axis=1, keepdims=True)
        shared: np.ndarray = (self.targets == best).sum(axis=1) > 1
        return shared

    def __getitem__(self, chosen: np.ndarray | slice) -> LabelledFaces:
        return LabelledFaces(self.images[chosen], self.targets[chosen], self.zoom)


def read_ferplus(path: str | Path, split: str, *, min_votes: int = 1) -> LabelledFaces:
    """Read one split of the FER+ pack.

    Parameters
    ----------
    path : str or Path
        The .npz file: `images` (N, 48, 48) uint8, `votes` (N, 10), `classes` (10,), `split` (N,).
    split : str
        "Training", "PublicTest" or "PrivateTest".
    min_votes : int
        Votes that a class needs to count: 2 drops lone votes as outliers, as Barsoum et al. (2016,
        section 2) do; where no class has that many, all votes stay.

    Raises
    ------
    PhotoError
        If the file cannot be read or lacks these arrays.
    """
    pack = read_pack(path, split)
    votes = pack.seven
    kept = np.where(votes >= min_votes, votes, 0)
    kept = np.where(kept.sum(axis=1, keepdims=True) > 0, kept, votes)
    return LabelledFaces(pack.images, kept / kept.sum(axis=1, keepdims=True))


def read_crops(folder: str | Path, split: str, *, zoom: float = 0.85) -> LabelledFaces:
    """Read one split of a folder of face crops with a `faces.csv` (file, split, emotion).

    Parameters
    ----------
    folder : str or Path
    split : str
        "train" or "val".
    zoom : float
        The crops show the face larger than FER+ does, so that they are shrunk by this much.

    Raises
    ------
    PhotoError
        If the list or one of its images cannot be read.
    """
    folder = Path(folder)
    try:
        table = read_table(folder / "faces.csv")[1]
        rows = [row for row in table if row["split"] == split]
        labels = [EMOTIONS.index(row["emotion"]) for row in rows]
        files = [folder / row["file"] for row in rows]
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise PhotoError(
            f"{folder / 'faces.csv'} cannot be read ({str(error)[:80]}): it needs the columns "
            "file, split and emotion."
        ) from error
    return _stack(files, labels, zoom)


def read_folder(folder: str | Path, split: str) -> LabelledFaces:
    """Read ``folder/split/<emotion>/*`` as hard-labelled faces.

    Raises
    ------
    PhotoError
        If no image is there, or one cannot be read.
    """
    files, labels = [], []
    for label, emotion in enumerate(EMOTIONS):
        found = sorted(path for path in Path(folder, split, emotion).glob("*") if path.is_file())
        files += found
        labels += [label] * len(found)
    if not files:
        raise PhotoError(
            f"{Path(folder, split)} holds no images: it needs a subfolder for each of "
            f"{', '.join(EMOTIONS)}."
        )
    return _stack(files, labels, zoom=1.0)


def _stack(files: list[Path], labels: list[int], zoom: float) -> LabelledFaces:
    images = np.empty((len(files), FOLDER_SIDE, FOLDER_SIDE), np.uint8)
    for row, file in enumerate(files):
        try:
            with Image.open(file, formats=known_formats()) as image:
                grey = image.convert("L")
                small = grey.resize((FOLDER_SIDE, FOLDER_SIDE), Image.Resampling.BOX)
                images[row] = np.asarray(small)
        except DAMAGED as error:
            raise PhotoError(f"{file} cannot be read as an image: remove or replace it.") from error
    return LabelledFaces(images, np.eye(len(EMOTIONS), dtype=np.float32)[labels], zoom)
