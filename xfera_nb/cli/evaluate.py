"""``xfera evaluate``: figures of a store of evidence, or of the shipped weights' cards again.

With a STORE nothing is run: its probabilities are held against its labels. With ``--ferplus`` or
``--crops`` the classifier, with ``--aus`` the AU network runs on the faces that its card's figures
are of, and each figure is held against the card.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xfera_nb.cli.console import NOTHING_EXPLAINED, USAGE, complain, say, whole_number
from xfera_nb.facs.emotions import EMOTIONS

_EPILOG = """\
examples:
  xfera evaluate kdef.store
  xfera evaluate kdef.store --out figures/ --html kdef.html
  xfera evaluate kdef.store --norms goeleven.csv --json > kdef.json
  xfera evaluate --ferplus ferplus_48.npz --crops faces/ --aus faces/

--norms takes people's hit rates from your copy of a paper: a CSV with the columns emotion,
hit_rate (0-1) and, if you like, source.
exit codes: 0 done; 2 usage or setup; 3 the store has no photo with both a label and a face
"""
_OF_STORE = ("out", "html", "norms", "units", "resamples", "seed")


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "evaluate",
        help="how good the classifier is on labelled faces",
        description="Holds a store's probabilities against its labels: the paper's Table 1, "
        "confusion, calibration, groups, 95 % intervals. Without a STORE, measures the shipped "
        "weights again on the data of their card; that data does not come along: give its path.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "store", nargs="?", metavar="STORE", help="what xfera extract made (a folder or a URL)"
    )
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    store = parser.add_argument_group("of a STORE")
    store.add_argument("--out", type=Path, metavar="DIR", help="write JSON and CSV files there")
    store.add_argument("--html", type=Path, metavar="PAGE", help="write a page that stands alone")
    store.add_argument("--norms", type=Path, metavar="FILE", help="people's hit rates (KDEF)")
    store.add_argument(
        "--units", choices=("auto", "person", "photo"), help="what the intervals resample (auto)"
    )
    store.add_argument("--resamples", type=_resamples, metavar="N", help="2000 by default")
    store.add_argument(
        "--seed", type=whole_number(0), metavar="N", help="of the resampling, 0 by default"
    )
    weights = parser.add_argument_group("of the weights")
    weights.add_argument("--ferplus", type=Path, metavar="FILE", help="FER+ pack (.npz)")
    weights.add_argument("--crops", type=Path, help="folder of face crops with a faces.csv")
    weights.add_argument(
        "--aus", type=Path, metavar="FOLDER", help="face crops with OpenFace's intensities"
    )
    weights.add_argument("--classifier", type=Path, metavar="FILE", help="other weights with card")
    weights.add_argument("--device", default="cpu", choices=("cpu", "cuda"))


def run(options: argparse.Namespace) -> int:
    """Measure and print; the exit code."""
    of_weights = options.ferplus or options.crops or options.aus or options.classifier
    if options.store is not None and of_weights:
        complain("A STORE was measured already: give it alone, or the weights' options alone.")
        return USAGE
    if options.store is not None:
        return _store(options)
    given = [name for name in _OF_STORE if getattr(options, name) is not None]
    if given:
        complain(f"--{given[0]} needs a STORE; make one with xfera extract.")
        return USAGE
    if not (options.ferplus or options.crops or options.aus):
        complain(
            "Nothing to measure on: give a STORE, --ferplus FILE, --crops FOLDER or --aus FOLDER."
        )
        return USAGE
    return _weights(options)


def _store(options: argparse.Namespace) -> int:
    from xfera_nb.evaluation import EvaluationError, read_norms
    from xfera_nb.report import check_writable, evaluate

    if options.html is not None:
        check_writable(options.html)
    chosen = {
        name: value
        for name in ("units", "resamples", "seed")
        if (value := getattr(options, name)) is not None
    }
    if options.norms is not None:
        chosen["human"] = read_norms(options.norms)
    try:
        report = evaluate(options.store, **chosen)
    except EvaluationError as error:
        complain(error)
        return NOTHING_EXPLAINED
    if options.out is not None:
        report.save(options.out)
    if options.html is not None:
        report.save_html(options.html)
    say(json.dumps(report.to_dict(), allow_nan=False) if options.json else report)
    return 0


def _weights(options: argparse.Namespace) -> int:
    figures: dict[str, Any] = {}
    if options.ferplus or options.crops or options.classifier:
        figures.update(_of_classifier(options))
    if options.aus:
        figures.update(_of_au_network(options))
    if options.json:
        print(json.dumps(figures))
    return 0


def _of_classifier(options: argparse.Namespace) -> dict[str, Any]:
    from xfera_nb.classifier import load_classifier
    from xfera_nb.evaluation import measure_card

    classifier = load_classifier(options.classifier)
    figures = measure_card(
        classifier, ferplus=options.ferplus, crops=options.crops, device=options.device
    )
    if not options.json:
        written = classifier.card.get("figures", {})
        print(f"{classifier.name}, temperature {classifier.temperature:g}")
        for name, values in figures.items():
            print("\n".join(_lines(name, values)))
            if name in written:
                print(_held_against(values, written[name]))
            print()
    return figures


def _of_au_network(options: argparse.Namespace) -> dict[str, Any]:
    from xfera_nb.au_detectors.card import WEIGHTS, load_network
    from xfera_nb.training import au_evaluation
    from xfera_nb.training.au_faces import REPORT_CONFIDENCE, load_faces

    network, card = load_network(WEIGHTS)
    figures = au_evaluation.figures(network, load_faces(options.aus, "val", REPORT_CONFIDENCE))
    if not options.json:
        print(f"AU network, {figures['faces']:,} faces, against OpenFace's intensities")
        print("            r   ICC(3,1)  mean absolute error")
        for name, row in figures["per_au"].items():
            print(f"  {name}" + "".join(_number(row[key]) for key in ("r", "icc", "mae")))
        print("  mean" + _number(figures["mean_r"]) + _number(figures["mean_icc_3_1"]))
        print(_held_against(figures, card["figures"]))
    return {"AU network": figures}


def _held_against(now: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    differing = [name for name, value in now.items() if card.get(name) != value]
    if differing:
        return f"The card DIFFERS in {', '.join(differing)}."
    return "The card says the same, figure by figure."


def _lines(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    from xfera_nb.evaluation import PAPER_TABLE_1

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


def _resamples(text: str) -> int:
    number = int(text)
    if not 100 <= number <= 100_000:
        raise argparse.ArgumentTypeError(f"{text} is not from 100 to 100000")
    return number
