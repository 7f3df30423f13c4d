"""Ask a vision model for a second opinion on the faces of a store, and sum up how the two agree.

File
    JSON lines: how it was made, then one face a line, written as soon as it is answered, so that an
    interrupted run goes on. It holds texts and numbers, no picture.
Agreement
    Cohen's kappa of two lists of classes: 0 for agreement as by chance, 1 for full agreement; None
    where both always name one and the same class. Cohen, J. (1960), Educational and Psychological
    Measurement 20, 37-46.
Grounding
    Of the words, as `xfera_nb.explanation.check` reads them: precision is the share of the named
    movements that were measured as present, recall the share of the face's main movements that are
    named; means over the faces for which they are defined.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from tqdm import tqdm

from xfera_nb.errors import ParamsError, WriterError, XferaError
from xfera_nb.evaluation.faithfulness.store_check import read_photo_of
from xfera_nb.evidence import Evidence, EvidenceStore
from xfera_nb.evidence.rows import Row
from xfera_nb.explanation import TextRequest, VisionWriter, write_explanation
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.paths import expand_path, is_url, write_atomic
from xfera_nb.wording import count_of

SUFFIX = ".second-opinion.jsonl"
MOST_FAILURES = 5
"""So many answers that fail one after the other end the run: the next would fail too."""


@dataclass(frozen=True)
class SecondOpinions:
    """Hold the second opinions on a store.

    Attributes
    ----------
    rows : tuple of mapping
        One a face, by its place in the data set: `number`, `id`, `label`, `reason` (None, or why
        there is no opinion), `second_opinion` (`SecondOpinion.to_dict`), `check`, `text`, `tokens`
        (prompt, answer), `cost`, `seconds`, `cached`.
    made_by : mapping
        Model, host, language, fusion parameters and data set.
    path : Path
        The file.
    """

    rows: tuple[Mapping[str, Any], ...]
    made_by: Mapping[str, Any]
    path: Path

    @property
    def answered(self) -> tuple[Mapping[str, Any], ...]:
        """Return the rows with an opinion."""
        return tuple(row for row in self.rows if row["reason"] is None)

    @property
    def failed(self) -> tuple[tuple[str, str], ...]:
        """Return id and reason of each face without an opinion."""
        return tuple((row["id"], row["reason"]) for row in self.rows if row["reason"] is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as a JSON-able object; shares are 0-1, unknown is None."""
        seconds = [row["second_opinion"] for row in self.answered]
        opinion = [one["emotion"] for one in seconds]
        predicted = [one["predicted"] for one in seconds]
        labelled = [row for row in self.answered if row["label"] is not None]
        label = [row["label"] for row in labelled]
        return {
            **self.made_by,
            "faces": len(seconds),
            "failed": len(self.failed),
            "same_class": _mean(a == b for a, b in zip(opinion, predicted, strict=True)),
            "kappa_classifier": cohen_kappa(opinion, predicted),
            "labelled": len(labelled),
            "kappa_label": cohen_kappa(
                [row["second_opinion"]["emotion"] for row in labelled], label
            ),
            "kappa_classifier_label": cohen_kappa(
                [row["second_opinion"]["predicted"] for row in labelled], label
            ),
            "au_agreement": _mean(one["agreement"] for one in seconds),
            "grounding_precision": _mean(row["check"]["precision"] for row in self.answered),
            "grounding_recall": _mean(row["check"]["recall"] for row in self.answered),
            "prompt_tokens": _sum(row["tokens"][0] for row in self.answered),
            "completion_tokens": _sum(row["tokens"][1] for row in self.answered),
            "cost": _sum(row["cost"] for row in self.answered),
            "seconds": _mean(row["seconds"] for row in self.answered),
        }

    def text(self) -> str:
        """Return the figures as lines to print."""
        found = self.to_dict()
        tokens = f"{_shown(found['prompt_tokens'])} + {_shown(found['completion_tokens'])}"
        lines = [
            f"{count_of(found['faces'], 'face')}, each seen by {found['model']} at "
            f"{found['host']}; {found['failed']} without an answer",
            f"same class as the classifier: {_shown(found['same_class'])}, Cohen's kappa "
            f"{_shown(found['kappa_classifier'])}",
            f"against the label ({count_of(found['labelled'], 'face')}): kappa "
            f"{_shown(found['kappa_label'])}, the classifier "
            f"{_shown(found['kappa_classifier_label'])}",
            f"Action Units, share that both have: {_shown(found['au_agreement'])}",
            f"grounding of its words: precision {_shown(found['grounding_precision'])}, recall "
            f"{_shown(found['grounding_recall'])}",
            f"tokens: {tokens}; cost: {_shown(found['cost'])}; seconds a face: "
            f"{_shown(found['seconds'])}",
            f"Each answer is a line of {self.path}.",
        ]
        return "\n".join(lines)


