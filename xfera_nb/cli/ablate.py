"""``xfera ablate``: take each active movement out of the facts; does it leave the text?

Over the faces of a store, each about its predicted class. What counts stands in
`xfera_nb.explanation.ablation`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xfera_nb.cli import writers
from xfera_nb.cli.console import NOTHING_EXPLAINED, complain
from xfera_nb.errors import WriterError

if TYPE_CHECKING:
    from xfera_nb.explanation import Ablation, Facts, Writer

# Copies of names whose room imports torch; a test holds them against the originals.
PRESETS = ("algorithm1", "section2.1")
SCOPES = ("emotion", "all")
MOST_FAILURES = 3
"""Failures of the writer, one after the other, after which it is given up."""

_EPILOG = """\
examples:
  xfera ablate kdef.store
  xfera ablate kdef.store --language de --json
  xfera ablate kdef.store --writer openai --base-url http://localhost:11434/v1 --model llama3.2 \\
      --limit 20

For each face the text is written once with all facts, and once more without each Action Unit that
it names; a language model is asked as often. The share that vanishes is 1 where a text follows
its facts, and less where a writer says what usually goes with an emotion.
exit codes: 0 done; 2 usage or setup; 3 no face could be written about
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "ablate",
        help="do the words of a store's faces follow the facts?",
        description="Takes each active Action Unit out of the facts of each face of a store and "
        "counts how many leave the text.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("store", metavar="STORE", help="what xfera extract made")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.add_argument("--texts", action="store_true", help="with --json: each face's texts too")
    faces = parser.add_argument_group("faces")
    faces.add_argument("--limit", type=_positive, metavar="N", help="no more than N faces, evenly")
    faces.add_argument("--params", metavar="FILE", help="parameters of the fusion as JSON")
    faces.add_argument("--preset", choices=PRESETS, help="the paper's instead")
    faces.add_argument("--scope", choices=SCOPES, help="movements typical of the emotion, or all")
    writers.add(parser, contrast=False)


def run(options: argparse.Namespace) -> int:
    """Write, count and print; the exit code."""
    writers.check(options)
    from xfera_nb.evidence import EvidenceStore
    from xfera_nb.explanation.facts import read_store_facts
    from xfera_nb.fusion import PRESETS as PARAMS
    from xfera_nb.fusion import FusionParams

    params = FusionParams()
    if options.params is not None:
        params = FusionParams.load(options.params)
    if options.preset is not None:
        params = PARAMS[options.preset]
    if options.scope is not None:
        params = params.replace(scope=options.scope)
    writer = writers.writer_of(options)
    arrays = EvidenceStore.open(options.store).arrays()
    faces = _some(list(read_store_facts(arrays, params)), options.limit)
    done = list(_ablated(faces, writer, options))
    if not done:
        complain(f"No face of {options.store} could be written about.")
        return NOTHING_EXPLAINED
    figures = _figures(done, writer, options)
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

    request = writers.request_of(options)
    failures = 0
    quiet = not sys.stderr.isatty()
    for name, facts in tqdm(faces, unit="face", leave=False, file=sys.stderr, disable=quiet):
        try:
            yield name, ablate(facts, writer, request)
            failures = 0
        except WriterError as error:
            complain(error, name)
            failures += 1
            if failures == MOST_FAILURES:
                complain(f"The writer failed {failures} times in a row and is given up.")
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
            row[2] += au in one.named and au not in one.stayed
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
        f"{figures['faces']:,} faces, written about by {by} in {figures['language']} with the "
        f"{figures['prompt']} prompt"
    )
    share = figures["share"]
    if share is None:
        yield "No text names an active movement: there is nothing to take away."
        return
    yield (
        f"{figures['vanished']:,} of {figures['named']:,} named movements leave the text with "
        f"their fact: {share:.4f}"
    )
    yield "         active  named  vanished"
    for name, row in figures["per_au"].items():
        yield f"  {name}   {row['active']:6}  {row['named']:5}  {row['vanished']:8}"


def _some(faces: list[tuple[str, Facts]], limit: int | None) -> list[tuple[str, Facts]]:
    """At most so many, spread evenly over the store."""
    if limit is None or limit >= len(faces):
        return faces
    return [faces[number * len(faces) // limit] for number in range(limit)]


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of faces; give 1 or more")
    return int(text)
