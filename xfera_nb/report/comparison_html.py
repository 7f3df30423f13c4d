"""A comparison as a piece of HTML and as a page; whatever is not a literal here is escaped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xfera_nb.facs import ACTION_UNITS, EMOTIONS, MAX_INTENSITY
from xfera_nb.figures import data_uri, difference_image, to_jpeg, unique_landmarks_image
from xfera_nb.report.comparison_text import differences, sentences
from xfera_nb.report.fragment import NOT_THE_PERSON
from xfera_nb.report.markup import bar, escape, number, stylesheet
from xfera_nb.report.page import assemble_page

if TYPE_CHECKING:
    from xfera_nb.report.comparison import AUDifference, Comparison


def comparison_page(comparison: Comparison) -> str:
    """A page that stands alone."""
    one, other = comparison.names
    article = comparison_html(comparison, style=False, is_open=True)
    return assemble_page([article], f"XFERa comparison of {one} and {other}")


def comparison_html(comparison: Comparison, *, style: bool = True, is_open: bool = False) -> str:
    """The comparison as an ``<article>``.

    Parameters
    ----------
    comparison : Comparison
    style : bool
        Put the results' style sheet before it; a page has it.
    is_open : bool
        Unfold what does not differ.
    """
    sheets = (stylesheet("style.css") if style else "") + stylesheet("comparison.css")
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences(comparison))
    parts = [
        _head(comparison),
        f'<div class="xc-faces">{_pictures(comparison)}</div>',
        f"<h3>In short</h3><ul>{said}</ul>",
        f'<div class="xf-grid"><div>{_origins(comparison)}{_regions(comparison)}</div>'
        f"<div>{_probabilities(comparison)}</div></div>",
        _movements(comparison, is_open),
        f'<p class="xf-foot">{NOT_THE_PERSON}</p>',
    ]
    return f'{sheets}<article class="xfera xf-compare">{"".join(parts)}</article>'


def _head(comparison: Comparison) -> str:
    told = [
        f"<b>{side}</b>" if name == side else f"<b>{side}</b> {escape(name)}"
        for side, name in zip("AB", comparison.names, strict=True)
    ]
    differ = ", ".join(name for name, _, _ in differences(comparison)) or "nothing"
    return (
        f'<div class="xf-head"><h2>Two compared</h2><span>{told[0]}</span><span>{told[1]}</span>'
        f'<span class="xf-quiet">They differ in: {escape(differ)}.</span></div>'
    )


def _pictures(comparison: Comparison) -> str:
    a, b = comparison.a, comparison.b
    figures = []
    for side, here, there in (("A", a, b), ("B", b, a)):
        hot, alone = len(here.hot_landmarks), len(comparison.hot(f"only {side}"))
        seen = f"{hot} of 68 landmarks hot, {alone} of them in {side} alone"
        answer = f"{here.predicted}, {here.evidence.prediction.confidence:.0%}"
        explained = "" if here.target == here.predicted else f"; explained: {here.target}"
        figures.append(
            _figure(
                data_uri(to_jpeg(unique_landmarks_image(here, there))),
                f"{side}: the face in grey with the map for {here.emotion}; {seen}",
                f"<b>{side}: {escape(answer)}</b>{escape(explained)}<br>{seen} (ringed)",
            )
        )
    reason = comparison.no_map_difference_reason
    if reason is None:
        scale = "on one scale" if comparison.shared_scale else "each as a share of its own peak"
        if not np.any(comparison.map_difference):
            scale = "none: both maps are the same"
        picture = difference_image(a, b, shared=comparison.shared_scale)
        figures.append(
            _figure(
                data_uri(to_jpeg(picture)),
                "The difference of both maps: orange where A has more, blue where B has more",
                f"<b>Difference</b>, {scale}<br>{_swatch('more')} A has more "
                f"{_swatch('less')} B has more",
            )
        )
        return "".join(figures)
    return f'{"".join(figures)}<p class="xf-quiet xc-reason">{escape(reason)}</p>'


def _figure(source: str, alt: str, caption: str) -> str:
    return (
        f'<figure><img src="{source}" width="448" height="448" alt="{escape(alt)}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _swatch(kind: str) -> str:
    return (
        '<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">'
        f'<rect class="xc-{kind}" width="12" height="12"/></svg>'
    )


def _origins(comparison: Comparison) -> str:
    rows = ""
    for name, *sides in differences(comparison):
        cells = "".join(f"<td>{escape(side)}</td>" for side in sides)
        rows += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    if not rows:
        return "<h3>What differs</h3><p>Nothing: both are the same.</p>"
    return f"<h3>What differs</h3>{_table(('', 'A', 'B'), rows)}"


def _regions(comparison: Comparison) -> str:
    scale = "of the higher peak" if comparison.shared_scale else "of each map's own peak"
    rows = "".join(
        f'<tr><th scope="row">{escape(region)}</th><td>{_heat(one)}</td><td>{_heat(other)}</td>'
        f'<td class="xf-num">{_signed(other - one)}</td></tr>'
        for region, (one, other) in comparison.regions.items()
    )
    caption = f"Mean of the map at each region's landmarks, as a share {scale}"
    return f"<h3>Where they look</h3>{_table(('Region', 'A', 'B', 'B − A'), rows, caption)}"


def _heat(value: float) -> str:
    if math.isnan(value):
        return "no evidence"
    return f'<span class="xf-num">{value:.2f}</span>{bar(value, 1, on=True)}'


def _signed(value: float | None, places: int = 2) -> str:
    if value is None or math.isnan(value):
        return "unknown"
    return f"{round(value, places) + 0.0:+.{places}f}"  # without the sign of -0.00


def _probabilities(comparison: Comparison) -> str:
    rows = ""
    for index, emotion in enumerate(EMOTIONS):
        cells = ""
        for fusion in (comparison.a, comparison.b):
            p = float(fusion.probabilities[index])
            on = emotion == fusion.predicted
            cells += "<td>no such class</td>" if math.isnan(p) else (
                f'<td><span class="xf-num">{100 * p:.1f} %</span>{bar(p, 1, on=on)}</td>'
            )  # fmt: skip
        change = _signed(100 * float(comparison.probabilities[index]), 1)
        rows += f'<tr><th scope="row">{emotion}</th>{cells}<td class="xf-num">{change}</td></tr>'
    caption = "As the classifier gives them; the difference is in points of per cent"
    return f"<h3>Probabilities</h3>{_table(('Emotion', 'A', 'B', 'B − A'), rows, caption)}"


_HEADS = (
    "Action Unit",
    "Intensity A",
    "Intensity B",
    "B − A",
    "Coverage A",
    "Coverage B",
    "Active",
)
_MARKS = {"both": "✓ both", "only A": "◀ only A", "only B": "only B ▶", "neither": "✗ neither"}


def _movements(comparison: Comparison, is_open: bool) -> str:
    clear = [unit for unit in comparison.action_units if unit.is_clear]
    rest = [unit for unit in comparison.action_units if not unit.is_clear]
    opened = " open" if is_open else ""
    caption = (
        "Active in one of them, or 0.5 or more apart in intensity (0 to 5). Coverage is the share "
        "of its landmarks that is hot."
    )
    shown = "<p>No movement is active in either, and none differs by 0.5 or more.</p>"
    if clear:
        shown = _table(_HEADS, "".join(map(_movement, clear)), caption, "xc-moves")
    folded = _table(_HEADS, "".join(map(_movement, rest)), kind="xc-moves")
    return (
        f"<h3>Movements</h3>{shown}<details{opened}><summary>The other {len(rest)} movements"
        f"</summary>{folded}</details>"
    )


def _movement(unit: AUDifference) -> str:
    differs = ' class="xc-differs"' if unit.active.startswith("only") else ""
    facts, rows = ACTION_UNITS[unit.au], (unit.a, unit.b)
    cells = [
        f"{number(row.intensity, unknown='not measurable')}"
        f"{bar(row.intensity, MAX_INTENSITY, on=row.active)}"
        for row in rows
    ]
    cells += [_signed(unit.intensity), *(f"{row.coverage:.0%}" for row in rows)]
    cells += [_MARKS[unit.active]]
    middle = "".join(
        f'<td class="xf-num" data-label="{label}">{cell}</td>'
        for label, cell in zip(_HEADS[1:], cells, strict=True)
    )
    return (
        f'<tr{differs}><th scope="row">{unit.a.name} {escape(facts.name)}<span class="xf-small">'
        f"{escape(facts.words)}</span></th>{middle}</tr>"
    )


def _table(heads: tuple[str, ...], rows: str, caption: str = "", kind: str = "") -> str:
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    told = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<table class="{kind}">{told}<thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>'
    )
