"""Draw a study: the pictures that participants see, and the results as SVG.

Pictures show the aligned face crop at `SIDE` pixels, warped from the photo again: in colour, and
grey under the target class's map. Colours are shares of the map's own peak (`figures.heat`); no
landmarks, numbers or outlines are drawn, as people without training see this.

In drawings, shares are 0-1 of the people or ratings that the title names; whiskers are Wilson's 95
% intervals. The XFERa paper's figures are hollow diamonds. The title and the spoken label of a
drawing of simulated answers begin with `xfera_nb.study.tables.MARK`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from xfera_nb.faces.align import CROP_SIZE, warp_crop
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.figures.heat import draw_map
from xfera_nb.figures.overlay import to_jpeg
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
from xfera_nb.study.analysis import name_condition
from xfera_nb.study.ratings import PAPER_CONDITION, RATINGS
from xfera_nb.study.tables import marked
from xfera_nb.study.texts import SCORES

if TYPE_CHECKING:
    from xfera_nb.faces import Face
    from xfera_nb.fusion import Fusion
    from xfera_nb.study import Analysis

_DARKEST = 0.6
_STEPS = (0.08, 0.24, 0.42, 0.64, 0.9)  # opacity of the scores 1 to 5
_INSIDE = 0.07  # least share with room for its number
SIDE = 448
_QUALITY = 88


def study_pictures(fusion: Fusion) -> tuple[bytes, bytes]:
    """Draw the face, and the grey face under the target class's map, as two JPEG files.

    Parameters
    ----------
    fusion : Fusion

    Returns
    -------
    tuple of bytes
        Both `SIDE` pixels wide and high.
    """
    face = _face(fusion.evidence.face)
    grey = Image.fromarray(face).convert("L").convert("RGB")
    heat = draw_map(fusion, SIDE)
    if heat is not None:
        over = Image.alpha_composite(grey.convert("RGBA"), Image.fromarray(heat))
        grey = over.convert("RGB")
    return to_jpeg(Image.fromarray(face), _QUALITY), to_jpeg(grey, _QUALITY)


def _face(face: Face) -> np.ndarray:
    """Return the crop at `SIDE` pixels."""
    step = CROP_SIZE / SIDE
    # Pixel n of the larger crop lies at (n + 0.5) * step - 0.5 of the crop.
    finer = np.array([[step, 0, (step - 1) / 2], [0, step, (step - 1) / 2], [0, 0, 1]])
    return warp_crop(face.image, face.crop_to_photo @ finer, SIDE)


def study_answers_svg(analysis: Analysis) -> str:
    """Draw what people saw on each photo: a row for each photo, a column for each emotion.

    The predicted emotion has a thick frame, the label a disc.

    Parameters
    ----------
    analysis : Analysis
    """
    left, top, wide, high = 170.0, 64.0, 66.0, 28.0
    title = marked("what people saw on each photo (share of people)", analysis.simulated)
    parts = [text(4, 18, title, bold=True)]
    parts.append(text(4, 38, "thick frame: predicted emotion; disc: the label", size=12))
    for column, emotion in enumerate(EMOTIONS):
        parts.append(text(left + (column + 0.5) * wide, top - 6, emotion, "middle", size=12))
    for row, answered in enumerate(analysis.items):
        item, y = answered.item, top + row * high
        parts.append(text(left - 8, y + 19, f"{item.id}, {item.kind}", "end", size=12))
        for column, emotion in enumerate(EMOTIONS):
            x, share = left + column * wide, answered.share_of(emotion)
            if share:
                parts.append(box(x, y, wide, high, share=share * _DARKEST))
                parts.append(text(x + wide / 2, y + 19, f"{share:.0%}", "middle", size=12))
            if emotion == item.predicted:
                parts.append(frame(x + 1.5, y + 1.5, wide - 3, high - 3, stroke=2.5))
            if emotion == item.emotion:
                parts.append(dot(x + 9, y + high / 2, radius=3.5, fill="currentColor"))
        note = f"of {answered.people}" if answered.people else "no answer yet"
        parts.append(text(left + 7 * wide + 8, y + 19, note, size=12))
    bottom = top + len(analysis.items) * high
    parts += [line(left, top + n * high, left + 7 * wide, top + n * high, faint=True)
              for n in range(len(analysis.items) + 1)]  # fmt: skip
    return drawing(left + 7 * wide + 92, bottom + 8, parts, title)


def study_scores_svg(analysis: Analysis, question: str = "trust") -> str:
    """Draw the scores 1 to 5 of one question as a bar for each condition.

    Parameters
    ----------
    analysis : Analysis
    question : str
        One of `xfera_nb.study.QUESTIONS`.

    Raises
    ------
    ValueError
        If the study has no such question.
    """
    some = [one for one in analysis.ratings if one.question == question]
    if not some:
        raise ValueError(f"{question!r} is no question of the study.")
    left, wide, top, high = 150.0, 420.0, 66.0, 34.0
    title = marked(f'"{question}": scores from 1 to 5 (share of ratings)', analysis.simulated)
    parts = [text(4, 18, title, bold=True)]
    for n, score in enumerate(SCORES):
        x = left + n * 60
        parts += [box(x, 34, 16, 16, share=_STEPS[n]), frame(x, 34, 16, 16)]
        parts.append(text(x + 22, 47, score))
    for row, one in enumerate(some):
        y, x = top + row * (high + 10), left
        parts.append(text(left - 8, y + 22, name_condition(one.condition), "end"))
        for score, opacity in zip(SCORES, _STEPS, strict=True):
            share = one.share(score).value or 0.0
            parts.append(box(x, y, share * wide, high, share=opacity))
            if share >= _INSIDE:
                parts.append(text(x + share * wide / 2, y + 22, f"{share:.0%}", "middle"))
            x += share * wide
        parts.append(frame(left, y, wide, high))
        mean = "no rating yet" if one.mean is None else f"mean {one.mean:.2f}, n {len(one.values)}"
        parts.append(text(left + wide + 8, y + 22, mean, size=12))
    return drawing(left + wide + 124, top + len(some) * (high + 10), parts, title)


def study_paper_svg(analysis: Analysis) -> str:
    """Draw the share of people who trust fully (5) and half (3), beside the XFERa paper's.

    Parameters
    ----------
    analysis : Analysis

    Raises
    ------
    ValueError
        If the study has no condition with text, which is what the paper's people saw.
    """
    if not analysis.paper:
        raise ValueError(f"The study has no condition {PAPER_CONDITION!r} to lay beside the paper.")
    left, wide, top = 196.0, 400.0, 62.0
    title = marked("trust with heatmap and text, beside the XFERa paper", analysis.simulated)
    parts = [text(4, 18, title, bold=True)]
    parts.append(text(4, 38, "diamond: the paper (22 people); disc: here", size=12))
    y = top
    for one in analysis.paper:
        rows = (
            ("the paper", one.paper),
            ("here, people", one.people),
            (f"here, {RATINGS}", one.ratings),
        )
        for name, share in rows:
            parts.append(text(left - 8, y + 5, f"score {one.score}, {name}", "end", size=12))
            if share.value is None or share.low is None or share.high is None:
                parts.append(text(left + 4, y + 5, "no answer yet", size=12))
            else:
                parts.append(whisker(left + share.low * wide, left + share.high * wide, y))
                mark = diamond if name == "the paper" else dot
                parts.append(mark(left + share.value * wide, y))
                note = f"{share.value:.1%} ({share.count} of {share.of})"
                parts.append(text(left + wide + 12, y + 5, note, size=12))
            y += 26
        y += 12
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x = left + tick * wide
        parts.append(line(x, top - 14, x, y - 16, faint=True))
        parts.append(text(x, y, f"{tick:.0%}", "middle", size=12))
    return drawing(left + wide + 130, y + 12, parts, title)


def study_conditions_svg(analysis: Analysis) -> str:
    """Draw how far one condition is rated above another: rank-biserial effects of all pairs.

    Parameters
    ----------
    analysis : Analysis
    """
    left, wide, top, high = 300.0, 300.0, 62.0, 24.0
    title = marked("conditions compared (rank-biserial effect)", analysis.simulated)
    parts = [text(4, 18, title, bold=True)]
    tests = " and ".join(dict.fromkeys(one.result.test for one in analysis.comparisons))
    under = f"right of the middle: the second condition is rated higher; p by {tests}, after Holm"
    parts.append(text(4, 38, under, size=12))
    middle = left + wide / 2
    for row, one in enumerate(analysis.comparisons):
        y = top + row * high
        pair = f"{one.question}: {name_condition(one.first)} / {name_condition(one.second)}"
        parts.append(text(left - 8, y + 5, pair, "end", size=12))
        effect, reason = one.result.effect, one.result.reason
        if effect is None:
            parts.append(text(middle + 6, y + 5, reason, size=12))
            continue
        x = middle + effect * wide / 2
        parts.append(box(min(x, middle), y - 5, abs(x - middle), 10, fill=MEASURE, share=0.6))
        parts.append(dot(x, y))
        p = reason if one.p_holm is None else _p(one.p_holm)
        parts.append(text(left + wide + 8, y + 5, f"{effect:+.2f}, {p}", size=12))
    bottom = top + len(analysis.comparisons) * high
    for value in (-1, -0.5, 0, 0.5, 1):
        x = middle + value * wide / 2
        parts.append(line(x, top - 12, x, bottom - 10, faint=value != 0))
        parts.append(text(x, bottom + 6, f"{value:g}", "middle", size=12))
    return drawing(left + wide + 140, bottom + 18, parts, title)


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p {value:.3f}"
