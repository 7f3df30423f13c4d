"""The command ``xfera``. One module a subcommand, each with `add(subparsers)` and `run(options)`.

Exit codes
    0: done (some photos may have failed, each with a line on stderr). 2: the command line, a
    parameter or something that it asks for (weights, OpenFace, a key) is not right, and nothing
    was done. 3: no photo could be explained. 130: interrupted from the keyboard. 141: whoever read
    the output went away.

Nothing heavy is imported before the command line is known to be right: ``--help`` and its errors
come at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

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
    faithful,
    models,
    study,
    sweep,
    train,
)
from xfera_nb.cli.console import USAGE, complain
from xfera_nb.errors import XferaError

INTERRUPTED = 130
READER_GONE = 141

_EPILOG = """\
examples:
  xfera explain photo.jpg
  xfera explain photo.jpg --html page.html --preset section2.1
  xfera explain *.jpg --json > results.jsonl
  xfera check --facts results.jsonl --line 1 "The lip corners are pulled up."
  xfera compare before.jpg after.jpg
  xfera app
  xfera extract KDEF/ --out kdef.store --session A --angle S
  xfera sweep kdef.store --save-params best.json
  xfera study serve my-study
  xfera models
  xfera doctor
"""

COMMANDS = (
    explain, compare, check, app, extract, models, evaluate, ablate, faithful, sweep, study, train,
    doctor,
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
        except SystemExit as stop:  # argparse has said what there is to say
            code = stop.code if isinstance(stop.code, int) else USAGE
        sys.stdout.flush()
    except XferaError as error:
        complain(error)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except ImportError as error:
        complain(f"A part of the installation does not load ({error}); run xfera doctor.")
        return USAGE
    except MemoryError:
        complain("The memory is not enough for this; give a smaller photo or fewer at once.")
        return USAGE
    except BrokenPipeError:
        _drop_output()
        return READER_GONE
    except OSError as error:
        _drop_output()
        what = "The output cannot be written"
        if error.filename is not None:
            what = f"{str(error.filename)[:200]} cannot be used"
        complain(f"{what} ({error.strerror or error}).")
        return USAGE
    return code


def _drop_output() -> None:
    """Send what is still buffered nowhere, so that Python does not complain of it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the command line in one line instead of with the whole usage."""

    def error(self, message: str) -> NoReturn:
        complain(f"{message}; see {self.prog} --help")
        raise SystemExit(USAGE)


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = _Parser(
        prog="xfera",
        description="Explains what a face-emotion model saw in a photo: where it looked, which "
        "movements are there, and why it answered as it did.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"xfera {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(subparsers)
    return parser
