"""The columns by which OpenFace, py-feat and LibreFace write Action Units.

OpenFace 2.x: `AUnn_r` 0 to 5 and `AUnn_c` 0 or 1. py-feat: `AUnn`, the probability that an AU is
present (0 to 1; 0 or 1 from its SVM), not an intensity: it is multiplied by 5 to stand on the scale
of the others, and marked. It has no AU45 (its AU43, closed eyes, is another). LibreFace:
`au_n_intensity` 0 to 5 for twelve AUs, `au_n` 0 or 1. What a program does not measure is NaN.

Sources: OpenFace 2.2 documentation, "Output Format"; py-feat 0.6, `Fex`; LibreFace,
`save_facial_attributes_image`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from xfera_nb.facs.action_units import OPENFACE_AUS, OPENFACE_PRESENCE_AUS, au_name

_PROBABILITY_NOTE = (
    "py-feat gives the probability that an AU is present, not its intensity: the numbers here are "
    "5 times the probability."
)


@dataclass(frozen=True, eq=False)
class Layout:
    """Describe how a program names its columns.

    Attributes
    ----------
    program : str
    intensities, presence : mapping of int to str
        AU -> column.
    names, frames : tuple of str
        Columns that may name the photo, or the frame of a video; the first that is there counts.
    confidence : str
    scale : float
        What the values are multiplied by to lie within 0 to 5.
    note : str or None
        What a reader of the numbers should know.
    """

    program: str
    intensities: Mapping[int, str]
    presence: Mapping[int, str]
    names: tuple[str, ...]
    frames: tuple[str, ...] = ("frame",)
    confidence: str = "confidence"
    scale: float = 1.0
    note: str | None = None


_NAMES = ("file", "filename", "file_name", "photo", "image", "input", "name")
OPENFACE = Layout(
    "OpenFace",
    {au: f"{au_name(au)}_r" for au in OPENFACE_AUS},
    {au: f"{au_name(au)}_c" for au in OPENFACE_PRESENCE_AUS},
    _NAMES,
)
PYFEAT = Layout(
    "py-feat",
    {au: au_name(au) for au in OPENFACE_AUS if au != 45},
    {au: au_name(au) for au in OPENFACE_PRESENCE_AUS if au != 45},
    ("input", *_NAMES),
    confidence="FaceScore",
    scale=5.0,
    note=_PROBABILITY_NOTE,
)
LIBREFACE = Layout(
    "LibreFace",
    {au: f"au_{au}_intensity" for au in OPENFACE_AUS},
    {au: f"au_{au}" for au in OPENFACE_PRESENCE_AUS},
    ("input_image_path", *_NAMES),
    ("frame_idx", "frame"),
)


def find_layout(columns: Collection[str]) -> Layout:
    """Return the layout of a table by its columns; OpenFace's where it is none that is known."""
    if "au_12_intensity" in columns:
        return LIBREFACE
    if "FaceScore" in columns and "AU12" in columns and "AU12_r" not in columns:
        return PYFEAT
    return OPENFACE
