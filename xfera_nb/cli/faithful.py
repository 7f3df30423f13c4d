"""``xfera faithful``: check the maps of a store's faces against the classifier."""

from __future__ import annotations

import argparse
import json
from typing import Any

from xfera_nb.cli.console import NOTHING_EXPLAINED, complain, say, whole_number

_EPILOG = """\
examples:
  xfera faithful kdef.store
  xfera faithful kdef.store --limit 100 --full
  xfera faithful kdef.store --photos /data/KDEF --json

A run that was stopped goes on when the same command is given again. What each check means, and
what it does not, is in notebook 06.
exit codes: 0 done; 2 usage or setup; 3 no face could be checked
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "faithful",
        help="check the maps of a store against the classifier",
        description="Reads the photos of a store again and checks each face's map: what blurring "
        "each movement's region costs, deletion and insertion, ROAD, HiResCAM, random weights, "
        "overlap with the emotion's movements. Writes faithfulness.parquet into the store and "
        "prints means with 95 %% bootstrap intervals.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("store", metavar="STORE", help="what xfera extract made")
    parser.add_argument("--photos", metavar="FOLDER", help="where the photos lie now")
    parser.add_argument(
        "--limit", type=_positive, metavar="N", help="at most N faces, drawn at random"
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="more regions, steps and random parts, three times as long",
    )
    parser.add_argument("--seed", type=whole_number(0), default=0, metavar="N", help="0 by default")
    parser.add_argument("--again", action="store_true", help="drop what an earlier run found")
    parser.add_argument("--classifier", metavar="FILE", help="other weights (.safetensors)")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Check, print and write; the exit code."""
    from xfera_nb.classifier import load_classifier
    from xfera_nb.evaluation.faithfulness.store import check_store

    found = check_store(
        options.store,
        load_classifier(options.classifier),
        photos=options.photos,
        limit=options.limit,
        full=options.full,
        seed=options.seed,
        again=options.again,
        progress=not options.quiet,
    )
    for id_, reason in found.failed:
        complain(reason, id_)
    if not found.faces:
        complain("No face of this store could be checked.")
        return NOTHING_EXPLAINED
    say(json.dumps(found.to_dict(), allow_nan=False) if options.json else found.text())
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
