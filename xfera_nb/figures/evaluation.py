"""Draw an evaluation as SVG: confusion, calibration, figures of classes and of groups.

Shares are 0-1 along every axis. Intervals are whiskers; the XFERa paper's figures, of another model
on other faces, are hollow diamonds. What is undefined has no mark and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.evaluation.published import PAPER_TABLE_1
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.figures.svg import (
    MEASURE,
    box,
    diamond,
    dot,
    drawing,
    frame,
    line,
    text,
    whisker,
)
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from xfera_nb.evaluation import Estimate, Evaluation

_DARKEST = 0.6  # opacity of a full cell: ink stays legible on it, by day and by night
_PANELS = ("precision", "recall", "f1")
_NAMES = {"precision": "precision", "recall": "recall", "f1": "F1"}


def confusion_svg(evaluation: Evaluation) -> str:
    """Draw the confusion matrix: a row for each label, with counts and shares of the row.

    Parameters
    ----------
    evaluation : Evaluation
    """
    left, top, wide, high = 96.0, 58.0, 74.0, 42.0
    shares = evaluation.confusion_shares
    size = len(EMOTIONS)
    parts = [text(left + size * wide / 2, 16, "prediction", "middle", bold=True)]
    parts.append(text(left - 8, 42, "label", "end", bold=True))
    for row, emotion in enumerate(EMOTIONS):
        y = top + row * high
        parts.append(text(left + (row + 0.5) * wide, 42, emotion, "middle"))
        parts.append(text(left - 8, y + high / 2 + 5, emotion, "end"))
        for column in range(size):
            x = left + column * wide
            count, share = int(evaluation.confusion[row, column]), float(shares[row, column])
            if count:
                parts.append(box(x, y, wide, high, share=share * _DARKEST))
                parts.append(text(x + wide / 2, y + 18, f"{count:,}", "middle", bold=True))
                parts.append(text(x + wide / 2, y + 34, _percent(share), "middle", size=11))
            else:
                parts.append(text(x + wide / 2, y + high / 2 + 5, "·", "middle"))
        total = int(evaluation.confusion[row].sum())
        note = f"of {total:,}" if total else "no face"
        parts.append(text(left + size * wide + 8, y + high / 2 + 5, note, size=12))
    parts += [
        line(left, top + n * high, left + size * wide, top + n * high, faint=True)
        for n in range(size + 1)
    ]
    parts += [
        line(left + n * wide, top, left + n * wide, top + size * high, faint=True)
        for n in range(size + 1)
    ]
    parts += [
        frame(left + n * wide + 1, top + n * high + 1, wide - 2, high - 2, stroke=1.5)
        for n in range(size)
    ]
    best = int(evaluation.confusion.trace())
    label = f"Confusion matrix: {best} of {evaluation.faces} faces on its diagonal are correct."
    return drawing(left + size * wide + 72, top + size * high + 8, parts, label)


def reliability_svg(evaluation: Evaluation) -> str:
    """Draw the calibration curve above the number of faces in each bin of probability.

    A point below the diagonal is a bin in which the classifier was more confident than correct.

    Parameters
    ----------
    evaluation : Evaluation
    """
    left, right, high, low, foot = 60.0, 400.0, 16.0, 316.0, 392.0
    side = right - left

    def across(share: float) -> float:
        return left + side * share

    def up(share: float) -> float:
        return low - (low - high) * share

    parts = [line(left, high, left, low), line(left, low, right, low)]
    for step in range(5):
        share = step / 4
        parts.append(text(left - 8, up(share) + 4, f"{share:g}", "end"))
        parts.append(text(across(share), foot + 18, f"{share:g}", "middle"))
        parts.append(line(left, up(share), right, up(share), faint=True))
    parts.append(line(left, low, right, high, dash="5 4"))
    most = max(bin.faces for bin in evaluation.calibration)
    for bin in evaluation.calibration:
        if bin.confidence is None or bin.accuracy is None:
            continue
        tall = 46 * bin.faces / most
        parts.append(box(across(bin.low) + 1, foot - tall, side * (bin.high - bin.low) - 2, tall))
        x, y = across(bin.confidence), up(bin.accuracy)
        parts.append(line(x, up(bin.confidence), x, y, width=2))
        parts.append(dot(x, y))
    parts.append(line(left, foot, right, foot))
    parts.append(text(left - 8, foot - 42, f"{most:,}", "end", size=11))
    parts.append(text(left - 8, foot, "0", "end", size=11))
    parts.append(text(across(0.5), foot + 38, "probability of the predicted class", "middle"))
    parts.append(text(left + 4, 12, "share of correct predictions"))
    parts.append(text(left + 4, foot - 56, "faces", size=11))
    filled = sum(bool(bin.faces) for bin in evaluation.calibration)
    label = (
        f"Calibration curve: {filled} bins with faces; expected calibration error "
        f"{evaluation.ece.value:.3f}."
    )
    return drawing(420, foot + 48, parts, label)


def classes_svg(evaluation: Evaluation) -> str:
    """Draw precision, recall and F1 of each emotion with intervals, the paper's beside them.

    Parameters
    ----------
    evaluation : Evaluation
    """
    left, top, panel, gap, high = 84.0, 34.0, 240.0, 34.0, 30.0
    bottom = top + high * len(EMOTIONS)
    parts = []
    for number, name in enumerate(_PANELS):
        x = left + number * (panel + gap)
        parts.append(text(x, 18, _NAMES[name], bold=True))
        parts += _share_axis(x, panel, top, bottom)
        for row, found in enumerate(evaluation.classes):
            y = top + (row + 0.5) * high
            if not number:
                parts.append(text(left - 8, y + 4, found.emotion, "end"))
            parts += _bar(getattr(found, name), x, y, panel)
            parts.append(diamond(x + panel * PAPER_TABLE_1[found.emotion][number], y))
    y = bottom + 42
    parts += [box(left, y - 10, 26, 10, share=0.75), text(left + 34, y, "here")]
    parts += [whisker(left + 100, left + 128, y - 5), text(left + 136, y, "95 % interval")]
    parts += [diamond(left + 262, y - 5), text(left + 274, y, "the paper's Table 1, on RAF-DB")]
    f1 = {row.emotion: row.f1.value for row in evaluation.classes}
    scores = ", ".join(f"{e} {'undefined' if v is None else f'{v:.2f}'}" for e, v in f1.items())
    width = left + 3 * panel + 2 * gap + 20
    return drawing(width, y + 12, parts, f"Figures of each emotion; F1: {scores}.")


def groups_svg(evaluation: Evaluation) -> str:
    """Draw the accuracy of each group with its interval; the dashed line is that of all faces.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    str
        Empty where the data set has no groups.
    """
    if not evaluation.groups:
        return ""
    left, top, panel, high = 190.0, 26.0, 380.0, 26.0
    bottom = top + high * len(evaluation.groups)
    parts = [text(left, 14, "accuracy", bold=True), *_share_axis(left, panel, top, bottom)]
    if evaluation.accuracy.value is not None:
        overall = left + panel * evaluation.accuracy.value
        parts.append(line(overall, top, overall, bottom, dash="5 4", width=1.5))
    before = None
    for row, found in enumerate(evaluation.groups):
        y = top + (row + 0.5) * high
        if found.group != before and before is not None:
            parts.append(line(20, y - high / 2, left + panel, y - high / 2, faint=True))
        before = found.group
        value = "not stated" if found.value is None else found.value
        parts.append(text(left - 8, y + 4, f"{found.group} {value}"[:26], "end"))
        if found.accuracy.value is None:
            parts.append(text(left + 6, y + 4, found.accuracy.reason, size=11))
            continue
        parts += _interval(found.accuracy, left, y, panel)
        parts.append(dot(left + panel * found.accuracy.value, y, radius=4.5))
        parts.append(text(left + panel + 12, y + 4, count_of(found.faces, "face"), size=12))
    label = f"Accuracy of {len(evaluation.groups)} groups; of all faces {_two(evaluation.accuracy)}"
    return drawing(left + panel + 100, bottom + 26, parts, f"{label}.")


def _share_axis(x: float, width: float, top: float, bottom: float) -> list[str]:
    parts = [line(x, top, x, bottom)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        at = x + width * share
        parts.append(text(at, bottom + 16, f"{share:g}", "middle", size=11))
        if share:
            parts.append(line(at, top, at, bottom, faint=True))
    return parts


def _bar(found: Estimate, x: float, y: float, width: float) -> list[str]:
    if found.value is None:
        return [text(x + 6, y + 4, "undefined", size=11)]
    return [
        box(x, y - 6, max(width * found.value, 1.5), 12, fill=MEASURE, share=0.75),
        *_interval(found, x, y, width),
    ]


def _interval(found: Estimate, x: float, y: float, width: float) -> list[str]:
    if found.low is None or found.high is None:
        return []
    return [whisker(x + width * found.low, x + width * found.high, y)]


def _percent(share: float) -> str:
    return "< 1 %" if 0 < share < 0.005 else f"{share:.0%}".replace("%", " %")


def _two(found: Estimate) -> str:
    return "undefined" if found.value is None else f"{found.value:.2f}"
