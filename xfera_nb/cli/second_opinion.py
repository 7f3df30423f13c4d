"""``xfera second-opinion``: ask a vision model about the faces of a store, and compare."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any, cast

from xfera_nb.cli.options import (
    add_command,
    add_language_model,
    check_writer,
    fusion_params,
    load_writer,
    whole_number,
)
from xfera_nb.cli.output import NO_RESULT, print_error, print_text
from xfera_nb.explanation.choices import ENGLISH, LANGUAGES, PAPER, PICTURE_WRITERS
from xfera_nb.fusion.params import PRESETS

if TYPE_CHECKING:
    from xfera_nb.explanation import VisionWriter

_EPILOG = """\
examples:
  xfera second-opinion kdef.store --send-image --base-url http://127.0.0.1:11434/v1 --model llava
  xfera second-opinion kdef.store --send-image --limit 100 --rate 20 --price 2.5 10

The face crop, 224 x 224 pixels, of each face is sent to the model's server, and nothing else:
check that you may do that with the photos of your data set. Run the same command again to resume
an interrupted run; faces whose answer failed are asked again.
exit codes: 0 done; 2 usage or setup; 3 no face was answered
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "second-opinion",
        help="ask a vision model about the faces of a store",
        description="Sends the face crop of each face of a store to a vision model, and "
        "compares its class with the classifier's and the label (Cohen's kappa), its "
        "movements with the measured Action Units, and its words with both. Writes one JSON line a "
        "face beside the store.",
        epilog=_EPILOG,
    )
    parser.set_defaults(writer=PICTURE_WRITERS[0], prompt=PAPER, contrast_with=None)
    parser.add_argument("store", metavar="STORE", help="store made by xfera extract")
    parser.add_argument(
        "--send-image", action="store_true", help="allow the face crops to be sent (required)"
    )
    parser.add_argument("--out", metavar="FILE", help="file of the answers, as JSON lines")
    parser.add_argument(
        "--photos", metavar="FOLDER", help="folder of the photos, if they have moved"
    )
    parser.add_argument(
        "--limit", type=whole_number(1), metavar="N", help="take N faces, drawn at random"
    )
    parser.add_argument(
        "--rate", type=whole_number(1), metavar="N", help="ask at most N times a minute"
    )
    parser.add_argument("--params", metavar="FILE", help="fusion parameters as JSON")
    parser.add_argument("--preset", choices=tuple(PRESETS), help="a preset instead")
    parser.add_argument(
        "--language", choices=tuple(LANGUAGES), default=ENGLISH, help="language of the answers"
    )
    parser.add_argument("--force", action="store_true", help="discard earlier answers")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="show no progress bar")
    add_language_model(parser.add_argument_group("model"))


def run(options: argparse.Namespace) -> int:
    """Ask, print the figures; return the exit code."""
    check_writer(options)
    from xfera_nb.report.second_opinions import ask_store

    found = ask_store(
        options.store,
        cast("VisionWriter", load_writer(options)),  # by the default of `writer`
        out=options.out,
        photos=options.photos,
        params=fusion_params(options),
        language=options.language,
        limit=options.limit,
        rate=options.rate,
        refresh=options.force,
        progress=not options.quiet,
    )
    for id_, reason in found.failed:
        print_error(reason, id_)
    if not found.answered:
        print_error("No face of this store was answered.")
        return NO_RESULT
    print_text(json.dumps(found.to_dict(), allow_nan=False) if options.json else found.text())
    return 0
