"""Answers of language models kept on disk, so that the same question costs nothing twice.

Where
    The folder of the argument, else that of the environment's XFERA_CACHE, else ``xfera-nb/words``
    in the user's cache folder (XDG_CACHE_HOME, or ``~/.cache``). "off" in either switches it off.
What
    One JSON file an answer, named by the SHA-256 of the question: facts, prompt, language, model,
    server, temperature and seed. Never a key, never a picture. A file that cannot be read is as
    good as none; a folder that cannot be written is no error.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from xfera_nb.explanation.writers.base import Draft

VARIABLE = "XFERA_CACHE"
OFF = ("off", "no", "none", "0", "false")
_FIELDS = (
    "text", "writer", "model", "prompt_tokens", "completion_tokens", "seconds", "declared_aus"
)


def cache_folder(given: str | Path | bool | None = None) -> Path | None:
    """The folder to keep answers in; None where it is switched off.

    Parameters
    ----------
    given : path, bool or None
        A folder; False for none; None or True to go by the environment.
    """
    if given is False:
        return None
    if given is None or given is True:
        given = os.environ.get(VARIABLE, "")
    if str(given).strip().lower() in OFF:
        return None
    if str(given).strip():
        return Path(given).expanduser()
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG rules: a relative path there is not valid.
    root = Path(base) if os.path.isabs(base) else Path("~/.cache").expanduser()
    return root / "xfera-nb" / "words"


class DraftCache:
    """Drafts by the hash of what was asked.

    Parameters
    ----------
    folder : Path
        Made when the first answer is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        return f"DraftCache({str(self.folder)!r})"

    @staticmethod
    def key(question: Mapping[str, object]) -> str:
        """The hash of a JSON-able question."""
        text = json.dumps(question, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def get(self, key: str) -> Draft | None:
        """What was kept under a key; None where there is nothing, or nothing readable."""
        try:
            record = json.loads(self._file(key).read_text(encoding="utf-8"))
            if record["key"] != key:
                return None
            draft = Draft(**{name: record["draft"][name] for name in _FIELDS})
            return _checked(draft)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, draft: Draft) -> None:
        """Keep a draft, whole or not at all."""
        kept = {name: value for name, value in asdict(draft).items() if name in _FIELDS}
        data = json.dumps({"key": key, "draft": kept}).encode()
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(name, self._file(key))
            except OSError:
                with suppress(OSError):
                    os.unlink(name)

    def drop(self, key: str) -> None:
        """Forget what was kept under a key."""
        with suppress(OSError):
            self._file(key).unlink()

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _checked(draft: Draft) -> Draft:
    if not isinstance(draft.text, str) or not draft.text.strip():
        raise ValueError("no text")
    for count in (draft.prompt_tokens, draft.completion_tokens):
        if count is not None and not isinstance(count, int):
            raise ValueError("no count")
    if not isinstance(draft.writer, str) or not isinstance(draft.model, str | None):
        raise ValueError("no name")
    declared = draft.declared_aus
    if declared is not None:
        declared = tuple((str(text), tuple(int(au) for au in aus)) for text, aus in declared)
    return replace(draft, seconds=float(draft.seconds), declared_aus=declared, cached=True)
