"""Cache the answers of language models on disk, so that the same question costs nothing twice.

The folder is the one given, else that of the environment's XFERA_CACHE, else ``xfera-nb/texts`` in
the user's cache folder; "off" in either switches the cache off. There is one JSON file an answer,
named by the SHA-256 of the question: facts, prompt, language, model, server, temperature and seed.
Never a key, never a picture. A file that cannot be read counts as missing; a folder that cannot be
written is no error.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from platformdirs import user_cache_path

from xfera_nb.explanation.opinion import Opinion
from xfera_nb.explanation.writers.base import Draft
from xfera_nb.paths import expand_path, write_atomic

VARIABLE = "XFERA_CACHE"
OFF = ("off", "no", "none", "0", "false")
_FIELDS = (
    "text", "writer", "model", "prompt_tokens", "completion_tokens", "seconds", "declared_aus"
)  # fmt: skip


def cache_folder(given: str | Path | bool | None = None) -> Path | None:
    """Return the folder that caches answers; None where caching is switched off.

    Parameters
    ----------
    given : path, bool or None
        A folder; False for none; None or True for that of the environment.
    """
    if given is False:
        return None
    if given is None or given is True:
        given = os.environ.get(VARIABLE, "")
    folder = str(given).strip()
    if folder.lower() in OFF:
        return None
    return expand_path(folder) if folder else user_cache_path("xfera-nb", False) / "texts"


class DraftCache:
    """Keep drafts by the hash of the question.

    Parameters
    ----------
    folder : Path
        Made when the first answer is cached.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        return f"DraftCache({str(self.folder)!r})"

    @staticmethod
    def key(question: Mapping[str, object]) -> str:
        """Return the hash of a JSON-able question."""
        text = json.dumps(question, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def get(self, key: str) -> Draft | None:
        """Return the draft of a key; None where there is none that can be read."""
        try:
            record = json.loads(self._file(key).read_text(encoding="utf-8"))
            if record["key"] != key:
                return None
            given = record["draft"]
            opinion = given.get("opinion")
            draft = Draft(
                **{name: given[name] for name in _FIELDS},
                note=given.get("note"),
                opinion=None if opinion is None else Opinion.from_dict(opinion),
                sent_to=given.get("sent_to"),
            )
            return _checked(draft)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, key: str, draft: Draft) -> None:
        """Write a draft, whole or not at all."""
        kept = {name: value for name, value in asdict(draft).items() if name in _FIELDS}
        if draft.note is not None:
            kept["note"] = draft.note
        if draft.opinion is not None:
            kept |= {"opinion": draft.opinion.to_dict(), "sent_to": draft.sent_to}
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self._file(key), json.dumps({"key": key, "draft": kept}), mode=0o600)

    def drop(self, key: str) -> None:
        """Delete the draft of a key."""
        with suppress(OSError):
            self._file(key).unlink()

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _checked(draft: Draft) -> Draft:
    """Return a draft whose fields have their types; raise ValueError or TypeError for others."""
    if not isinstance(draft.text, str) or not draft.text.strip():
        raise ValueError("no text")
    for count in (draft.prompt_tokens, draft.completion_tokens):
        if count is not None and not isinstance(count, int):
            raise ValueError("no count")
    if not isinstance(draft.note, str | None):
        raise ValueError("no note")
    if not isinstance(draft.sent_to, str | None):
        raise ValueError("no host")
    if not isinstance(draft.writer, str) or not isinstance(draft.model, str | None):
        raise ValueError("no name")
    declared = draft.declared_aus
    if declared is not None:
        declared = tuple((str(text), tuple(int(au) for au in aus)) for text, aus in declared)
    return replace(draft, seconds=float(draft.seconds), declared_aus=declared, cached=True)
