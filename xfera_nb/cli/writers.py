"""Options of the commands that write words: who writes, in which language, with which prompt."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from xfera_nb.errors import ParamsError
from xfera_nb.facs.emotions import EMOTIONS

if TYPE_CHECKING:
    from xfera_nb.explanation import TextRequest, Writer

# Copies of names whose room is not loaded for --help; a test holds them against the originals.
WRITERS = ("offline", "openai")
LANGUAGES = ("en", "it", "es", "de")
PROMPTS = ("paper", "strict", "contrast")
_MODEL_ONLY = ("model", "base_url", "temperature", "timeout", "cache", "price")


def add(parser: Any, *, contrast: bool = True) -> None:
    """Add the options to a parser, with or without the contrasting prompt."""
    group = parser.add_argument_group("words")
    group.add_argument(
        "--writer", choices=WRITERS, default="offline", help="who writes the sentences"
    )
    group.add_argument("--language", choices=LANGUAGES, default="en", help="of the sentences")
    told = "the paper's (default); strict: facts and answer as JSON"
    prompts: tuple[str, ...] = PROMPTS
    if contrast:
        told += "; contrast: one class against another"
        group.add_argument(
            "--contrast-with", choices=EMOTIONS,
            help="contrast with this class (--prompt contrast: with the next best)",
        )  # fmt: skip
    else:
        prompts = tuple(name for name in PROMPTS if name != "contrast")
        parser.set_defaults(contrast_with=None)
    group.add_argument("--prompt", choices=prompts, default="paper", help=told)
    group.add_argument("--seed", type=int, help="of the wording, or of the model")
    group.add_argument("--model", metavar="NAME", help="language model for --writer openai")
    group.add_argument("--base-url", metavar="URL", help="its server, if not OpenAI's own")
    group.add_argument("--temperature", type=float, metavar="T", help="of the model (default 0)")
    group.add_argument(
        "--timeout", type=float, metavar="S", help="seconds to wait for it (default 60)"
    )
    group.add_argument(
        "--cache", metavar="DIR", help="where its answers are kept; off for nowhere (XFERA_CACHE)"
    )
    group.add_argument(
        "--price", type=float, nargs=2, metavar=("IN", "OUT"),
        help="per million tokens of the prompt and of the answer, to tell the cost",
    )  # fmt: skip


def check(options: argparse.Namespace) -> None:
    """Refuse options that would have no effect, or no sense.

    Raises
    ------
    ParamsError
    """
    if options.writer != "openai":
        for name in _MODEL_ONLY:
            if getattr(options, name) is not None:
                raise ParamsError(f"--{name.replace('_', '-')} needs --writer openai.")
    if options.contrast_with is not None and options.prompt == "strict":
        raise ParamsError("--contrast-with needs --prompt contrast, not strict.")
    if options.temperature is not None and not 0 <= options.temperature <= 2:
        raise ParamsError("--temperature must lie from 0 to 2.")
    if options.timeout is not None and not 0 < options.timeout < float("inf"):
        raise ParamsError("--timeout must be more than 0.")


def writer_of(options: argparse.Namespace) -> Writer:
    """The writer that the options choose."""
    from xfera_nb.explanation import load_writer

    names: tuple[str, ...] = ("seed",)
    if options.writer == "openai":
        names = ("model", "base_url", "temperature", "seed", "timeout", "cache")
    given = {name: getattr(options, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    if options.writer == "openai" and options.price is not None:
        given["prices"] = tuple(options.price)
    return load_writer(options.writer, **given)


def request_of(options: argparse.Namespace) -> TextRequest:
    """How the text is asked for."""
    from xfera_nb.explanation import TextRequest

    return TextRequest(options.prompt, options.language, options.contrast_with)
