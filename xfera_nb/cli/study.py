"""``xfera study``: build a study, serve its page, take the answers out, work out the figures.

Real and simulated answers are two files; without ``--simulated`` nothing simulated is read, and
whatever comes from simulated answers says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import xfera_nb
from xfera_nb.cli.app import (
    LOOPBACK,
    check_port,
    ended_with_us,
    opened_later,
    port_number,
    voila_command,
)
from xfera_nb.cli.console import NOTHING_EXPLAINED, complain, say
from xfera_nb.errors import ParamsError, XferaError

PAGE = Path(xfera_nb.__file__).parent / "widgets" / "front" / "study.ipynb"
PORT = 8867
TOKEN = "address.token"
"""File in the study's folder with the token of its address."""
MEANING = (
    "For this machine alone: whoever has this address can take part and see the photos. It stays "
    "the same; with &id=CODE after it a participant goes on where they were."
)
# Copies of names whose rooms import more; a test holds them against the originals.
ARMS = ("none", "heatmap", "words")
VARIABLE = "XFERA_STUDY"
WRITERS = ("offline", "openai")

_EPILOG = """\
examples:
  xfera study build kdef.store --out my-study --misclassified 8 --ambiguous 6 --random 6
  xfera study build photos/ --out my-study --arms none,words --rank --seed 7
  xfera study simulate my-study && xfera study analyse my-study --simulated
  xfera study serve my-study
  xfera study export my-study --out answers.csv
  xfera study forget my-study CODE
  xfera study analyse my-study --mixed

Everything stays in the study's folder. The page is served on this machine alone, to whoever has
the token in its address. Each participant has a code; the address with &id=CODE goes on where that
participant was.
exit codes: 0 done; 2 usage or setup; 3 there are no answers yet
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "study",
        help="a study with people: build it, serve it, analyse it",
        description="Which emotion do people see on the photos that the model gets wrong, and do "
        "explanations raise their trust? As in the XFERa paper, with arms to compare.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_build(actions)
    serve = _action(actions, "serve", "show the page to participants, on this machine", _serve)
    serve.add_argument("--port", type=port_number, default=PORT, help=f"{PORT} by default")
    serve.add_argument("--no-browser", action="store_true", help="print the address only")
    simulate = _action(actions, "simulate", "invent answers, to try the analysis", _simulate)
    simulate.add_argument("--people", type=_count, default=22, metavar="N", help="22 by default")
    simulate.add_argument("--seed", type=_count, default=0, metavar="N")
    forget = _action(actions, "forget", "delete what one participant answered", _forget)
    forget.add_argument("code", metavar="CODE", help="the participant's code")
    export = _action(actions, "export", "write the answers as CSV", _export)
    export.add_argument("--out", metavar="FILE", help="a file; the output otherwise")
    analyse = _action(actions, "analyse", "print the figures", _analyse)
    analyse.add_argument("--json", action="store_true", help="one JSON object")
    analyse.add_argument("--mixed", action="store_true", help="fit mixed models as well")
    for action in (export, analyse, forget):
        action.add_argument("--simulated", action="store_true", help="the simulated answers")


def _action(
    actions: Any, name: str, words: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=words, description=f"{words}.", allow_abbrev=False)
    parser.set_defaults(run=run)
    parser.add_argument("study", metavar="STUDY", help="the study's folder")
    return parser


def _add_build(actions: Any) -> None:
    parser = actions.add_parser(
        "build",
        help="make a study from a store or from photos",
        description="Draws photos by a seed, writes the explanations and pictures beforehand.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=_build)
    parser.add_argument("source", metavar="SOURCE", help="a store of evidence, or photos")
    parser.add_argument("--out", required=True, metavar="DIR", help="the study's folder, new")
    parser.add_argument("--photos", metavar="DIR", help="where a store's photos lie now")
    for kind, words in (
        ("misclassified", "photos that the model gets wrong"),
        ("ambiguous", "photos that it gets right with a small margin"),
        ("random", "other photos"),
    ):
        parser.add_argument(f"--{kind}", type=_count, default=6, metavar="N", help=f"{words} (6)")
    parser.add_argument(
        "--margin", type=_share, default=0.5, metavar="M", help="ambiguous below it, 0-1 (0.5)"
    )
    parser.add_argument("--arms", default=",".join(ARMS), help="some of none,heatmap,words (all)")
    parser.add_argument("--rank", action="store_true", help="rank emotions instead of choosing one")
    parser.add_argument("--seed", type=_count, default=0, metavar="N")
    parser.add_argument("--texts", metavar="FILE", help="JSON: texts and labels of the page")
    parser.add_argument("--no-age", action="store_true", help="don't ask for an age group")
    parser.add_argument("--params", metavar="FILE", help="parameters of the fusion as JSON")
    parser.add_argument("--classifier", metavar="FILE", help="other weights (.safetensors)")
    parser.add_argument("--writer", choices=WRITERS, default="offline", help="who writes the words")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def _build(options: argparse.Namespace) -> int:
    arms = tuple(options.arms.split(","))
    if not set(arms) <= set(ARMS) or len(set(arms)) < len(arms):
        raise ParamsError(f"--arms names some of {','.join(ARMS)}, each once.")
    from xfera_nb.figures import study_pictures
    from xfera_nb.fusion import FusionParams
    from xfera_nb.study import AGE_BANDS, build_study

    said = _texts(options.texts)
    study = build_study(
        options.source,
        options.out,
        study_pictures,
        misclassified=options.misclassified,
        ambiguous=options.ambiguous,
        random=options.random,
        margin=options.margin,
        arms=arms,
        choice="rank" if options.rank else "choose",
        seed=options.seed,
        params=None if options.params is None else FusionParams.load(options.params),
        writer=options.writer,
        texts=said.get("texts"),
        labels=said.get("labels"),
        age_bands=() if options.no_age else AGE_BANDS,
        photos=options.photos,
        classifier=options.classifier,
        progress=not options.quiet,
    )
    say(study.summary)
    for kind, missing in study.short.items():
        complain(f"Too few photos: {missing} of {study.made['asked'][kind]} {kind} ones missing.")
    unsupported = sum(item.unsupported > 0 for item in study.items)
    if unsupported:
        complain(f"The words of {unsupported} photos name movements that were not found.")
    return 0


def _serve(options: argparse.Namespace) -> int:
    from xfera_nb.study import Answers, Study

    study = Study.load(options.study)
    with Answers(study) as answers:
        count, folder = len(answers.participants()), answers.path.parent
    if importlib.util.find_spec("voila") is None:
        raise XferaError(
            "Voila, which serves the page, is not installed: pip install 'xfera-nb[app]'."
        )
    check_port(options.port)
    token = _token(folder / TOKEN)
    address = f"http://{LOOPBACK}:{options.port}/?token={token}"
    print(f"The study is at {address} (Ctrl+C ends it); {count} took part so far.", flush=True)
    print(MEANING, flush=True)
    # The token goes by the environment: others of this machine can read a command's arguments.
    environment = {**os.environ, VARIABLE: str(folder), "JUPYTER_TOKEN": token}
    command = voila_command(PAGE, options.port, browser=False, token=True)
    opening = nullcontext() if options.no_browser else opened_later(address, options.port)
    with ended_with_us(), opening:
        return subprocess.run(command, env=environment, check=False).returncode


def _token(path: Path) -> str:
    """The study's token: always the same, or nobody could come back after a new start.

    Raises
    ------
    XferaError
        If it can be neither read nor written.
    """
    try:
        if not path.exists():
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(24))
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise XferaError(f"{path.name} in the study's folder cannot be used; delete it.") from error
    if not re.fullmatch("[0-9a-f]{48}", token):
        raise XferaError(f"{path.name} in the study's folder is damaged: delete it.")
    return token


def _simulate(options: argparse.Namespace) -> int:
    from xfera_nb.study import Study, simulate

    with simulate(Study.load(options.study), options.people, seed=options.seed) as answers:
        print(f"{len(answers):,} simulated answers of {options.people} people are in "
              f"{answers.path.name}; no real ones were touched.")  # fmt: skip
    return 0


def _export(options: argparse.Namespace) -> int:
    from xfera_nb.study import Answers, Study, csv_text, export_csv

    study = Study.load(options.study, pictures=False)
    with Answers(study, simulated=options.simulated, create=False) as answers:
        if options.out is None:
            sys.stdout.write(csv_text(answers))
        else:
            count = export_csv(answers, options.out)
            what = "simulated answers" if options.simulated else "answers"
            print(f"{count:,} {what} are in {options.out}.")
        return _told(len(answers))


def _forget(options: argparse.Namespace) -> int:
    from xfera_nb.study import Answers, Study

    study = Study.load(options.study, pictures=False)
    with Answers(study, simulated=options.simulated, create=False) as answers:
        count = answers.forget(options.code)
    many = "answer" if count == 1 else "answers"
    print(f"{count:,} {many} of {options.code} deleted; copies and exports are not touched.")
    return 0


def _analyse(options: argparse.Namespace) -> int:
    from xfera_nb.study import Answers, Study, analyse

    study = Study.load(options.study, pictures=False)
    with Answers(study, simulated=options.simulated, create=False) as answers:
        found = analyse(answers, mixed=options.mixed)
    if options.json:
        print(json.dumps(found.to_dict(), allow_nan=False))
    else:
        say(found.text())
    return _told(len(found.collected.rows))


def _told(count: int) -> int:
    """The exit code for so many answers."""
    if count:
        return 0
    complain("There are no answers yet: serve the study first.")
    return NOTHING_EXPLAINED


def _texts(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        file = Path(path).expanduser()
        if file.exists() and not file.is_file():  # a pipe would keep us waiting
            raise ParamsError(f"{path} is not a regular file: give a file of texts.")
        said = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ParamsError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise ParamsError(f"{path} is no JSON: give an object of texts and labels.") from error
    parts = said.values() if isinstance(said, dict) else ()
    whole = isinstance(said, dict) and said.keys() <= {"texts", "labels"}
    if not whole or not all(isinstance(part, dict) for part in parts):
        raise ParamsError(f'{path} holds no object {{"texts": {{...}}, "labels": {{...}}}}.')
    return said


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0")
    return int(text)


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return value
