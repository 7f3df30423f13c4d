"""Find what a program wrote about a photo, by the photo's path.

An entry's path counts from the folder that all entries share; it belongs to a photo whose path ends
with it, whatever the ending of the file, with slashes or backslashes. Where paths do not decide, a
name that is there once does, unless the folders contradict it. The number at the end of a photo's
name may be that of a video's frame.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PureWindowsPath
from typing import Generic, TypeVar

from xfera_nb.datasets.clip import SUFFIXES as CLIP_SUFFIXES
from xfera_nb.datasets.clip import split_reference
from xfera_nb.datasets.files import SUFFIXES
from xfera_nb.errors import DetectorError

Value = TypeVar("Value")
_ENDINGS = SUFFIXES | CLIP_SUFFIXES | {".csv", ".pts"}
_FRAME = re.compile(
    r"(?P<video>.*?)[ _.-]*(?:frame)?[ _.-]*(?:det[ _-]\d+[ _-])?(?<!\d)(?P<frame>\d{1,9})",
    re.IGNORECASE,
)
_FOLDER = re.compile(r"(?P<video>.+?)[ _-](?:aligned|frames)", re.IGNORECASE)


def split_path(path: str) -> tuple[str, ...]:
    """Return the folders of a path, without drive, and the name without its ending."""
    parts = [part for part in PureWindowsPath(path).parts if part not in (".", "..")]
    if parts and parts[0].endswith((":", "\\")):
        parts = parts[1:]
    if not parts:
        return (path,)
    stem, ending = os.path.splitext(parts[-1])
    name = stem if ending.lower() in _ENDINGS else parts[-1]
    return (*parts[:-1], name)


def find_reference(photo: str) -> tuple[tuple[str, ...], int] | None:
    """Return the path of the clip that ``s1.mp4#12`` names, and the frame, counted from 0."""
    found = split_reference(photo)
    return None if found is None else (split_path(found[0]), found[1])


def frame_names(photo: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the paths of the videos that a photo may be a frame of, and its number.

    ``s1_0012.jpg`` may be frame 12 of s1; so may ``s1/frame_0012.png`` and OpenFace's own
    ``s1_aligned/frame_det_00_000012.bmp``. Not ``s1.mp4#12``, see `find_reference`.
    """
    if find_reference(photo) is not None:
        return
    *folders, name = split_path(photo)
    match = _FRAME.fullmatch(name)
    if match is None:
        return
    frame = int(match["frame"])
    if match["video"]:
        yield (*folders, match["video"]), frame
    elif folders:
        yield tuple(folders), frame
        if aligned := _FOLDER.fullmatch(folders[-1]):
            yield (*folders[:-1], aligned["video"]), frame


class PhotoIndex(Generic[Value]):
    """Hold values by path.

    Parameters
    ----------
    entries : iterable of (path, value)
        Paths as a program wrote them.
    """

    def __init__(self, entries: Iterable[tuple[str, Value]]) -> None:
        split = [(split_path(path), value) for path, value in entries]
        shared = len(os.path.commonprefix([parts[:-1] for parts, _ in split])) if split else 0
        self._named: dict[str, list[tuple[tuple[str, ...], Value]]] = defaultdict(list)
        for parts, value in split:
            self._named[parts[-1].casefold()].append((parts[shared:], value))

    def find(self, parts: tuple[str, ...]) -> Value | None:
        """Return the value whose path belongs to a photo's, given as `split_path` gives it.

        Raises
        ------
        DetectorError
            If several may belong to it, or the only one lies in other folders.
        """
        named = self._named.get(parts[-1].casefold(), [])
        named = [one for one in named if one[0][-1] == parts[-1]] or named
        ends = [one for one in named if parts[-len(one[0]) :] == one[0]]
        if ends:
            longest = max(len(path) for path, _ in ends)
            found = [value for path, value in ends if len(path) == longest]
        else:
            found = [value for path, value in named if not _contradicts(path, parts)]
        if len(found) > 1 or (named and not found):
            raise DetectorError(
                f"There are {len(named)} outputs named {parts[-1]}, and the photo's folders "
                f"({'/'.join(parts[-4:-1]) or 'none'}) do not tell which is its own: keep the "
                "photos' folders in the output, or one output a name."
                if len(named) > 1
                else f"The only output named {parts[-1]} lies in the folders "
                f"{'/'.join(named[0][0][:-1])}, not in the photo's ({'/'.join(parts[-4:-1])}): "
                "run the program on this photo, or keep the photos' folders in the output."
            )
        return found[0] if found else None


def _contradicts(path: tuple[str, ...], photo: tuple[str, ...]) -> bool:
    """Return whether a photo lies in a folder of the same name that is another one above."""
    ours, theirs = path[:-1], photo[:-1]
    return bool(ours and theirs) and ours[-1] == theirs[-1] and ours[-len(theirs) :] != theirs
