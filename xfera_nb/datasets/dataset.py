"""Labelled photos as a frozen list, with a report of the problems found while loading.

Nothing is skipped silently: every file in the folder and every line of the list is an item or is
named in the report. An item that cannot be used (unreadable, missing, without a label) is kept, so
that it becomes a row with a reason in an extraction.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from xfera_nb.datasets.choices import FIELDS as FIELDS
from xfera_nb.datasets.choices import GROUPS as GROUPS
from xfera_nb.datasets.labels import is_code, is_number
from xfera_nb.errors import DatasetError, unknown_name
from xfera_nb.facs.emotions import EMOTIONS, parse_emotion

PROBLEMS = {
    "misnamed": "misnamed files (no items)",
    "other file": "files that are no photos (no items)",
    "unlisted": "photos that the list does not name (no items)",
    "bad line": "lines of the list that cannot be read (no items)",
    "unknown label": "labels that mean none of the seven emotions (kept without one)",
    "conflicting label": "photos that are given two emotions (kept without one)",
    "tied votes": "photos whose votes tie (the first of equals is taken)",
    "unreadable": "files that cannot be read as a photo",
    "missing": "photos that are not there",
    "duplicate": "photos that are there twice (both kept)",
}
"""Kind of a problem -> how the report names several."""

_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class FrameFace:
    """Describe one face on one frame of a video, or why there is none.

    Attributes
    ----------
    frame : int
        The frame's number, from 0.
    time : float
        Seconds.
    track : int or None
        The face's number, the same on all frames; None without a face, as the following.
    score : float or None
        The detector's score.
    box : ndarray or None
        (4,) int32, left, top, right, bottom in pixels of the frame.
    landmarks : ndarray or None
        (68, 2) float32, pixels of the frame.
    reason : str or None
        Why there is no face.
    afresh : bool
        Decode the clip afresh from here: what a damaged part shows depends on where one begins.
    """

    frame: int
    time: float
    track: int | None = None
    score: float | None = None
    box: np.ndarray | None = field(default=None, repr=False)
    landmarks: np.ndarray | None = field(default=None, repr=False)
    reason: str | None = None
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """Describe one photo of a data set.

    Attributes
    ----------
    id : str
        Unique in its data set.
    path : str or None
        Its file; None if it comes as pixels.
    emotion : str or None
        One of `EMOTIONS`; None if the data set does not say, or says another one.
    label : str or None
        The label as the data set writes it.
    person, session, angle, gender, split : str or None
        What the data set knows of it.
    stamp : int or None
        CRC-32 of the file's content or of the pixels: tells a changed photo from the same one.
        None if it cannot be read.
    pixels : ndarray or None
        (H, W) or (H, W, 3) uint8, for data sets that hold no files.
    found : FrameFace or None
        The face that was found earlier, for the frames of a video.
    """

    id: str
    path: str | None = None
    emotion: str | None = None
    label: str | None = None
    person: str | None = None
    session: str | None = None
    angle: str | None = None
    gender: str | None = None
    split: str | None = None
    stamp: int | None = None
    pixels: np.ndarray | None = field(default=None, repr=False, compare=False)
    found: FrameFace | None = field(default=None, repr=False, compare=False)

    @property
    def source(self) -> str | np.ndarray:
        """The source for `xfera_nb.load_photo`: its path or its pixels."""
        if self.path is not None:
            return self.path
        if self.pixels is None:
            raise DatasetError(f"{self.id} has neither a file nor pixels; give it one of them.")
        return self.pixels

    @property
    def name(self) -> str:
        """Its file's name, or its id: used in messages and to find files that belong to it."""
        return self.id if self.path is None else os.path.basename(self.path)


@dataclass(frozen=True, slots=True)
class Problem:
    """Describe a problem that was found while loading.

    Attributes
    ----------
    kind : str
        A key of `PROBLEMS`.
    where : str
        An item's id, a file's path below the root, or a line of a list.
    detail : str
        What is wrong.
    """

    kind: str
    where: str
    detail: str