def ask_store(
    store: str | PathLike[str],
    writer: VisionWriter,
    *,
    out: str | PathLike[str] | None = None,
    photos: str | PathLike[str] | None = None,
    params: FusionParams | None = None,
    language: str = "en",
    limit: int | None = None,
    rate: float | None = None,
    refresh: bool = False,
    progress: bool = True,
    sleep: Callable[[float], object] = time.sleep,
) -> SecondOpinions:
    """Ask for a second opinion on each face of a store that has none yet.

    Parameters
    ----------
    store : path
    writer : VisionWriter
        It is sent the aligned crop of each face, nothing else.
    out : path, optional
        File of the answers; beside the store by default.
    photos : path, optional
        Folder of the photos, if they have moved.
    params : FusionParams, optional
        They say which AUs are present.
    language : str
    limit : int, optional
        How many faces, drawn at random; a smaller limit draws a subset of a larger one's.
    rate : float, optional
        At most so many requests a minute; cached answers do not count.
    refresh : bool
        Discard earlier answers.
    progress : bool
    sleep : callable
        Waits for seconds.

    Returns
    -------
    SecondOpinions

    Raises
    ------
    ParamsError
        If the file was made otherwise, or a store at a URL has no `out`.
    WriterError
        If `MOST_FAILURES` answers in a row fail; earlier ones are kept.
    """
    opened, params = EvidenceStore.open(store), params or FusionParams()
    path = _path_of(store, out)
    made_by = {
        "model": writer.model,
        "host": writer.host,
        "language": language,
        "params": params.to_dict(),
        "data set": opened.manifest["dataset"]["fingerprint"],
    }
    rows = {} if refresh else _read(path, made_by)
    rows = {number: row for number, row in rows.items() if row["reason"] is None}
    _start(path, made_by, rows.values())
    chosen = _draw(opened, limit)
    todo = [number for number in chosen if number not in rows]
    root = opened.source if photos is None else photos
    request, failures, next_at = TextRequest(language=language), 0, 0.0
    with (
        path.open("a", encoding="utf-8") as file,
        tqdm(
            total=len(chosen), initial=len(chosen) - len(todo), unit="face", disable=not progress
        ) as bar,
    ):
        for row in _rows(opened, todo):
            if rate is not None and (wait := next_at - time.monotonic()) > 0:
                sleep(wait)
            started = time.monotonic()
            answer = _ask(row, opened, root, writer, params, request)
            if rate is not None and not answer.get("cached"):
                next_at = started + 60 / rate
            rows[row.number] = answer
            file.write(f"{json.dumps(answer, allow_nan=False)}\n")
            file.flush()
            bar.update()
            failures = failures + 1 if answer.get("asked") and answer["reason"] else 0
            if failures == MOST_FAILURES:
                raise WriterError(
                    f"{MOST_FAILURES} answers in a row failed, the last: {answer['reason']} "
                    "The answers so far are kept; run the same command again to resume."
                )
    ordered = tuple(rows[number] for number in sorted(rows) if number in {*chosen})
    return SecondOpinions(ordered, made_by, path)


