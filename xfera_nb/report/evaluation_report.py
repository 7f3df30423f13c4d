"""Show an evaluation as an article, as a page that stands alone, and as text for a terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from xfera_nb.datasets import PROBLEMS
from xfera_nb.evaluation import (
    NO_FACE,
    NO_LABEL,
    PAPER_KDEF_ACCURACY,
    PAPER_RAFDB_ACCURACY,
    PAPER_TABLE_1,
    WRONG,
)
from xfera_nb.evaluation.published import CALVO, KDEF_BEST, KDEF_MEAN, KDEF_WORST
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures.evaluation import classes_svg, confusion_svg, groups_svg, reliability_svg
from xfera_nb.report.markup import format_number, render, stylesheet
from xfera_nb.report.plain import WIDTH, clean
from xfera_nb.report.result_html import assemble_page, describe_model
from xfera_nb.saliency import describe_map
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from xfera_nb.evaluation import Estimate, EvaluatedPhoto, Evaluation

READING = (
    "These figures are of this classifier on these photos. They say how often its prediction is "
    "the label that a person gave to a photo, not how well it reads what people feel."
)
SHOWN_ON_PAGE = 200
"""Rows of a list of photos that a page shows; the files of ``--out`` hold them all."""
SHOWN_AS_TEXT = 5
"""Entries of each list of problems that the text names."""


def evaluation_html(evaluation: Evaluation, *, style: bool = True, is_open: bool = False) -> str:
    """Return the evaluation as an ``<article>``.

    Parameters
    ----------
    evaluation : Evaluation
    style : bool
        Put the shared style sheet before it; a page has it already.
    is_open : bool
        Unfold the lists of photos.
    """
    wrong = sorted(evaluation.of(WRONG), key=lambda photo: -(photo.confidence or 0.0))
    counts = Counter(kind for kind, _, _ in evaluation.problems)
    problems = sorted(evaluation.problems, key=lambda problem: counts[problem[0]])
    drawings = {
        "classes": classes_svg(evaluation),
        "confusion": confusion_svg(evaluation),
        "reliability": reliability_svg(evaluation),
        "groups": groups_svg(evaluation),
    }
    return render(
        "report/templates/evaluation.html",
        sheet=(stylesheet("style.css") if style else Markup()) + stylesheet("evaluation.css"),
        opened=Markup(" open") if is_open else "",
        evaluation=evaluation,
        tiles=(
            ("accuracy", evaluation.accuracy),
            ("macro F1", evaluation.macro_f1),
            ("calibration error (ECE)", evaluation.ece),
            ("class-wise ECE", evaluation.classwise_ece),
        ),
        facts=_facts(evaluation),
        # What is drawn is escaped by `figures.svg`.
        figures={name: Markup(drawing) for name, drawing in drawings.items()},  # noqa: S704
        paper=PAPER_TABLE_1,
        ece=format_estimate(evaluation.ece),
        same=", ".join(f"{group} {value}" for group, value in evaluation.constant.items()),
        human_lines=describe_norms(evaluation) if evaluation.human else (),
        incomplete=[(*_cells(p), p.reason or "") for p in evaluation.incomplete[:SHOWN_ON_PAGE]],
        problems=problems[:SHOWN_ON_PAGE],
        wrong=[_cells(photo) for photo in wrong[:SHOWN_ON_PAGE]],
        wrong_count=len(wrong),
        sources=_sources(evaluation),
        reading=READING,
    )


def evaluation_page_html(evaluation: Evaluation) -> str:
    """Return the evaluation as a whole page: no script, nothing from outside, fit to print."""
    article = evaluation_html(evaluation, style=False, is_open=True)
    return assemble_page([article], f"XFERa evaluation: {evaluation.kind}")


def format_estimate(found: Estimate, places: int = 3) -> str:
    """Format a figure with its interval, or with the reason why there is none."""
    if found.value is None:
        return f"undefined ({found.reason})"
    value = f"{found.value:.{places}f}"
    if found.low is None:
        return f"{value} ({found.reason})"
    return f"{value} (95 % {found.low:.{places}f} to {found.high:.{places}f})"


def _facts(evaluation: Evaluation) -> list[tuple[str, str]]:
    missing = len(evaluation.of(NO_FACE))
    no_face = count_of(missing, "photo")
    if missing:
        no_face += " with a label, named below; counted as wrong, accuracy is "
        no_face += f"{evaluation.accuracy_of_all:.3f}"
    rows = [
        ("Figures are of", f"{count_of(evaluation.faces, 'face')} with a label"),
        ("No face measured", no_face),
        ("No label", f"{count_of(len(evaluation.of(NO_LABEL)), 'photo')}, in no figure"),
        ("Intervals", _describe_intervals(evaluation)),
    ]
    if evaluation.ties:
        ties = count_of(evaluation.ties, "face")
        rows.append(("Ties", f"{ties}; the first class in order was taken"))
    return rows


def _describe_intervals(evaluation: Evaluation) -> str:
    whole = " with all their photos" if evaluation.units == "person" else ""
    return (
        f"percentile bootstrap, {evaluation.resamples:,} resamples of "
        f"{count_of(evaluation.unit_count, evaluation.units)}{whole}, seed {evaluation.seed}"
    )


def _cells(photo: EvaluatedPhoto) -> Sequence[str]:
    confidence = format_number(photo.confidence, unknown="")
    return photo.id, photo.true or "no label", photo.predicted or "no face", confidence


def _sources(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [
        ("Classifier", describe_model(evaluation.classifier)),
        ("Maps of the store", f"{describe_map(**evaluation.heatmap)}; no figure here is of them"),
        (
            "The paper's own",
            f"accuracy {PAPER_RAFDB_ACCURACY:.2%} on RAF-DB (Table 1), {PAPER_KDEF_ACCURACY:.2%} "
            "on KDEF's 490 photos of session A, straight view; Macchiarulo et al. (2025)",
        ),
        ("Macro F1", "plain mean of the F1 of the emotions that occur"),
        ("ECE", "15 equal bins of the highest probability (Guo et al. 2017)"),
        ("Class-wise ECE", "the same of each class's probability; their mean (Kull et al. 2019)"),
        (
            "No interval",
            "where a figure is undefined in more than 5 % of the resamples, or the same in nearly "
            "all of them: 10 of 10 correct is no proof of 100 %",
        ),
    ]


def describe_norms(evaluation: Evaluation) -> list[str]:
    """Say where people's hit rates are from, and what is known without numbers."""
    by_source: dict[str, list[str]] = {}
    for row in evaluation.human:
        why = "; ".join(filter(None, (row.people.source, row.people.reason)))
        by_source.setdefault(why, []).append(row.emotion)
    lines = [
        f"People, {'each emotion' if len(names) == len(EMOTIONS) else ', '.join(names)}: {why}."
        for why, names in by_source.items()
    ]
    lines.append(
        f"People's mean: about {KDEF_MEAN.hit_rate:.2f}; {KDEF_MEAN.source}; {KDEF_MEAN.reason}."
    )
    lines.append(f"People named {KDEF_BEST} best and {KDEF_WORST} worst; {CALVO}.")
    lines.append(f"The classifier: {_best_and_worst(evaluation)}.")
    return lines


