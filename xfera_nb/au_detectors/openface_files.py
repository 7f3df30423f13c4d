"""Reading what OpenFace wrote: 2.x CSV files of photos or frames, and 1.x `.pts` files.

CSV files of py-feat and LibreFace are read by their own columns, see
`xfera_nb.au_detectors.au_layouts`.

Columns and blocks are found by name, never by position: `AUnn_r` are intensities 0-5, `AUnn_c`
presence 0 or 1, `x_0` ... `y_67` landmarks in pixels; a header may begin with a space. In a `.pts`
the blocks are `pose`, `gaze`, `au intensities` and `au occurences` (so spelled), and its points
stand one pixel up, as Matlab counts; they are put back. A number that OpenFace wrote as nan, or
left empty, is NaN. Rows with `success` 0 hold no face and are left out.

Source: OpenFace 2.2 documentation, "Output Format"; files of OpenFace 1.x FaceLandmarkImg.
"""

from __future__ import annotations

import csv
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xfera_nb.au_detectors.action_units import INTENSITY_MAX, INTENSITY_MIN
from xfera_nb.au_detectors.au_layouts import OPENFACE, PYFEAT, Layout, find_layout
from xfera_nb.errors import DetectorError
from xfera_nb.facs.action_units import OPENFACE_AUS, OPENFACE_PRESENCE_AUS, au_name

