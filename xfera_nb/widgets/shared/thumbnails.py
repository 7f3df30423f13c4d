"""Find the photos of a store's rows, and read them as thumbnails and as evidence.

A store keeps no pixels, so photos are read from the user's folder, one at a time and only when they
are shown. A photo that is missing or cannot be read gives a reason instead. Thumbnails are
JPEG, cut to the face; the last `CACHED` of them stay in memory and none is written to disk.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from xfera_nb.datasets import Dataset
from xfera_nb.datasets.clip import file_of
from xfera_nb.errors import PhotoError
from xfera_nb.evidence import Evidence
from xfera_nb.evidence.rows import Row
from xfera_nb.evidence.storage import StoreError, resolve_photo
from xfera_nb.faces import load_photo
from xfera_nb.figures import to_jpeg
from xfera_nb.widgets.shared.stored_faces import StoredFaces

SIDE = 96
"""Side of a thumbnail, pixels, unless another is asked for."""
CACHED = 960
"""Thumbnails in memory; about 4 kB each."""
_MARGIN = 0.15  # of the face's box, around it
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """Hold a thumbnail, or why there is none.

    Attributes
    ----------
    data : bytes
        JPEG; empty where there is none.
    reason : str
        One sentence; empty where there is a picture.
    """

    data: bytes = field(default=b"", repr=False)
    reason: str = ""


class PhotoFinder:
    """Find and read the photos of a store's rows.

    Parameters
    ----------
    source : str
        The data set's root when it was extracted.
    photos : path or Dataset, optional
        Where they are now: the root's new place, or the data set itself (needed where photos are
        no files, as in FER+'s .npz).
    """

    def __init__(self, source: str, photos: str | PathLike[str] | Dataset | None = None) -> None:
        self._items: dict[str, Any] = {}
        root: str | PathLike[str] = source
        if isinstance(photos, Dataset):
            self._items = {item.id: item.source for item in photos}
        elif photos is not None:
            root = photos
        self._root = Path(root).expanduser()
        self._moved = photos is not None and not self._items
        self._cache: OrderedDict[tuple[str, str, int], Thumbnail] = OrderedDict()
        self._lock = threading.Lock()

    def source(self, id_: str, photo: str) -> Any:
        """Return what `load_photo` takes for a row.

        Raises
        ------
        PhotoError
            If the row names no file and no data set was given, or one outside of the folder.
        """
        if id_ in self._items:
            return self._items[id_]
        if not photo:
            raise PhotoError(
                f"{id_} has no file of its own: give the data set as photos to see it."
            )
        try:
            return resolve_photo(self._root, photo)
        except StoreError as error:
            if self._moved and Path(photo).is_absolute():
                return self._root / Path(photo).name
            raise PhotoError(str(error)) from error

    def read(self, id_: str, photo: str) -> np.ndarray:
        """Read a row's photo, (H, W, 3) uint8 RGB.

        Raises
        ------
        PhotoError
            If it is not there any more or cannot be read.
        """
        source = self.source(id_, photo)
        if isinstance(source, Path) and not file_of(source).is_file():
            raise PhotoError(
                f"{PurePosixPath(photo).name} is not in {source.parent} any more: say with photos= "
                "where it is now."
            )
        return load_photo(source)

    def thumbnail(
        self, id_: str, photo: str, box: np.ndarray | None, side: int = SIDE
    ) -> Thumbnail:
        """Return a thumbnail of a row's face; of the whole photo where no face was found.

        Parameters
        ----------
        box : ndarray or None
            (4,) left, top, right, bottom in photo pixels.
        side : int
            Of the thumbnail, pixels.
        """
        key = (id_, photo, side)
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        try:
            made = Thumbnail(_small(self.read(id_, photo), box, side))
        except PhotoError as error:
            return Thumbnail(reason=str(error))
        with self._lock:
            self._cache[key] = made
            while len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return made

    def thumbnail_of(self, faces: StoredFaces, row: int, side: int = SIDE) -> Thumbnail:
        """Return the thumbnail of a row of the columns."""
        shown = faces.shown(row)
        return self.thumbnail(shown.id, shown.photo, shown.box, side)

    def evidence(self, row: Row, manifest: dict[str, Any]) -> Evidence:
        """Return a row's evidence, with its face from the photo; no model is needed.

        Parameters
        ----------
        row : Row
        manifest : dict
            The store's.

        Raises
        ------
        PhotoError
            If the row has no face, or its photo is not there any more, cannot be read, or is too
            small for the landmarks that were found on it.
        """
        if not row.has_face:
            raise PhotoError(f"{row.id} has no face: {row.reason}")
        return Evidence.from_row(row, self.read(row.id, row.photo_path or ""), manifest)


def _small(image: np.ndarray, box: np.ndarray | None, length: int) -> bytes:
    height, width = image.shape[:2]
    left, top, right, bottom = (0, 0, width, height) if box is None else np.asarray(box, float)
    side = max(right - left, bottom - top)
    if box is not None:
        side *= 1 + 2 * _MARGIN
    x, y = (left + right) / 2, (top + bottom) / 2
    low, high = np.floor([x - side / 2, y - side / 2]), np.ceil([x + side / 2, y + side / 2])
    low, high = np.clip(low, 0, [width - 1, height - 1]), np.clip(high, 1, [width, height])
    (x0, y0), (x1, y1) = low.astype(int), high.astype(int)
    picture = Image.fromarray(image[y0:y1, x0:x1])
    picture.thumbnail((length, length))
    return to_jpeg(picture, _QUALITY)
