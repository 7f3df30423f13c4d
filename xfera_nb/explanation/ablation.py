"""Remove each active AU from the facts, and measure whether it vanishes from the text.

A text that is written from the facts follows them; one that is written from what usually goes with
an emotion does not. For each active AU that the text names, the text is written again from the
facts without it. The AU has vanished if the new text no longer names it as present, read with all
AUs of the face (so that "raised eyebrows" still names AU 2).

Measures
    Share: of the AUs that the first text names, those that vanish; 0 to 1, None where it names
    none.
Source
    After the idea of FACR (arXiv 2606.15779), where a text must change with its action units; the
    measure is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xfera_nb.explanation.explanation import prepare_prompt
from xfera_nb.explanation.facts import ExpectedAU, Facts
from xfera_nb.explanation.grounding import check
from xfera_nb.explanation.prompts import TextRequest
from xfera_nb.explanation.writers import OfflineWriter, Writer, load_writer
from xfera_nb.fusion.states import ABSENT_ATTENDED, PRESENT_ATTENDED

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion


@dataclass(frozen=True, slots=True)
class WithoutAU:
    """Hold the result for one AU that was removed from the facts.

    Parameters
    ----------
    au : int
        FACS number.
    text : str
        The text without it.
    vanished : bool
        Whether that text no longer names it.
    """

    au: int
    text: str
    vanished: bool


@dataclass(frozen=True)
class Ablation:
    """Hold the ablation result for each AU named in a text.

    Parameters
    ----------
    text : str
        With all facts.
    named, unnamed : tuple of int
        Active AUs that the text names, and those that it does not, highest score first.
    without : tuple of WithoutAU
        One for each of `named`.
    """

    text: str
    named: tuple[int, ...]
    unnamed: tuple[int, ...]
    without: tuple[WithoutAU, ...]

    @property
    def remaining(self) -> tuple[int, ...]:
        """Return the AUs that are still named although the facts no longer have them."""
        return tuple(one.au for one in self.without if not one.vanished)

    @property
    def share(self) -> float | None:
        """Return the share of the named AUs that vanish."""
        return share([self])

    @property
    def summary(self) -> str:
        """Return the outcome in one sentence."""
        if not self.named:
            return "The text names no active movement, so there is none to remove."
        gone = len(self.named) - len(self.remaining)
        summary = f"{gone} of {len(self.named)} movements vanish from the text with their fact"
        if self.remaining:
            summary += f"; still named: {', '.join(f'AU{au:02d}' for au in self.remaining)}"
        return f"{summary}."

    def to_dict(self) -> dict[str, object]:
        """Return the outcome as a JSON-able object; AUs are written "AU06"."""
        return {
            "text": self.text,
            "named": [f"AU{au:02d}" for au in self.named],
            "unnamed": [f"AU{au:02d}" for au in self.unnamed],
            "without": [
                {"au": f"AU{one.au:02d}", "text": one.text, "vanished": one.vanished}
                for one in self.without
            ],
            "share": self.share,
        }


def ablate(
    fusion: Fusion | Facts,
    writer: Writer | str | None = None,
    request: TextRequest | None = None,
    *,
    other: Facts | None = None,
) -> Ablation:
    """Remove each active AU from a face's facts and see whether it vanishes from the text.

    Parameters
    ----------
    fusion : Fusion or Facts
    writer : Writer or str, optional
        The offline writer if none is given. A language model is asked once for the whole text and
        once for each AU that it names; cached answers count.
    request : TextRequest, optional
    other : Facts, optional
        For a contrast from facts, as in `explain`.

    Returns
    -------
    Ablation

    Raises
    ------
    WriterError
        If the writer gave no text.
    """
    if not isinstance(writer, Writer):
        writer = OfflineWriter() if writer is None else load_writer(writer)
    facts, prompt = prepare_prompt(fusion, request, other)
    other, request = prompt.other, prompt.request

    def write(some: Facts) -> str:
        return writer.write(some, prepare_prompt(some, request, other)[1]).text

    def named_in(text: str) -> tuple[int, ...]:
        found = check(text, facts, request.language, other=other)
        return (*found.supported, *found.contradicted)

    text = write(facts)
    found = named_in(text)
    named = tuple(au for au in facts.active if au in found)
    without = []
    for au in named:
        rest = write(without_au(facts, au))
        without.append(WithoutAU(au, rest, au not in named_in(rest)))
    unnamed = tuple(au for au in facts.active if au not in named)
    return Ablation(text, named, unnamed, tuple(without))


def without_au(facts: Facts, au: int) -> Facts:
    """Return the facts as if an AU were absent."""
    return replace(
        facts,
        movements=tuple(movement for movement in facts.movements if movement.au != au),
        expected=tuple(
            ExpectedAU(entry.au, entry.words, ABSENT_ATTENDED)
            if entry.au == au and entry.state == PRESENT_ATTENDED
            else entry
            for entry in facts.expected
        ),
    )


def share(ablations: Iterable[Ablation]) -> float | None:
    """Return the share of the named AUs of all texts that vanish; None where none is named."""
    outcomes = [one.vanished for ablation in ablations for one in ablation.without]
    return sum(outcomes) / len(outcomes) if outcomes else None
