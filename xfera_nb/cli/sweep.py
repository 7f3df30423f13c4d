"""``xfera sweep``: try many fusion settings on a store and report the best.

The stored evidence is used as it is. Without an axis the grid is `GRID`; otherwise parameters
without an axis keep the values of ``--params`` or the defaults.
"""

from __future__ import annotations

import argparse
import json
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.cli.options import add_command, whole_number
from xfera_nb.cli.output import print_error
from xfera_nb.errors import ParamsError
from xfera_nb.fusion.choices import AXES, MEASURES, REGIONS, SCOPES, TARGETS
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from xfera_nb.evidence import EvidenceStore, StoreArrays
    from xfera_nb.fusion import FusionParams, Sweep

GRID = {"k": "0:3:31", "min_intensity": "0.1:2:20", "coverage": "0.1:1:10"}
"""The axes of the default grid."""
TABLES = (".csv", ".parquet", ".json")

_SHOWN = ("f1", "precision", "recall", "explained", "mean_active", "stability", "excess_drop")
_MOST_VALUES = 100_000
_NAMED = 8

_EPILOG = """\
examples:
  xfera sweep kdef.store
  xfera sweep kdef.store --k 0:3:31 --coverage 0.3,0.5,0.7 --out settings.csv
  xfera sweep kdef.store --by recall --at-least explained=0.6 --save-params best.json
  xfera explain photo.jpg --params best.json
  xfera sweep kdef.store --neutral --target true --scope all

An axis is A:B:N (N values from A to B) or a list of values separated by commas. Write --k=-1:3:41
if the first value is negative. Agreement is with Table 2 of the XFERa paper for the label of the
photo. It leaves out photos without a label and photos labelled neutral, for which the table lists
no AU. Without an axis, the sweep is over k, min_intensity and coverage.
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    measures = "\n".join(
        textwrap.fill(f"{name}: {words}", 88, initial_indent="  ", subsequent_indent="    ")
        for name, words in MEASURES.items()
    )
    parser = add_command(
        subparsers,
        run,
        "sweep",
        help="tune the fusion on a store",
        description="Fuses the faces of a store with every setting of a grid and prints the best "
        "settings.",
        epilog=f"{_EPILOG}measures:\n{measures}",
    )
    parser.add_argument("store", metavar="STORE", help="store made by xfera extract")
    grid = parser.add_argument_group("grid")
    for name in AXES:
        option = f"--{name.replace('_', '-')}"
        grid.add_argument(option, type=_axis, metavar="A:B:N", help=f"values of {name}")
    grid.add_argument("--params", metavar="FILE", help="parameters without an axis, as JSON")
    grid.add_argument(
        "--region", choices=REGIONS,
        help="where mean and standard deviation are taken: the whole crop or the face hull",
    )  # fmt: skip
    grid.add_argument(
        "--scope", choices=SCOPES, help="consider the AUs expected for the target class, or all"
    )
    faces = parser.add_argument_group("faces")
    faces.add_argument(
        "--target", choices=TARGETS, default="predicted",
        help="target class: the predicted one (default) or the label",
    )  # fmt: skip
    faces.add_argument(
        "--neutral",
        action="store_true",
        help="subtract the AU intensities of each person's neutral face",
    )
    out = parser.add_argument_group("output")
    out.add_argument(
        "--by",
        choices=tuple(MEASURES),
        default="f1",
        metavar="MEASURE",
        help="measure to rank by (default f1)",
    )
    out.add_argument(
        "--at-least", type=_least, action="append", default=[], metavar="MEASURE=VALUE",
        help="only settings that reach this value (repeatable)",
    )  # fmt: skip
    out.add_argument(
        "--top", type=whole_number(1), default=5, metavar="N", help="settings to print (default 5)"
    )
    out.add_argument(
        "--out", metavar="TABLE", help="write all settings to a .csv, .parquet or .json file"
    )
    out.add_argument(
        "--per-emotion", action="store_true", help="also write one row per emotion to TABLE"
    )
    out.add_argument(
        "--save-params", metavar="FILE", help="write the best setting, for use with --params"
    )
    out.add_argument(
        "--json", action="store_true", help="print the best settings as one JSON object"
    )


def run(options: argparse.Namespace) -> int:
    """Sweep, print and write; return the exit code."""
    if options.out is not None and Path(options.out).suffix.lower() not in TABLES:
        raise ParamsError(f"--out {options.out} must end in {', '.join(TABLES)}.")
    if options.per_emotion and options.out is None:
        raise ParamsError("--per-emotion needs --out TABLE.")
    from xfera_nb.evidence import EvidenceStore, read_excess_drops
    from xfera_nb.fusion import FusionParams, sweep
    from xfera_nb.report import check_writable
    from xfera_nb.report.save import save_file
    from xfera_nb.saliency.methods import describe_map

    for path in (options.out, options.save_params):
        if path is not None:
            check_writable(path)
    base = FusionParams() if options.params is None else FusionParams.load(options.params)
    words = {name: getattr(options, name) for name in ("region", "scope")}
    base = base.replace(**{name: word for name, word in words.items() if word is not None})
    axes = {name: getattr(options, name) for name in AXES}
    if not any(axes.values()):
        axes = {name: _axis(text) for name, text in GRID.items()}
    store = EvidenceStore.open(options.store)
    arrays = store.arrays()
    if options.neutral:
        arrays = arrays.neutral_calibrated()
    given = {"target": options.target, "excess_drop": read_excess_drops(store, arrays.number)}
    found = sweep(arrays, **axes, base=base, **given)
    best = found.ranked(options.by, dict(options.at_least), most=options.top)
    _report_gaps(store, arrays, found)
    if options.json:
        record = _record(found, best, sweep(arrays, base=base, **given))
        record |= {
            "heatmap": store.heatmap,
            "store": options.store,
            "by": options.by,
            "neutral": options.neutral,
        }
        print(json.dumps(record | {"at_least": dict(options.at_least)}, allow_nan=False))
    else:
        maps = describe_map(**store.heatmap)
        print("\n".join(_lines(options, maps, found, best, sweep(arrays, base=base, **given))))
    if options.out is not None:
        save_file(options.out, _table(found, options.out, options.per_emotion))
    if options.save_params is not None:
        save_file(options.save_params, json.dumps(best[0].to_dict(), indent=2) + "\n")
    return 0


def _report_gaps(store: EvidenceStore, arrays: StoreArrays, found: Sweep) -> None:
    if not store.complete:
        print_error(
            f"The extraction is not finished ({len(store):,} of {store.photos:,} photos): run "
            "xfera extract again to resume it."
        )
    if found.left_out:
        left_out = count_of(found.left_out, "face")
        print_error(f"Left out, without a label to be explained by: {left_out}.")
    without = getattr(arrays, "without", {})
    if without:
        names = list(without)
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        faces = sum(without.values())
        print_error(
            f"{count_of(faces, 'face')} {'has' if faces == 1 else 'have'} no neutral face to "
            f"subtract, so that nothing is active there: {'; '.join(names[:_NAMED])}{more}."
        )


def _lines(
    options: argparse.Namespace, maps: str, found: Sweep, best: Sequence[FusionParams], base: Sweep
) -> Iterator[str]:
    how = "the prediction" if found.target == "predicted" else "their labels"
    less = ", intensities minus each person's neutral face" if options.neutral else ""
    faces = count_of(found.faces["all"], "face")
    yield f"{options.store}: {faces}, explained by {how}{less}; maps: {maps}"
    swept = [name for name, axis in found.axes.items() if len(axis) > 1]
    grid = " x ".join(f"{len(found.axes[name]):,} {name}" for name in swept)
    fixed = ", ".join(f"{n} {v}" for n, v in base.base.to_dict().items() if n not in swept)
    yield count_of(len(found), "setting") + (f": {grid}" if swept else "") + f"; {fixed}"
    least = "".join(f", {name} at least {value:g}" for name, value in options.at_least)
    yield f"\nbest by {options.by}{least}"
    shown = [options.by, *(name for name in _SHOWN if name != options.by)]
    shown = [name for name in shown if not all(map(math.isnan, found[name].ravel()))]
    yield "".join(f"{name:>{_width(name)}}" for name in (*swept, *shown))
    rows = [(params, found, "") for params in best] + [(base.base, base, "  (as given)")]
    for params, source, remark in rows:
        values = "".join(f"{getattr(params, name):{_width(name)}.4g}" for name in swept)
        yield values + _figures(source.figures(params), shown) + remark
    if note := found.edge_note(best[0]):
        yield note
    yield f"\nby {found.grouped}, at the best"
    yield f"{'':12}{'faces':>9}" + "".join(f"{name:>{_width(name)}}" for name in shown)
    for emotion, count in found.faces.items():
        figures = found.figures(best[0], None if emotion == "all" else emotion)
        yield f"{emotion:12}{count:9,}" + _figures(figures, shown)


def _figures(figures: Mapping[str, float], shown: Sequence[str]) -> str:
    return "".join(f"{_number(figures[name]):>{_width(name)}}" for name in shown)


def _width(name: str) -> int:
    return max(9, len(name) + 2)


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _record(found: Sweep, best: Sequence[FusionParams], base: Sweep) -> dict[str, Any]:
    def figures(params: FusionParams, swept: Sweep, emotion: str | None = None) -> dict[str, Any]:
        values = swept.figures(params, emotion)
        return {name: None if math.isnan(value) else value for name, value in values.items()}

    return {
        "target": found.target,
        "faces": dict(found.faces),
        "left_out": found.left_out,
        "grouped": found.grouped,
        "axes": {name: axis.tolist() for name, axis in found.axes.items()},
        "settings": len(found),
        "at_edge": list(found.edges(best[0])),
        "best": [
            {"params": params.to_dict(), "figures": figures(params, found)} for params in best
        ],
        "per_emotion": {
            emotion: figures(best[0], found, emotion) for emotion in found.faces if emotion != "all"
        },
        "given": {"params": base.base.to_dict(), "figures": figures(base.base, base)},
    }


def _table(found: Sweep, path: str, per_emotion: bool) -> bytes | str:
    frame = found.to_frame(per_emotion=per_emotion)
    kind = Path(path).suffix.lower()
    if kind == ".csv":
        return frame.to_csv(index=False)
    if kind == ".json":
        return frame.to_json(orient="records", double_precision=15) + "\n"
    return frame.to_parquet(index=False)


def _axis(text: str) -> list[float]:
    """Values of "A:B:N" or "A,B,C"."""
    try:
        if ":" not in text:
            return [float(part) for part in text.split(",")]
        first, last, count = text.split(":")
        low, high, n = float(first), float(last), int(count)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither A:B:N, as in 0:3:31, nor numbers with commas"
        ) from error
    if not 2 <= n <= _MOST_VALUES:
        raise argparse.ArgumentTypeError(f"N of {text!r} must be from 2 to {_MOST_VALUES:,}")
    return [round(low + (high - low) * i / (n - 1), 12) for i in range(n)]


def _least(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        least = float(value)
    except ValueError:
        least = math.nan
    if name not in MEASURES or math.isnan(least):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not like explained=0.6, with one of {', '.join(MEASURES)}"
        )
    return name, least
