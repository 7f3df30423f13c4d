"""Errors that a user may see: one sentence that says what is wrong and what to do next.

Everything the toolkit raises on purpose derives from `XferaError`, so that the command line and a
batch can report it in a line and go on. Programming mistakes keep Python's own exceptions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeVar


class XferaError(Exception):
    """Serve as the base of the toolkit's own errors; the message is one clear sentence."""


class InputError(XferaError, ValueError):
    """Report an argument that cannot be used, such as an emotion that does not exist."""


class PhotoError(XferaError):
    """Report a photo that cannot be read, or a file that is not a photo."""


class NoFaceError(PhotoError):
    """Report a photo on which no face was found."""


class DatasetError(XferaError):
    """Report a data set that is not where it was said to be, or is not of that kind."""


class SamplesError(DatasetError):
    """Report sample faces that are missing."""


class ModelError(XferaError):
    """Report weights, a model card or a landmark model that are missing, damaged or unfit."""


class DetectorError(XferaError):
    """Report an Action Unit source that is missing or gave unusable values."""


class ParamsError(XferaError):
    """Report a fusion parameter or a parameters file that is not valid."""


class WriterError(XferaError):
    """Report a language model that could not be reached or did not answer as expected."""


class StudyError(XferaError):
    """Report a study, its answers, or a participant's input that cannot be used."""


class FileBusyError(StudyError):
    """Report a file of answers that is locked; the answer may be sent again later."""


_Error = TypeVar("_Error", bound=XferaError)


def name_photo(error: object, photo: str) -> str:
    """Return an error's sentence with the photo that it is about, named once.

    Parameters
    ----------
    error : object
        An error, or its sentence.
    photo : str
        The photo as the user knows it: a path, or the name of an upload.

    Examples
    --------
    >>> name_photo("a.jpg does not exist; check the path.", "faces/a.jpg")
    'faces/a.jpg does not exist; check the path.'
    >>> name_photo("No face was found on a.jpg; try another.", "faces/a.jpg")
    'faces/a.jpg: No face was found; try another.'
    >>> name_photo("The photo is empty; save it again.", "a.jpg")
    'a.jpg is empty; save it again.'
    """
    sentence, base = str(error), os.path.basename(photo) or photo
    for subject in (photo, base, "The photo "):
        if sentence.startswith(subject):
            return f"{photo}{' ' * subject.endswith(' ')}{sentence.removeprefix(subject)}"
    for subject in (photo, base, "the photo"):
        sentence = sentence.replace(f" found on {subject};", " found;")
    return f"{photo}: {sentence}"


def nearest_name(name: object, known: Iterable[str]) -> str | None:
    """Return the known name that is spelled most like `name`, whatever its case, or None."""
    by_folded = {one.casefold(): one for one in known}
    found = get_close_matches(str(name).casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def unknown_name(
    kind: str,
    name: object,
    known: Iterable[str],
    error: type[_Error] = InputError,  # type: ignore[assignment]
) -> _Error:
    """Return the error for a name that does not exist; it suggests the nearest one.

    Parameters
    ----------
    kind : str
        What is named, such as "emotion" or "saliency method".
    name : object
        The name that was given.
    known : iterable of str
        The names that exist, in the order in which the message lists them.
    error : type of XferaError
        The class of the error.

    Returns
    -------
    XferaError
        To be raised by the caller.

    Examples
    --------
    >>> str(unknown_name("preset", "algoritm1", ["balanced", "algorithm1"]))
    "There is no preset 'algoritm1' (did you mean 'algorithm1'?): choose from balanced, algorithm1."
    """
    known = tuple(known)
    near = nearest_name(name, known)
    hint = f" (did you mean {near!r}?)" if near else ""
    return error(f"There is no {kind} {name!r}{hint}: choose from {', '.join(known)}.")
