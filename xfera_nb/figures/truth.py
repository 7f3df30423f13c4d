"""What the checks of a map found, as SVG: the movements' weights and the curves.

Falls are in points: hundredths of the target class's probability. Blue is what is measured, grey
what random places give; hollow diamonds on a dashed line are the other order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.facs.action_units import ACTION_UNITS
from xfera_nb.figures.svg import MEASURE, OTHER, box, diamond, dot, drawing, frame, line, text

if TYPE_CHECKING:
    from xfera_nb.evaluation.faithfulness import Curve, CurvePair, Faithfulness

_GREY = "#8a929c"
_ROW = 24.0


def weights_svg(checks: Faithfulness) -> str:
    """How far the class falls when each movement's region is blurred, against random places.

    Parameters
    ----------
    checks : Faithfulness
    """
    rows = [
        (row, row.prob_drop, row.excess_drop, *row.random_range)
        for row in checks.au_drops.ranked
        if row.prob_drop is not None
        and row.excess_drop is not None
        and row.random_range is not None
    ]
    left, right, top, width = 214.0, 120.0, 40.0, 340.0
    ends = [end for _, fall, _, least, most in rows for end in (fall, least, most)] + [0.0]
    low, high = min(ends), max(ends)
    wide = max(high - low, 1e-6)

    def across(fall: float) -> float:
        return left + width * (fall - low) / wide

    parts = [
        text(left - 8, 26, "region of", "end", bold=True),
        text(left, 26, f"fall of {checks.target} when blurred, points", bold=True),
        text(left + width + 56, 26, "excess", "end", bold=True),
        text(left + width + right - 4, 26, "saliency", "end", bold=True),
    ]
    for number, (row, fall, weight, least, most) in enumerate(rows):
        y = top + number * _ROW
        also = f" +{len(row.same_region)}" if row.same_region else ""
        name = f"{row.name}{also} {ACTION_UNITS[row.au].name}"
        expected = row.expected or any(checks.au_drops.of(au).expected for au in row.same_region)
        parts.append(text(left - 8, y + 16, f"{name}{' *' if expected else ''}", "end"))
        spread = max(across(most) - across(least), 1)
        parts.append(box(across(least), y + 3, spread, _ROW - 6, fill=_GREY, share=0.45))
        ends = sorted((across(0), across(fall)))
        parts.append(box(ends[0], y + 8, max(ends[1] - ends[0], 0.5), _ROW - 16))
        parts.append(text(left + width + 56, y + 16, _points(weight), "end"))
        heat = "none" if row.saliency is None else f"{row.saliency:.2f}"
        parts.append(text(left + width + right - 4, y + 16, heat, "end"))
    bottom = top + len(rows) * _ROW
    parts.append(line(across(0), top - 4, across(0), bottom, width=1.5))
    parts.append(text(across(low), bottom + 16, _points(low), size=11))
    parts.append(text(across(high), bottom + 16, _points(high), "end", size=11))
    starred = "" if checks.target == "neutral" else f"*: expected for {checks.target} · "
    key = f"{starred}grey: random places of that size · +n: as many others have the same region"
    parts.append(text(4, bottom + 36, key, size=12))
    said = [f"{row.name} {_points(weight)}" for row, _, weight, *_ in rows]
    label = f"Weight of each movement's region for {checks.target}, points: {', '.join(said)}"
    return drawing(left + width + right, bottom + 44, parts, label)


def curves_svg(checks: Faithfulness) -> str:
    """Deletion and insertion, and ROAD's two orders, as curves of the class's probability.

    Parameters
    ----------
    checks : Faithfulness
    """
    panels = (
        (
            "Deletion and insertion",
            checks.deletion_insertion,
            "deletion",
            "insertion",
            "pixels changed",
        ),
        ("ROAD", checks.road, "hottest out first", "coldest out first", "pixels removed"),
    )
    parts: list[str] = []
    for number, panel in enumerate(panels):
        parts += _panel(50.0 + number * 340, *panel)
    told = "; ".join(
        f"{title} AUC gap {'none' if check.auc_gap is None else f'{check.auc_gap:+.2f}'}"
        for title, check, *_ in panels
    )
    return drawing(680, 300, parts, f"Probability of {checks.target}. {told}")


def _panel(left: float, title: str, check: CurvePair, down: str, up: str, below: str) -> list[str]:
    top, width, height = 46.0, 260.0, 180.0
    gain = "" if check.auc_gap is None else f", AUC gap {check.auc_gap:+.2f}"
    parts = [text(left, 20, f"{title}{gain}", bold=True), frame(left, top, width, height)]
    for share in (0, 0.5, 1):
        y = top + height * (1 - share)
        parts.append(text(left - 6, y + 5, f"{share:g}", "end", size=11))
        parts.append(line(left, y, left + width, y, faint=True))
        x = left + width * share
        parts.append(text(x, top + height + 16, f"{share:.0%}", "middle", size=11))
    if check.reason is not None or check.morf is None or check.lerf is None:
        parts.append(text(left + width / 2, top + height / 2, "none", "middle", bold=True))
        parts.append(text(left, top + height + 36, check.reason or "", size=12))
        return parts
    place = (left, top, width, height)
    parts += _curve(check.morf, place, MEASURE)
    parts += _curve(check.lerf, place, OTHER)
    y = top + height + 36
    parts.append(dot(left + 6, y - 4, radius=4, fill=MEASURE))
    parts.append(text(left + 16, y, down, size=12))
    parts.append(diamond(left + 136, y - 4, half=4))
    parts.append(text(left + 146, y, up, size=12))
    parts.append(text(left + width / 2, y + 20, below, "middle", size=12))
    return parts


def _curve(curve: Curve, place: tuple[float, float, float, float], colour: str) -> list[str]:
    left, top, width, height = place
    points = [
        (left + width * x, top + height * (1 - y))
        for x, y in zip(curve.fractions, curve.probabilities, strict=True)
    ]
    route = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dash = "" if colour == MEASURE else ' stroke-dasharray="5 3"'
    drawn = f'<path d="M{route}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
    mark = dot if colour == MEASURE else diamond
    size = {"radius": 3.5} if colour == MEASURE else {"half": 4}
    return [drawn, *(mark(x, y, **size) for x, y in points)]


def _points(share: float) -> str:
    return f"{'−' if share < 0 else '+'}{abs(100 * share):.1f}"
