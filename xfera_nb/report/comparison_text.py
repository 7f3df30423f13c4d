"""A comparison in words: the sentences that its page begins with, and the text for a terminal."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from xfera_nb.facs import ACTION_UNITS, EMOTIONS, au_name
from xfera_nb.report.plain import WIDTH, clean

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion
    from xfera_nb.report.comparison import Comparison

_PARAMS = {
    "k": "k",
    "min_intensity": "AU cut-off",
    "coverage": "least coverage",
    "saliency_weight": "heat weight",
    "region": "region",
    "scope": "scope",
}


def sentences(comparison: Comparison) -> list[str]:
    """What differs, most important first; plain text, not escaped."""
    a, b = comparison.a, comparison.b
    lines = []
    if comparison.same_answer:
        lines.append(
            f"Both are named {a.predicted}: A with {_share(a.evidence.prediction.confidence)}, B "
            f"with {_share(b.evidence.prediction.confidence)}."
        )
    else:
        lines.append(f"A is named {_answer(a)}, B {_answer(b)}.")
    if (a.target, b.target) != (a.predicted, b.predicted):
        lines.append(f"Explained here is {a.target} in A and {b.target} in B.")
    for side, fusion in (("A", a), ("B", b)):
        if fusion.no_evidence_reason:
            lines.append(f"{side}: {fusion.no_evidence_reason}")
    lines += [_where(comparison, *pair) for pair in _PLACES]
    counts = [len(comparison.hot(where)) for where in ("both", "only A", "only B")]
    lines.append(
        f"Hot landmarks: {counts[0]} in both, {counts[1]} in A alone, {counts[2]} in B alone."
    )
    return lines


_PLACES = (("both", "in both"), ("only A", "in A alone"), ("only B", "in B alone"))


def _where(comparison: Comparison, where: str, said: str) -> str:
    names = [f"{au_name(n)} {ACTION_UNITS[n].name}" for n in comparison.active(where)]
    return f"Active {said}: {', '.join(names) or 'none'}."


def _answer(fusion: Fusion) -> str:
    prediction = fusion.evidence.prediction
    return f"{prediction.predicted} ({_share(prediction.confidence)})"


def _share(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.0%}"


def differences(comparison: Comparison) -> list[tuple[str, str, str]]:
    """What is not the same: its name, what it is in A, what it is in B."""
    return [
        (_PARAMS.get(name, name), one or "none", other or "none")
        for name, (one, other) in comparison.differ_in.items()
    ]


def comparison_text(comparison: Comparison) -> str:
    """The comparison as lines of at most 88 characters."""
    lines = []
    for side, name in zip("AB", comparison.names, strict=True):
        lines.append(clean(f"{side}: {name}" if name != side else side))
    for name, one, other in differences(comparison):
        lines += _wrapped(f"{name}: {one} in A, {other} in B")
    if not comparison.differ_in:
        lines += _wrapped("Nothing differs in where they come from.")
    lines.append("")
    for sentence in sentences(comparison):
        lines += _wrapped(sentence)
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
        lines.append("  movement                     A     B    B-A  active")
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


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        clean(text), WIDTH, initial_indent="  ", subsequent_indent="      ",
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip
