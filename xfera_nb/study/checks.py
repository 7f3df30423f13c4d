"""Read a study file as untrusted input: each function returns a valid value or raises.

All raise `StudyError` with one sentence that names the place in the file.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xfera_nb.errors import StudyError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.study.items import KINDS, StudyItem
from xfera_nb.study.texts import LONGEST, plain

ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_PICTURE = re.compile(r"[A-Za-z0-9_-]{1,60}\.(?:jpg|png)")
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_LARGEST_FILE = 20_000_000
_LARGEST_PICTURE = 5_000_000
_MOST_LINES = 20
_HELP = "correct it, or build the study again"


def shown(value: Any) -> str:
    """Return an untrusted value for a message, as one short line."""
    text = plain(str(value)).replace("\n", " ").replace("\t", " ")
    return repr(text if len(text) <= 40 else f"{text[:40]}...")


def wrong(where: str, what: str) -> StudyError:
    """Return the error for a place in the file."""
    return StudyError(f"In the study file {where} {what}: {_HELP}.")


def read_json(path: Path, named: str) -> Any:
    """Return the content of a study file."""
    try:
        if path.exists() and not path.is_file():  # a pipe would keep us waiting
            raise StudyError(f"{path.name} in {named} is not a regular file: {_HELP}.")
        if path.stat().st_size > _LARGEST_FILE:
            raise StudyError(f"{path.name} in {named} is too large for a study: {_HELP}.")
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StudyError(
            f"{named} holds no study (no {path.name}): make one with xfera study build."
        ) from error
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{path.name} in {named} is damaged, it is no JSON: {_HELP}.") from error
    except OSError as error:
        raise StudyError(
            f"{path.name} in {named} cannot be read ({error.strerror or error}): check the path."
        ) from error


def picture(path: Path) -> bytes:
    """Return the bytes of a JPEG or PNG file."""
    try:
        status = path.stat()
        fits = stat.S_ISREG(status.st_mode) and status.st_size <= _LARGEST_PICTURE
        data = path.read_bytes() if fits else b""
    except OSError as error:
        raise StudyError(f"The picture {path.name} of the study is missing: {_HELP}.") from error
    if not data.startswith(_MAGIC):
        raise StudyError(f"The picture {path.name} of the study is damaged: {_HELP}.")
    return data


def mapping(value: Any, where: str) -> dict[str, Any]:
    """Return the value if it is a JSON object."""
    if not isinstance(value, Mapping):
        raise wrong(where, "is no JSON object")
    return dict(value)


def sequence(value: Any, where: str, most: int) -> Sequence[Any]:
    """Return the value if it is a JSON list of at most `most` values."""
    if not isinstance(value, list | tuple):
        raise wrong(where, "is no list")
    if len(value) > most:
        raise wrong(where, f"has {len(value)} entries, more than {most}")
    return value


def text(value: Any, where: str, *, longest: int = LONGEST) -> str:
    """Return the value if it is a text with content; control characters become "?"."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(where, "is no text")
    if len(value) > longest:
        raise wrong(where, f"has {len(value):,} characters, more than {longest:,}")
    return plain(value)


def whole(value: Any, where: str, low: int = 0, high: int = 2**53) -> int:
    """Return the value if it is a whole number within limits."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise wrong(where, f"is {shown(value)}, no whole number from {low} to {high}")
    return value


def word(value: Any, where: str, among: Sequence[str]) -> str:
    """Return the value if it is one of some words."""
    if not isinstance(value, str) or value not in among:
        raise wrong(where, f"is {shown(value)}, none of {', '.join(among)}")
    return value


def words(value: Any, where: str, among: Sequence[str]) -> tuple[str, ...]:
    """Return the values if they are some of some words, at least one, none twice."""
    found = tuple(word(one, where, among) for one in sequence(value, where, len(among)))
    if not found or len(set(found)) < len(found):
        raise wrong(where, f"must name some of {', '.join(among)}, each once")
    return found


def lines(value: Any, where: str) -> tuple[str, ...]:
    """Return the values if they are short texts, each once; there may be none."""
    found = tuple(text(one, where, longest=40) for one in sequence(value, where, _MOST_LINES))
    if len(set(found)) < len(found):
        raise wrong(where, "names something twice")
    return found


def texts(value: Any, where: str, defaults: Mapping[str, str]) -> Mapping[str, str]:
    """Return the defaults with some of them replaced."""
    given = mapping(value, where)
    unknown = [name for name in given if name not in defaults]
    if unknown:
        raise wrong(where, f"has the unknown entry {shown(unknown[0])}")
    replaced = {name: text(said, f"{where}.{name}") for name, said in given.items()}
    return MappingProxyType(dict(defaults) | replaced)


def items(value: Any, most: int) -> tuple[StudyItem, ...]:
    """Return the items; each id may occur once."""
    found = tuple(_item(one, f"items[{n}]") for n, one in enumerate(sequence(value, "items", most)))
    names = [item.id for item in found]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise wrong("items", f"has the id {shown(twice[0])} twice")
    return found


def _item(value: Any, where: str) -> StudyItem:
    given = mapping(value, where)

    def one(name: str) -> tuple[Any, str]:
        return given.get(name), f"{where}.{name}"

    def matching(name: str, pattern: re.Pattern[str], what: str) -> str:
        found, place = one(name)
        if not isinstance(found, str) or not pattern.fullmatch(found):
            raise wrong(place, f"is {shown(found)}, no {what}")
        return found

    has_positive_evidence, place = one("has_positive_evidence")
    if not isinstance(has_positive_evidence, bool):
        raise wrong(place, "is neither true nor false")
    label = given.get("emotion")
    return StudyItem(
        id=matching("id", ID, "id of letters, digits, - and _"),
        photo_name=text(*one("photo_name")),
        kind=word(*one("kind"), KINDS),
        emotion=None if label is None else word(*one("emotion"), EMOTIONS),
        predicted=word(*one("predicted"), EMOTIONS),
        probabilities=_probabilities(*one("probabilities")),
        has_positive_evidence=has_positive_evidence,
        text=text(*one("text")),
        face=matching("face", _PICTURE, "name of a .jpg or .png"),
        heatmap=matching("heatmap", _PICTURE, "name of a .jpg or .png"),
        unsupported=whole(given.get("unsupported", 0), f"{where}.unsupported"),
    )


def _probabilities(value: Any, where: str) -> tuple[float | None, ...]:
    found = sequence(value, where, len(EMOTIONS))
    known = [p for p in found if p is not None]
    numbers = all(isinstance(p, int | float) and not isinstance(p, bool) for p in known)
    if len(found) != len(EMOTIONS) or not numbers or len(known) < 2:
        raise wrong(where, "are not seven numbers or null")
    if not all(0 <= p <= 1 for p in known):
        raise wrong(where, "are not all from 0 to 1")
    return tuple(None if p is None else float(p) for p in found)
