"""JAFFE, posed expressions of ten Japanese women; names such as ``KA.AN1.39.tiff``.

Initials, expression (FE is fear), the number of the take, a running number.

Source: Lyons, Akamatsu, Kamachi and Gyoba (1998). For research; not to be passed on.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from xfera_nb.datasets.dataset import Dataset
from xfera_nb.datasets.named import read_named
from xfera_nb.datasets.samples import EXPRESSIONS

_CODES = {code: emotion for code, emotion in EXPRESSIONS.items() if code != "AF"} | {"FE": "fear"}
JAFFE_NAME = re.compile(rf"([A-Z]{{2}})\.({'|'.join(_CODES)})(\d)\.(\d{{1,3}})", re.IGNORECASE)


def read_jaffe(root: str | Path, *, check: bool = True) -> Dataset:
    """Read JAFFE's folder; `person` is the initials, `session` the number of the take.

    Parameters
    ----------
    root : path
    check : bool
        Decode every photo and look for duplicates.

    Raises
    ------
    DatasetError
        If there is no such folder, or no picture of JAFFE in it.
    """
    return read_named(Dataset, "jaffe", root, "JAFFE", _fields, "KA.AN1.39.tiff", check=check)


def _fields(name: str) -> dict[str, Any] | None:
    match = JAFFE_NAME.fullmatch(name)
    if match is None:
        return None
    person, code, take, _ = match.groups()
    emotion = _CODES[code]
    return {"emotion": emotion, "label": code, "person": person, "session": take, "gender": "F"}
