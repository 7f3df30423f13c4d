"""``xfera study``: build a study, serve its page, export the answers and analyse them.

Real and simulated answers are separate files. Simulated answers are read only with
``--simulated``, and every output from them says that they are simulated.
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
    PORT_NUMBER,
    check_port,
    open_when_ready,
    stop_with_parent,
    voila_command,
    voila_environment,
)
from xfera_nb.cli.options import add_command, whole_number
from xfera_nb.cli.output import NO_RESULT, print_error, print_text
from xfera_nb.errors import ParamsError, XferaError
from xfera_nb.explanation.choices import WRITERS
from xfera_nb.study.items import CONDITIONS
from xfera_nb.wording import count_of, start_sentence

PAGE = Path(xfera_nb.__file__).parent / "widgets" / "front" / "study.ipynb"
PORT = 8867
TOKEN = "address.token"
"""File in the study's folder that holds the token of its address."""
MEANING = (
    "Only for this machine: anyone who has this address can take part and see the photos. The "
    "address stays the same; with &id=CODE appended, a participant resumes where they stopped."
)
VARIABLE = "XFERA_STUDY"

_EPILOG = """\
examples:
  xfera study build kdef.store --out my-study --misclassified 8 --ambiguous 6 --random 6
  xfera study build photos/ --out my-study --conditions none,text --rank --seed 7
  xfera study simulate my-study && xfera study analyse my-study --simulated
  xfera study power --people 22 --points 0.3
  xfera study serve my-study
  xfera study export my-study --out answers.csv
  xfera study forget my-study CODE
  xfera study analyse my-study --mixed

All data stays in the folder of the study. The page is served only to this machine, and only with
the token in its address. Each participant has a code; the address with &id=CODE resumes where that
participant stopped.
exit codes: 0 done; 2 usage or setup; 3 there are no answers yet
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        None,
        "study",
        help="run a user study: build, serve, export, analyse",
        description="Runs a user study as in the XFERa paper: which emotion people see on the "
        "photos that the classifier gets wrong, and whether explanations raise their trust. "
        "Conditions compare no explanation, the heatmap and the text.",
        epilog=_EPILOG,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_build(actions)
    serve = _action(actions, "serve", "serve the page for participants on this machine", _serve)
    serve.add_argument("--port", type=PORT_NUMBER, default=PORT, help=f"port (default {PORT})")
    serve.add_argument("--no-browser", action="store_true", help="only print the address")
    simulate = _action(actions, "simulate", "simulate answers to try the analysis", _simulate)
    simulate.add_argument(
        "--people",
        type=whole_number(0),
        default=22,
        metavar="N",
        help="number of people (default 22)",
    )
    simulate.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help="random seed (default 0)"
    )
    forget = _action(actions, "forget", "delete the answers of one participant", _forget)
    forget.add_argument("code", metavar="CODE", help="the participant's code")
    export = _action(actions, "export", "write the answers as CSV", _export)
    export.add_argument("--out", metavar="FILE", help="file to write (default: standard output)")
    analyse = _action(actions, "analyse", "print the results", _analyse)
    analyse.add_argument("--json", action="store_true", help="print one JSON object")
    analyse.add_argument("--mixed", action="store_true", help="also fit mixed models")
    _add_power(actions)
    for action in (export, analyse, forget):
        action.add_argument("--simulated", action="store_true", help="use the simulated answers")


def _action(
    actions: Any, name: str, words: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = add_command(
        actions, run, name, help=words, description=f"{start_sentence(words)}."
    )
    parser.add_argument("study", metavar="STUDY", help="folder of the study")
    return parser


def _add_build(actions: Any) -> None:
    parser = add_command(
        actions,
        _build,
        "build",
        help="build a study from a store or from photos",
        description="Draws photos with a random seed and prepares their explanations and pictures.",
    )
    parser.add_argument("source", metavar="SOURCE", help="a store made by xfera extract, or photos")
    parser.add_argument("--out", required=True, metavar="DIR", help="new folder for the study")
    parser.add_argument(
        "--photos", metavar="DIR", help="folder of the photos of a store, if they have moved"
    )
    for kind, words in (
        ("misclassified", "photos that the classifier gets wrong"),
        ("ambiguous", "correct photos with a small margin"),
        ("random", "other photos"),
    ):
        parser.add_argument(
            f"--{kind}",
            type=whole_number(0),
            default=6,
            metavar="N",
            help=f"number of {words} (default 6)",
        )
    parser.add_argument(
        "--margin",
        type=_share,
        default=0.5,
        metavar="M",
        help="largest margin of an ambiguous photo, 0-1 (default 0.5)",
    )
    parser.add_argument(
        "--conditions",
        default=",".join(CONDITIONS),
        help="comma-separated, some of none,heatmap,text (default: all)",
    )
    parser.add_argument(
        "--rank", action="store_true", help="let participants rank emotions, not choose one"
    )
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help="random seed (default 0)"
    )
    parser.add_argument("--texts", metavar="FILE", help="texts and labels of the page as JSON")
    parser.add_argument("--no-age", action="store_true", help="do not ask for an age group")
    parser.add_argument("--params", metavar="FILE", help="fusion parameters as JSON")
    parser.add_argument(
        "--classifier", metavar="FILE", help="other weights for the classifier (.safetensors)"
    )
    parser.add_argument(
        "--writer", choices=tuple(WRITERS), default="offline", help="who writes the explanations"
    )
    parser.add_argument("--quiet", action="store_true", help="show no progress bar")


def _add_power(actions: Any) -> None:
    parser = add_command(
        actions,
        _power,
        "power",
        help="print how often simulated studies find an effect",
        description="Simulates studies in which everybody rates every condition, and prints the "
        "share that is significant, by number of people and by what a condition adds to a score.",
    )
    parser.add_argument(
        "--people",
        type=_list_of(whole_number(3)),
        metavar="N,N,...",
        help="numbers of people (default 12,22,30,40)",
    )
    parser.add_argument(
        "--points",
        type=_list_of(float),
        metavar="X,X,...",
        help="points of the scale that a condition adds (default 0,0.2,0.3,0.5)",
    )
    for name, least, default, words in (
        ("conditions", 2, 2, "number of conditions"),
        ("photos", 1, 6, "photos a person rates under each condition"),
        ("studies", 1, 1000, "number of simulated studies for each figure"),
        ("seed", 0, 0, "random seed"),
    ):
        parser.add_argument(
            f"--{name}",
            type=whole_number(least),
            default=default,
            metavar="N",
            help=f"{words} (default {default})",
        )


def _list_of(kind: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    def numbers(text: str) -> tuple[Any, ...]:
        return tuple(map(kind, text.split(",")))

    return numbers


def _power(options: argparse.Namespace) -> int:
    from xfera_nb.study import power_table
    from xfera_nb.study.power import PEOPLE, POINTS

    table = power_table(
        options.people or PEOPLE,
        options.points or POINTS,
        conditions=options.conditions,
        photos=options.photos,
        studies=options.studies,
        seed=options.seed,
    )
    print_text(str(table))
    return 0


def _build(options: argparse.Namespace) -> int:
    conditions = tuple(options.conditions.split(","))
    if not set(conditions) <= set(CONDITIONS) or len(set(conditions)) < len(conditions):
        raise ParamsError(f"--conditions names some of {','.join(CONDITIONS)}, each once.")
    from xfera_nb.figures import study_pictures
    from xfera_nb.fusion import FusionParams
    from xfera_nb.study import AGE_BANDS, build_study

    page = _texts(options.texts)
    study = build_study(
        options.source,
        options.out,
        study_pictures,
        misclassified=options.misclassified,
        ambiguous=options.ambiguous,
        random=options.random,
        margin=options.margin,
        conditions=conditions,
        choice="rank" if options.rank else "choose",
        seed=options.seed,
        params=None if options.params is None else FusionParams.load(options.params),
        writer=options.writer,
        texts=page.get("texts"),
        labels=page.get("labels"),
        age_bands=() if options.no_age else AGE_BANDS,
        photos=options.photos,
        classifier=options.classifier,
        progress=not options.quiet,
    )
    print_text(study.summary)
    for kind, missing in study.missing_photos.items():
        print_error(
            f"Too few photos: {missing} of {study.made['asked'][kind]} {kind} ones missing."
        )
    if study.uneven_note:
        print_error(study.uneven_note)
    unsupported = sum(item.unsupported > 0 for item in study.items)
    if unsupported:
        photos = count_of(unsupported, "photo")
        print_error(f"Explanations of {photos} name movements that were not found.")
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
    # The environment passes the token, since other users can read the arguments of a command.
    environment = voila_environment({VARIABLE: str(folder), "JUPYTER_TOKEN": token})
    command = voila_command(PAGE, options.port, browser=False, token=True)
    opening = nullcontext() if options.no_browser else open_when_ready(address, options.port)
    with stop_with_parent(), opening:
        return subprocess.run(command, env=environment, check=False).returncode


def _token(path: Path) -> str:
    """Return the study's token, which stays the same so that participants can come back.

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
        people = count_of(options.people, "person", "people")
        print(f"{len(answers):,} simulated answers of {people} are in "
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
        return _exit_code(len(answers))


def _forget(options: argparse.Namespace) -> int:
    from xfera_nb.study import Answers, Study

    study = Study.load(options.study, pictures=False)
    with Answers(study, simulated=options.simulated, create=False) as answers:
        deleted = count_of(answers.forget(options.code), "answer")
    print(f"{deleted} of {options.code} deleted; copies and exports are not touched.")
    return 0


def _analyse(options: argparse.Namespace) -> int:
    from xfera_nb.study import Answers, Study, analyse

    study = Study.load(options.study, pictures=False)
    with Answers(study, simulated=options.simulated, create=False) as answers:
        found = analyse(answers, mixed=options.mixed)
    if options.json:
        print(json.dumps(found.to_dict(), allow_nan=False))
    else:
        print_text(found.text())
    return _exit_code(len(found.collected.rows))


def _exit_code(count: int) -> int:
    """Return the exit code for a number of answers."""
    if count:
        return 0
    print_error("There are no answers yet: serve the study first.")
    return NO_RESULT


def _texts(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        file = Path(path).expanduser()
        if file.exists() and not file.is_file():  # reading a pipe would block
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


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return value
