"""OpenFace as a source: the user's own program.

Files that it wrote earlier are read by `xfera_nb.au_detectors.earlier_files`.

Scale 0 to 5 as OpenFace gives it, with its static models (its `FaceLandmarkImg` takes these for
photos). By its authors' figures AU 14, 15, 20 and 23 are the least reliable; presence and intensity
come from different models and may disagree. OpenFace is not part of this toolkit; its licence
allows academic and non-commercial research use. It gives one number for both sides; left and right
come from the landmarks of the photo's face (`xfera_nb.au_detectors.sides`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from xfera_nb.au_detectors import openface_files, sides
from xfera_nb.au_detectors.action_units import ActionUnits
from xfera_nb.au_detectors.openface_files import OpenFaceRow
from xfera_nb.errors import DetectorError

PROGRAM = "FaceLandmarkImg"
VARIABLE = "OPENFACE_BIN"
DOUBTFUL_CONFIDENCE = 0.7
_OPTIONS = ("-aus", "-2Dfp")


def to_action_units(row: OpenFaceRow, landmarks: np.ndarray, source: str) -> ActionUnits:
    """Turn a row of OpenFace into ActionUnits, sides estimated from the photo's landmarks."""
    notes = (*sides.notes(landmarks), *row.notes)
    if row.confidence is not None and row.confidence < DOUBTFUL_CONFIDENCE:
        notes += (
            f"{row.program}'s confidence in its fit is low ({row.confidence:.2f}, doubtful below "
            f"{DOUBTFUL_CONFIDENCE:g}).",
        )
    left, right = sides.estimate(row.intensities, landmarks)
    return ActionUnits(
        intensities=row.intensities,
        left=left,
        right=right,
        sides_source=sides.SOURCE,
        presence=row.presence,
        source=source,
        confidence=row.confidence,
        notes=notes,
    )


def find_program(program: str | Path | None = None) -> Path:
    """Find the user's FaceLandmarkImg: `program`, else OPENFACE_BIN, else on the search path.

    Parameters
    ----------
    program : path, optional
        The program, or the folder that holds it.

    Raises
    ------
    DetectorError
        It is nowhere to be found, or is not a program.
    """
    given = program or os.environ.get(VARIABLE)
    found = Path(given).expanduser() if given else None
    if found is None:
        on_path = shutil.which(PROGRAM)
        found = Path(on_path) if on_path else None
    elif found.is_dir():
        inside = [found / PROGRAM, found / "bin" / PROGRAM, found / f"{PROGRAM}.exe"]
        found = next((path for path in inside if path.is_file()), inside[0])
    if found is None:
        raise DetectorError(
            f"OpenFace was not found; install OpenFace 2.x and set {VARIABLE} to its {PROGRAM}."
        )
    if not found.is_file() or not os.access(found, os.X_OK):
        raise DetectorError(
            f"{found} is not a program that can be run; set {VARIABLE} to the {PROGRAM} of "
            "OpenFace 2.x."
        )
    return found.resolve()


class OpenFaceDetector:
    """Run the user's OpenFace 2.x on each photo.

    Parameters
    ----------
    program : path, optional
        `FaceLandmarkImg` or its folder; by default the variable OPENFACE_BIN or the search path.
    timeout : float
        Seconds one photo may take.

    Raises
    ------
    DetectorError
        The program is not found.
    """

    name = "openface"

    def __init__(self, program: str | Path | None = None, timeout: float = 120.0) -> None:
        self.program = find_program(program)
        self.timeout = timeout
        self._last: tuple[bytes, list[OpenFaceRow]] | None = None

    @staticmethod
    def why_missing() -> str | None:
        """Return why the program cannot be run here, or None."""
        try:
            find_program()
        except DetectorError as error:
            return str(error)
        return None

    def describe(self) -> dict[str, Any]:
        """Return name, version and the program's file name."""
        return {"name": self.name, "version": "2.x", "program": self.program.name}

    def detect(
        self, image: np.ndarray, landmarks: np.ndarray, photo_name: str | None = None
    ) -> ActionUnits:
        """Measure one face; see `AUDetector.detect`.

        Raises
        ------
        DetectorError
            The program fails, takes too long, finds no face or none at these landmarks, or writes
            something that cannot be read.
        """
        shown = Path(photo_name).name if photo_name else "the photo"
        key = _fingerprint(image)
        if self._last is None or self._last[0] != key:
            self._last = (key, self._measure(image, shown))
        row = openface_files.pick(self._last[1], landmarks, f"OpenFace's output for {shown}")
        return to_action_units(row, landmarks, "OpenFace 2.x")

    def _measure(self, image: np.ndarray, shown: str) -> list[OpenFaceRow]:
        with tempfile.TemporaryDirectory(prefix="xfera-") as folder:
            picture = Path(folder) / "photo.png"
            if not cv2.imwrite(str(picture), cv2.cvtColor(image, cv2.COLOR_RGB2BGR)):
                raise DetectorError(
                    "The photo could not be written for OpenFace; free some disk space."
                )
            output = Path(folder) / "out"
            output.mkdir()
            command = [str(self.program), "-f", str(picture), "-out_dir", str(output), *_OPTIONS]
            self._run(command, folder, shown)
            table = output / "photo.csv"
            if not table.is_file():
                raise DetectorError(
                    f"OpenFace found no face on {shown}; use another photo or --au builtin."
                )
            return openface_files.read(table)

    def _run(self, command: list[str], folder: str, shown: str) -> None:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise DetectorError(
                f"OpenFace's {self.program.name} could not be started ({error.strerror}); check "
                f"that {VARIABLE} names a program for this computer."
            ) from error
        try:
            said, _ = process.communicate(timeout=self.timeout)
        except subprocess.TimeoutExpired as error:
            raise DetectorError(
                f"OpenFace did not finish {shown} in {self.timeout:g} seconds; give a longer "
                "timeout or a smaller photo."
            ) from error
        finally:
            _end(process)
        if process.returncode != 0:
            lines = said.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
            raise DetectorError(
                f"OpenFace failed on {shown} with exit status {process.returncode} "
                f"({lines[-1][:200]}); check that its model files are installed."
            )


def _fingerprint(image: np.ndarray) -> bytes:
    """Return a digest of the pixels, so that several faces of one photo cost one run."""
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.digest()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and all that it started (a wrapper script may have children)."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
