"""Turn facts into sentences, offline or with a language model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xfera_nb.errors import WriterError, unknown_name
from xfera_nb.explanation.choices import WRITERS
from xfera_nb.explanation.writers.base import Draft, Writer, write_draft
from xfera_nb.explanation.writers.offline import OfflineWriter
from xfera_nb.explanation.writers.openai_writer import (
    DEFAULT_MODEL,
    DEFAULT_TIMEOUT,
    OpenAIWriter,
)
from xfera_nb.explanation.writers.vision import VisionWriter

__all__ = [
    "DEFAULT_MODEL",
    "Draft",
    "OfflineWriter",
    "OpenAIWriter",
    "VisionWriter",
    "Writer",
    "load_writer",
    "write_draft",
]


def load_writer(
    name: str = "offline",
    *,
    seed: int | None = None,
    model: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    temperature: float | None = 0.0,
    timeout: float = DEFAULT_TIMEOUT,
    cache: str | Path | bool | None = None,
    prices: tuple[float, float] | None = None,
    system: bool = True,
    model_options: Mapping[str, Any] | None = None,
    send_image: bool = False,
    **unknown: Any,
) -> Writer:
    """Load a writer by its name.

    Parameters
    ----------
    name : {"offline", "openai", "vision"}
    seed : int, optional
        Of the offline writer's wording, or sent to the language model.
    model, base_url, api_key, temperature, timeout, cache, prices, system, model_options
        Of the language model, as `OpenAIWriter` takes them; the offline writer has none of them.
    send_image : bool
        Whether the writer "vision" may send the picture; it refuses to be loaded otherwise.

    Returns
    -------
    Writer

    Raises
    ------
    WriterError
        If there is no such writer or option (the nearest one is named), a key is missing, or the
        picture may not be sent.
    """
    options: dict[str, Any] = {
        "model": model,
        "base_url": base_url,
        "api_key": api_key,
        "temperature": temperature,
        "timeout": timeout,
        "cache": cache,
        "prices": prices,
        "system": system,
        "model_options": model_options,
    }
    if unknown:
        known = ["seed", "send_image", *options]
        raise unknown_name("writer option", next(iter(unknown)), known, WriterError)
    if name == "vision":
        return VisionWriter(send_image=send_image, seed=seed, **options)
    if send_image:
        raise WriterError('Only the writer "vision" sends a picture: choose it, or leave that out.')
    if name == "openai":
        return OpenAIWriter(seed=seed, **options)
    if name != "offline":
        raise unknown_name("writer", name, WRITERS, WriterError)
    defaults = {"temperature": 0.0, "timeout": DEFAULT_TIMEOUT, "system": True}
    given = [option for option, value in options.items() if value != defaults.get(option)]
    if given:
        raise WriterError(
            f'The offline writer has no option {", ".join(given)}; choose the writer "openai".'
        )
    return OfflineWriter(seed or 0)
