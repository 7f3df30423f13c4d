"""``xfera compare``: compare two photos, or one photo under two models, AU sources or settings.

The options are those of ``xfera explain`` and hold for both sides; ``--vs NAME=VALUE`` changes one
of them for the second side.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.cli.options import (
    add_command,
    add_fusion,
    add_models,
    au_detector,
    emotion,
    fusion_params,
    load_classifier,
)
from xfera_nb.cli.output import NO_RESULT, print_error
from xfera_nb.errors import ParamsError, PhotoError
from xfera_nb.paths import expand_pattern

if TYPE_CHECKING:
    from xfera_nb.report import Result

_EPILOG = """\
examples:
  xfera compare before.jpg after.jpg
  xfera compare one.jpg other.jpg --preset section2.1 --html page.html
  xfera compare photo.jpg --vs k=0.5 --vs coverage=0.5
  xfera compare photo.jpg --vs au=openface
  xfera compare photo.jpg --vs classifier=other.safetensors --json
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "compare",
        help="compare two photos, models, AU sources or settings",
        description="Compares the largest faces of two photos, or one photo under two settings: "
        "prediction, probabilities, heatmaps and AUs.",
        epilog=_EPILOG,
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="one or two image files")
    parser.add_argument(
        "--vs", action="append", default=[], metavar="NAME=VALUE",
        help="change one of the options below for the second side (repeatable)",
    )  # fmt: skip
    out = parser.add_argument_group("output")
    out.add_argument("--json", action="store_true", help="print one JSON object")
    out.add_argument("--html", metavar="FILE", help="also write a self-contained page")
    _add_side(parser)


def _add_side(parser: argparse.ArgumentParser) -> None:
    """Add the options that may differ between the sides."""
    parser.add_argument(
        "--target",
        type=emotion,
        metavar="EMOTION",
        help="target class: the class to explain (default: the predicted class)",
    )
    add_fusion(parser)
    add_models(parser)


def run(options: argparse.Namespace) -> int:
    """Compare both sides; return the exit code."""
    options.photos = [
        one for photo in options.photos for one in expand_pattern(photo, ParamsError) or [photo]
    ]
    if len(options.photos) > 2:
        raise ParamsError("Give one or two photos to compare, not more.")
    changes = parse_vs(options.vs)
    if len(options.photos) == 1 and not changes:
        raise ParamsError(
            "Both sides would be the same: give a second photo, or a difference such as --vs k=0.5."
        )
    from xfera_nb.report import check_writable, compare
    from xfera_nb.report.plain import clean

    if options.html is not None:
        check_writable(options.html)
    sides = [options, argparse.Namespace(**{**vars(options), **changes})]
    photos = [options.photos[0], options.photos[-1]]
    results = []
    for photo, side in zip(photos, sides, strict=True):
        try:
            results.append(_explain(photo, side))
        except PhotoError as error:
            print_error(error, photo)
            return NO_RESULT
    found = compare(*results, names=_names(photos, options.vs))
    if options.html is not None:
        found.save_html(options.html)
    if options.json:
        named = {"photos": [clean(photo) for photo in photos]}
        print(json.dumps(named | found.to_dict(), allow_nan=False))
    else:
        print(found)
    return 0


def parse_vs(given: list[str]) -> dict[str, Any]:
    """Return the options that differ on the second side, by name.

    Raises
    ------
    ParamsError
        If something is not NAME=VALUE, or the name or the value is not known.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    _add_side(parser)
    known = [action.dest for action in parser._actions]
    changes: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or name not in known:
            raise ParamsError(
                f"--vs takes NAME=VALUE, such as k=0.5, with one of {', '.join(known)}, not "
                f"{text!r}."
            )
        try:
            parsed = parser.parse_args([f"--{name.replace('_', '-')}={value}"])
        except argparse.ArgumentError as error:
            raise ParamsError(f"--vs {name}: {error.message}.") from None
        changes[name] = getattr(parsed, name)
    return changes


def _explain(photo: str, options: argparse.Namespace) -> Result:
    from xfera_nb.api import explain

    return explain(
        photo,
        params=fusion_params(options),
        au_detector=au_detector(options),
        classifier=load_classifier(options),
        target=options.target,
        layer=options.layer,
        method=options.method,
    )


def _names(photos: list[str], differences: list[str]) -> tuple[str, str]:
    """Return a name for each side: the photo's, with the differences of the second side."""
    one, other = (Path(photo).name for photo in photos)
    return one, f"{other}, {', '.join(differences)}" if differences else other
