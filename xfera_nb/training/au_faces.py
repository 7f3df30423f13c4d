"""Reading the training material: face crops, landmarks and OpenFace's intensities for them.

A folder with `faces.csv` (columns `file`, `split`, `identity`, `x0`, `y0` ... `x67`, `y67`) and
`openface_aus.csv` (`file`, `confidence`, `AU01_r` ... `AU45_r`), pictures by the paths in `file`.
Everything is read as grey: in this material colour gives the emotion away.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from xfera_nb.errors import DetectorError
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name

TRAIN_CONFIDENCE = 0.7
REPORT_CONFIDENCE = 0.9


@dataclass(frozen=True, eq=False)
class AUFaces:
    """Hold N faces with OpenFace's intensities.

    Attributes
    ----------
    pictures : list of (H, W) uint8
        Grey.
    landmarks : (N, 68, 2) float64
        Pixels of the picture.
    intensities : (N, 17) float32
        0 to 5, in the order of `OPENFACE_AUS`.
    confidence : (N,) float32
        OpenFace's in its fit, 0 to 1.
    identity : (N,) str
    """

    pictures: list[np.ndarray]
    landmarks: np.ndarray
    intensities: np.ndarray
    confidence: np.ndarray
    identity: np.ndarray

    def __len__(self) -> int:
        return len(self.pictures)


def load_faces(folder: str | Path, split: str, least_confidence: float) -> AUFaces:
    """Read the faces of one split whose OpenFace fit has at least a given confidence.

    Parameters
    ----------
    folder : path
        The folder described above.
    split : str
        ``"train"`` or ``"val"``.
    least_confidence : float
        0 to 1.

    Raises
    ------
    DetectorError
        A file or column is missing, a picture cannot be read, or no face is left.
    """
    folder = Path(folder)
    pictures, points, targets, confidence, identity = [], [], [], [], []
    try:
        with open(folder / "openface_aus.csv", newline="", encoding="utf-8") as file:
            labels = {row["file"]: row for row in csv.DictReader(file)}
        with open(folder / "faces.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                label = labels.get(row["file"])
                if row["split"] != split or label is None:
                    continue
                if float(label["confidence"]) < least_confidence:
                    continue
                picture = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
                if picture is None:
                    raise DetectorError(
                        f"The picture {row['file']} of the training data cannot be read; "
                        "check that the data is complete."
                    )
                pictures.append(picture)
                points.append([(float(row[f"x{i}"]), float(row[f"y{i}"])) for i in range(68)])
                targets.append([float(label[f"{au_name(au)}_r"]) for au in OPENFACE_AUS])
                confidence.append(float(label["confidence"]))
                identity.append(row["identity"])
    except FileNotFoundError as error:
        name = Path(error.filename).name
        raise DetectorError(
            f"The training data has no {name}; give the folder that holds it."
        ) from error
    except KeyError as error:
        raise DetectorError(
            f"The training data lacks the column {error}; give the folder made for this training."
        ) from error
    if not pictures:
        raise DetectorError(
            f"The training data has no face in the split {split!r}; check the folder."
        )
    return AUFaces(
        pictures,
        np.array(points, dtype=np.float64),
        np.array(targets, dtype=np.float32),
        np.array(confidence, dtype=np.float32),
        np.array(identity),
    )
