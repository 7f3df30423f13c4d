"""``xfera extract``: the evidence of a whole data set into a store, resumably.

The report of the data set comes first, then (on stderr) a bar with rate and time left, then the
report of the store.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from xfera_nb.cli.console import NOTHING_EXPLAINED, complain, say
from xfera_nb.errors import ParamsError

if TYPE_CHECKING:
    from xfera_nb.au_detectors import AUDetector
    from xfera_nb.datasets import Dataset

# Copies of names whose rooms import NumPy and torch; a test holds them against the originals.
KINDS = ("kdef", "rafdb", "ferplus", "folder", "csv", "samples")
SCHEMES = ("names", "rafdb", "fer2013", "affectnet", "ckplus")
FILTERS = ("emotion", "person", "session", "angle", "gender", "split")
DETECTORS = ("builtin", "openface", "openface-files", "pyfaceau")
_ROOTS = {"ferplus": "images", "csv": "root"}

_EPILOG = """\
examples:
  xfera extract KDEF/ --out kdef.store --session A --angle S
  xfera extract RAF-DB/ --out raf.store --batch 64
  xfera extract fer2013new.csv --images FER2013/ --out fer.store
  xfera extract photos/ --out s3://bucket/photos.store --scheduler tcp://head:8786
  xfera extract KDEF/ --out kdef-of.store --au openface-files --openface-files processed/

A run that was stopped goes on when the same command is given again. Filters take several values
with commas: --angle S,HL,HR.
exit codes: 0 done; 2 usage or setup; 3 no face was found on any photo
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "extract",
        help="measure a whole data set into a store",
        description="Finds the face on each photo, runs the classifier, its seven heatmaps and the "
        "Action Units, and keeps the numbers (no pixels) as Parquet.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("source", metavar="SOURCE", help="folder, .csv or .npz of the data set")
    parser.add_argument("--out", required=True, metavar="DIR", help="the store: a folder or a URL")
    parser.add_argument("--kind", choices=KINDS, help="which data set it is (else told by files)")
    parser.add_argument("--json", action="store_true", help="both reports as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    data = parser.add_argument_group("data set")
    for name in FILTERS:
        data.add_argument(f"--{name}", metavar="VALUE[,VALUE]", help=f"only photos of this {name}")
    data.add_argument("--labels", choices=SCHEMES, help="what numbers mean (folder, csv)")
    data.add_argument("--images", metavar="DIR", help="where the photos of a .csv lie")
    data.add_argument(
        "--no-check", action="store_true", help="don't decode all photos before the start"
    )
    work = parser.add_argument_group("work")
    work.add_argument("--batch", type=_positive, metavar="N", help="faces in a forward pass (32)")
    work.add_argument("--shard", type=_positive, metavar="N", help="photos in a file (256)")
    work.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler, tcp://HOST:PORT")
    models = parser.add_argument_group("models")
    models.add_argument("--classifier", metavar="FILE", help="other weights (.safetensors)")
    models.add_argument("--au", choices=DETECTORS, default="builtin", help="source of Action Units")
    models.add_argument(
        "--openface-bin", metavar="FILE", help="OpenFace's FaceLandmarkImg (else OPENFACE_BIN)"
    )
    models.add_argument("--openface-files", metavar="PATH", help="what OpenFace wrote earlier")


def run(options: argparse.Namespace) -> int:
    """Extract and print both reports; the exit code."""
    au_options = _au_options(options)
    data = _dataset(options)
    if not options.json:
        say(data.report.text())
        if data.chosen:
            say(f"  chosen: {'; '.join(data.chosen)}: {len(data):,} photos")

    from xfera_nb.evidence import extract

    report = extract(
        data,
        options.out,
        classifier=options.classifier,
        au=_detector(options.au, au_options),
        batch=options.batch,
        shard=options.shard,
        progress=not options.quiet,
        scheduler=options.scheduler,
    )
    if options.json:
        store = vars(report) | {"rate": report.rate if report.rate == report.rate else None}
        told = {"dataset": data.report.to_dict(), "chosen": list(data.chosen), "store": store}
        print(json.dumps(told, allow_nan=False))
    else:
        say(report.text())
    if not report.faces:
        complain("No face was found on any of the photos.")
        return NOTHING_EXPLAINED
    return 0


def _dataset(options: argparse.Namespace) -> Dataset:
    from xfera_nb.datasets import guess_kind, open_dataset

    kind = options.kind or guess_kind(options.source)
    given: dict[str, Any] = {"labels": options.labels, "check": not options.no_check}
    if options.images is not None:
        if kind not in _ROOTS:
            raise ParamsError("--images needs a data set that is a .csv file.")
        given[_ROOTS[kind]] = options.images
    if options.labels is not None and kind not in ("folder", "csv"):
        raise ParamsError(f"--labels has no use with {kind}, whose labels are known.")
    data = open_dataset(options.source, kind, **given)
    values = {name: getattr(options, name) for name in FILTERS}
    return data.select(
        **{name: tuple(value.split(",")) for name, value in values.items() if value is not None}
    )


def _au_options(options: argparse.Namespace) -> dict[str, str]:
    """Options of the Action Unit source; refuses those that would have no effect."""
    if options.openface_bin is not None and options.au != "openface":
        raise ParamsError("--openface-bin needs --au openface.")
    if (options.openface_files is None) == (options.au == "openface-files"):
        raise ParamsError("--openface-files PATH and --au openface-files need each other.")
    given = {"program": options.openface_bin, "files": options.openface_files}
    return {name: value for name, value in given.items() if value is not None}


def _detector(name: str, given: dict[str, str]) -> AUDetector | str:
    """The source itself where it has options; otherwise its name, which travels to a cluster."""
    if not given:
        return name
    from xfera_nb.au_detectors import load_detector

    return load_detector(name, **given)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
