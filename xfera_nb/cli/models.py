"""``xfera models``: the weights that come along, with what was measured of them.

It reads the cards beside the weights and hashes the files; no network is loaded.
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
from xfera_nb.cli.console import USAGE, complain, one_line, say

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
_SHORT = 12


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "models",
        help="list the weights that come along, with their figures",
        description="Lists the weights that come along: what was measured of them, and what they "
        "may be used for.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--json", action="store_true", help="one JSON object a line, whole cards")


def run(options: argparse.Namespace) -> int:
    """List the weights; the exit code."""
    found = 0
    for kind, path in SHIPPED.items():
        card = _card(path)
        if card is None:
            complain(f"The card of {path.name} cannot be read; install the toolkit again.")
            continue
        intact = path.is_file() and _sha256(path) == card.get("sha256")
        if options.json:
            entry = {"kind": kind, "file": path.name, "intact": intact, "card": card}
            print(json.dumps(entry))
        else:
            say("\n".join(_lines(kind, path, card, intact)) + "\n")
        found += 1
    return 0 if found else USAGE


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
    state = "intact" if intact else "NOT the file that its card describes: install it again"
    yield f"  file      {path.name}, sha256 {str(card.get('sha256'))[:_SHORT]}, {state}"
    figures = card.get("figures") or {}
    if any(name in _FIGURES for name in figures):
        yield from _wrapped("figures", f"{_said(figures)}; {figures.get('measured_on', '')}")
    for name, values in figures.items():
        if isinstance(values, Mapping) and (said := _said(values)):
            yield from _wrapped("figures", f"{name}: {said}")
    restrictions = card.get("restrictions") or ()
    for line in [restrictions] if isinstance(restrictions, str) else restrictions:
        yield from _wrapped("use", str(line))


def _said(values: Mapping[str, Any]) -> str:
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
