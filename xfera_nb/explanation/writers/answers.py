"""Read a language model's answer: its text without its reasoning, and whether it is whole.

Reasoning that a model gives in fields of its own is never read; what it puts between tags such as
``<think>`` into its text is left out here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

CUT_OFF = ("length", "max_tokens", "model_length", "model_context_window_exceeded")
"""Reasons to finish that mean: no more tokens were allowed."""
WITHHELD = ("content_filter", "safety", "prohibited_content", "blocklist", "spii", "recitation")
"""Reasons to finish that mean: a filter stopped the answer."""

_TAGS = "think|thinking|thought|thoughts|reasoning"
_WHOLE = re.compile(rf"<({_TAGS})\b[^>]*>.*?</\1\s*>", re.I | re.S)
_CLOSING = re.compile(rf"^.*</({_TAGS})\s*>", re.I | re.S)
_OPENING = re.compile(rf"<({_TAGS})\b[^>]*>.*$", re.I | re.S)
_BEGUN = re.compile(rf"<([/|]?[a-z]{{0,10}}|({_TAGS})\b[^>]*)$", re.I)
# The form of gpt-oss, where a server passes it on as it is.
_FINAL = "<|channel|>final<|message|>"
_MARKS = re.compile(r"<\|(end|return)\|>\s*$")


def first_choice(answer: object, part: str) -> object:
    """Return a part of an answer's first choice; None where it is not there."""
    # The package does not validate what a server sends: any of this may be missing or another type.
    choices = getattr(answer, "choices", None)
    if not isinstance(choices, list) or not choices:
        return None
    return getattr(choices[0], part, None)


def read_text(message: object) -> str | None:
    """Return the text of a message or of a piece of one; None if it cannot be read.

    A text in parts is put together; parts of reasoning are left out.
    """
    if message is None:
        return None
    content = getattr(message, "content", None)
    if content is None and not isinstance(message, (str, Mapping, list)):
        return ""
    if isinstance(content, list):
        texts = [_part_text(part) for part in content]
        known = [text for text in texts if text is not None]
        return "".join(known) if len(known) == len(texts) else None
    return content if isinstance(content, str) else None


def _part_text(part: object) -> str | None:
    kind, text = _entry(part, "type"), _entry(part, "text")
    if kind in ("text", "output_text"):
        return text if isinstance(text, str) else None
    return "" if isinstance(kind, str) else None


def _entry(part: object, name: str) -> Any:
    return part.get(name) if isinstance(part, Mapping) else getattr(part, name, None)


def strip_reasoning(text: str) -> str:
    """Return a text without the reasoning that the model put between tags.

    Where only the closing tag is there, what stands before it is reasoning too, as servers put the
    opening one into the prompt. What follows an opening tag that is never closed is reasoning.
    """
    if "<" not in text:
        return text
    if _FINAL in text:
        text = _MARKS.sub("", text.rpartition(_FINAL)[2])
    elif text.lstrip().startswith("<|channel|>"):
        return ""
    shown = _OPENING.sub("", _CLOSING.sub("", _WHOLE.sub("", text)))
    return shown if shown == text else shown.lstrip()


def visible_so_far(text: str) -> str:
    """Return what can be shown of a text that is still coming: no reasoning, no half a tag."""
    if "<" not in text:
        return text
    return _BEGUN.sub("", strip_reasoning(text))
