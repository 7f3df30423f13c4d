"""What a writer is, and what it gives back.

Units: tokens are the server's own count, seconds are wall-clock; what is not known is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as its writer gave it, not yet checked.

    Parameters
    ----------
    text : str
        Plain text. From a language model it is a stranger's text: escape it where it is shown.
    writer : str
        The writer's name.
    model : str or None
        The language model that wrote it; None if none did.
    prompt_tokens, completion_tokens : int or None
        As the server counted them.
    seconds : float
        From asking to having; of a cached text those of the time when it was asked for.
    cost : float or None
        In the currency of the prices that the user gave; None where none are given or no tokens
        were counted.
    cached : bool
        Whether it was answered from the disk.
    declared_aus : tuple of (str, tuple of int) or None
        Each sentence with the AUs that the model says it names, where it was asked to say so.
    """

    text: str
    writer: str
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0
    cost: float | None = None
    cached: bool = False
    declared_aus: tuple[tuple[str, tuple[int, ...]], ...] | None = None


@runtime_checkable
class Writer(Protocol):
    """Turns facts into a few sentences.

    A writer may also have ``stream(facts, prompt) -> Iterator[str]``, which gives the same text in
    pieces as they come (a generator that returns the `Draft` tells tokens and cost as well), and
    ``drop_cached_answer(facts, prompt)``, after which a cached answer is asked for anew.
    """

    name: str

    def write(self, facts: Facts, prompt: Prompt) -> Draft:
        """Write the text.

        Parameters
        ----------
        facts : Facts
            What is true.
        prompt : Prompt
            The same facts, as a language model is asked; a writer without one needs no prompt.

        Raises
        ------
        WriterError
            If no text could be had.
        """
        ...
