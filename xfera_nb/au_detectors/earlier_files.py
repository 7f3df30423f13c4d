"""Files as a source: what OpenFace, py-feat or LibreFace wrote earlier, looked up by the photo.

A photo's output is found by its path below the folders that all outputs share, then by its name
(`xfera_nb.au_detectors.photo_index`). Where a file holds the frames of a video, the photo's name
says which, as in ``s1_0012.jpg``; the number is the file's own, which OpenFace counts from 1 and
py-feat and LibreFace from 0. A frame of a clip, ``s1.mp4#11``, counts from 0 whatever the program.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from xfera_nb.au_detectors import openface_files
from xfera_nb.au_detectors.action_units import ActionUnits
from xfera_nb.au_detectors.au_layouts import OPENFACE, PYFEAT
from xfera_nb.au_detectors.openface import to_action_units
from xfera_nb.au_detectors.openface_files import OpenFaceRow
from xfera_nb.au_detectors.photo_index import (
    PhotoIndex,
    find_reference,
    frame_names,
    split_path,
)
from xfera_nb.errors import DetectorError

Output = Path | list[OpenFaceRow]
"""A file that is read when it is needed, or rows that were read."""


class OpenFaceFiles:
    """Read the output of OpenFace, py-feat or LibreFace, matched with photos by their paths.

    Parameters
    ----------
    files : path
        A folder of `.csv` or OpenFace 1.x's `.pts` files named as the photos (or videos) are,
        searched with its subfolders; or one such file; or one CSV for a whole data set with a
        column that names the photo (`file`, `filename`, `photo`, `image`, `input` or `name`).

    Raises
    ------
    DetectorError
        There is no such file or folder, or the folder holds no such file.
    """

    name = "openface-files"

    def __init__(self, files: str | Path) -> None:
        self.files = Path(files).expanduser()
        if self.files.is_dir():
            entries = _folder_entries(self.files)
        elif self.files.is_file():
            entries = _file_entries(self.files)
        else:
            raise DetectorError(
                f"There is no {self.files} to read OpenFace's output from; check the path."
            )
        # 2.x before 1.x where both were made.
        self._indexes = [
            PhotoIndex([(path, one) for path, one in entries if _is_pts(one) is old])
            for old in (False, True)
        ]
        first = entries[0][1]
        self._program = (
            openface_files.read_program(first) if isinstance(first, Path) else first[0].program
        )
        self._last: tuple[Path, list[OpenFaceRow]] | None = None
        self._by_frame: tuple[list[OpenFaceRow], dict[int | None, list[OpenFaceRow]]] | None = None

    def describe(self) -> dict[str, Any]:
        """Return name, version and the name of the folder or file."""
        version = "1.x or 2.x" if self._program == OPENFACE.program else self._program
        if self._program == PYFEAT.program:
            version += ", 5 times the probability of presence"
        return {"name": self.name, "version": version, "files": self.files.name}

    def detect(
        self, image: np.ndarray, landmarks: np.ndarray, photo_name: str | None = None
    ) -> ActionUnits:
        """Look one face up; see `AUDetector.detect`. `photo_name` is needed, `image` is not used.

        Raises
        ------
        DetectorError
            The photo has no name, no output or several, is none of the frames that its output
            holds, or its output cannot be used.
        """
        if photo_name is None:
            raise DetectorError(
                "A photo without a name cannot be looked up in OpenFace's files; give its file."
            )
        shown, rows = self._find(photo_name)
        row = openface_files.pick(rows, landmarks, shown)
        source = f"{row.program}'s file {shown}"
        if row.program == PYFEAT.program:
            source += " (probabilities, not intensities)"
        return to_action_units(row, landmarks, source)

    def _find(self, photo: str) -> tuple[str, list[OpenFaceRow]]:
        """Return the name of a photo's output and its rows."""
        name = Path(photo).name
        found = self._look_up(split_path(photo))
        if found is not None:
            shown, rows = self._read(found)
            return shown, openface_files.choose_frame(rows, None, shown, name)
        reference = find_reference(photo)
        if reference is not None and (found := self._look_up(reference[0])) is not None:
            return self._of_clip(found, reference[1], name)
        for video, frame in frame_names(photo):
            found = self._look_up(video)
            if found is None:
                continue
            shown, rows = self._read(found)
            if any(row.frame is not None for row in rows):
                return shown, openface_files.choose_frame(rows, frame, shown, name)
        raise DetectorError(
            f"{self.files.name} has no OpenFace output for the photo {Path(photo).stem}; run "
            "OpenFace on it, or use --au builtin."
        )

    def _of_clip(self, output: Output, frame: int, name: str) -> tuple[str, list[OpenFaceRow]]:
        """Return the rows of a clip's frame, counted from 0."""
        shown, rows = self._read(output)
        if self._by_frame is None or self._by_frame[0] is not rows:
            frames: defaultdict[int | None, list[OpenFaceRow]] = defaultdict(list)
            for row in rows:
                frames[row.frame].append(row)
            self._by_frame = (rows, dict(frames))
        frames_of_file = self._by_frame[1]
        if list(frames_of_file) == [None]:
            raise DetectorError(
                f"{shown} has no column that names the frame, so it cannot be matched with {name}: "
                "run the program on the video itself."
            )
        first = 1 if rows[0].program == OPENFACE.program and 0 not in frames_of_file else 0
        found = frames_of_file.get(frame + first)
        return shown, found or openface_files.choose_frame(rows, frame + first, shown, name)

    def _look_up(self, parts: tuple[str, ...]) -> Output | None:
        return next((one for index in self._indexes if (one := index.find(parts))), None)

    def _read(self, output: Output) -> tuple[str, list[OpenFaceRow]]:
        if not isinstance(output, Path):
            return self.files.name, output
        if self._last is None or self._last[0] != output:  # many photos may be one video's frames
            self._last = (output, openface_files.read(output))
        return output.name, self._last[1]


def _folder_entries(folder: Path) -> list[tuple[str, Output]]:
    found: list[tuple[str, Output]] = [
        (path.relative_to(folder).as_posix(), path)
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".csv", ".pts") and path.is_file()
    ]
    if not found:
        raise DetectorError(
            f"The folder {folder.name} holds no .csv or .pts file; give the folder that OpenFace "
            "wrote into."
        )
    return found


def _is_pts(output: Output) -> bool:
    return isinstance(output, Path) and output.suffix.lower() == ".pts"


def _file_entries(file: Path) -> list[tuple[str, Output]]:
    rows: dict[str, list[OpenFaceRow]] = defaultdict(list)
    for row in openface_files.read(file):
        rows[row.name or file.name].append(row)
    return [*rows.items()]
