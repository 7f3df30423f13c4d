"""An evaluation as text for a terminal: the paper's Table 1 with intervals, and all that failed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from xfera_nb.datasets import PROBLEMS
from xfera_nb.evaluation import NO_FACE, NO_LABEL, PAPER_TABLE_1
from xfera_nb.facs import EMOTIONS
from xfera_nb.report.evaluation_page import READING, resampling, spoken
from xfera_nb.report.evaluation_tables import human_lines
from xfera_nb.report.plain import WIDTH, clean

if TYPE_CHECKING:
    from xfera_nb.evaluation import Estimate, Evaluation

SHOWN = 5


def evaluation_text(evaluation: Evaluation, shown: int = SHOWN) -> str:
    """The evaluation as lines; of each kind of trouble the first `shown` are named."""
    return "\n".join(clean(line) for line in _lines(evaluation, shown))


def _lines(evaluation: Evaluation, shown: int) -> Iterator[str]:
    chosen = f" ({'; '.join(evaluation.chosen)})" if evaluation.chosen else ""
    yield f"{evaluation.kind}{chosen} in {evaluation.name}: {len(evaluation.photos):,} photos"
    yield f"  {evaluation.faces:,} faces with a label"
    missing = len(evaluation.of(NO_FACE))
    yield f"  {missing:,} with a label, but no face; {len(evaluation.of(NO_LABEL)):,} without label"
    yield f"accuracy {spoken(evaluation.accuracy)}"
    if missing:
        yield f"  {evaluation.accuracy_of_all:.3f} if photos without a face count as wrong"
    yield f"macro F1 {spoken(evaluation.macro_f1)}"
    yield f"ECE      {spoken(evaluation.ece)}"
    if evaluation.ties:
        yield f"  {evaluation.ties:,} ties: the first class in order was taken"
    yield f"intervals: {resampling(evaluation)}"
    for note in evaluation.notes:
        yield from textwrap.wrap(f"note: {note}", WIDTH, subsequent_indent="  ")
    yield ""
    yield from _classes(evaluation)
    yield ""
    yield "confusion, label in rows: " + " ".join(f"{emotion[:7]:>7}" for emotion in EMOTIONS)
    for emotion, row in zip(EMOTIONS, evaluation.confusion, strict=True):
        yield f"  {emotion:24}" + " ".join(f"{count:7}" for count in row)
    yield from _groups(evaluation)
    yield from _human(evaluation)
    yield from _failures(evaluation, shown)
    yield ""
    yield from textwrap.wrap(READING, WIDTH)


def _classes(evaluation: Evaluation) -> Iterator[str]:
    yield (
        f"{'':12}{'precision [95 %]':18}{'recall':18}{'F1':18}{'faces':>5} {'no face':>8}   "
        "the paper, on RAF-DB"
    )
    for row in evaluation.classes:
        ours = "".join(f"{_cell(found):18}" for found in (row.precision, row.recall, row.f1))
        paper = "  ".join(f"{value:.2f}" for value in PAPER_TABLE_1[row.emotion])
        yield f"  {row.emotion:10}{ours}{row.faces:5} {row.no_face:8}   {paper}"


def _groups(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.groups:
        yield ""
        yield f"{'group':22}{'faces':>6} {'no face':>8}  {'accuracy':18}macro F1"
    for row in evaluation.groups:
        name = f"{row.group} {row.value or 'not said'}"
        figures = f"{_cell(row.accuracy):18}{_cell(row.macro_f1):18}".rstrip()
        yield f"  {name[:20]:20}{row.faces:6} {row.no_face:8}  {figures}"


def _human(evaluation: Evaluation) -> Iterator[str]:
    if not evaluation.human:
        return
    yield ""
    yield "hit rates on session A, straight view"
    yield f"{'':12}{'faces':>5}  {'classifier':>10}  {'people':>6}"
    for row in evaluation.human:
        model = "-" if row.model is None else f"{row.model:.2f}"
        rate = row.people.hit_rate
        people = "-" if rate is None else f"{rate:.2f}"
        yield f"  {row.emotion:10}{row.faces:5}  {model:>10}  {people:>6}"
    for line in human_lines(evaluation):
        yield from textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _failures(evaluation: Evaluation, shown: int) -> Iterator[str]:
    faceless = [photo for photo in evaluation.incomplete if photo.predicted is None]
    partial = [photo for photo in evaluation.incomplete if photo.predicted is not None]
    lists = {
        "photos on which no face was measured": [f"{p.id}: {p.reason}" for p in faceless],
        "faces without Action Units (they count above)": [f"{p.id}: {p.reason}" for p in partial],
    }
    for kind, title in PROBLEMS.items():
        lists[f"{title}, of the whole data set"] = [
            f"{where}: {detail}" for what, where, detail in evaluation.problems if what == kind
        ]
    for title, found in lists.items():
        if not found:
            continue
        yield ""
        yield f"{len(found):,} {title}:"
        yield from (f"  {one}" for one in found[:shown])
        if len(found) > shown:
            yield f"  and {len(found) - shown:,} more (--json, --out and --html name them)"


def _cell(found: Estimate) -> str:
    if found.value is None:
        return "-"
    interval = "" if found.low is None else f" [{found.low:.2f} {found.high:.2f}]"
    return f"{found.value:.2f}{interval}"
