"""Write an explanation of what is shown, with a report of the text as it grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xfera_nb.explanation import Explanation, TextRequest, Writer, write_explanation
from xfera_nb.fusion import Fusion


@dataclass(frozen=True)
class Written:
    """Hold an explanation and the fusion that it is about."""

    fusion: Fusion
    explanation: Explanation


def write(
    fusion: Fusion,
    writer: Writer,
    report: Callable[[str], None],
    request: TextRequest | None = None,
    *,
    refresh: bool = False,
) -> Written:
    """Explain a fusion as `xfera_nb.explanation.write_explanation` does."""
    explanation = write_explanation(fusion, writer, request, refresh=refresh, report=report)
    return Written(fusion, explanation)
