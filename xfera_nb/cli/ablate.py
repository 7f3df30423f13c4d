"""``xfera ablate``: remove each active AU from the facts and see whether it leaves the text.

Each face of a store is explained for its predicted class; `xfera_nb.explanation.ablation` says
what is counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xfera_nb.cli.options import (
    add_command,
    add_writer,
    check_writer,
    fusion_params,
    load_writer,
    text_request,
    whole_number,
)
from xfera_nb.cli.output import NO_RESULT, print_error
from xfera_nb.errors import WriterError
from xfera_nb.fusion.choices import SCOPES
from xfera_nb.fusion.params import PRESETS
from xfera_nb.saliency.methods import describe_map
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from xfera_nb.explanation import Ablation, Facts, Writer

MOST_FAILURES = 3
"""Consecutive failures of the writer after which the run stops."""

_EPILOG = """\
examples:
  xfera ablate kdef.store
  xfera ablate kdef.store --language de --json
  xfera ablate kdef.store --writer openai --base-url http://localhost:11434/v1 --model llama3.2 \\
      --limit 20

The text of each face is written once with all facts and once more without each Action Unit that it
names, with one call of the language model each time. The share of mentions that disappear is 1 if
a text follows its facts, and lower if a writer adds what usually goes with an emotion.
exit codes: 0 done; 2 usage or setup; 3 no text could be written
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "ablate",
        help="test whether the texts of a store follow the facts",
        description="Removes each active Action Unit from the facts of each face of a store and "
        "counts how many vanish from the text.",
        epilog=_EPILOG,
    )
    parser.add_argument("store", metavar="STORE", help="store made by xfera extract")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument(
        "--texts", action="store_true", help="with --json: also the texts of each face"
    )
    faces = parser.add_argument_group("faces")
    faces.add_argument(
        "--limit", type=whole_number(1), metavar="N", help="take N faces, evenly spaced"
    )
    faces.add_argument("--params", metavar="FILE", help="fusion parameters as JSON")
    faces.add_argument("--preset", choices=tuple(PRESETS), help="a preset instead")
    faces.add_argument(
        "--scope", choices=SCOPES, help="consider the AUs expected for the target class, or all"
    )
    add_writer(parser, contrast=False, picture=False)


def run(options: argparse.Namespace) -> int:
    """Write the texts, count, print; return the exit code."""
    check_writer(options)
    from xfera_nb.evidence import EvidenceStore
    from xfera_nb.explanation.store_facts import read_store_facts

    params = fusion_params(options)
    writer = load_writer(options)
    store = EvidenceStore.open(options.store)
    faces = _some(list(read_store_facts(store.arrays(regions=True), params)), options.limit)
    done = list(_ablated(faces, writer, options))
    if not done:
        print_error(f"No text could be written for a face of {options.store}.")
        return NO_RESULT
    figures = {"heatmap": store.heatmap, **_figures(done, writer, options)}
    if options.json:
        if options.texts:
            figures["texts"] = [{"id": name, **one.to_dict()} for name, one in done]
        print(json.dumps(figures, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(_lines(figures)))
    return 0


def _ablated(
    faces: list[tuple[str, Facts]], writer: Writer, options: argparse.Namespace
) -> Iterator[tuple[str, Ablation]]:
    from tqdm import tqdm

    from xfera_nb.explanation import ablate

    request = text_request(options)
    failures = 0
    quiet = not sys.stderr.isatty()
    for name, facts in tqdm(faces, unit="face", leave=False, file=sys.stderr, disable=quiet):
        try:
            yield name, ablate(facts, writer, request)
            failures = 0
        except WriterError as error:
            print_error(error, name)
            failures += 1
            if failures == MOST_FAILURES:
                print_error(f"The writer failed {failures} times in a row; the run stops.")
                return


def _figures(
    done: list[tuple[str, Ablation]], writer: Writer, options: argparse.Namespace
) -> dict[str, Any]:
    from xfera_nb.explanation.ablation import share

    counts: dict[int, list[int]] = {}
    for _, one in done:
        for au in (*one.named, *one.unnamed):
            row = counts.setdefault(au, [0, 0, 0])
            row[0] += 1
            row[1] += au in one.named
            row[2] += au in one.named and au not in one.remaining
    named = sum(row[1] for row in counts.values())
    return {
        "store": options.store,
        "writer": writer.name,
        "model": getattr(writer, "model", None),
        "language": options.language,
        "prompt": options.prompt,
        "faces": len(done),
        "active": sum(row[0] for row in counts.values()),
        "named": named,
        "vanished": sum(row[2] for row in counts.values()),
        "share": share(one for _, one in done),
        "per_au": {
            f"AU{au:02d}": {"active": row[0], "named": row[1], "vanished": row[2]}
            for au, row in sorted(counts.items())
        },
    }


def _lines(figures: dict[str, Any]) -> Iterator[str]:
    by = figures["writer"] if figures["model"] is None else figures["model"]
    yield (
        f"{count_of(figures['faces'], 'face')}, texts by {by} in {figures['language']} with the "
        f"{figures['prompt']} prompt; maps: {describe_map(**figures['heatmap'])}"
    )
    share = figures["share"]
    if share is None:
        yield "No text names an active AU: there is nothing to remove."
        return
    yield (
        f"{figures['vanished']:,} of {figures['named']:,} named AUs vanish from the text "
        f"with their fact: {share:.4f}"
    )
    yield "         active  named  vanished"
    for name, row in figures["per_au"].items():
        yield f"  {name}   {row['active']:6}  {row['named']:5}  {row['vanished']:8}"


def _some(faces: list[tuple[str, Facts]], limit: int | None) -> list[tuple[str, Facts]]:
    """Return at most `limit` faces, evenly spaced over the store."""
    if limit is None or limit >= len(faces):
        return faces
    return [faces[number * len(faces) // limit] for number in range(limit)]
