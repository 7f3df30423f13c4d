"""``xfera compare``: two photos side by side, or one photo under two models, sources or settings.

What is set for both is written as for ``xfera explain``; what is other for the second is written
after ``--second``, as NAME=VALUE.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.cli.console import NOTHING_EXPLAINED, complain
from xfera_nb.cli.explain import DETECTORS, PRESETS, SINGLE, add_fusion, chosen_params
from xfera_nb.errors import ParamsError, PhotoError
from xfera_nb.facs.emotions import EMOTIONS

if TYPE_CHECKING:
    from xfera_nb.report import Result

_NUMBERS = ("k", "min_intensity", "coverage", "saliency_weight")
_CHOICES = {"preset": PRESETS, "au": DETECTORS, "emotion": EMOTIONS}
SECOND = (*SINGLE, "params", "preset", "emotion", "classifier", "au", "layer")
"""What may be other for the second."""
_EPILOG = """\
examples:
  xfera compare before.jpg after.jpg
  xfera compare one.jpg other.jpg --preset section2.1 --html page.html
  xfera compare photo.jpg --second k=0.5 --second coverage=0.5
  xfera compare photo.jpg --second au=openface
  xfera compare photo.jpg --second classifier=other.safetensors --json
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "compare",
        help="set two photos, models, sources or settings side by side",
        description="Compares the largest faces of two photos, or one photo with what --second "
        "makes of it: answer, probabilities, maps, movements.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="one or two photos' files")
    parser.add_argument(
        "--second",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"other for the second; may be repeated: {', '.join(SECOND)}",
    )
    parser.add_argument("--emotion", choices=EMOTIONS, help="the class to explain in both")
    out = parser.add_argument_group("output")
    out.add_argument("--json", action="store_true", help="one JSON object")
    out.add_argument("--html", metavar="FILE", help="also write a page that stands alone")
    add_fusion(parser)
    source = parser.add_argument_group("models")
    source.add_argument("--classifier", metavar="FILE", help="other weights (.safetensors)")
    source.add_argument("--au", choices=DETECTORS, default="builtin", help="source of Action Units")
    source.add_argument("--layer", metavar="NAME", help="the layer whose map is taken")


def run(options: argparse.Namespace) -> int:
    """Compare; the exit code."""
    if len(options.photos) > 2:
        raise ParamsError("Give one or two photos to compare, not more.")
    changes = second_options(options.second)
    if len(options.photos) == 1 and not changes:
        raise ParamsError(
            "One photo alone is the same twice: give a second one, or say what differs, such as "
            "--second k=0.5."
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
            results.append(_explained(photo, side))
        except PhotoError as error:
            complain(error, photo)
            return NOTHING_EXPLAINED
    found = compare(*results, names=_names(photos, options.second))
    if options.html is not None:
        found.save_html(options.html)
    if options.json:
        named = {"photos": [clean(photo) for photo in photos]}
        print(json.dumps(named | found.to_dict(), allow_nan=False))
    else:
        print(found)
    return 0


def second_options(given: list[str]) -> dict[str, Any]:
    """What is other for the second, by the options' names.

    Raises
    ------
    ParamsError
        If something is not NAME=VALUE, or the name or the value is not known.
    """
    changes: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or name not in SECOND:
            raise ParamsError(
                f"--second takes NAME=VALUE, such as k=0.5, with one of {', '.join(SECOND)}, not "
                f"{text!r}."
            )
        allowed = _CHOICES.get(name)
        if allowed is not None and value not in allowed:
            raise ParamsError(f"--second {name} is one of {', '.join(allowed)}, not {value!r}.")
        changes[name] = _number(name, value) if name in _NUMBERS else value
    return changes


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ParamsError(f"--second {name} is a number, not {text!r}.") from error


def _explained(photo: str, options: argparse.Namespace) -> Result:
    from xfera_nb.api import explain
    from xfera_nb.au_detectors import load_detector
    from xfera_nb.classifier import load_classifier

    return explain(
        photo,
        params=chosen_params(options),
        au=load_detector(options.au),
        classifier=load_classifier(options.classifier),
        emotion=options.emotion,
        layer=options.layer,
    )


def _names(photos: list[str], second: list[str]) -> tuple[str, str]:
    """Names of both: the photos', with what is other for the second where it is one photo."""
    one, other = (Path(photo).name for photo in photos)
    return one, f"{other}, {', '.join(second)}" if second else other
