"""``xfera faithfulness``: check the heatmaps of a store against the classifier."""

from __future__ import annotations

import argparse
import json
from typing import Any

from xfera_nb.cli.options import add_command, whole_number
from xfera_nb.cli.output import NO_RESULT, print_error, print_text

_EPILOG = """\
examples:
  xfera faithfulness kdef.store
  xfera faithfulness kdef.store --limit 100 --full
  xfera faithfulness kdef.store --photos /data/KDEF --json

Run the same command again to resume an interrupted run. Notebook 06 explains what each check
means and what it does not mean.
exit codes: 0 done; 2 usage or setup; 3 no face could be checked
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "faithfulness",
        help="check the heatmaps of a store against the classifier",
        description="Reads the photos of a store again and checks the heatmap of each face: the "
        "cost of hiding face regions and AU regions, additivity, faithfulness correlation, and the "
        "share on the regions of the emotion's AUs, each beside random last layers of the same "
        "network, other faces' maps and their mean. Writes faithfulness.parquet into the store and "
        "prints means with 95 % bootstrap intervals and paired tests, corrected for the number of "
        "checks.",
        epilog=_EPILOG,
    )
    parser.add_argument("store", metavar="STORE", help="store made by xfera extract")
    parser.add_argument(
        "--photos", metavar="FOLDER", help="folder of the photos, if they have moved"
    )
    parser.add_argument(
        "--limit", type=whole_number(1), metavar="N", help="check N faces, drawn at random"
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="also deletion and insertion, ROAD, and all randomisations; takes some twenty times "
        "as long",
    )
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help="random seed (default 0)"
    )
    parser.add_argument("--force", action="store_true", help="discard earlier results")
    parser.add_argument(
        "--classifier", metavar="FILE", help="other weights for the classifier (.safetensors)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="show no progress bar")


def run(options: argparse.Namespace) -> int:
    """Check the maps, print and write the figures; return the exit code."""
    from xfera_nb.classifier import load_classifier
    from xfera_nb.evaluation.faithfulness.store_check import check_store

    found = check_store(
        options.store,
        load_classifier(options.classifier),
        photos=options.photos,
        limit=options.limit,
        full=options.full,
        seed=options.seed,
        refresh=options.force,
        progress=not options.quiet,
    )
    for id_, reason in found.failed:
        print_error(reason, id_)
    if not found.faces:
        print_error("No face of this store could be checked.")
        return NO_RESULT
    print_text(json.dumps(found.to_dict(), allow_nan=False) if options.json else found.text())
    return 0
