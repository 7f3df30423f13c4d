"""An evaluation as a piece of HTML and as a page that stands alone, by the rules of `fragment`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.evaluation import NO_FACE, NO_LABEL, PAPER_KDEF_ACCURACY, PAPER_RAFDB_ACCURACY, WRONG
from xfera_nb.figures.evaluation import classes_svg, confusion_svg, groups_svg, reliability_svg
from xfera_nb.report.evaluation_tables import (
    classes_table,
    groups_table,
    human_table,
    photos_table,
    problems_table,
)
from xfera_nb.report.fragment import described
from xfera_nb.report.markup import escape, pairs, stylesheet
from xfera_nb.report.page import assemble_page

if TYPE_CHECKING:
    from xfera_nb.evaluation import Estimate, Evaluation

READING = (
    "These figures are of this classifier on these photos. They say how often its answer is the "
    "label that somebody gave to a picture, not how well it reads what people feel."
)


def evaluation_html(evaluation: Evaluation, *, style: bool = True, is_open: bool = False) -> str:
    """The evaluation as an ``<article>``.

    Parameters
    ----------
    evaluation : Evaluation
    style : bool
        Put the shared style sheet before it; a page has it already.
    is_open : bool
        Unfold the lists of photos.
    """
    sheets = (stylesheet("style.css") if style else "") + stylesheet("evaluation.css")
    parts = [
        _head(evaluation),
        "".join(f'<p class="xf-note">{escape(note)}</p>' for note in evaluation.notes),
        "<h3>By emotion, as in the paper's Table 1</h3>",
        classes_table(evaluation),
        f"<figure>{classes_svg(evaluation)}</figure>",
        '<div class="xe-two"><div class="xe-wide"><h3>Confusion</h3>',
        f"<figure>{confusion_svg(evaluation)}<figcaption>Outlined: right answers. Shares are of "
        'the row.</figcaption></figure></div><div class="xe-narrow"><h3>Calibration</h3>',
        f"<figure>{reliability_svg(evaluation)}<figcaption>{_calibration(evaluation)}"
        "</figcaption></figure></div></div>",
        _groups(evaluation),
    ]
    if evaluation.human:
        parts.append(f"<h3>Beside people</h3>{human_table(evaluation)}")
    parts += [_lists(evaluation, is_open), _sources(evaluation)]
    parts.append(f'<p class="xf-foot">{READING}</p>')
    return f'{sheets}<article class="xfera">{"".join(parts)}</article>'


def evaluation_page_html(evaluation: Evaluation) -> str:
    """The evaluation as a whole page: no script, nothing from outside, fit to print."""
    article = evaluation_html(evaluation, style=False, is_open=True)
    return assemble_page([article], f"XFERa evaluation: {evaluation.kind}")


def spoken(found: Estimate, places: int = 3) -> str:
    """A figure in words with its interval, or with why there is none."""
    if found.value is None:
        return f"undefined ({found.reason})"
    said = f"{found.value:.{places}f}"
    if found.low is None:
        return f"{said} ({found.reason})"
    return f"{said} (95 % {found.low:.{places}f} to {found.high:.{places}f})"


def resampling(evaluation: Evaluation) -> str:
    """How the intervals were made, in words."""
    whole = " with all their photos" if evaluation.units == "person" else ""
    return (
        f"percentile bootstrap, {evaluation.resamples:,} resamples of {evaluation.unit_count:,} "
        f"{evaluation.units}s{whole}, seed {evaluation.seed}"
    )


def _head(evaluation: Evaluation) -> str:
    chosen = f", {'; '.join(evaluation.chosen)}" if evaluation.chosen else ""
    tiles = "".join(
        _tile(name, getattr(evaluation, key))
        for name, key in (
            ("accuracy", "accuracy"),
            ("macro F1", "macro_f1"),
            ("calibration error (ECE)", "ece"),
        )
    )
    rows = [
        ("Figures are of", f"{evaluation.faces:,} faces with a label"),
        ("No face measured", _no_face(evaluation)),
        ("No label", f"{len(evaluation.of(NO_LABEL)):,} photos, in no figure"),
        ("Intervals", escape(resampling(evaluation))),
    ]
    if evaluation.ties:
        rows.append(("Ties", f"{evaluation.ties:,} faces; the first class in order was taken"))
    return (
        f'<div class="xf-head"><h2>Evaluation of {escape(evaluation.kind)}</h2>'
        f'<span class="xf-quiet">{escape(evaluation.name)}{escape(chosen)}</span></div>'
        f'<div class="xe-tiles">{tiles}</div>{pairs(rows)}'
    )


def _tile(name: str, found: Estimate) -> str:
    value = "undefined" if found.value is None else f"{found.value:.3f}"
    under = found.reason if found.low is None else f"95 % {found.low:.3f} to {found.high:.3f}"
    return f'<div class="xe-tile">{name}<b>{value}</b><span>{escape(under)}</span></div>'


def _no_face(evaluation: Evaluation) -> str:
    missing = len(evaluation.of(NO_FACE))
    if not missing:
        return "0 photos"
    return (
        f"{missing:,} photos with a label, named below; counted as wrong, accuracy is "
        f"{evaluation.accuracy_of_all:.3f}"
    )


def _calibration(evaluation: Evaluation) -> str:
    return (
        "A point is a bin of probability; below the dashed line the classifier was surer than "
        f"right. ECE {escape(spoken(evaluation.ece))}; it is too high rather than too low where "
        "bins hold few faces, and resampling raises it further."
    )


def _groups(evaluation: Evaluation) -> str:
    same = ", ".join(f"{group} {value}" for group, value in evaluation.constant.items())
    note = f"<p>All photos are of {escape(same)}.</p>" if same else ""
    if not evaluation.groups:
        return f"<h3>Groups</h3>{note}" if note else ""
    return (
        f"<h3>Groups</h3>{note}<figure>{groups_svg(evaluation)}</figure>{groups_table(evaluation)}"
    )


def _lists(evaluation: Evaluation, is_open: bool) -> str:
    opened = " open" if is_open else ""
    parts = []
    if evaluation.incomplete:
        caption = "Each photo that lacks a face, or Action Units, with its reason."
        parts.append(
            "<h3>Photos not measured in full</h3>" + photos_table(evaluation.incomplete, caption)
        )
    if evaluation.problems:
        parts.append(f"<h3>Problems of the data set</h3>{problems_table(evaluation)}")
    wrong = sorted(evaluation.of(WRONG), key=lambda photo: -(photo.confidence or 0.0))
    if wrong:
        rows = photos_table(wrong, "The surest first.", reasons=False)
        summary = f"<summary>Wrong answers ({len(wrong):,})</summary>"
        parts.append(f"<details{opened}>{summary}{rows}</details>")
    return "".join(parts)


def _sources(evaluation: Evaluation) -> str:
    rows = [
        ("Classifier", described(evaluation.classifier)),
        (
            "The paper's own",
            f"accuracy {PAPER_RAFDB_ACCURACY:.2%} on RAF-DB (Table 1), {PAPER_KDEF_ACCURACY:.2%} "
            "on KDEF's 490 pictures of session A, straight view; Macchiarulo et al. (2025)",
        ),
        ("Macro F1", "plain mean of the F1 of the emotions that occur"),
        ("ECE", "15 equal bins of the highest probability (Guo et al. 2017)"),
        (
            "No interval",
            "where a figure is undefined in more than 5 % of the resamples, or the same in nearly "
            "all of them: 10 of 10 right is no proof of 100 %",
        ),
    ]
    return f"<h3>Definitions and sources</h3>{pairs(rows)}"
