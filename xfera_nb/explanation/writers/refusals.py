"""Read from a server's error which part of a request it refuses, or what is wrong with the prompt.

The server's words are matched and never quoted: they may hold the key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

SYSTEM = "system"
"""The system role, as the name of a part of a request."""
REPLACEMENT = "max_completion_tokens"
"""What newer models take in place of max_tokens."""

_SYSTEM = re.compile(
    r"(system|developer)[ _'\"]*(role|prompt|message|instruction)|role['\":= ]{1,4}system"
    r"|roles? must alternate",
    re.I,
)
_TOO_LONG = re.compile(
    r"context[ _-]?(length|window|size)|maximum context|too many (input )?tokens"
    r"|(prompt|input|request) (is )?too (long|large)|exceeds? the (available )?context",
    re.I,
)
_NO_MODEL = re.compile(
    r"(unknown|invalid|no such|unrecognized) model"
    r"|\bmodel\b.{0,80}?\b(not found|(does|do) ?n[o']t exist|is not (a valid|available|supported))",
    re.I | re.S,
)


def name_refused(error: Exception, parts: Iterable[str]) -> str | None:
    """Return the first part of a request that a server's error names; None if it names none.

    Parameters
    ----------
    error : openai.APIStatusError
    parts : iterable of str
        Names of parameters, or `SYSTEM`.
    """
    param, words = str(_field(error, "param") or ""), _words(error)
    for part in parts:
        if part == SYSTEM:
            if _SYSTEM.search(words):
                return part
        elif param.split(".")[0] == part or re.search(rf"(?<!\w){re.escape(part)}(?!\w)", words):
            return part
    return None


def names_replacement(error: Exception) -> bool:
    """Return whether an error says to give `REPLACEMENT` in place of max_tokens."""
    return REPLACEMENT in _words(error)


def is_too_long(error: Exception) -> bool:
    """Return whether an error says that the prompt exceeds the model's context window."""
    code = str(_field(error, "code") or "")
    return code == "context_length_exceeded" or bool(_TOO_LONG.search(_words(error)))


def is_unknown_model(error: Exception) -> bool:
    """Return whether an error says that there is no such model, whatever its status."""
    code = str(_field(error, "code") or "")
    return code == "model_not_found" or bool(_NO_MODEL.search(_words(error)))


def _words(error: Exception) -> str:
    """Return an error's words, at most 4,000 letters of them."""
    return str(_field(error, "message") or "")[:4000]


def _field(error: Exception, name: str) -> Any:
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    found = inner.get(name) if isinstance(inner, dict) else None
    return found if found is not None else getattr(error, name, None)
