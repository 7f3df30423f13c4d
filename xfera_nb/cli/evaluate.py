"""``xfera evaluate``: measure the shipped weights again and print their cards' figures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xfera_nb.cli.console import USAGE, complain
from xfera_nb.facs.emotions import EMOTIONS

PAPER_TABLE_1 = {
    "anger": (0.86, 0.80, 0.83),
    "disgust": (0.66, 0.59, 0.62),
    "fear": (0.77, 0.69, 0.73),
    "happiness": (0.95, 0.95, 0.95),
    "neutral": (0.83, 0.88, 0.85),
    "sadness": (0.83, 0.87, 0.85),
    "surprise": (0.90, 0.80, 0.85),
}
"""Precision, recall and F1 of the XFERa paper's Table 1, on RAF-DB: another model, other faces."""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure the classifier on labelled faces",
        description="Measures the classifier on labelled faces and prints the figures that its "
        "card holds. The data does not come along: give its path.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--ferplus", type=Path, metavar="FILE", help="FER+ pack (.npz)")
    parser.add_argument("--crops", type=Path, help="folder of face crops with a faces.csv")
    parser.add_argument("--classifier", type=Path, metavar="FILE", help="other weights (with card)")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Measure and print; the exit code."""
    if not (options.ferplus or options.crops):
        complain("Nothing to measure on: give --ferplus FILE or --crops FOLDER.")
        return USAGE
    from xfera_nb.classifier import load_classifier
    from xfera_nb.evaluation import measure

    classifier = load_classifier(options.classifier)
    figures = measure(
        classifier, ferplus=options.ferplus, crops=options.crops, device=options.device
    )
    if options.json:
        print(json.dumps(figures))
        return 0
    written = classifier.card.get("figures", {})
    print(f"{classifier.name}, temperature {classifier.temperature:g}")
    for name, values in figures.items():
        print("\n".join(_lines(name, values)))
        if name in written:
            same = written[name]["accuracy"] == values["accuracy"]
            print(f"The card says {written[name]['accuracy']:.4f}: {'same' if same else 'DIFFERS'}")
        print()
    return 0


def _lines(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield f"{name}: {values['images']:,} faces"
    yield (
        f"accuracy {values['accuracy']:.4f}, macro F1 {values['macro_f1']:.4f}, ECE "
        f"{values['ece']:.4f} (without temperature {values['ece_uncalibrated']:.4f})"
    )
    yield "            precision  recall    F1   faces    the paper's Table 1 (RAF-DB)"
    for emotion, row in values["per_class"].items():
        ours = "".join(_number(row[key]) for key in ("precision", "recall", "f1"))
        paper = "".join(_number(value) for value in PAPER_TABLE_1[emotion])
        yield f"  {emotion:10}{ours} {row['support']:6} {paper}"
    yield "confusion, true in rows: " + " ".join(f"{emotion[:7]:>7}" for emotion in EMOTIONS)
    for emotion, row in zip(EMOTIONS, values["confusion"], strict=True):
        yield f"  {emotion:23}" + " ".join(f"{count:7}" for count in row)


def _number(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.2f'):>8}"
