"""Format a result as text for a terminal.

File names and the output of language models are untrusted: control characters, which a terminal
would obey, are removed from everything here.
"""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

from xfera_nb.report.record import heatmap_record, region_rows
from xfera_nb.saliency.registry import describe_map

if TYPE_CHECKING:
    from xfera_nb.report.result import Result

WIDTH = 88
PARAM_LABELS = {
    "k": "k",
    "min_intensity": "minimum AU intensity",
    "coverage": "minimum coverage",
    "saliency_weight": "saliency weight",
    "region": "mean and SD over",
    "scope": "scope",
    "rule": "rule",
}
"""Parameter of the fusion -> its name for people."""
_UNFIT = ("Cc", "Cf", "Cs", "Zl", "Zp")


def clean(text: str, keep: str = "") -> str:
    """Replace each control character by "?", except those in `keep`."""
    return "".join(
        c if c in keep or unicodedata.category(c) not in _UNFIT else "?" for c in str(text)
    )


def plain_text(result: Result, name: str | None = None) -> str:
    """Return the result as lines of at most 88 characters.

    Parameters
    ----------
    result : Result
    name : str, optional
        A label for the photo; its file's name otherwise.
    """
    explanation = result.explanation
    lines = [clean(name or result.name)]
    if result.is_one_of_several:
        lines[0] += f", face {result.index + 1}"
    for label, value in explanation.summary.rows:
        if label == explanation.summary.labels.level:
            value += f" ({result.predicted_probability:.0%})"
        lines += wrap_text(f"{label}: {value}")
    lines.append("")
    for paragraph in clean(explanation.text, keep="\n").split("\n"):
        lines += wrap_text(paragraph, hang=0) if paragraph.strip() else []
    if result.contrast is not None:
        lines += wrap_text(result.contrast.text, hang=0)
    lines.append("")
    if result.note:
        lines += wrap_text(f"Note: {result.note}")
    for note in result.face.notes:
        lines += wrap_text(f"Note: {note}")
    lines += wrap_text(f"Check: {explanation.check.summary}")
    if explanation.draft.sent_to is not None:
        lines += wrap_text(explanation.byline)
    if explanation.second_opinion is not None:
        for label, value in explanation.second_opinion.lines:
            lines += wrap_text(f"{label}: {value}")
    calibrated = calibrated_line(result)
    lines += wrap_text(calibrated) if calibrated else []
    lines += wrap_text(states_line(result))
    lines += wrap_text(regions_line(result))
    lines += wrap_text(settings_line(result))
    return "\n".join(lines)


def calibrated_line(result: Result) -> str:
    """Return the intensities beside the raw ones, where a neutral face is subtracted."""
    if result.evidence.raw_action_units is None:
        return ""
    parts = [
        f"{row.name} {_known(row.intensity)} ({_known(row.raw_intensity)})"
        for row in result.fusion.action_units
        if row.expected or row.active
    ]
    listed = ", ".join(parts) or "none is expected or active"
    return f"Intensities minus the neutral face (in brackets as measured): {listed}"


def states_line(result: Result) -> str:
    """Return the state of each expected AU and of each that is active, in one line."""
    parts = [
        f"{row.name} {row.state}"
        for row in result.fusion.action_units
        if row.expected or row.active
    ]
    return f"Action Units: {'; '.join(parts) or 'none is expected or active'}"


def regions_line(result: Result) -> str:
    """Return each region's share of the map and, where measured, what blurring it does."""
    parts = []
    for row in region_rows(result):
        part = f"{row['region']} {row['share']:.0%}" if row["share"] == row["share"] else ""
        drop = row["prob_drop"]
        if drop is not None and drop == drop:
            part = f"{part or row['region']} ({round(-100 * drop):+d} points if blurred)"
        if part:
            parts.append(part)
    return f"Regions of the map: {'; '.join(parts) or 'the map has no positive value'}"


def _known(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"


def settings_line(result: Result) -> str:
    """Return parameters and sources in one line."""
    writer = result.explanation.model or f"{result.explanation.writer} writer"
    parts = (
        f"preset {result.params.preset_name}, "
        + ", ".join(
            f"{PARAM_LABELS[name]} {f'{value:g}' if isinstance(value, float) else value}"
            for name, value in result.fusion.params.to_dict().items()
        ),
        f"map: {describe_map(**heatmap_record(result.fusion))}",
        f"AUs: {result.evidence.action_units.source}",
        f"text: {writer}",
    )
    return f"Settings: {'; '.join(parts)}"


def wrap_text(text: str, hang: int = 4) -> list[str]:
    """Wrap a line without its control characters, indented by 2, later lines by 2 + `hang`."""
    return textwrap.wrap(
        clean(text),
        WIDTH,
        initial_indent="  ",
        subsequent_indent=" " * (2 + hang),
        break_on_hyphens=False,
        break_long_words=False,
    )
