"""The plan of a study: photos, conditions and texts, in a folder with one JSON file.

::

    STUDY/
      study.json          the plan, format `FORMAT`
      pictures/           the face of each item, and the face with its heatmap
      answers.sqlite      what people answered; see `xfera_nb.study.answers`
      simulated.sqlite    invented answers, never in the same file

Everything stays in that folder, on the researcher's machine. The file is untrusted input:
unknown words, wrong types, texts that are too long and names that lead out of the folder are
refused with a sentence. Texts may be edited by hand (`xfera_nb.study.texts.TEXTS` names them),
before the first answer.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xfera_nb.errors import StudyError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.paths import expand_path, write_atomic
from xfera_nb.study import checks
from xfera_nb.study.items import CHOICES, CONDITIONS, KINDS, StudyItem
from xfera_nb.study.order import Design
from xfera_nb.study.texts import AGE_BANDS, EMOTION_LABELS, QUESTIONS, TEXTS
from xfera_nb.wording import count_of

FORMAT = 2
NAME = "study.json"
PICTURES = "pictures"
MAX_ITEMS = 500


@dataclass(frozen=True, eq=False)
class Study:
    """Hold the plan of a study.

    Attributes
    ----------
    items : tuple of StudyItem
    conditions : tuple of str
        Some of `CONDITIONS`.
    seed : int
        Determines all orders.
    choice : str
        One of `CHOICES`.
    texts, labels : mapping of str to str
        What the page says, and what it calls the seven emotions.
    age_bands : tuple of str
        Age groups to choose from; empty if age is not asked.
    made : mapping
        What made the items: model, settings, how they were chosen.
    folder : Path or None
        Its folder; None before it is saved.
    """

    items: tuple[StudyItem, ...]
    conditions: tuple[str, ...] = CONDITIONS
    seed: int = 0
    choice: str = "choose"
    texts: Mapping[str, str] = field(default_factory=lambda: TEXTS, repr=False)
    labels: Mapping[str, str] = field(default_factory=lambda: EMOTION_LABELS, repr=False)
    age_bands: tuple[str, ...] = AGE_BANDS
    made: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    folder: Path | None = None

    @property
    def design(self) -> Design:
        """The balanced design that deals items and conditions to participants."""
        return Design(self.items, self.conditions, self.seed)

    @property
    def questions(self) -> tuple[str, ...]:
        """Questions of part 2."""
        return QUESTIONS

    def item(self, name: str) -> StudyItem:
        """Return an item by its id.

        Raises
        ------
        StudyError
            If there is none.
        """
        for item in self.items:
            if item.id == name:
                return item
        raise StudyError(f"The study has no item {checks.shown(name)}; load the page again.")

    def picture(self, name: str) -> bytes:
        """Return the bytes of a picture.

        Raises
        ------
        StudyError
            If it is missing.
        """
        if self.folder is None:
            raise StudyError("The study has no folder yet: save it first.")
        return checks.picture(self.folder / PICTURES / name)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that answers depend on; another value means another study."""
        about = {
            "format": FORMAT,
            "seed": self.seed,
            "choice": self.choice,
            "conditions": self.conditions,
            "items": [vars(item) for item in self.items],
            "asked": {n: self.texts[n] for n in (*CHOICES, *QUESTIONS, "answer", "low", "high")},
            "labels": dict(self.labels),
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()

    @property
    def missing_photos(self) -> dict[str, int]:
        """Kind -> number of photos that were asked for and not found; empty if all were."""
        asked = self.made.get("asked")
        counts = Counter(item.kind for item in self.items)
        wanted = asked.items() if isinstance(asked, Mapping) else ()
        known = {kind: n for kind, n in wanted if kind in KINDS and isinstance(n, int)}
        return {kind: n - counts[kind] for kind, n in known.items() if counts[kind] < n}

    @property
    def uneven_note(self) -> str | None:
        """Say that the photos do not divide among the conditions; None if they do."""
        count, rest = divmod(len(self.items), len(self.conditions))
        if not rest:
            return None
        return (
            f"{len(self.items)} photos do not divide among {len(self.conditions)} conditions: each "
            f"participant rates {count} under some and {count + 1} under others. Take "
            f"{count * len(self.conditions)} or {(count + 1) * len(self.conditions)} photos."
        )

    @property
    def summary(self) -> str:
        """Items, kinds, emotions and conditions, in three lines."""
        kinds = Counter(item.kind for item in self.items)
        shown = Counter(item.emotion or item.predicted for item in self.items)
        rows = len(self.design.rows)
        return (
            f"{count_of(len(self.items), 'photo')}: {_counted(kinds, KINDS)}\n"
            f"emotions: {_counted(shown, EMOTIONS)}\n"
            f"conditions: {', '.join(self.conditions)}; {rows} orders (Williams' design), "
            f"seed {self.seed}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as it is written to the file."""
        return {
            "format": FORMAT,
            "seed": self.seed,
            "choice": self.choice,
            "conditions": list(self.conditions),
            "age_bands": list(self.age_bands),
            "texts": dict(self.texts),
            "labels": dict(self.labels),
            "items": [
                vars(item) | {"probabilities": list(item.probabilities)} for item in self.items
            ],
            "made": dict(self.made),
        }

    @classmethod
    def from_dict(cls, values: Any, folder: Path | None = None) -> Study:
        """Read a plan.

        Raises
        ------
        StudyError
            With the first thing that is not as it should be.
        """
        plan = checks.mapping(values, "the study file")
        given = plan.get("format")
        if given != FORMAT:
            raise StudyError(
                f"The study file has the format {checks.shown(given)}, this toolkit reads "
                f"{FORMAT}: use the version that made it, or build the study again."
            )
        study = cls(
            items=checks.items(plan.get("items"), MAX_ITEMS),
            conditions=checks.words(plan.get("conditions"), "conditions", CONDITIONS),
            seed=checks.whole(plan.get("seed"), "seed"),
            choice=checks.word(plan.get("choice"), "choice", CHOICES),
            texts=checks.texts(plan.get("texts", {}), "texts", TEXTS),
            labels=checks.texts(plan.get("labels", {}), "labels", EMOTION_LABELS),
            age_bands=checks.lines(plan.get("age_bands", []), "age_bands"),
            made=MappingProxyType(checks.mapping(plan.get("made", {}), "made")),
            folder=folder,
        )
        if len(set(study.labels.values())) < len(EMOTION_LABELS):
            raise StudyError(
                "Two of the labels in the study file are the same: give each emotion its own."
            )
        if len(study.items) < len(study.conditions):
            raise StudyError(
                f"The study has {len(study.items)} items for {len(study.conditions)} conditions: "
                "it needs at least as many items as conditions."
            )
        return study

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, pictures: bool = True) -> Study:
        """Read a study from its folder, and see that its pictures are there.

        Parameters
        ----------
        folder : path
        pictures : bool
            Ask for the pictures. Answers can be taken out and analysed without them.

        Raises
        ------
        StudyError
            If it is not there or damaged.
        """
        place = expand_path(folder).absolute()
        path = place / NAME
        study = cls.from_dict(checks.read_json(path, str(folder)), place)
        for item in study.items if pictures else ():
            study.picture(item.face)
            study.picture(item.heatmap)
        return study

    def save(self, folder: str | os.PathLike[str], pictures: Mapping[str, bytes]) -> Study:
        """Write the plan and its pictures into a new folder.

        Parameters
        ----------
        folder : path
            Must not hold a study yet.
        pictures : mapping of str to bytes
            File name -> JPEG or PNG, for each item's `face` and `heatmap`.

        Returns
        -------
        Study
            The same, with its folder.

        Raises
        ------
        StudyError
            If there is a study already, or the folder cannot be written.
        """
        place = expand_path(folder).absolute()
        if (place / NAME).exists():
            raise StudyError(
                f"{folder} holds a study already, maybe with answers: give another folder."
            )
        try:
            (place / PICTURES).mkdir(parents=True, exist_ok=True)
            for name, data in pictures.items():
                (place / PICTURES / name).write_bytes(data)
            text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
            write_atomic(place / NAME, text + "\n")
        except OSError as error:
            raise StudyError(
                f"The study cannot be written into {folder} ({error.strerror or error}): choose "
                "another folder."
            ) from error
        return type(self).load(place)


def _counted(counts: Counter[str], names: Sequence[str]) -> str:
    return ", ".join(f"{counts[name]} {name}" for name in names if counts[name])
