"""From a photo to aligned faces: reading, detection, 68 landmarks and the 224x224 crop."""

from xfera_nb.faces.align import (
    CHIN,
    CROP_SIZE,
    SIDE,
    apply_affine,
    crop_to_image_affine,
    invert_affine,
    warp_crop,
)
from xfera_nb.faces.detector import landmark_model_path
from xfera_nb.faces.face import MAX_FACES, Face, face_from_landmarks, find_faces
from xfera_nb.faces.photo import MAX_PIXELS, get_photo_name, load_photo

__all__ = [
    "CHIN",
    "CROP_SIZE",
    "MAX_FACES",
    "MAX_PIXELS",
    "SIDE",
    "Face",
    "apply_affine",
    "crop_to_image_affine",
    "face_from_landmarks",
    "find_faces",
    "get_photo_name",
    "invert_affine",
    "landmark_model_path",
    "load_photo",
    "warp_crop",
]
