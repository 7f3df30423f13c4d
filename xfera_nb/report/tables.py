"""The tables of a result's HTML: probabilities, Action Units, combinations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.facs import ACTION_UNITS, EMOTIONS, MAX_INTENSITY
from xfera_nb.report.markup import bar, escape, number

if TYPE_CHECKING:
    from xfera_nb.fusion import AUResult, Fusion, SideResult


def probability_table(fusion: Fusion) -> str:
    """The seven probabilities with bars; none for a class that the classifier does not have."""
    known = fusion.evidence.prediction.classes
    rows = ""
    for emotion, p in zip(EMOTIONS, fusion.probabilities.tolist(), strict=True):
        drawn = bar(p, 1, on=emotion == fusion.predicted) if emotion in known else ""
        said = f"{100 * p:.1f} %" if emotion in known else "no such class"
        cells = f'<td>{drawn}</td><td class="xf-num">{said}</td>'
        rows += f'<tr><th scope="row">{emotion}</th>{cells}</tr>'
    return (
        '<table class="xf-tight"><caption>Probability of each emotion, as the classifier gives it'
        f"</caption><tbody>{rows}</tbody></table>"
    )


_SHORT = 10  # combinations that are printed in one column
_HEADS = (
    "Action Unit", "Intensity", "Coverage", "Heat", "Score", "Left", "Right", "r", "Active?"
)  # fmt: skip


def au_table(fusion: Fusion, *, is_open: bool) -> str:
    """All AUs: those expected for the emotion in sight, the others folded away unless `is_open`."""
    expected = [row for row in fusion.action_units if row.expected]
    others = [row for row in fusion.action_units if not row.expected]
    p = fusion.params
    legend = (
        f"Intensity is 0 to 5. Lines mark the cut-offs: intensity {p.au_cutoff:g}, coverage "
        f"{p.coverage:.0%}. Heat is the mean of the hot landmarks. Left and right are the "
        "person's, with the coverage of that side. r is how well the AU source agrees with "
        "OpenFace on this AU. † landmarks by this toolkit, not by the paper."
    )
    parts = []
    if expected:
        parts.append(_table(f"Expected for {fusion.target}. {legend}", expected, fusion))
        folded, caption = "The other movements", ""
    else:
        parts.append(f"<p>The paper's Table 2 expects no movement for {fusion.target}.</p>")
        folded, caption = "All movements", f" {legend}"
    if p.scope == "emotion":
        why = f"The paper's Table 2 does not give them for {fusion.target}, so none can be active"
        caption = f"{why} (scope “emotion”).{caption}"
    opened = " open" if is_open else ""
    table = _table(caption.strip(), others, fusion)
    parts.append(
        f'<details class="xf-others"{opened}><summary>{folded}</summary>{table}</details>'
    )
    return "".join(parts)


def _table(caption: str, rows: list[AUResult], fusion: Fusion) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    body = "".join(_row(row, fusion) for row in rows)
    return (
        f'<table class="xf-aus"><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _row(row: AUResult, fusion: Fusion) -> str:
    unit, p = ACTION_UNITS[row.au], fusion.params
    intensity = number(row.intensity, unknown="not measurable")
    if row.raw_intensity is not None:
        intensity += f'<span class="xf-small">measured {row.raw_intensity:.2f}</span>'
    intensity += bar(row.intensity, MAX_INTENSITY, cut=p.au_cutoff, on=row.active)
    coverage = f"{row.coverage:.0%} ({len(row.hot)} of {len(row.relevant)})"
    coverage += bar(row.coverage, 1, cut=p.coverage, on=row.active)
    yes = '<span class="xf-yes">✓ active</span>' if row.active else "✗ not active"
    why = f'<span class="xf-small">{escape(row.reason)}</span>'
    # Where the caption gives the reason for all rows, it is not repeated in each.
    if p.scope == "emotion" and not row.expected:
        why = ""
    cells = (
        intensity,
        coverage,
        number(row.heat, unknown="none hot"),
        number(row.score, unknown="none"),
        _side(row.left),
        _side(row.right),
        number(row.reliability),
    )
    middle = "".join(
        f'<td class="xf-num" data-label="{label}">{cell}</td>'
        for label, cell in zip(_HEADS[1:-1], cells, strict=True)
    )
    return (
        f'<tr><th scope="row">{row.name} {escape(unit.name)}{" †" if row.extension else ""}'
        f'<span class="xf-small">{escape(unit.words)}</span></th>{middle}'
        f'<td class="xf-why">{yes}{why}</td></tr>'
    )


def _side(side: SideResult) -> str:
    """A side in two lines: intensity and whether active, coverage."""
    if side.intensity is None:
        told = "unknown"
    else:
        told = f"{side.intensity:.2f} {'✓' if side.active else '✗'}"
    return f'{told}<span class="xf-small">{side.coverage:.0%}</span>'


def prototype_table(fusion: Fusion) -> str:
    """Each combination of the emotion with its match; empty where it has none."""
    rows = "".join(
        f'<tr><th scope="row">{escape(match.notation)}</th><td>{escape(match.kind)}</td>'
        f'<td>{escape(match.status)}</td><td class="xf-num">{_share(match.score)}</td></tr>'
        for match in fusion.prototypes
    )
    if not rows:
        return ""
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Combination", "Kind", "Match", "Share present")
    )
    columns = "xf-columns" if len(fusion.prototypes) > _SHORT else ""
    return (
        f'<div class="{columns}"><table><caption>By intensity alone, wherever the model looked; '
        "what cannot be measured counts neither for nor against.</caption><thead><tr>"
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0%}"
