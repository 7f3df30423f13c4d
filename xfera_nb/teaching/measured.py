"""Measure the sample faces with an Action Unit source, and rank them by an AU's intensity.

Units: intensities run from 0 to 5 as OpenFace's; an AU is present from 1, the FACS letter A.
The samples are composites of posed faces, and the numbers are a detector's: a high one is no proof
that the AU is present. Its Pearson r says how far to trust it on each AU.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from xfera_nb.au_detectors import ActionUnits, AUDetector
from xfera_nb.datasets import SAMPLES, found_samples
from xfera_nb.errors import PhotoError, SamplesError
from xfera_nb.faces import find_faces
from xfera_nb.facs import MIN_PRESENT, OPENFACE_AUS


@dataclass(frozen=True, eq=False)
class MeasuredSample:
    """Hold one sample face with its measured AUs.

    Attributes
    ----------
    code : str
        Such as "C01HA".
    crop : ndarray
        (224, 224, 3) uint8, the upright face.
    crop_landmarks : ndarray
        (68, 2) float64, x and y in crop pixels.
    units : ActionUnits
    """

    code: str
    crop: np.ndarray = field(repr=False)
    crop_landmarks: np.ndarray = field(repr=False)
    units: ActionUnits = field(repr=False)

    @property
    def emotion(self) -> str:
        """Return the emotion that the people were asked to show."""
        return SAMPLES[self.code].emotion


@dataclass(frozen=True, eq=False)
class MeasuredSamples:
    """Hold sample faces with their intensities.

    Attributes
    ----------
    faces : tuple of MeasuredSample
        Sorted by code.
    skipped : mapping of str to str
        Code -> why no face could be measured there.
    """

    faces: tuple[MeasuredSample, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Return the name of the AU source, as shown to people."""
        return self.faces[0].units.source

    def of(self, code: str) -> MeasuredSample:
        """Return one face.

        Raises
        ------
        SamplesError
            If it was not measured.
        """
        for face in self.faces:
            if face.code == code:
                return face
        reason = self.skipped.get(code, "it is not among the samples that were found")
        raise SamplesError(f"The sample {code} was not measured: {reason}")

    def showing(self, au: int, count: int = 3) -> tuple[MeasuredSample, ...]:
        """Return the faces on which an Action Unit is strongest, the strongest first.

        Parameters
        ----------
        au : int
        count : int
            How many at most. Faces on which it is not measured are left out, and so are those
            below 1, on which it is absent.
        """
        known = [f for f in self.faces if f.units.intensity(au) >= MIN_PRESENT]
        known.sort(key=lambda face: (-face.units.intensity(au), face.code))
        return tuple(known[:count])

    def lacking(self, au: int, count: int = 3) -> tuple[MeasuredSample, ...]:
        """Return the faces on which an Action Unit is weakest, the weakest first.

        Parameters
        ----------
        au : int
        count : int
            How many at most. Faces on which it is not measured are left out, and so are those from
            1 on, on which it is present. Of equal ones, faces at rest come first.
        """
        known = [f for f in self.faces if f.units.intensity(au) < MIN_PRESENT]
        known.sort(key=lambda f: (f.units.intensity(au), f.emotion != "neutral", f.code))
        return tuple(known[:count])

    def shares(self, emotion: str, least: float = MIN_PRESENT) -> dict[int, float | None]:
        """Return the share of an emotion's samples on which each AU reaches an intensity.

        Parameters
        ----------
        emotion : str
        least : float
            Intensity, 0 to 5.

        Returns
        -------
        dict of int to float or None
            AU -> share, 0 to 1, of the samples on which it was measured; None where on none.
        """
        rows = [f.units.intensities for f in self.faces if f.emotion == emotion]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(OPENFACE_AUS))
        shares: dict[int, float | None] = {}
        for au, column in zip(OPENFACE_AUS, table.T, strict=True):
            column = column[~np.isnan(column)]
            shares[au] = float((column >= least).mean()) if column.size else None
        return shares

    def reliability(self, au: int) -> float | None:
        """Return the source's Pearson r against OpenFace on an Action Unit; None where unknown."""
        r = self.faces[0].units.reliability_of(au)
        return None if math.isnan(r) else r


_CACHE: dict[tuple, MeasuredSamples] = {}


def measure_samples(
    detector: AUDetector,
    folder: str | Path | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> MeasuredSamples:
    """Find and measure every sample face; about a tenth of a second each, once a session.

    Parameters
    ----------
    detector : AUDetector
    folder : path, optional
        `xfera_nb.datasets.samples_folder()` by default.
    progress : callable, optional
        Called with how many faces are done and how many there are.

    Returns
    -------
    MeasuredSamples
        At least one face. Kept in memory; measured again only if a file or the detector changes.

    Raises
    ------
    SamplesError
        If the folder holds no samples, or no face was found on any.
    DetectorError
        If the source of Action Units cannot run.
    """
    found = found_samples(folder)
    key = (
        json.dumps(detector.describe(), sort_keys=True, default=str),
        tuple((str(path.resolve()), path.stat().st_mtime_ns) for path in found.values()),
    )
    if key not in _CACHE:
        _CACHE[key] = _measure(detector, found, progress or _silent)
    return _CACHE[key]


def _measure(
    detector: AUDetector, found: Mapping[str, Path], progress: Callable[[int, int], None]
) -> MeasuredSamples:
    faces, skipped = [], {}
    for done, (code, path) in enumerate(found.items(), 1):
        try:
            face = find_faces(path)[0]
        except PhotoError as error:
            skipped[code] = str(error)
        else:
            units = detector.detect(face.image, face.landmarks, photo_name=face.photo_name)
            faces.append(MeasuredSample(code, face.crop, face.crop_landmarks, units))
        progress(done, len(found))
    if not faces:
        raise SamplesError(
            f"No face was found on any of the {len(found)} samples; fetch data/samples again."
        )
    return MeasuredSamples(tuple(faces), MappingProxyType(skipped))


def _silent(done: int, total: int) -> None:
    """Show no progress."""