@dataclass(frozen=True)
class DatasetReport:
    """Report what was found while loading.

    Attributes
    ----------
    kind, root : str
        Which data set, and where.
    files : int
        Files or rows that were read.
    counts : mapping of str to int
        Items of each emotion in the order of `EMOTIONS`, and of "without label" where there are.
    groups : mapping of str to mapping
        For each of `GROUPS` that the data set knows, value -> items.
    problems : tuple of Problem
    checked : bool
        Whether every photo was decoded; otherwise only whether it is there.
    """

    kind: str
    root: str
    files: int
    counts: Mapping[str, int]
    groups: Mapping[str, Mapping[str, int]]
    problems: tuple[Problem, ...]
    checked: bool = True

    @property
    def items(self) -> int:
        """Number of items."""
        return sum(self.counts.values())

    def of(self, kind: str) -> tuple[Problem, ...]:
        """Return the problems of one kind.

        Raises
        ------
        InputError
            If there is no such kind.
        """
        if kind not in PROBLEMS:
            raise unknown_name("kind of problem", kind, PROBLEMS)
        return tuple(problem for problem in self.problems if problem.kind == kind)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-able values."""
        return {
            "kind": self.kind,
            "root": keepable(self.root),
            "files": self.files,
            "items": self.items,
            "counts": dict(self.counts),
            "groups": {name: dict(values) for name, values in self.groups.items()},
            "problems": [[p.kind, keepable(p.where), keepable(p.detail)] for p in self.problems],
            "checked": self.checked,
        }

    def text(self, shown: int = _SHOWN) -> str:
        """Return the report as text; of each kind of problem the first `shown` are named."""
        lines = [f"{self.kind} in {self.root}: {self.items:,} of {self.files:,} photos"]
        lines.append("  " + ", ".join(f"{n:,} {name}" for name, n in self.counts.items()))
        for name, values in self.groups.items():
            few = ", ".join(f"{value} {n:,}" for value, n in values.items())
            lines.append(f"  {name}: " + (few if len(values) <= 8 else f"{len(values):,} of them"))
        for kind, title in PROBLEMS.items():
            found = self.of(kind)
            if found:
                lines.append(f"  {len(found):,} {title}:")
                lines += [f"    {p.where}: {p.detail}" for p in found[:shown]]
                if len(found) > shown:
                    lines.append(f"    and {len(found) - shown:,} more")
        if not self.problems:
            lines.append("  no problems found")
        if not self.checked:
            lines.append("  photos were not decoded: damaged ones and duplicates are not known")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Hold labelled photos in a fixed order.

    Attributes
    ----------
    kind : str
        Which data set, such as "kdef".
    root : Path
        The folder that ids and stored photo paths are relative to.
    items : tuple of Item
    report : DatasetReport
        Of all that was loaded, also after `select`.
    chosen : tuple of str
        What `select` and `without` kept, in words.
    """

    kind: str
    root: Path
    items: tuple[Item, ...] = field(repr=False)
    report: DatasetReport = field(repr=False)
    chosen: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __getitem__(self, number: int) -> Item:
        return self.items[number]

    @property
    def counts(self) -> dict[str, int]:
        """Number of items of each emotion, and of those "without label" if there are any."""
        return count_labels(self.items)

    def select(self, **fields: str | Collection[str]) -> Dataset:
        """Return the items whose fields have the given values.

        Parameters
        ----------
        **fields : str or collection of str
            `emotion`, `person`, `session`, `angle`, `gender` or `split`: a value, or several of
            which each is accepted. Emotions may be synonyms, such as "joy".

        Raises
        ------
        DatasetError
            If nothing is left; it lists the values that exist.
        InputError
            If there is no such field or emotion; the message suggests the nearest name.
        """
        items, words = self.items, list(self.chosen)
        for name, value in fields.items():
            if name not in FIELDS:
                raise unknown_name("field", name, FIELDS)
            values = (value,) if isinstance(value, str) else tuple(value)
            if name == "emotion":
                values = tuple(parse_emotion(one) for one in values)
            kept = tuple(item for item in items if getattr(item, name) in values)
            listed = ", ".join(values)
            if not kept:
                known = sorted({str(getattr(item, name)) for item in items})[:12]
                raise DatasetError(
                    f"No photo of {self.kind} has the {name} {listed}: choose from "
                    f"{', '.join(known) or 'nothing, it is empty'}."
                )
            items = kept
            words.append(f"{name} {listed}")
        return replace(self, items=items, chosen=tuple(words))

    def without(self, *kinds: str) -> Dataset:
        """Return the items that have no problem of some kinds.

        Of photos that are there twice, the first stays.
        """
        bad = {problem.where for kind in kinds for problem in self.report.of(kind)}
        words = (*self.chosen, *(f"without {kind}" for kind in kinds))
        return replace(self, items=tuple(i for i in self.items if i.id not in bad), chosen=words)

    def neutral_of(self, item: Item) -> Item | None:
        """Return the same person's neutral face from the same angle, or None.

        The one of the same session comes first.
        """
        found = self._neutrals.get((item.person, item.angle), {})
        same = found.get(item.session)
        return same if same is not None else next(iter(found.values()), None)

    def path_of(self, item: Item) -> str | None:
        """Return an item's path, relative to the root if it is below it; None for pixels."""
        if item.path is None:
            return None
        path = Path(item.path)
        below = path.is_relative_to(self.root)
        return path.relative_to(self.root).as_posix() if below else str(path)

    @property
    def asks_for_labels(self) -> bool:
        """Return whether no label is understood, and all are numbers or codes of some scheme."""
        return self._unread(is_number) or self._unread(is_code)

    def advise_labels(self, option: str = "labels") -> str | None:
        """Say what to do about labels if no photo has one that is understood, else None.

        Parameters
        ----------
        option : str
            The option that says how labels are read, as the reader writes it.
        """
        if any(item.emotion is not None for item in self.items):
            return None
        none = "The photo has no label"
        if len(self.items) != 1:
            none = f"None of the {len(self.items):,} photos has a label"
        named = ", ".join(sorted({item.label for item in self.items if item.label})[:8])
        if self._unread(is_number):
            return (
                f"{none} that is understood, theirs are the numbers {named}: say what they mean by "
                f"{option} rafdb, fer2013, affectnet or ckplus, or by {option} "
                f"0=neutral,1=happiness and so on ({option} names: measure without labels)."
            )
        if self._unread(is_code):
            return (
                f"{none} that is understood, theirs are the codes {named}: if these are KDEF's, "
                f"say so by {option} kdef ({option} names: measure without labels)."
            )
        theirs = f" that is understood, theirs are {named}" if named else ""
        return f"{none}{theirs}: nothing can be said of the classifier's accuracy on them."

    def _unread(self, test: Callable[[str], bool]) -> bool:
        """Return whether no item has an emotion, and all labels that there are pass a test."""
        labels = [item.label for item in self.items if item.label]
        return (
            bool(labels)
            and all(item.emotion is None for item in self.items)
            and all(map(test, labels))
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of ids, labels, groups and stamps in their order: changes when the data does."""
        digest = hashlib.sha256()
        for item in self.items:
            row = [item.id, item.stamp, item.label, *(getattr(item, name) for name in FIELDS)]
            digest.update(json.dumps(row).encode() + b"\n")
        return digest.hexdigest()

    @cached_property
    def _neutrals(self) -> dict[tuple[str | None, str | None], dict[str | None, Item]]:
        found: dict[tuple[str | None, str | None], dict[str | None, Item]] = {}
        for item in self.items:
            if item.emotion == "neutral" and item.person is not None:
                found.setdefault((item.person, item.angle), {}).setdefault(item.session, item)
        return found


def keepable(text: str) -> str:
    """Return text that UTF-8 can encode; odd bytes of a file's name become \\udcXX."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def count_labels(items: tuple[Item, ...]) -> dict[str, int]:
    """Count the items of each emotion, in order, and those "without label" if there are any."""
    counts = Counter(item.emotion for item in items)
    table = {emotion: counts[emotion] for emotion in EMOTIONS}
    return table | {"without label": counts[None]} if counts[None] else table


def count_groups(items: tuple[Item, ...]) -> dict[str, dict[str, int]]:
    """Count the items of each value, for each of `GROUPS` that is known of any item."""
    groups = {}
    for name in GROUPS:
        counts = Counter(value for item in items if (value := getattr(item, name)) is not None)
        if counts:
            groups[name] = dict(sorted(counts.items()))
    return groups