MAX_BYTES = 256 * 1024 * 1024
MAX_PTS_BYTES = 1024 * 1024
FIT_LIMIT = 0.5
_NAN = re.compile(r"[-+]?nan(\(.*\))?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_POINTS = tuple(f"{axis}_{i}" for axis in "xy" for i in range(68))


@dataclass(frozen=True, eq=False)
class OpenFaceRow:
    """Hold one face as OpenFace wrote it.

    intensities (17,) float32 0-5 or NaN, order `OPENFACE_AUS`; presence AU -> bool or None;
    landmarks (68, 2) float32 pixels or None; confidence 0-1 or None; name of the photo and number
    of a video's frame if columns hold them; program that wrote it; notes for readers of the
    numbers.
    """

    intensities: np.ndarray
    presence: Mapping[int, bool] | None = None
    landmarks: np.ndarray | None = None
    confidence: float | None = None
    name: str | None = None
    frame: int | None = None
    program: str = OPENFACE.program
    notes: tuple[str, ...] = ()


def read(path: str | Path) -> list[OpenFaceRow]:
    """Read every face in a `.csv` or `.pts` file of OpenFace.

    Raises
    ------
    DetectorError
        The file is missing, too big, not text, cut short, has a column twice or lacks one, holds
        something that is not a number where one belongs, or has no face.
    """
    path = Path(path)
    limit = MAX_PTS_BYTES if path.suffix.lower() == ".pts" else MAX_BYTES
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would keep us waiting
            raise DetectorError(f"{path.name} is not a regular file; give a file of OpenFace.")
        size = status.st_size
        if size > limit:
            raise DetectorError(
                f"{path.name} is too big for an OpenFace file ({size / 2**20:.0f} MB, limit "
                f"{limit / 2**20:.0f} MB); give a smaller part of it."
            )
        if path.suffix.lower() == ".pts":
            rows = [_read_pts(path)]
        else:
            with open(path, newline="", encoding="utf-8-sig") as file:
                rows = list(_read_csv(file, path.name))
    except OSError as error:
        raise DetectorError(
            f"The OpenFace file {path.name} cannot be read ({error.strerror}); check its path."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DetectorError(
            f"{path.name} is not a text file of OpenFace; give the CSV or .pts that it wrote."
        ) from error
    if not rows:
        raise DetectorError(
            f"{path.name} has no row with a face; OpenFace found none, so try another photo."
        )
    return rows


def _number(text: str, where: str) -> float:
    text = text.strip()
    if not text or _NAN.fullmatch(text):
        return float("nan")
    try:
        return float(text)
    except ValueError as error:
        if _DECIMAL_COMMA.fullmatch(text):
            raise DetectorError(
                f"{where} is {text[:20]!r}, with a comma as decimal mark: a spreadsheet saved it "
                "so; give the file as the program wrote it."
            ) from error
        raise DetectorError(
            f"{where} is {text[:20]!r} and not a number; run OpenFace on this photo again."
        ) from error


def _checked(values: list[float], name: str, program: str = OPENFACE.program) -> np.ndarray:
    array = np.array(values, dtype=np.float32)
    known = array[~np.isnan(array)]
    if known.size and not (known.min() >= INTENSITY_MIN and known.max() <= INTENSITY_MAX):
        raise DetectorError(
            f"{name} has an intensity outside 0 to 5, so it is not {program}'s; check the file."
        )
    return array


def _presence(values: dict[int, float]) -> dict[int, bool] | None:
    return {au: value >= 0.5 for au, value in values.items() if not np.isnan(value)} or None


def _header(cells: list[str], name: str) -> tuple[dict[str, int], Layout]:
    names = [cell.strip() for cell in cells]
    if len(names) == 1 and re.search("[;\t]", names[0]):
        mark = "semicolons" if ";" in names[0] else "tabs"
        raise DetectorError(
            f"{name} has {mark} between its columns (and perhaps commas as decimal marks): a "
            "spreadsheet saved it so; give the file as the program wrote it."
        )
    double = sorted(n for n, count in Counter(names).items() if n and count > 1)
    if double:
        raise DetectorError(
            f"{name} has the column {double[0][:40]} twice; keep the one that OpenFace wrote."
        )
    layout = find_layout(names)
    missing = [column for column in layout.intensities.values() if column not in names]
    if missing and layout is OPENFACE:
        which = "all columns of intensities (AU01_r and so on)"
        if len(missing) < len(layout.intensities):
            which = f"the column{'s' * (len(missing) > 1)} {', '.join(missing)}"
        raise DetectorError(f"{name} lacks {which}; give a CSV that OpenFace wrote with -aus.")
    return {n: i for i, n in enumerate(names)}, layout


def _read_csv(file: Iterator[str], name: str) -> Iterator[OpenFaceRow]:
    lines = csv.reader(file, skipinitialspace=True)
    header = next(lines, [])
    columns, layout = _header(header, name)
    name_column = next((columns[c] for c in layout.names if c in columns), None)
    frame_column = next((c for c in layout.frames if c in columns), None)
    with_points = all(column in columns for column in _POINTS)
    for cells in lines:
        if not cells or not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise DetectorError(
                f"{name} is cut short or damaged at line {lines.line_num}: {len(cells)} values for "
                f"{len(header)} columns; run {layout.program} on this photo again."
            )

        def value(column: str, cells: list[str] = cells) -> float:
            where = f"{column} in line {lines.line_num} of {name}"
            return _number(cells[columns[column]], where)

        if "success" in columns and value("success") == 0:
            continue
        points = None
        if with_points:
            points = np.array([value(c) for c in _POINTS], dtype=np.float32).reshape(2, 68).T
        confidence = value(layout.confidence) if layout.confidence in columns else np.nan
        intensities = [
            value(c) * layout.scale if (c := layout.intensities.get(au)) in columns else np.nan
            for au in OPENFACE_AUS
        ]
        if layout is PYFEAT and np.isnan(confidence) and np.isnan(intensities).all():
            continue  # py-feat's way to say that it found no face
        frame = value(frame_column) if frame_column is not None else np.nan
        yield OpenFaceRow(
            _checked(intensities, name, layout.program),
            _presence({au: value(c) for au, c in layout.presence.items() if c in columns}),
            points,
            None if np.isnan(confidence) else confidence,
            None if name_column is None else cells[name_column].strip(),
            int(frame) if np.isfinite(frame) else None,
            layout.program,
            () if layout.note is None else (layout.note,),
        )


def _blocks(text: str, name: str) -> dict[str, list[list[str]]]:
    """Parse blocks `title: ... { lines }` into title (before the colon) -> words of each line."""
    blocks: dict[str, list[list[str]]] = {}
    title, lines = "", None
    for raw in text.splitlines():
        line = raw.strip()
        if line == "{":
            if title in blocks:
                raise DetectorError(
                    f"{name} has the block {title[:40]!r} twice; keep the one that OpenFace wrote."
                )
            lines = blocks.setdefault(title, [])
        elif line == "}":
            lines = None
        elif lines is not None:
            lines.append(line.split())
        elif line:
            title = line.partition(":")[0].strip()
    if lines is not None:
        raise DetectorError(
            f"{name} is cut short in its block {title[:40]!r}; run OpenFace on this photo again."
        )
    return blocks


def _read_pts(path: Path) -> OpenFaceRow:
    name = path.name
    blocks = _blocks(path.read_text(encoding="utf-8-sig"), name)

    def named(title: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for words in blocks.get(title, []):
            if len(words) != 2:
                raise DetectorError(
                    f"{name} is damaged in its block {title!r}; run OpenFace on this photo again."
                )
            label = words[0][:20]
            if words[0] in found:
                raise DetectorError(
                    f"{name} has {label} twice in its block {title!r}; keep the one that "
                    "OpenFace wrote."
                )
            found[words[0]] = _number(words[1], f"{label} in {name}")
        return found

    intensities = named("au intensities")
    missing = [au_name(au) for au in OPENFACE_AUS if au_name(au) not in intensities]
    if missing:
        raise DetectorError(
            f"{name} lacks the intensities of {', '.join(missing)}; run OpenFace's "
            "FaceLandmarkImg on this photo again."
        )
    occurrences = {**named("au occurrences"), **named("au occurences")}
    lines = blocks.get("npoints", [])
    points = None
    if lines:
        if len(lines) != 68 or any(len(words) != 2 for words in lines):
            raise DetectorError(
                f"{name} is damaged: it has not 68 landmarks of two numbers; run OpenFace on this "
                "photo again."
            )
        points = np.array(
            [[_number(word, f"a landmark in {name}") for word in words] for words in lines]
        )
        points = (points - 1).astype(np.float32)
    return OpenFaceRow(
        _checked([intensities[au_name(au)] for au in OPENFACE_AUS], name),
        _presence(
            {
                au: occurrences[au_name(au)]
                for au in OPENFACE_PRESENCE_AUS
                if au_name(au) in occurrences
            }
        ),
        points,
    )


def read_program(path: str | Path) -> str:
    """Return which program wrote a CSV, by its header; OpenFace for any other file."""
    path = Path(path)
    if path.suffix.lower() != ".csv":
        return OPENFACE.program
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header = next(csv.reader(file, skipinitialspace=True), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return OPENFACE.program
    return find_layout([cell.strip() for cell in header]).program


def choose_frame(
    rows: list[OpenFaceRow], frame: int | None, name: str, photo: str
) -> list[OpenFaceRow]:
    """Return the rows of one frame where a file holds the frames of a video.

    Parameters
    ----------
    rows : list of OpenFaceRow
    frame : int or None
        The frame's number as the file counts; None if the photo's name gives none.
    name, photo : str
        The file's name and the photo's, for messages.

    Raises
    ------
    DetectorError
        If there are several frames and none is asked for, or there is no such frame.
    """
    frames = sorted({row.frame for row in rows if row.frame is not None})
    if frame is None:
        if len(frames) < 2:
            return rows
        stem = Path(name).stem
        raise DetectorError(
            f"{name} holds {len(frames)} frames of a video, and the name {photo} does not say "
            f"which: name the photo after its frame, such as {stem}_{frames[-1]}.jpg, or run the "
            "program on the photo itself."
        )
    found = [row for row in rows if row.frame == frame]
    if not found:
        raise DetectorError(
            f"{name} has no face in frame {frame} (its frames: {frames[0]} to {frames[-1]}), which "
            f"the name {photo} means: choose another frame."
        )
    return found


def misfit(points: np.ndarray, landmarks: np.ndarray) -> float:
    """Compute the mean distance of points 18-68, in units of the outer eye corners' distance."""
    landmarks = np.asarray(landmarks, dtype=np.float64)
    width = float(np.hypot(*(landmarks[45] - landmarks[36])))
    apart = np.hypot(*(np.asarray(points, dtype=np.float64) - landmarks)[17:].T)
    return float(apart.mean() / width) if width > 0 else float("nan")


def pick(rows: list[OpenFaceRow], landmarks: np.ndarray, name: str) -> OpenFaceRow:
    """Return the row of the face with these landmarks.

    With landmarks in the file the one that lies nearest, at most half an eye distance off; without
    them the only row, or else the one with the highest confidence, with a note that says so.

    Parameters
    ----------
    rows : list of OpenFaceRow
        At least one.
    landmarks : (68, 2) float
        The face's points in photo pixels.
    name : str
        The file's name, for messages.

    Raises
    ------
    DetectorError
        No row lies there, or several rows and nothing to tell them apart by.
    """
    placed = [(row, row.landmarks) for row in rows if row.landmarks is not None]
    if placed:
        off, best = min(
            ((misfit(points, landmarks), i) for i, (_, points) in enumerate(placed)),
            key=lambda pair: (np.isnan(pair[0]), pair),
        )
        if not off <= FIT_LIMIT:
            raise DetectorError(
                f"No face of {name} lies where the photo's face is; run OpenFace on this photo in "
                "this size."
            )
        return placed[best][0]
    if len(rows) == 1:
        return rows[0]
    sure = [(row.confidence, row) for row in rows if row.confidence is not None]
    if not sure:
        raise DetectorError(
            f"{name} has {len(rows)} faces but neither landmarks nor confidences to tell them "
            "apart; run OpenFace with -2Dfp."
        )
    surest = max(sure, key=lambda pair: pair[0])[1]
    note = (
        f"{name} has {len(rows)} faces without landmarks; the one with the highest confidence was "
        "taken."
    )
    return replace(surest, notes=(*surest.notes, note))
