"""Reads the answer to the strict prompt: sentences, each with the AUs that it declares."""

from __future__ import annotations

import json
import re

DeclaredAUs = tuple[tuple[str, tuple[int, ...]], ...]

_TEXT = re.compile(r'"text"\s*:\s*("(?:[^"\\]|\\.)*")')
_FENCE = re.compile(r"^\s*```[a-z]*\s*|\s*```\s*$")


def read_sentences(answer: str) -> DeclaredAUs | None:
    """The sentences of an answer; None if it is not what was asked for.

    A fence of back ticks around it and text before or after the object are passed over.
    """
    body = _FENCE.sub("", answer)
    begin, end = body.find("{"), body.rfind("}")
    if begin < 0 or end < begin:
        return None
    try:
        record = json.loads(body[begin : end + 1])
        sentences = tuple(
            (_one_line(entry["text"]), _numbers(entry["aus"])) for entry in record["sentences"]
        )
    except (ValueError, KeyError, TypeError):
        return None
    sentences = tuple((text, aus) for text, aus in sentences if text)
    return sentences or None


def sentences_so_far(answer: str) -> list[str]:
    """The texts that stand whole in an answer that is still coming."""
    found = []
    for match in _TEXT.finditer(answer):
        try:
            found.append(_one_line(json.loads(match[1])))
        except ValueError:
            break
    return found


def join(sentences: DeclaredAUs) -> str:
    """The sentences as one text."""
    return " ".join(text for text, _ in sentences)


def _one_line(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError("a sentence is a text")
    return " ".join(text.split())


def _numbers(values: object) -> tuple[int, ...]:
    if not isinstance(values, list):
        raise TypeError("AUs are a list")
    numbers = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise TypeError("an AU is a number")
        text = str(value).strip().upper().removeprefix("AU")
        numbers.append(int(text))
    return tuple(numbers)