def _best_and_worst(evaluation: Evaluation) -> str:
    """Name the emotions with the classifier's highest and lowest hit rate, all of equals."""
    rates = {row.emotion: row.model for row in evaluation.human if row.model is not None}
    if not rates:
        return "no photo of session A in straight view was measured"
    ends = []
    for name, value in (("best", max(rates.values())), ("worst", min(rates.values()))):
        same = [emotion for emotion, rate in rates.items() if rate == value]
        ends.append(f"{name} {' and '.join(same)} ({value:.2f})")
    return ", ".join(ends)


def evaluation_text(evaluation: Evaluation, shown: int = SHOWN_AS_TEXT) -> str:
    """Return the evaluation as lines; of each list of problems the first `shown` are named."""
    return "\n".join(clean(line) for line in _lines(evaluation, shown))


def _lines(evaluation: Evaluation, shown: int) -> Iterator[str]:
    chosen = f" ({'; '.join(evaluation.chosen)})" if evaluation.chosen else ""
    photos = count_of(len(evaluation.photos), "photo")
    yield f"{evaluation.kind}{chosen} in {evaluation.name}: {photos}"
    yield f"  {count_of(evaluation.faces, 'face')} with a label"
    missing = len(evaluation.of(NO_FACE))
    yield f"  {missing:,} with a label, but no face; {len(evaluation.of(NO_LABEL)):,} without label"
    yield f"accuracy {format_estimate(evaluation.accuracy)}"
    if missing:
        yield f"  {evaluation.accuracy_of_all:.3f} if photos without a face count as wrong"
    yield f"macro F1 {format_estimate(evaluation.macro_f1)}"
    yield f"ECE      {format_estimate(evaluation.ece)}"
    yield f"  class-wise {format_estimate(evaluation.classwise_ece)}"
    if evaluation.ties:
        yield f"  {count_of(evaluation.ties, 'tie')}: the first class in order was taken"
    yield f"intervals: {_describe_intervals(evaluation)}"
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
        f"{'':12}{'precision [95 %]':18}{'recall':18}{'F1':18}{'ECE':18}{'faces':>5} "
        f"{'no face':>8}   "
        "the paper, on RAF-DB"
    )
    for row in evaluation.classes:
        figures = (row.precision, row.recall, row.f1, row.ece)
        ours = "".join(f"{_cell(found):18}" for found in figures)
        paper = "  ".join(f"{value:.2f}" for value in PAPER_TABLE_1[row.emotion])
        yield f"  {row.emotion:10}{ours}{row.faces:5} {row.no_face:8}   {paper}"


def _groups(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.groups:
        yield ""
        yield f"{'group':22}{'faces':>6} {'no face':>8}  {'accuracy':18}macro F1"
    for row in evaluation.groups:
        name = f"{row.group} {row.value or 'not stated'}"
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
    for line in describe_norms(evaluation):
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
