"""A face on a photo: box, landmarks, aligned crop, and the way between crop and photo.

Units: pixels as (x, y), the centre of the top-left pixel at (0, 0), both in the photo and in the
crop. Landmarks are the 68 iBUG points in their order, row 0 being point 1.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from xfera_nb.errors import InputError, NoFaceError, PhotoError
from xfera_nb.faces.align import (
    CROP_SIZE,
    LEFT_EYE,
    RIGHT_EYE,
    apply_affine,
    crop_to_image_affine,
    invert_affine,
    warp_crop,
)
from xfera_nb.faces.detector import Box, box_area, find_landmarks
from xfera_nb.faces.photo import get_photo_name, load_photo
from xfera_nb.faces.regions import HiddenPart, name_hidden
from xfera_nb.faces.search import search_faces
from xfera_nb.paths import expand_path

MAX_FACES = 200
"""Photos with more faces are refused: each face costs the work of a photo."""

MAX_TILT = 40
"""Degrees from upright; a face tilted by more is reported as turned. The detector misses most."""


@dataclass(frozen=True, eq=False)
class Face:
    """Hold one face of a photo; its arrays are read-only.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        The whole photo, RGB; shared by all faces on it.
    box : (left, top, right, bottom) of int
        Right and bottom just outside; may reach beyond the photo.
    landmarks : (68, 2) float32 array
        Photo pixels.
    crop : (224, 224, 3) uint8 array
        The upright face, by the rule of `xfera_nb.faces.align`.
    crop_to_photo : (2, 3) float64 array
        Maps crop pixels to photo pixels.
    photo_name : str, optional
        The photo's name, as shown to people.
    photo_path : str, optional
        The absolute path of its file, by which files that belong to it are found; in no output.
    hidden : tuple of (str or (x, y, radius))
        Regions and painted discs that are blurred in `crop` (`xfera_nb.evidence.hide_parts`); the
        photo is whole.

    Raises
    ------
    ValueError
        An array has another shape or type, or the box is empty.
    """

    image: np.ndarray = field(repr=False)
    box: Box
    landmarks: np.ndarray = field(repr=False)
    crop: np.ndarray = field(repr=False)
    crop_to_photo: np.ndarray = field(repr=False)
    photo_name: str | None = None
    photo_path: str | None = field(default=None, repr=False)
    hidden: tuple[HiddenPart, ...] = ()

    def __post_init__(self) -> None:
        height_width = np.shape(self.image)[:2]
        for name, shape, dtype in (
            ("image", (*height_width, 3), np.uint8),
            ("landmarks", (68, 2), np.float32),
            ("crop", (CROP_SIZE, CROP_SIZE, 3), np.uint8),
            ("crop_to_photo", (2, 3), np.float64),
        ):
            array = getattr(self, name)
            if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype != dtype:
                raise ValueError(f"Face.{name} must be a {shape} array of {np.dtype(dtype)}")
            view = array.view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)
        left, top, right, bottom = box = tuple(int(edge) for edge in self.box)
        if left >= right or top >= bottom:
            raise ValueError(f"Face.box {box} is empty")
        object.__setattr__(self, "box", box)

    @property
    def look_up_name(self) -> str | None:
        """Return the path of the photo's file, or its name where there is no file."""
        return self.photo_path or self.photo_name

    def _with_path(self, source: Any) -> Face:
        """Return the face with the path of a photo's source, where that is a path."""
        if not isinstance(source, (str, os.PathLike)):
            return self
        path = os.path.abspath(expand_path(os.fsdecode(source)))
        return replace(self, photo_path=path)

    @property
    def photo_to_crop(self) -> np.ndarray:
        """(2, 3) float64: maps photo pixels to crop pixels."""
        return invert_affine(self.crop_to_photo)

    @property
    def crop_landmarks(self) -> np.ndarray:
        """(68, 2) float64: the landmarks in crop pixels."""
        return self.to_crop(self.landmarks)

    @property
    def tilt(self) -> float:
        """Return the degrees by which the face is turned clockwise on its photo, -180 to 180."""
        return measure_tilt(self.landmarks)

    @property
    def turn_note(self) -> str | None:
        """Return a sentence on a face that lies on its side or upside down; None otherwise."""
        degrees = round(abs(self.tilt))
        if degrees <= MAX_TILT:
            return None
        way = "" if degrees == 180 else " clockwise" if self.tilt > 0 else " counter-clockwise"
        return (
            f"The face is turned by {degrees} degrees{way} on the photo; it was turned upright "
            "before anything was measured."
        )

    @property
    def hidden_note(self) -> str | None:
        """Return a sentence on the parts that the classifier did not see; None without any."""
        if not self.hidden:
            return None
        return (
            f"Hidden from the classifier by blur: {', '.join(name_hidden(self.hidden))}. "
            "Action Units are measured on the whole photo."
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Return `turn_note` and `hidden_note`, those that there are."""
        return tuple(filter(None, (self.turn_note, self.hidden_note)))

    def to_photo(self, points: np.ndarray) -> np.ndarray:
        """Map (..., 2) points from crop pixels to photo pixels; returns float64."""
        return apply_affine(self.crop_to_photo, points)

    def to_crop(self, points: np.ndarray) -> np.ndarray:
        """Map (..., 2) points from photo pixels to crop pixels; returns float64."""
        return apply_affine(self.photo_to_crop, points)


def measure_tilt(landmarks: np.ndarray) -> float:
    """Return the degrees, -180 to 180, by which (68, 2) landmarks are turned clockwise.

    It is the angle of the line through the eye centres, in pixels with y downwards.
    """
    across, down = landmarks[RIGHT_EYE].mean(axis=0) - landmarks[LEFT_EYE].mean(axis=0)
    return math.degrees(math.atan2(down, across))


def find_faces(
    source: Any, *, which: Literal["largest", "all"] = "largest", photo_name: str | None = None
) -> list[Face]:
    """Find the faces in a photo, with landmarks and aligned crops.

    Parameters
    ----------
    source : (H, W, 3) uint8 array, or any other source of `load_photo`
        The photo; an array is not copied.
    which : "largest" or "all"
        The face with the largest box alone, or all, ordered from left to right. For all, the
        photo is searched at every size, which takes longer (see `xfera_nb.faces.search`).
    photo_name : str, optional
        Name to show; by default the file's name where there is one.

    Returns
    -------
    list of Face
        At least one.

    Raises
    ------
    NoFaceError
        Nothing was found, at any size the detector was given, upright or turned.
    PhotoError
        The photo cannot be read, or more than `MAX_FACES` were found and all are wanted.
    ModelError
        dlib or its landmark model is missing.
    InputError
        `which` is neither word.
    """
    if which not in ("largest", "all"):
        raise InputError(f"which must be 'largest' or 'all', not {which!r}")
    photo_name = photo_name or get_photo_name(source)
    image = _as_photo(source)
    found = search_faces(image, all_sizes=which == "all")
    if not found:
        raise NoFaceError(
            f"No face was found on {photo_name or 'the photo'}; try a photo in which the face is "
            "seen from the front, evenly lit and larger (turned versions were tried too)."
        )
    if which == "largest":
        found = [max(found, key=lambda one: box_area(one.box))]
    if len(found) > MAX_FACES:
        raise PhotoError(
            f"{photo_name or 'The photo'} shows {len(found):,} faces, more than the {MAX_FACES} "
            "that are taken at once; cut it into parts."
        )
    return [
        face_from_landmarks(
            image, find_landmarks(image, one), box=one.box, photo_name=photo_name
        )._with_path(source)
        for one in found
    ]


def face_from_landmarks(
    source: Any, landmarks: np.ndarray, box: Box | None = None, photo_name: str | None = None
) -> Face:
    """Make a Face from landmarks that are known already.

    Parameters
    ----------
    source : (H, W, 3) uint8 array, or any other source of `load_photo`
        The photo; an array is not copied.
    landmarks : (68, 2) array
        iBUG points in photo pixels.
    box : (left, top, right, bottom), optional
        By default the smallest box that holds all landmarks.
    photo_name : str, optional
        Name to show; by default the file's name where there is one.

    Raises
    ------
    PhotoError
        The photo cannot be read, the landmarks all lie outside of it, are not finite, or have no
        distance between the eyes.
    ValueError
        The landmarks or the box have another shape.
    """
    photo_name = photo_name or get_photo_name(source)
    image = _as_photo(source)
    crop_to_photo = crop_to_image_affine(landmarks)
    points = np.array(landmarks, dtype=np.float32)
    height, width = image.shape[:2]
    if not ((points > -1) & (points < (width, height))).all(axis=1).any():
        raise PhotoError(
            f"The landmarks all lie outside of {photo_name or 'the photo'} "
            f"({width} x {height} pixels); give them in the pixels of this photo."
        )
    if box is None:
        low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0)) + 1
        box = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    face = Face(image, box, points, warp_crop(image, crop_to_photo), crop_to_photo, photo_name)
    return face._with_path(source)


def _as_photo(source: Any) -> np.ndarray:
    """Return a photo array as it is, and load anything else."""
    if (
        isinstance(source, np.ndarray)
        and source.dtype == np.uint8
        and source.ndim == 3
        and source.shape[2] == 3
        and source.size
    ):
        return source
    return load_photo(source)


def recrop_face(face: Face, *, margin: float | None = None, align: bool = True) -> Face:
    """Return a face with the crop that a network was trained with.

    Parameters
    ----------
    face : Face
    margin : float, optional
        Side of the crop beyond the larger side of the landmarks' box, in such sides; that of the
        toolkit by default.
    align : bool
        Whether the crop is turned to the eyes' line.

    Returns
    -------
    Face
        With the same photo, box and landmarks, and nothing hidden; the same object where the crop
        is the same.

    Raises
    ------
    PhotoError
        The landmarks are not finite or have no distance between the eyes.
    """
    affine = crop_to_image_affine(face.landmarks, margin=margin, align=align)
    if np.allclose(affine, face.crop_to_photo):
        return face
    return replace(face, crop=warp_crop(face.image, affine), crop_to_photo=affine, hidden=())
