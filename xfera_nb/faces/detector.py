"""Detect faces on a copy of a photo, and place their 68 landmarks: dlib's models.

Units: photo pixels as (x, y), the centre of the top-left pixel at (0, 0). Boxes are
(left, top, right, bottom) with left and top inside and right and bottom just outside, and may
reach beyond the photo. A photo is turned by quarters: `turns` of them counter-clockwise, as
`numpy.rot90` counts; boxes and landmarks are given in the pixels of the photo as it is.

The detector finds faces of about 80 pixels and more that are at most 45 degrees from upright.
`xfera_nb.faces.search` decides which copies of a photo are searched.

The landmark model gives whole pixels, so it is given each face with its box `MODEL_BOX` pixels
wide, independent of its size in the photo: the cost is the same for every face, and rounding is
at most 0.16 % of the box in x and in y.

Source: dlib (King 2009), its frontal face detector (HOG, five views) and
shape_predictor_68_face_landmarks (Kazemi and Sullivan 2014; iBUG 300-W), which the package
face-recognition-models brings. The XFERa paper uses dlib's 68 landmarks too.
"""

from __future__ import annotations

import importlib.util
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from xfera_nb.errors import ModelError
from xfera_nb.faces.align import LEFT_EYE, RIGHT_EYE, apply_affine, invert_affine, warp_crop

Box = tuple[int, int, int, int]


class Detection(NamedTuple):
    """Hold a face's box, the detector's score of it, and the turns that made it upright."""

    box: Box
    score: float
    turns: int = 0


MAX_OVERLAP = 0.5
"""Of two boxes that share more than this part of the smaller one, the lower score is dropped."""

MODEL_BOX = 320
"""Width of a face's box, in pixels, in the picture that the landmark model is given."""

MODEL_MARGIN = 0.3
"""What that picture shows around the box, as a fraction of its width, at each edge."""

BOX_OVER_SPREAD = 2.776
"""Side of the detector's box over the root mean square distance of its 68 points from their mean:
the mean over the 70 samples at one, two and four times their size (SD 9 %)."""

BOX_RISE = -0.049
"""From that mean to the box's centre, downwards on the upright face, in sides of the box."""

SPREAD = 0.03
"""Shift, and change of size, of the nine squares whose landmarks are averaged, in sides."""

# In `SPREAD`: to the right, lower, larger. Means are 0, and no two are correlated.
_NEAR = (
    (0, 0, 0), (-1, -1, 1), (-1, 0, -1), (-1, 1, 0), (0, -1, -1),
    (0, 1, 1), (1, -1, 0), (1, 0, 1), (1, 1, -1),
)  # fmt: skip

_PACKAGE = "face_recognition_models"
_MODEL_FILE = "models/shape_predictor_68_face_landmarks.dat"
_INSTALL = "run `pip install face-recognition-models`"
# dlib's detector keeps the pyramid of the image it works on, so each thread has its own.
_OWN = threading.local()


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


def detect_scaled(
    image: np.ndarray, scale: float, border: float = 0.0, turns: int = 0
) -> list[Detection]:
    """Detect faces seen from the front on a scaled, turned copy of a photo.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB photo of any size.
    scale : float
        Size of the copy as a fraction of the photo's.
    border : float
        Repeat the photo's edge around the copy, by this fraction of its width and height.
    turns : int
        Quarters, 0-3, by which the copy is turned counter-clockwise.

    Returns
    -------
    list of Detection
        From left to right in the photo, without overlaps; empty where nothing is found.

    Raises
    ------
    ModelError
        dlib is not installed.
    """
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = image if size == (width, height) else cv2.resize(image, size, interpolation=method)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    pad_x, pad_y = (round(border * side) for side in size)
    if border:
        grey = cv2.copyMakeBorder(grey, pad_y, pad_y, pad_x, pad_x, cv2.BORDER_REPLICATE)
    to_grey = _turned_to_photo(turns, (grey.shape[1], grey.shape[0]))
    found, scores, _ = _detector().run(np.rot90(grey, turns).copy(), 0, 0.0)
    x_step, y_step = width / size[0], height / size[1]
    detections = []
    for one, score in zip(found, scores, strict=True):
        turned = (one.left(), one.top(), one.right() + 1, one.bottom() + 1)
        left, top, right, bottom = _map_box(to_grey, turned)
        box = (
            round((left - pad_x) * x_step),
            round((top - pad_y) * y_step),
            round((right - pad_x) * x_step),
            round((bottom - pad_y) * y_step),
        )
        detections.append(Detection(box, float(score), turns))
    return drop_overlaps(detections)


def find_landmarks(image: np.ndarray, found: Detection) -> np.ndarray:
    """Place the 68 iBUG points of a face: in its box, in the upright square, in nine near it.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB photo.
    found : Detection
        As `detect_scaled` gives it.

    Returns
    -------
    (68, 2) float32 array
        Photo pixels.

    Raises
    ------
    ModelError
        dlib or the landmark model is missing or damaged.
    """
    height, width = image.shape[:2]
    turned_to_photo = _turned_to_photo(found.turns, (width, height))
    # The photo itself is turned, a view: the same pixels as upright, not almost the same.
    turned = np.rot90(image, found.turns)
    points = predict_landmarks(turned, _map_box(invert_affine(turned_to_photo), found.box))
    points = predict_landmarks_upright(turned, points, spread=0)
    points = predict_landmarks_upright(turned, points)
    return apply_affine(turned_to_photo, points).astype(np.float32)


