"""``xfera evaluate``: evaluate a store, or measure the figures of the included weights again.

A STORE needs no network: its probabilities are compared with its labels. ``--ferplus`` and
``--crops`` run the classifier and ``--aus`` the AU network on the data named in its card, and each
figure is compared with the card.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xfera_nb.cli.options import add_command, whole_number
from xfera_nb.cli.output import NO_RESULT, USAGE_ERROR, print_error, print_text
from xfera_nb.facs.emotions import EMOTIONS

_EPILOG = """\
examples:
  xfera evaluate kdef.store
  xfera evaluate kdef.store --out figures/ --html kdef.html
  xfera evaluate kdef.store --norms goeleven.csv --json > kdef.json
  xfera evaluate --ferplus ferplus_48.npz --crops faces/ --aus faces/

--norms reads human recognition rates, copied from a paper, from a CSV with the columns emotion,
hit_rate (0-1) and optionally source.
exit codes: 0 done; 2 usage or setup; 3 the store has no photo with both a label and a face
"""
_STORE_OPTIONS = ("out", "html", "norms", "units", "resamples", "seed")


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "evaluate",
        help="evaluate the classifier on labelled faces",
        description="Compares the predictions of a store with its labels: precision, recall and F1 "
        "as in the paper's Table 1, confusion matrix, calibration and groups, with 95 % intervals. "
        "Without a STORE, measures the included weights again; give the path of the data, which "
        "is not included.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "store", nargs="?", metavar="STORE", help="store made by xfera extract (a folder or a URL)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    store = parser.add_argument_group("for a STORE")
    store.add_argument(
        "--out", type=Path, metavar="DIR", help="write JSON and CSV files to this folder"
    )
    store.add_argument("--html", type=Path, metavar="PAGE", help="write a self-contained page")
    store.add_argument("--norms", type=Path, metavar="FILE", help="human recognition rates (CSV)")
    store.add_argument(
        "--units", choices=("auto", "person", "photo"), help="unit of the bootstrap (default auto)"
    )
    store.add_argument(
        "--resamples",
        type=whole_number(100, 100_000),
        metavar="N",
        help="bootstrap resamples (default 2000)",
    )
    store.add_argument(
        "--seed", type=whole_number(0), metavar="N", help="random seed of the bootstrap (default 0)"
    )
    weights = parser.add_argument_group("for the included weights")
    weights.add_argument("--ferplus", type=Path, metavar="FILE", help="FER+ pack (.npz)")
    weights.add_argument("--crops", type=Path, help="folder of face crops with a faces.csv")
    weights.add_argument(
        "--aus", type=Path, metavar="FOLDER", help="folder of face crops with OpenFace intensities"
    )
    weights.add_argument(
        "--classifier", type=Path, metavar="FILE", help="other weights with a card"
    )
    weights.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="default cpu")


def run(options: argparse.Namespace) -> int:
    """Evaluate and print; return the exit code."""
    for_weights = options.ferplus or options.crops or options.aus or options.classifier
    if options.store is not None and for_weights:
        print_error("Give a STORE, or the options for the included weights, not both.")
        return USAGE_ERROR
    if options.store is not None:
        return _store(options)
    given = [name for name in _STORE_OPTIONS if getattr(options, name) is not None]
    if given:
        print_error(f"--{given[0]} needs a STORE; make one with xfera extract.")
        return USAGE_ERROR
    if not (options.ferplus or options.crops or options.aus):
        print_error(
            "There is no data: give a STORE, --ferplus FILE, --crops FOLDER or --aus FOLDER."
        )
        return USAGE_ERROR
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
        print_error(error)
        return NO_RESULT
    if options.out is not None:
        report.save(options.out)
    if options.html is not None:
        report.save_html(options.html)
    print_text(json.dumps(report.to_dict(), allow_nan=False) if options.json else report)
    return 0


def _weights(options: argparse.Namespace) -> int:
    figures: dict[str, Any] = {}
    if options.ferplus or options.crops or options.classifier:
        figures.update(_measure_classifier(options))
    if options.aus:
        figures.update(_measure_au_network(options))
    if options.json:
        print(json.dumps(figures))
    return 0


def _measure_classifier(options: argparse.Namespace) -> dict[str, Any]:
    from xfera_nb.classifier import load_classifier
    from xfera_nb.evaluation import measure_card

    classifier = load_classifier(options.classifier, device=options.device)
    figures = measure_card(classifier, ferplus=options.ferplus, crops=options.crops)
    if not options.json:
        written = classifier.card.get("figures", {})
        print(f"{classifier.name}, temperature {classifier.temperature:g}")
        for name, values in figures.items():
            print("\n".join(_lines(name, values)))
            if name in written:
                print(_compare_with_card(values, written[name]))
            print()
    return figures


def _measure_au_network(options: argparse.Namespace) -> dict[str, Any]:
    from xfera_nb.au_detectors.card import WEIGHTS, load_network
    from xfera_nb.training import au_evaluation
    from xfera_nb.training.au_faces import REPORT_CONFIDENCE, load_faces

    network, card = load_network(WEIGHTS)
    faces = load_faces(options.aus, "val", REPORT_CONFIDENCE)
    figures = au_evaluation.measure_figures(network, faces)
    if not options.json:
        print(f"AU network, {figures['faces']:,} faces, against OpenFace's intensities")
        print("            r   ICC(3,1)  mean absolute error")
        for name, row in figures["per_au"].items():
            print(f"  {name}" + "".join(_number(row[key]) for key in ("r", "icc", "mae")))
        print("  mean" + _number(figures["mean_r"]) + _number(figures["mean_icc_3_1"]))
        for name in au_evaluation.CONDITIONS:
            print(f"  mean r, {name}:" + _number(figures[f"mean_r_{name}"]))
        print(_compare_with_card(figures, card["figures"]))
    return {"AU network": figures}


def _compare_with_card(now: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    differing = [name for name, value in now.items() if card.get(name) != value]
    if differing:
        return f"The card DIFFERS in {', '.join(differing)}."
    return "Every figure equals the card's."


def _lines(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    from xfera_nb.evaluation import PAPER_TABLE_1

    yield f"{name}: {values['images']:,} faces"
    yield (
        f"accuracy {values['accuracy']:.4f}, macro F1 {values['macro_f1']:.4f}, ECE "
        f"{values['ece']:.4f} (without temperature {values['ece_uncalibrated']:.4f})"
    )
    yield f"class-wise ECE {values['classwise_ece']:.4f}"
    for level, row in values["levels"].items():
        yield (
            f"  {level:7} from {row['least']:.2f}: right {_number(row['accuracy']).strip()} of "
            f"{row['images']:,}"
        )
    yield "            precision  recall    F1     ECE   faces    the paper's Table 1 (RAF-DB)"
    for emotion, row in values["per_class"].items():
        ours = "".join(_number(row[key]) for key in ("precision", "recall", "f1", "ece"))
        paper = "".join(_number(value) for value in PAPER_TABLE_1[emotion])
        yield f"  {emotion:10}{ours} {row['support']:6} {paper}"
    yield "confusion, label in rows: " + " ".join(f"{emotion[:7]:>7}" for emotion in EMOTIONS)
    for emotion, row in zip(EMOTIONS, values["confusion"], strict=True):
        yield f"  {emotion:23}" + " ".join(f"{count:7}" for count in row)


def _number(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.2f'):>8}"
