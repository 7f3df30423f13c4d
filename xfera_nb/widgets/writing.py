"""Writing an explanation piece by piece, with the offline writer at hand if a model fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from xfera_nb.errors import WriterError
from xfera_nb.explanation import (
    Block,
    Draft,
    Explanation,
    Facts,
    OfflineWriter,
    Prompt,
    Writer,
    build_prompt,
    check,
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


def write(fusion: Fusion, writer: Writer, report: Callable[[str], None]) -> Written:
    """Explain a fusion, reporting the text so far as it grows.

    If the writer fails, the offline writer takes its place and `note` says so.
    """
    facts = Facts.from_fusion(fusion)
    prompt = build_prompt(facts)
    note = ""
    try:
        draft = _draft(facts, prompt, writer, report)
    except WriterError as error:
        note = f"{error} The sentences here are the offline writer's."
        draft = OfflineWriter().write(facts, prompt)
    words = Explanation(facts, prompt, draft, check(draft.text, facts), Block.of(facts))
    return Written(fusion, words, note)


def _draft(facts: Facts, prompt: Prompt, writer: Writer, report: Callable[[str], None]) -> Draft:
    stream = getattr(writer, "stream", None)
    if stream is None:
        return writer.write(facts, prompt)
    start = told = time.perf_counter()
    text = ""
    for piece in stream(facts, prompt):
        text += piece
        if time.perf_counter() - told >= EVERY:
            report(text)
            told = time.perf_counter()
    model = getattr(writer, "model", None)
    return Draft(text.strip(), writer.name, model, seconds=time.perf_counter() - start)
