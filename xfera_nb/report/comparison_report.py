"""Describe a comparison: its summary, text for a terminal, an article and a page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from xfera_nb.facs import ACTION_UNITS, EMOTIONS, MAX_INTENSITY, au_name
from xfera_nb.figures import difference_image, unique_landmarks_image
from xfera_nb.report.markup import picture_source, render, stylesheet
from xfera_nb.report.plain import PARAM_LABELS, clean, wrap_text
from xfera_nb.report.result_html import assemble_page

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion
    from xfera_nb.report.comparison import Comparison


def describe_comparison(comparison: Comparison) -> list[str]:
    """Say what differs, most important first; plain text, not escaped."""
    a, b = comparison.a, comparison.b
    lines = []
    if comparison.is_same_prediction:
        lines.append(
            f"Both are predicted to be {a.predicted}: A with {_share(a)}, B with {_share(b)}."
        )
    else:
        lines.append(
            f"A is predicted to be {a.predicted} ({_share(a)}), B {b.predicted} ({_share(b)})."
        )
    if (a.target, b.target) != (a.predicted, b.predicted):
        lines.append(f"The target class is {a.target} in A and {b.target} in B.")
    for side, fusion in (("A", a), ("B", b)):
        if fusion.no_evidence_reason:
            lines.append(f"{side}: {fusion.no_evidence_reason}")
    places = (("both", "in both"), ("only A", "in A alone"), ("only B", "in B alone"))
    for where, label in places:
        names = [f"{au_name(n)} {ACTION_UNITS[n].name}" for n in comparison.active(where)]
        lines.append(f"Active {label}: {', '.join(names) or 'none'}.")
    counts = [f"{len(comparison.salient(where))} {label}" for where, label in places]
    lines.append(f"Landmarks in the salient region: {', '.join(counts)}.")
    for side, fusion in (("A", comparison.a), ("B", comparison.b)):
        lines += [f"{side}: {note}" for note in fusion.evidence.face.notes]
    return lines


def _share(fusion: Fusion) -> str:
    value = fusion.evidence.prediction.confidence
    return "unknown" if math.isnan(value) else f"{value:.0%}"


def list_differences(comparison: Comparison) -> list[tuple[str, str, str]]:
    """List what is not the same: its name, its value in A, its value in B."""
    return [
        (PARAM_LABELS.get(name, name), one or "none", other or "none")
        for name, (one, other) in comparison.differ_in.items()
    ]


def comparison_html(comparison: Comparison, *, style: bool = True, is_open: bool = False) -> str:
    """Return the comparison as an ``<article>``.

    Parameters
    ----------
    comparison : Comparison
    style : bool
        Put the results' style sheet before it; a page has it.
    is_open : bool
        Unfold what does not differ.
    """
    a, b = comparison.a, comparison.b
    sides = []
    for side, here, there in (("A", a, b), ("B", b, a)):
        alone = len(comparison.salient(f"only {side}"))
        count = len(here.salient_landmarks)
        seen = f"{count} of 68 landmarks in the salient region, {alone} of them in {side} alone"
        picture = picture_source(unique_landmarks_image(here, there))
        sides.append({"side": side, "fusion": here, "seen": seen, "picture": picture})
    difference, scale = None, ""
    if comparison.map_difference is not None:
        shared = comparison.shared_scale
        difference = picture_source(difference_image(a, b, shared=shared))
        scale = "on one scale" if shared else "each as a share of its own peak"
        if not np.any(comparison.map_difference):
            scale = "none: both maps are the same"
    pairs = zip(a.probabilities.tolist(), b.probabilities.tolist(), strict=True)
    changes = (100 * comparison.probabilities).tolist()
    return render(
        "report/templates/comparison.html",
        sheet=(stylesheet("style.css") if style else Markup()) + stylesheet("comparison.css"),
        opened=Markup(" open") if is_open else "",
        comparison=comparison,
        sides=sides,
        difference=difference,
        scale=scale,
        differences=list_differences(comparison),
        sentences=describe_comparison(comparison),
        reasons=comparison.region_reasons,
        probabilities=list(zip(EMOTIONS, pairs, changes, strict=True)),
        predicted=(a.predicted, b.predicted),
        facts=ACTION_UNITS,
        max_intensity=MAX_INTENSITY,
        clear=[unit for unit in comparison.action_units if unit.is_clear],
        rest=[unit for unit in comparison.action_units if not unit.is_clear],
    )


def comparison_page(comparison: Comparison) -> str:
    """Return a page that stands alone."""
    one, other = comparison.names
    article = comparison_html(comparison, style=False, is_open=True)
    return assemble_page([article], f"XFERa comparison of {one} and {other}")


def comparison_text(comparison: Comparison) -> str:
    """Return the comparison as lines of at most 88 characters."""
    lines = []
    for side, name in zip("AB", comparison.names, strict=True):
        lines.append(clean(f"{side}: {name}" if name != side else side))
    for name, one, other in list_differences(comparison):
        lines += wrap_text(f"{name}: {one} in A, {other} in B")
    if not comparison.differ_in:
        lines += wrap_text("Both come from the same sources and settings.")
    lines.append("")
    for sentence in describe_comparison(comparison):
        lines += wrap_text(sentence)
    lines.append("")
    rows = zip(
        EMOTIONS, comparison.a.probabilities, comparison.b.probabilities, comparison.probabilities,
        strict=True,
    )  # fmt: skip
    for emotion, one, other, apart in rows:
        change = "" if math.isnan(apart) else f"  {round(100 * apart, 1) + 0.0:+6.1f}"
        lines.append(f"  {emotion:10} {_percent(one)} {_percent(other)}{change}")
    lines.append("")
    shown = [unit for unit in comparison.action_units if unit.is_clear]
    if shown:
        lines.append("  Action Unit                  A     B    B-A  active")
    for unit in shown:
        apart = "" if unit.intensity is None else f"{round(unit.intensity, 2) + 0.0:+.2f}"
        name = f"{unit.a.name} {ACTION_UNITS[unit.au].name}"
        values = f"{_number(unit.a.intensity)} {_number(unit.b.intensity)} {apart:>6}"
        lines.append(f"  {name:25} {values}  {unit.active}")
    return "\n".join(lines)


def _percent(value: float) -> str:
    return "no class" if math.isnan(value) else f"{100 * value:6.1f} %"


def _number(value: float | None) -> str:
    return "    ?" if value is None else f"{value:5.2f}"