def predict_landmarks(image: np.ndarray, box: Box) -> np.ndarray:
    """Place the 68 iBUG points in the box of a face that is nearly upright.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB photo.
    box : (left, top, right, bottom)
        Pixels of this photo.

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
    # Model pixel (margin, margin) is the box's first pixel; half a step, as centres are counted.
    start = [edge - 0.5 + (0.5 - margin) * step for edge in (left, top)]
    to_photo = np.array([[step, 0.0, start[0]], [0.0, step, start[1]]])
    return _place_landmarks(image, to_photo, model_height)


def predict_landmarks_upright(
    image: np.ndarray, landmarks: np.ndarray, spread: float = SPREAD
) -> np.ndarray:
    """Place the 68 iBUG points again, in the square that first ones give, with level eyes.

    The model learned on faces that are nearly upright: at 30 degrees it misses by 3 % of the eyes'
    distance, at 45 by 5 to 10; placed again by 1, as upright. The detector's box is another one at
    another size of the same photo; this square depends on it little, and the mean over nine
    squares near it less: ``python benchmarks/enlarge.py`` prints by how much.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB photo.
    landmarks : (68, 2) array
        Photo pixels.
    spread : float
        Shift of the nine squares in x and y, and change of their size, as a fraction of the side;
        0 for one square.

    Returns
    -------
    (68, 2) float32 array
        Photo pixels.

    Raises
    ------
    ModelError
        dlib or the landmark model is missing or damaged.
    """
    points = np.asarray(landmarks, np.float64)
    across, down = points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0)
    turn = np.array([[across, -down], [down, across]]) / np.hypot(across, down)
    middle = points.mean(axis=0)
    side = BOX_OVER_SPREAD * np.sqrt(((points - middle) ** 2).sum(axis=1).mean())
    half = round(MODEL_MARGIN * MODEL_BOX) + (MODEL_BOX - 1) / 2
    placed = []
    for right, lower, larger in _NEAR if spread else _NEAR[:1]:
        step = side * (1 + spread * larger) / MODEL_BOX
        centre = middle + turn @ (spread * side * right, (BOX_RISE + spread * lower) * side)
        to_photo = np.column_stack([turn * step, centre - turn @ (half, half) * step])
        placed.append(_place_landmarks(image, to_photo, MODEL_BOX))
    mean: np.ndarray = np.stack(placed).mean(axis=0, dtype=np.float64)
    return mean.astype(np.float32)


def drop_overlaps(
    detections: list[Detection], kept: list[Detection] | None = None
) -> list[Detection]:
    """Keep the best-scored of detections that overlap by more than `MAX_OVERLAP`.

    Parameters
    ----------
    detections : list of Detection
    kept : list of Detection, optional
        Detections that stay in any case.

    Returns
    -------
    list of Detection
        From left to right.
    """
    chosen = list(kept or ())
    edges = np.empty((len(chosen) + len(detections), 4))
    edges[: len(chosen)] = np.array([one.box for one in chosen]).reshape(-1, 4)
    for one in sorted(detections, key=lambda found: -found.score):
        box = np.array(one.box, np.float64)
        if not (_overlaps(box, edges[: len(chosen)]) > MAX_OVERLAP).any():
            edges[len(chosen)] = box
            chosen.append(one)
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


def _place_landmarks(image: np.ndarray, to_photo: np.ndarray, height: int) -> np.ndarray:
    """Place the points in a box `MODEL_BOX` wide at the model's margin; return photo pixels.

    `to_photo` is the (2, 3) affine from the pixels of the model's picture to those of the photo.
    """
    margin = round(MODEL_MARGIN * MODEL_BOX)
    size = max(MODEL_BOX, height) + 2 * margin
    picture = cv2.cvtColor(warp_crop(image, to_photo, size), cv2.COLOR_RGB2GRAY)
    area = _dlib().rectangle(margin, margin, margin + MODEL_BOX - 1, margin + height - 1)
    points = [(point.x, point.y) for point in _landmark_model()(picture, area).parts()]
    return apply_affine(to_photo, np.array(points)).astype(np.float32)


def _turned_to_photo(turns: int, size: tuple[int, int]) -> np.ndarray:
    """Return the (2, 3) affine from the pixels of a turned photo to those of the photo.

    `size` is the photo's width and height; `turns` counts as `numpy.rot90` does.
    """
    right, bottom = size[0] - 1.0, size[1] - 1.0
    return np.array(
        (
            ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
            ((0.0, -1.0, right), (1.0, 0.0, 0.0)),
            ((-1.0, 0.0, right), (0.0, -1.0, bottom)),
            ((0.0, 1.0, 0.0), (-1.0, 0.0, bottom)),
        )[turns]
    )


def _map_box(affine: np.ndarray, box: Box) -> Box:
    """Map a box by an affine of quarter turns, exactly."""
    left, top, right, bottom = box
    # The last pixels inside: the edges themselves lie half a pixel beyond the centres.
    (x1, y1), (x2, y2) = apply_affine(affine, np.array([(left, top), (right - 1, bottom - 1)]))
    return round(min(x1, x2)), round(min(y1, y2)), round(max(x1, x2)) + 1, round(max(y1, y2)) + 1


@lru_cache(maxsize=1)
def _dlib() -> Any:
    try:
        import dlib
    except ImportError as error:
        raise ModelError("dlib is not installed; run `pip install dlib-bin`.") from error
    return dlib


def _detector() -> Any:
    if not hasattr(_OWN, "detector"):
        _OWN.detector = _dlib().get_frontal_face_detector()
    return _OWN.detector


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
