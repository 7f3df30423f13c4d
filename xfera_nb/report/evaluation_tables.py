"""The tables of an evaluation's HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from xfera_nb.evaluation import PAPER_TABLE_1
from xfera_nb.evaluation.published import CALVO, KDEF_BEST, KDEF_MEAN, KDEF_WORST
from xfera_nb.facs import EMOTIONS
from xfera_nb.report.markup import escape

if TYPE_CHECKING:
    from xfera_nb.evaluation import Estimate, EvaluatedPhoto, Evaluation

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
            ]
        )
    caption = (
        "Hit rate: the share of a label's pictures that is named so. Of the classifier, on the "
        "pictures of session A in straight view, which people judged."
    )
    items = "".join(f"<li>{escape(line)}</li>" for line in human_lines(evaluation))
    figures = table(caption, ("Emotion", "Faces", "Classifier", "People"), rows)
    return f'{figures}<ul class="xe-after">{items}</ul>'


def human_lines(evaluation: Evaluation) -> list[str]:
    """Where people's numbers are from, and what is known without numbers."""
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
    lines.append(f"The classifier: {best_and_worst(evaluation)}.")
    return lines


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


def photos_table(photos: Sequence[EvaluatedPhoto], caption: str, *, reasons: bool = True) -> str:
    """Photos with label and answer, and with a reason if asked; the first `SHOWN` of them."""
    rows = [
        [
            escape(photo.id),
            photo.true or "no label",
            photo.predicted or "no face",
            "" if photo.confidence is None else f"{photo.confidence:.2f}",
            *([escape(photo.reason or "")] if reasons else []),
        ]
        for photo in photos[:SHOWN]
    ]
    heads = ("EvaluatedPhoto", "Label", "Answer", "Probability", *(["Reason"] if reasons else []))
    return table(caption, heads, rows, kind="xe-list") + _more(len(photos))


def problems_table(evaluation: Evaluation) -> str:
    """What was found when the data set was loaded, the rarest kind first."""
    counts = Counter(kind for kind, _, _ in evaluation.problems)
    ordered = sorted(evaluation.problems, key=lambda problem: counts[problem[0]])
    rows = [[escape(part) for part in problem] for problem in ordered[:SHOWN]]
    caption = (
        "Found when the whole data set was loaded. Misnamed and other files are no photos of the "
        "store; what is unreadable or there twice is."
    )
    found = table(caption, ("What", "Where", "Detail"), rows, kind="xe-list")
    return found + _more(len(evaluation.problems))


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
        + "".join(f"<td>{cell}</td>" for cell in cells[1:])
        + "</tr>"
        for cells in rows
    )
    chosen = f' class="{kind}"' if kind else ""
    return (
        f'<div class="xe-scroll"><table{chosen}><caption>{escape(caption)}</caption><thead>{above}'
        f"<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _more(count: int) -> str:
    if count <= SHOWN:
        return ""
    return f"<p>… and {count - SHOWN:,} more, which the files of --out hold.</p>"
