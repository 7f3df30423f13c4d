"""``xfera extract``: extract the evidence of a data set into a store, resumably.

The command prints the report of the data set, a progress bar (on stderr) and the report of the
store.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.cli.options import (
    add_command,
    add_execution,
    add_models,
    au_detector,
    au_options,
    columns,
    labels,
)
from xfera_nb.cli.output import NO_RESULT, print_error, print_text
from xfera_nb.datasets.choices import COLUMNS, FIELDS, KINDS, SCHEMES
from xfera_nb.errors import DatasetError, ParamsError
from xfera_nb.paths import expand_pattern
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from xfera_nb.au_detectors import AUDetector
    from xfera_nb.datasets import Dataset

_ROOTS = {"ferplus": "images", "csv": "root"}

_EPILOG = """\
examples:
  xfera extract KDEF/ --out kdef.store --session A --angle S
  xfera extract RAF-DB/ --out raf.store --batch 64
  xfera extract fer2013new.csv --images FER2013/ --out fer.store
  xfera extract faces/ --labels 0=neutral,1=happiness,2=sadness --out faces.store
  xfera extract list.csv --columns path=pth,label=emo --images photos/ --out list.store
  xfera extract photos/ --out s3://bucket/photos.store --scheduler tcp://head:8786
  xfera extract KDEF/ --out kdef-of.store --au openface-files --openface-files processed/

Run the same command again to resume an interrupted run. Filters take several values, separated by
commas: --angle S,HL,HR.
exit codes: 0 done; 2 usage or setup; 3 no face was found on any photo
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "extract",
        help="extract the evidence of a data set into a store",
        description="Finds the face on each photo, computes the probabilities, the seven heatmaps "
        "and the Action Units, and stores the numbers (no pixels) as Parquet.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "source", nargs="+", metavar="SOURCE",
        help="folder, .csv or .npz of the data set, or photos",
    )  # fmt: skip
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="the store to write: a folder or a URL"
    )
    parser.add_argument("--kind", choices=KINDS, help="kind of data set (default: detected)")
    parser.add_argument("--json", action="store_true", help="print both reports as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="show no progress bar")
    data = parser.add_argument_group("data set")
    for name in FIELDS:
        data.add_argument(
            f"--{name}", metavar="VALUE[,VALUE]", help=f"only photos with this {name}"
        )
    data.add_argument(
        "--labels", type=labels, metavar="SCHEME",
        help=f"how to read labels that are not words: {{{','.join(SCHEMES)}}}, or "
        "LABEL=EMOTION,... (for folder and csv)",
    )  # fmt: skip
    data.add_argument(
        "--columns", type=columns, metavar="WHAT=NAME",
        help=f"columns of a .csv, as in path=pth,label=emo ({', '.join(COLUMNS)})",
    )  # fmt: skip
    data.add_argument("--images", metavar="DIR", help="folder of the photos of a .csv")
    data.add_argument("--no-check", action="store_true", help="do not decode all photos first")
    add_execution(parser, "photos")
    add_models(parser)


def run(options: argparse.Namespace) -> int:
    """Extract and print both reports; return the exit code."""
    au_options(options)
    data = _dataset(options)
    if not options.json:
        print_text(data.report.text())
        if data.chosen:
            print_text(f"  chosen: {'; '.join(data.chosen)}: {count_of(len(data), 'photo')}")

    from xfera_nb.evidence import extract

    report = extract(
        data,
        options.out,
        classifier=options.classifier,
        au_detector=_au(options),
        layer=options.layer,
        method=options.method,
        device=options.device,
        batch=options.batch,
        shard=options.shard,
        progress=not options.quiet,
        scheduler=options.scheduler,
        occlusion=options.occlusion,
    )
    if options.json:
        store = vars(report) | {"rate": report.rate if report.rate == report.rate else None}
        record = {"dataset": data.report.to_dict(), "chosen": list(data.chosen), "store": store}
        print(json.dumps(record, allow_nan=False))
    else:
        print_text(report.text())
    if not report.faces:
        print_error("No face was found on any of the photos.")
        return NO_RESULT
    return 0


def _dataset(options: argparse.Namespace) -> Dataset:
    from xfera_nb.datasets.files import is_photo_name

    sources = [
        one for given in options.source for one in expand_pattern(given, DatasetError) or [given]
    ]
    if len(sources) == 1 and not is_photo_name(Path(sources[0])):
        data = _labelled(sources[0], options)
    else:
        data = _photos(sources, options)
    if options.labels is None and data.asks_for_labels:
        raise ParamsError(str(data.advise_labels("--labels")))
    if (advice := data.advise_labels("--labels")) is not None:
        print_error(advice)
    values = {name: getattr(options, name) for name in FIELDS}
    return data.select(
        **{name: tuple(value.split(",")) for name, value in values.items() if value is not None}
    )


def _labelled(source: str, options: argparse.Namespace) -> Dataset:
    from xfera_nb.datasets import guess_kind, open_dataset

    kind = options.kind or guess_kind(source)
    given: dict[str, Any] = {"labels": options.labels, "check": not options.no_check}
    if options.images is not None:
        if kind not in _ROOTS:
            raise ParamsError("--images needs a data set that is a .csv file.")
        given[_ROOTS[kind]] = options.images
    if options.columns is not None:
        if kind != "csv":
            raise ParamsError(f"--columns needs a table (.csv) of photos, and this is {kind}.")
        given["columns"] = options.columns
    if options.labels is not None and kind not in ("folder", "csv"):
        raise ParamsError(f"--labels has no use with {kind}, whose labels are known.")
    return open_dataset(source, kind, **given)


def _photos(photos: list[str], options: argparse.Namespace) -> Dataset:
    """Return the data set of photos that are named one by one."""
    from xfera_nb.datasets.files import is_photo_name
    from xfera_nb.evidence.extraction import as_dataset

    others = [photo for photo in photos if not is_photo_name(Path(photo))]
    if others:
        raise ParamsError(f"{others[0]} is no photo: give one data set, or photos only.")
    for name in ("kind", "labels", "columns", "images"):
        if getattr(options, name) is not None:
            raise ParamsError(f"--{name} has no use with single photos: give their folder.")
    return as_dataset(photos)


def _au(options: argparse.Namespace) -> AUDetector | str:
    """Return the AU source if it has options, else its name, which a cluster's workers load."""
    return au_detector(options) if au_options(options) else options.au
