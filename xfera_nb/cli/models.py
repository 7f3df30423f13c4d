"""``xfera models``: list the included weights and their figures.

The command reads the card of each file and computes its SHA-256; it loads no network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import xfera_nb
from xfera_nb.cli.options import add_command
from xfera_nb.cli.output import USAGE_ERROR, one_line, print_error, print_text

PACKAGE = Path(xfera_nb.__file__).parent
SHIPPED = {
    "classifier": PACKAGE / "classifier" / "weights" / "resnet50_bam.safetensors",
    "au_detector": PACKAGE / "au_detectors" / "weights" / "builtin.safetensors",
}
_TITLES = {"classifier": "Emotion classifier", "au_detector": "Action Unit network"}
_FIGURES = {
    "images": "images",
    "faces": "faces",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "ece": "calibration error (ECE)",
    "mean_r": "mean r",
    "mean_icc_3_1": "mean ICC(3,1)",
}
_HASH_DIGITS = 12


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "models",
        help="list the included weights and their figures",
        description="Lists the included weights with their measured figures and the uses that "
        "their licences allow.",
    )
    parser.add_argument("--json", action="store_true", help="print each card as one JSON line")


def run(options: argparse.Namespace) -> int:
    """List the weights; return the exit code."""
    found = 0
    for kind, path in SHIPPED.items():
        card = _card(path)
        if card is None:
            print_error(f"The card of {path.name} cannot be read; install the toolkit again.")
            continue
        intact = path.is_file() and _sha256(path) == card.get("sha256")
        if options.json:
            entry = {"kind": kind, "file": path.name, "intact": intact, "card": card}
            print(json.dumps(entry))
        else:
            print_text("\n".join(_lines(kind, path, card, intact)) + "\n")
        found += 1
    return 0 if found else USAGE_ERROR


def _card(path: Path) -> dict[str, Any] | None:
    try:
        card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return card if isinstance(card, dict) else None


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(kind: str, path: Path, card: Mapping[str, Any], intact: bool) -> Iterator[str]:
    yield f"{_TITLES[kind]}: {card.get('name', path.stem)}"
    state = "intact" if intact else "DIFFERS from its card: install the toolkit again"
    yield f"  file      {path.name}, sha256 {str(card.get('sha256'))[:_HASH_DIGITS]}, {state}"
    figures = card.get("figures") or {}
    if any(name in _FIGURES for name in figures):
        yield from _wrapped("figures", f"{_summary(figures)}; {figures.get('measured_on', '')}")
    for name, values in figures.items():
        if isinstance(values, Mapping) and (summary := _summary(values)):
            yield from _wrapped("figures", f"{name}: {summary}")
    from xfera_nb.classifier.levels import describe_levels

    if levels := describe_levels(card):
        yield from _wrapped("levels", levels)
    restrictions = card.get("restrictions") or ()
    for line in [restrictions] if isinstance(restrictions, str) else restrictions:
        yield from _wrapped("use", str(line))


def _summary(values: Mapping[str, Any]) -> str:
    parts = []
    for key, word in _FIGURES.items():
        value = values.get(key)
        if isinstance(value, float):
            parts.append(f"{word} {value:.3f}")
        elif isinstance(value, int):
            parts.append(f"{value:,} {word}")
    return ", ".join(parts)


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        one_line(text).rstrip("; "),
        88,
        initial_indent=f"  {label:10}",
        subsequent_indent=" " * 12,
    )
