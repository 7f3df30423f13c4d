"""Writing an explanation piece by piece, with the offline writer at hand if a model fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from xfera_nb.errors import WriterError
from xfera_nb.explanation import (
    Draft,
    Explanation,
    Facts,
    OfflineWriter,
    Prompt,
    TextRequest,
    Writer,
    assemble_explanation,
    drop_cached_answer,
    prepare_prompt,
)
from xfera_nb.fusion import Fusion

EVERY = 0.1
"""Seconds between two reports of the text so far."""


@dataclass(frozen=True)
class Written:
    """An explanation, the fusion it is about, and a sentence where the writer failed."""

    fusion: Fusion
    explanation: Explanation
    note: str = ""


def write(
    fusion: Fusion,
    writer: Writer,
    report: Callable[[str], None],
    request: TextRequest | None = None,
    *,
    refresh: bool = False,
) -> Written:
    """Explain a fusion, reporting the text so far as it grows.

    If the writer fails, the offline writer takes its place and `note` says so.

    Parameters
    ----------
    fusion : Fusion
    writer : Writer
    report : callable
        Takes the text so far.
    request : TextRequest, optional
        Kind of prompt and language.
    refresh : bool
        Ask a language model anew even where its answer is cached.

    Raises
    ------
    WriterError
        If there is nothing to contrast with.
    """
    facts, prompt = prepare_prompt(fusion, request)
    note = ""
    try:
        if refresh:
            drop_cached_answer(writer, facts, prompt)
        draft = _draft(facts, prompt, writer, report)
    except WriterError as error:
        note = f"{error} The sentences here are the offline writer's."
        draft = OfflineWriter().write(facts, prompt)
    return Written(fusion, assemble_explanation(facts, prompt, draft), note)


def _draft(facts: Facts, prompt: Prompt, writer: Writer, report: Callable[[str], None]) -> Draft:
    stream = getattr(writer, "stream", None)
    if stream is None:
        return writer.write(facts, prompt)
    start = time.perf_counter()
    told = start - EVERY  # the first words at once: the next may be long in coming
    text = ""
    pieces = iter(stream(facts, prompt))
    while True:
        try:
            text += next(pieces)
        except StopIteration as stop:
            # A writer's own draft knows its tokens as well.
            if isinstance(stop.value, Draft):
                return stop.value
            break
        if time.perf_counter() - told >= EVERY:
            report(text)
            told = time.perf_counter()
    model = getattr(writer, "model", None)
    return Draft(text.strip(), writer.name, model, seconds=time.perf_counter() - start)
