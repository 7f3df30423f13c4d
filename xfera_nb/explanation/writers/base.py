"""Define what a writer is, and what it gives back.

Units: tokens are the server's own count, seconds are wall-clock; what is not known is None.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.opinion import Opinion
from xfera_nb.explanation.prompts import Prompt, TextRequest

REPORT_INTERVAL = 0.1
"""Seconds between two reports of the text so far."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold a text as its writer gave it, not yet checked.

    Parameters
    ----------
    text : str
        Plain text. Treat a language model's as untrusted: escape it where it is shown.
    writer : str
        The writer's name.
    model : str or None
        The language model that wrote it; None if none did.
    prompt_tokens, completion_tokens : int or None
        As the server counted them.
    seconds : float
        From the request to the whole text; for a cached text, of the original request.
    cost : float or None
        In the currency of the prices that the user gave; None where none are given or no tokens
        were counted.
    cached : bool
        Whether it was read from the disk.
    declared_aus : tuple of (str, tuple of int) or None
        Each sentence with the AUs that the model declares to name in it, where it was asked to.
    note : str or None
        A sentence about how the text came about that its reader should know: what of the question
        a server refused.
    opinion : Opinion or None
        A vision model's whole answer, where it was asked for one.
    sent_to : str or None
        Host and port of the server that the picture was sent to; None if none was sent.
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
    note: str | None = None
    opinion: Opinion | None = None
    sent_to: str | None = None


class Answer(NamedTuple):
    """Hold what a writer read from a language model's answer.

    Attributes
    ----------
    text : str
    declared_aus, opinion, sent_to
        As those of a `Draft`.
    """

    text: str
    declared_aus: tuple[tuple[str, tuple[int, ...]], ...] | None = None
    opinion: Opinion | None = None
    sent_to: str | None = None


@runtime_checkable
class Writer(Protocol):
    """Turn facts into a few sentences.

    A writer may also have ``stream(facts, prompt) -> Iterator[str]``, which gives the same text in
    pieces as they come (a generator that returns the `Draft` gives tokens and cost as well), and
    ``drop_cached_answer(facts, prompt)``. One that is a `PictureWriter` is shown the face.
    """

    name: str

    def write(self, facts: Facts, prompt: Prompt) -> Draft:
        """Write the text.

        Parameters
        ----------
        facts : Facts
            What is true.
        prompt : Prompt
            The same facts, as a language model is asked; other writers take its language alone.

        Returns
        -------
        Draft

        Raises
        ------
        WriterError
            If no text can be made.
        """
        ...


@runtime_checkable
class PictureWriter(Protocol):
    """Write about one picture after another, which it shows to a model."""

    name: str

    def look_at(self, picture: np.ndarray) -> Writer:
        """Return the writer for one picture, the aligned crop: (H, W, 3) uint8 RGB."""
        ...

    def make_prompt(self, request: TextRequest) -> Prompt:
        """Return the texts that go with the picture."""
        ...


def write_draft(
    writer: Writer, facts: Facts, prompt: Prompt, report: Callable[[str], None] | None = None
) -> Draft:
    """Have a writer write, and report the text as it grows.

    Parameters
    ----------
    writer : Writer
    facts : Facts
    prompt : Prompt
    report : callable, optional
        Called with the text so far, at most once in `REPORT_INTERVAL`; without it, or for a writer
        that does not stream, the text comes whole.

    Returns
    -------
    Draft

    Raises
    ------
    WriterError
        If no text can be made.
    """
    stream = getattr(writer, "stream", None)
    if report is None or stream is None:
        return writer.write(facts, prompt)
    start = time.perf_counter()
    last_report = start - REPORT_INTERVAL
    text = ""
    pieces = iter(stream(facts, prompt))
    while True:
        try:
            text += next(pieces)
        except StopIteration as stop:
            if isinstance(stop.value, Draft):
                return stop.value
            break
        if time.perf_counter() - last_report >= REPORT_INTERVAL:
            report(text)
            last_report = time.perf_counter()
    model = getattr(writer, "model", None)
    return Draft(text.strip(), writer.name, model, seconds=time.perf_counter() - start)
