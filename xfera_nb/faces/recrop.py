"""Cut a face that is found already by another crop rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xfera_nb.faces.align import crop_to_image_affine, warp_crop
from xfera_nb.faces.face import Face


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
