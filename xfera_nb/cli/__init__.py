"""The command ``xfera``: one module per subcommand, each with `add(subparsers)` and `run(options)`.

Exit codes
    0: done (some photos may have failed, each with a line on stderr). 2: the command line, a
    parameter or something it needs (weights, OpenFace, a key) is wrong, and nothing was done.
    3: there is no result. 130: interrupted from the keyboard. 141: the reader of the output closed
    it.

Commands import heavy packages only once the command line has been parsed, so that ``--help`` and
usage errors appear at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from xfera_nb import __version__
from xfera_nb.cli import (
    ablate,
    app,
    check,
    compare,
    doctor,
    evaluate,
    explain,
    extract,
    faithfulness,
    models,
    second_opinion,
    serve,
    study,
    sweep,
    train,
    video,
)
from xfera_nb.cli.output import USAGE_ERROR, print_error
from xfera_nb.errors import XferaError

INTERRUPTED = 130
OUTPUT_CLOSED = 141

_EPILOG = """\
examples:
  xfera explain photo.jpg
  xfera explain photo.jpg --html page.html --preset section2.1
  xfera explain *.jpg --json > results.jsonl
  xfera check --facts results.jsonl --line 1 "The lip corners are pulled up."
  xfera compare before.jpg after.jpg
  xfera app
  xfera extract KDEF/ --out kdef.store --session A --angle S
  xfera video talk.mp4 --out talk.store
  xfera sweep kdef.store --save-params best.json
  xfera study serve my-study
  xfera serve
  xfera models
  xfera doctor
"""

COMMANDS = (
    explain, compare, check, app, extract, video, models, evaluate, ablate, faithfulness, sweep,
    second_opinion, study, train, serve, doctor,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process by default.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character gets "?" for it, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        try:
            options = make_parser().parse_args(arguments)
            code = options.run(options)
        except SystemExit as stop:  # argparse has printed the reason
            code = stop.code if isinstance(stop.code, int) else USAGE_ERROR
        sys.stdout.flush()
    except XferaError as error:
        print_error(error)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except ImportError as error:
        print_error(f"A part of the installation does not load ({error}); run xfera doctor.")
        return USAGE_ERROR
    except MemoryError:
        print_error("The memory is not enough for this; give a smaller photo or fewer at once.")
        return USAGE_ERROR
    except BrokenPipeError:
        _discard_output()
        return OUTPUT_CLOSED
    except OSError as error:
        _discard_output()
        what = "The output cannot be written"
        if error.filename is not None:
            what = f"{str(error.filename)[:200]} cannot be used"
        print_error(f"{what} ({error.strerror or error}).")
        return USAGE_ERROR
    return code


def _discard_output() -> None:
    """Discard buffered output, so that Python does not report it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """Report a wrong command line in one line, without the usage; refuse empty values.

    An empty value is mostly a variable of a script that is not set; as a path it would be the
    working folder.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.register("type", None, _filled)
        self.register("type", Path, lambda text: Path(_filled(text)))

    def add_subparsers(self, **options: Any) -> Any:
        """Add commands; what follows a command's name is checked by the command's own parser."""
        self.register("type", None, str)
        return super().add_subparsers(**options)

    def error(self, message: str) -> NoReturn:
        print_error(f"{message}; see {self.prog} --help")
        raise SystemExit(USAGE_ERROR)


def _filled(text: str) -> str:
    if isinstance(text, str) and not text.strip():
        raise argparse.ArgumentTypeError("it is empty: give a value")
    return text


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _Parser(
        prog="xfera",
        description="Explains the predictions of a facial-expression classifier: which regions of\n"
        "the face it relied on, which facial movements (Action Units) are present there,\nand why "
        "it predicted the class.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"xfera {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(subparsers)
    return parser
