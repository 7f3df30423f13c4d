"""Writers: what turns facts into sentences."""

from __future__ import annotations

from collections.abc import Callable

from xfera_nb.errors import WriterError
from xfera_nb.explanation.choices import WRITERS
from xfera_nb.explanation.writers.base import Draft, Writer
from xfera_nb.explanation.writers.offline import OfflineWriter
from xfera_nb.explanation.writers.openai_writer import DEFAULT_MODEL, OpenAIWriter

__all__ = [
    "DEFAULT_MODEL",
    "Draft",
    "OfflineWriter",
    "OpenAIWriter",
    "Writer",
    "load_writer",
]


def load_writer(name: str = "offline", **options: object) -> Writer:
    """A writer by its name.

    Parameters
    ----------
    name : {"offline", "openai"}
    **options
        For `OpenAIWriter`; the offline writer has none.

    Raises
    ------
    WriterError
        If the name or an option is not known, or the OpenAI writer lacks a key.
    """
    known: dict[str, Callable[..., Writer]] = {"offline": OfflineWriter, "openai": OpenAIWriter}
    if name not in known:
        raise WriterError(f'There is no writer "{name}"; choose one of {", ".join(WRITERS)}.')
    try:
        return known[name](**options)
    except TypeError:
        raise WriterError(
            f'The writer "{name}" does not take the options {", ".join(sorted(options))}; '
            "see its documentation for those it has."
        ) from None
