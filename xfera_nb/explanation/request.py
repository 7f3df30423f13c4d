"""How a text is asked for: the kind of prompt, the language, and what to compare with."""

from __future__ import annotations

from dataclasses import dataclass

from xfera_nb.errors import WriterError
from xfera_nb.explanation.language import ENGLISH, check_language
from xfera_nb.facs import EMOTIONS

PAPER, STRICT, CONTRAST = "paper", "strict", "contrast"
KINDS: tuple[str, ...] = (PAPER, STRICT, CONTRAST)
"""Kinds of prompt: the paper's; facts as JSON with an answer as JSON; one emotion against another.
"""


@dataclass(frozen=True, slots=True)
class TextRequest:
    """How a text is asked for.

    Parameters
    ----------
    kind : {"paper", "strict", "contrast"}
        "contrast" follows from `contrast_with` if that is given.
    language : {"en", "it", "es", "de"}
    contrast_with : str or None
        For a contrast: the emotion to compare with; the classifier's next best if it is None.

    Raises
    ------
    WriterError
        If one of them is not known, or `contrast_with` does not go with the kind.
    """

    kind: str = PAPER
    language: str = ENGLISH
    contrast_with: str | None = None

    def __post_init__(self) -> None:
        check_language(self.language)
        if self.kind not in KINDS:
            raise WriterError(
                f'There is no prompt "{self.kind}"; choose one of {", ".join(KINDS)}.'
            )
        if self.contrast_with is None:
            return
        if self.contrast_with not in EMOTIONS:
            raise WriterError(
                f'There is no emotion "{self.contrast_with}" to compare with; choose one of '
                f"{', '.join(EMOTIONS)}."
            )
        if self.kind == STRICT:
            raise WriterError("The strict prompt compares with nothing; choose the contrast one.")
        object.__setattr__(self, "kind", CONTRAST)
