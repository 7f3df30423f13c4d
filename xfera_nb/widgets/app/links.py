"""Write and read the application's links, such as ``explain?photo=C02AN.jpg&k=1.5&hide=mouth``.

A link names a view and what is chosen in it, so that a reload or a colleague on the same machine
sees the same. Only what differs from the defaults stands in it. It comes from outside: whatever
does not fit is refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from xfera_nb.errors import InputError, unknown_name
from xfera_nb.faces.regions import HiddenPart, parse_hidden
from xfera_nb.facs import parse_emotion
from xfera_nb.fusion import FusionParams

_DEFAULTS = FusionParams().to_dict()


@dataclass(frozen=True)
class Link:
    """Describe a view and what is chosen in it.

    Attributes
    ----------
    tab : str
    photo : str or None
        A photo's name in the Explainer, or its id in the Explorer.
    face : int or None
        Index from left to right.
    target : str or None
        The class that is explained.
    hidden : tuple of (str or (x, y, radius))
        Parts that the classifier does not see.
    params : FusionParams
    """

    tab: str
    photo: str | None = None
    face: int | None = None
    target: str | None = None
    hidden: tuple[HiddenPart, ...] = ()
    params: FusionParams = field(default_factory=FusionParams)


def format_link(link: Link) -> str:
    """Return a link as text, without the ``#`` before it."""
    words: dict[str, Any] = {"photo": link.photo, "face": link.face, "target": link.target}
    words["hide"] = ",".join(
        part if isinstance(part, str) else ":".join(f"{number:g}" for number in part)
        for part in link.hidden
    )
    changed = {n: v for n, v in link.params.to_dict().items() if v != _DEFAULTS[n]}
    chosen = {n: v for n, v in (words | changed).items() if v not in (None, "")}
    return f"{link.tab}?{urlencode(chosen)}" if chosen else link.tab


def parse_link(text: str, tabs: Mapping[str, str]) -> Link:
    """Read a link.

    Parameters
    ----------
    text : str
        As `format_link` writes it.
    tabs : mapping
        The views that there are, by name.

    Raises
    ------
    XferaError
        If it names no such view, choice or class, or a value is not valid.
    """
    tab, _, query = text.lstrip("#").partition("?")
    if tab not in tabs:
        raise unknown_name("view", tab[:40], tabs, InputError)
    given = dict(parse_qsl(query, max_num_fields=40))
    params: dict[str, Any] = {}
    for name in [name for name in given if name in _DEFAULTS]:
        value = given.pop(name)
        params[name] = _number(name, value) if isinstance(_DEFAULTS[name], float) else value
    known = ("photo", "face", "target", "hide")
    for name in given:
        if name not in known:
            raise unknown_name("choice", name[:40], (*known, *_DEFAULTS), InputError)
    face = given.get("face")
    if face is not None and not face.isdecimal():
        raise InputError(f"The face of a link is a whole number, not {face[:40]!r}.")
    target = given.get("target")
    return Link(
        tab,
        given.get("photo"),
        None if face is None else int(face),
        None if target is None else parse_emotion(target),
        parse_hidden(given["hide"]) if "hide" in given else (),
        FusionParams.from_dict(params),
    )


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{name} of a link is a number, not {text[:40]!r}.") from None