def cohen_kappa(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Return Cohen's kappa of two lists of classes, -1 to 1; None where it is not defined."""
    if not one:
        return None
    names = sorted({*one, *other})
    table = np.zeros((len(names), len(names)))
    for a, b in zip(one, other, strict=True):
        table[names.index(a), names.index(b)] += 1 / len(one)
    chance = float(table.sum(0) @ table.sum(1))
    if chance > 1 - 1e-12:
        return None
    return (float(np.trace(table)) - chance) / (1 - chance)


def _ask(
    row: Row,
    store: EvidenceStore,
    photos: str | PathLike[str],
    writer: VisionWriter,
    params: FusionParams,
    request: TextRequest,
) -> dict[str, Any]:
    answer: dict[str, Any] = {"number": row.number, "id": row.id, "label": row.emotion}
    try:
        evidence = Evidence.from_row(row, read_photo_of(row, photos), store.manifest)
        fusion = fuse(evidence, params)
    except XferaError as error:
        return {**answer, "asked": False, "reason": " ".join(str(error).split())}
    try:
        found = write_explanation(fusion, writer, request, fallback=False)
    except WriterError as error:
        return {**answer, "asked": True, "reason": " ".join(str(error).split())}
    second = found.second_opinion
    return {
        **answer,
        "asked": True,
        "reason": None,
        "second_opinion": second and second.to_dict(),
        "check": {"precision": found.check.precision, "recall": found.check.recall},
        "text": found.text,
        "tokens": found.tokens,
        "cost": found.draft.cost,
        "seconds": found.seconds,
        "cached": found.draft.cached,
    }


def _path_of(store: str | PathLike[str], out: str | PathLike[str] | None) -> Path:
    if out is not None:
        return expand_path(out)
    if is_url(store):
        raise ParamsError("The store is at a URL: say with --out where the answers are to go.")
    place = expand_path(store)
    return place.with_name(f"{place.name}{SUFFIX}")


def _read(path: Path, made_by: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """Return the rows of an earlier run; a last line that was cut off is left out.

    Raises
    ------
    ParamsError
        If the file is another one, or was made otherwise.
    """
    if not path.exists():
        return {}
    lines = path.read_text("utf-8", errors="replace").splitlines()
    try:
        before = json.loads(lines[0])["made_by"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise ParamsError(
            f"{path} is not a file of second opinions: give another --out, or --force."
        ) from None
    other = [name for name, value in made_by.items() if before.get(name) != value]
    if other:
        raise ParamsError(
            f"{path} was made with another {other[0]}: give another --out, or --force to discard "
            "it."
        )
    rows = {}
    for line in lines[1:]:
        try:
            row = json.loads(line)
            rows[int(row["number"])] = row
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return rows


def _start(path: Path, made_by: Mapping[str, Any], rows: Any) -> None:
    """Rewrite the file with the rows that are kept."""
    lines = [json.dumps({"made_by": made_by}), *(json.dumps(row) for row in rows)]
    write_atomic(path, "\n".join(lines) + "\n")


def _draw(store: EvidenceStore, limit: int | None) -> list[int]:
    columns = store.table(["number", "box"])
    there = columns["number"].to_numpy()[columns["box"].is_valid().to_numpy()]
    drawn = np.random.default_rng(0).permutation(len(there))[:limit]
    return [int(number) for number in there[np.sort(drawn)]]


def _rows(store: EvidenceStore, numbers: Sequence[int]) -> Iterator[Row]:
    wanted = {*numbers}
    if wanted:
        yield from (row for row in store.rows() if row.number in wanted)


def _mean(values: Any) -> float | None:
    known = [float(value) for value in values if value is not None]
    return fmean(known) if known else None


def _sum(values: Any) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _shown(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
