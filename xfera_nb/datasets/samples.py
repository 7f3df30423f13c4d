"""The sample faces of ``data/samples``: where they are and which emotion each one shows.

A file is named ``CnnXX.jpg``: composite nn (01 to 10) of the expression XX, one of KDEF's codes.
Each is the average of several people's photographs, so it shows no one person; see the README
beside the files. They were made from training photographs: no accuracy on them is a result.

Source of the codes: the Karolinska Directed Emotional Faces (Lundqvist, Flykt and Öhman 1998).
"""

from __future__ import annotations

import os
import re
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from xfera_nb.errors import SamplesError
from xfera_nb.paths import expand_path

FOLDER_VARIABLE = "XFERA_SAMPLES"
"""Environment variable that may name another folder."""

EXPRESSIONS: Mapping[str, str] = MappingProxyType(
    {
        "AN": "anger",
        "DI": "disgust",
        "AF": "fear",
        "HA": "happiness",
        "NE": "neutral",
        "SA": "sadness",
        "SU": "surprise",
    }
)
"""KDEF's expression code -> emotion, in the order of `xfera_nb.facs.EMOTIONS`."""

_PER_EXPRESSION = 10
_FILE = re.compile(rf"(C\d\d(?:{'|'.join(EXPRESSIONS)}))\.jpg")
_HELP = f"or set {FOLDER_VARIABLE} to a folder that holds them"


@dataclass(frozen=True, slots=True)
class Sample:
    """Describe a sample by its name.

    Parameters
    ----------
    number : int
        Number of the composite, from 1.
    expression : str
        KDEF's code, a key of `EXPRESSIONS`.
    """

    number: int
    expression: str

    @property
    def code(self) -> str:
        """The sample's short name, such as "C01HA"."""
        return f"C{self.number:02d}{self.expression}"

    @property
    def file_name(self) -> str:
        """Such as "C01HA.jpg"."""
        return f"{self.code}.jpg"

    @property
    def emotion(self) -> str:
        """The emotion that the people were asked to show, one of `EMOTIONS`."""
        return EXPRESSIONS[self.expression]


SAMPLES: Mapping[str, Sample] = MappingProxyType(
    {
        one.code: one
        for expression in EXPRESSIONS
        for one in (Sample(number, expression) for number in range(1, _PER_EXPRESSION + 1))
    }
)
"""Code -> Sample, 70: ten of anger, ten of disgust ... ten of surprise."""


def astronaut() -> Path:
    """Return the file of a real portrait, Eileen Collins by NASA; see the README beside it.

    It comes with the package, 400x320 pixels, and is in the public domain.
    """
    return Path(__file__).with_name("data") / "astronaut.png"


def samples_folder() -> Path:
    """Return the folder of the sample faces.

    It is the one that the environment variable ``XFERA_SAMPLES`` names; otherwise ``data/samples``
    beside the package (a clone of the repository), in the working folder or in the one above it
    (a notebook in ``notebooks/``), or what was installed with the package, the first of these that
    holds a sample.

    Raises
    ------
    SamplesError
        If no sample is found there.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        folder = expand_path(named)
        if not _files(folder):
            raise SamplesError(
                f"{FOLDER_VARIABLE} names the folder {named}, which holds no sample faces "
                "(files like C01HA.jpg): set it to one that does."
            )
        return folder
    here = Path.cwd()
    bases = (Path(__file__).resolve().parents[2], here, here.parent)
    installed = Path(sysconfig.get_path("data")) / "share" / "xfera-nb" / "samples"
    for folder in (*(base / "data" / "samples" for base in bases), installed):
        if _files(folder):
            return folder
    raise SamplesError(
        "The sample faces were not found: run this inside a clone of the repository, which has "
        f"them under data/samples, {_HELP}."
    )


def sample(code: str) -> Path:
    """Return the file of one sample.

    Parameters
    ----------
    code : str
        A key of `SAMPLES`, such as "C01HA" or "c01ha"; ".jpg" may follow.

    Raises
    ------
    SamplesError
        If there is no such sample, or its file is missing.
    """
    name = code.strip().upper().removesuffix(".JPG")
    if name not in SAMPLES:
        raise SamplesError(
            f'There is no sample "{code}": write one as C01HA, with a number from 01 to '
            f"{_PER_EXPRESSION} and one of {', '.join(EXPRESSIONS)}."
        )
    path = samples_folder() / SAMPLES[name].file_name
    if not path.is_file():
        raise SamplesError(
            f"The sample {name} is missing from {path.parent}: fetch the repository's data/samples "
            f"again, {_HELP}."
        )
    return path


def found_samples(folder: str | Path | None = None) -> dict[str, Path]:
    """Return the files of the samples in a folder, by code.

    Parameters
    ----------
    folder : path, optional
        `samples_folder()` by default.

    Returns
    -------
    dict of str to Path
        Sorted by code; at least one. Other files in the folder are passed over.

    Raises
    ------
    SamplesError
        If the folder holds none.
    """
    folder = samples_folder() if folder is None else expand_path(folder)
    found = _files(folder)
    if not found:
        raise SamplesError(
            f"The folder {folder} holds no sample faces (files like C01HA.jpg): name one that does."
        )
    return found


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    matches = ((_FILE.fullmatch(path.name), path) for path in sorted(folder.iterdir()))
    return {match[1]: path for match, path in matches if match and match[1] in SAMPLES}
