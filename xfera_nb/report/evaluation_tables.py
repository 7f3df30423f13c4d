"""The tables of an evaluation's HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from xfera_nb.evaluation import PAPER_TABLE_1
from xfera_nb.evaluation.norms import CALVO, KDEF_BEST, KDEF_MEAN, KDEF_WORST
from xfera_nb.report.markup import escape

if TYPE_CHECKING:
    from xfera_nb.evaluation import Estimate, Evaluation, Photo

SHOWN = 200
"""Rows of a list of photos that a page shows; the files of ``--out`` hold them all."""


def estimate(found: Estimate) -> str:
    """A figure with its interval below it, or why there is none; HTML."""
    if found.value is None:
        return f'undefined<span class="xf-small">{escape(found.reason)}</span>'
    if found.low is None:
        return f'{found.value:.2f}<span class="xf-small">no interval</span>'
    return f'{found.value:.2f}<span class="xf-small">{found.low:.2f} to {found.high:.2f}</span>'


def classes_table(evaluation: Evaluation) -> str:
    """The paper's Table 1 with the figures here, and the paper's beside them."""
    rows = []
    for row in evaluation.classes:
        ours = [estimate(found) for found in (row.precision, row.recall, row.f1)]
        paper = [f"{value:.2f}" for value in PAPER_TABLE_1[row.emotion]]
        rows.append(
            [row.emotion, *ours, f"{row.faces:,}", f"{row.predicted:,}", f"{row.no_face:,}", *paper]
        )
    heads = (
        '<tr><th></th><th colspan="6" scope="colgroup">here</th>'
        '<th colspan="3" scope="colgroup" class="xe-paper">the paper, on RAF-DB</th></tr>'
    )
    names = ("Emotion", "Precision", "Recall", "F1-score", "Faces", "Named so", "No face")
    caption = (
        "Precision: of the faces that were named so, the share that has this label. Recall: of "
        "the faces with this label, the share that was named so. Small: 95 % interval. The "
        "paper's figures are of another model on other faces: beside, not against."
    )
    return table(
        caption, (*names, "Precision", "Recall", "F1-score"), rows, above=heads, kind="xe-figures"
    )


def groups_table(evaluation: Evaluation) -> str:
    """Each group with its figures."""
    rows = [
        [
            f"{escape(row.group)} {escape(row.value or 'not said')}",
            f"{row.faces:,}",
            f"{row.no_face:,}",
            estimate(row.accuracy),
            estimate(row.macro_f1),
        ]
        for row in evaluation.groups
    ]
    caption = (
        "Groups are as the data set names them. Intervals that overlap do not prove that two "
        "groups are alike, and the more groups are looked at, the more differ by chance."
    )
    return table(caption, ("Group", "Faces", "No face", "Accuracy", "Macro F1"), rows)


def human_table(evaluation: Evaluation) -> str:
    """The hit rates of the classifier and of people, with the source of each number."""
    rows = []
    for row in evaluation.human:
        rate = row.people.hit_rate
        rows.append(
            [
                row.emotion,
                f"{row.faces:,}",
                "undefined" if row.model is None else f"{row.model:.2f}",
                "unknown" if rate is None else f"{rate:.2f}",
                escape("; ".join(filter(None, (row.people.source, row.people.reason)))),
            ]
        )
    caption = (
        "Hit rate: the share of a label's pictures that is named so. Of the classifier, on the "
        "pictures of session A in straight view, which people judged."
    )
    heads = ("Emotion", "Faces", "Classifier", "People", "Where people's number is from")
    mean = (
        f"<p>People's mean hit rate: about {KDEF_MEAN.hit_rate:.2f} ({escape(KDEF_MEAN.source)}; "
        f"{escape(KDEF_MEAN.reason)}). People named {KDEF_BEST} best and {KDEF_WORST} worst "
        f"({escape(CALVO)}). The classifier: {escape(best_and_worst(evaluation))}.</p>"
    )
    return table(caption, heads, rows) + mean


def best_and_worst(evaluation: Evaluation) -> str:
    """Which emotions the classifier hit most and least often on those pictures; all of equals."""
    rates = {row.emotion: row.model for row in evaluation.human if row.model is not None}
    if not rates:
        return "no picture of session A in straight view was measured"
    ends = []
    for name, value in (("best", max(rates.values())), ("worst", min(rates.values()))):
        same = [emotion for emotion, rate in rates.items() if rate == value]
        ends.append(f"{name} {' and '.join(same)} ({value:.2f})")
    return ", ".join(ends)


def photos_table(photos: Sequence[Photo], caption: str, *, reasons: bool = True) -> str:
    """Photos with label and answer, and with a reason if asked; the first `SHOWN` of them."""
    rows = [
        [
            f'<span class="xe-long">{escape(photo.id)}</span>',
            photo.true or "no label",
            photo.predicted or "no face",
            "" if photo.confidence is None else f"{photo.confidence:.2f}",
            *([f'<span class="xe-long">{escape(photo.reason or "")}</span>'] if reasons else []),
        ]
        for photo in photos[:SHOWN]
    ]
    heads = ("Photo", "Label", "Answer", "Probability", *(["Reason"] if reasons else []))
    return table(caption, heads, rows) + _more(len(photos))


def problems_table(evaluation: Evaluation) -> str:
    """What was found when the data set was loaded."""
    rows = [[escape(part) for part in problem] for problem in evaluation.problems[:SHOWN]]
    caption = (
        "Found when the whole data set was loaded. Misnamed and other files are no photos of the "
        "store; what is unreadable or there twice is."
    )
    return table(caption, ("What", "Where", "Detail"), rows) + _more(len(evaluation.problems))


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    above: str = "",
    kind: str = "",
) -> str:
    """A table; caption and heads are escaped, cells are HTML already, the first heads its row."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{cells[0]}</th>'
        + "".join(f'<td class="xf-num">{cell}</td>' for cell in cells[1:])
        + "</tr>"
        for cells in rows
    )
    chosen = f' class="{kind}"' if kind else ""
    return (
        f"<table{chosen}><caption>{escape(caption)}</caption><thead>{above}<tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _more(count: int) -> str:
    if count <= SHOWN:
        return ""
    return f"<p>… and {count - SHOWN:,} more, which the files of --out hold.</p>"
