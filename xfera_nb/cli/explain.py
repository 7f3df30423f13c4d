"""``xfera explain``: photos in, explanations out, as text, JSON lines or a page.

Parameters are put together from the defaults, then ``--params``, then ``--preset`` (which sets all
of them), then the single options; later ones win.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.cli import writers
from xfera_nb.cli.console import NOTHING_EXPLAINED, USAGE, complain, one_line
from xfera_nb.errors import ModelError, ParamsError, PhotoError, XferaError
from xfera_nb.facs.emotions import EMOTIONS

if TYPE_CHECKING:
    from xfera_nb.au_detectors import AUDetector
    from xfera_nb.fusion import FusionParams
    from xfera_nb.report import Result, Results

# Copies of names whose rooms import torch; a test holds them against the originals.
PRESETS = ("algorithm1", "section2.1")
REGIONS = ("crop", "hull")
SCOPES = ("emotion", "all")
DETECTORS = ("builtin", "openface", "pyfaceau")
SINGLE = ("k", "min_intensity", "coverage", "saliency_weight", "region", "scope")

_EPILOG = """\
examples:
  xfera explain photo.jpg
  xfera explain photo.jpg --html page.html --preset section2.1
  xfera explain photo.jpg --pdf handout.pdf
  xfera explain group.jpg --all-faces --json
  xfera explain photo.jpg --emotion fear --k 0.5
  xfera explain smile.jpg frown.jpg --neutral rest.jpg
  xfera explain photo.jpg --au openface --openface-bin ~/OpenFace/build/bin/FaceLandmarkImg
  OPENAI_API_KEY=... xfera explain photo.jpg --writer openai --model gpt-4o
  xfera explain photo.jpg --writer openai --base-url http://localhost:11434/v1 --model llama3.2
  xfera explain photo.jpg --language de --contrast-with surprise

Later parameters win: --params, then --preset, then --k and the like.
exit codes: 0 done; 2 usage or setup; 3 no photo could be explained
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "explain",
        help="explain what the model saw in photos",
        description="Explains the largest face on each photo, or all of them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="a photo's file")
    parser.add_argument(
        "--all-faces", action="store_true", help="every face, not the largest alone"
    )
    parser.add_argument(
        "--emotion", choices=EMOTIONS, help="the class to explain (default: the model's answer)"
    )
    parser.add_argument(
        "--neutral", metavar="PHOTO", help="the person's neutral face, subtracted from the others"
    )
    out = parser.add_argument_group("output")
    out.add_argument("--json", action="store_true", help="one JSON object a face and line")
    out.add_argument("--html", metavar="FILE", help="also write a page that stands alone")
    out.add_argument(
        "--pdf", metavar="FILE", help="also print it: two A4 sides a face (needs Chromium or Edge)"
    )
    add_fusion(parser)
    source = parser.add_argument_group("models")
    source.add_argument("--classifier", metavar="FILE", help="other weights (.safetensors)")
    source.add_argument("--au", choices=DETECTORS, default="builtin", help="source of Action Units")
    source.add_argument(
        "--openface-bin", metavar="FILE", help="OpenFace's FaceLandmarkImg (else OPENFACE_BIN)"
    )
    writers.add(parser)


def add_fusion(parser: argparse.ArgumentParser) -> None:
    """Add the options that `chosen_params` reads."""
    fusion = parser.add_argument_group("fusion: which movements count")
    fusion.add_argument("--params", metavar="FILE", help="parameters as JSON")
    fusion.add_argument(
        "--preset", choices=PRESETS,
        help="the paper's: algorithm1 (coverage 0.7) or section2.1 (coverage 0.5)",
    )
    fusion.add_argument(
        "--k", type=float, help="hot is what exceeds mean + k standard deviations (default 1)"
    )
    fusion.add_argument(
        "--min-intensity", type=float, metavar="I", help="least intensity, 0-5 (default 0.3)"
    )
    fusion.add_argument(
        "--coverage", type=float, metavar="C", help="least share of hot landmarks (default 0.7)"
    )
    fusion.add_argument(
        "--saliency-weight", type=float, metavar="W", help="weight of heat in the score (default 1)"
    )
    fusion.add_argument(
        "--region", choices=REGIONS, help="where the mean is taken: the crop or the face's hull"
    )
    fusion.add_argument(
        "--scope", choices=SCOPES, help="movements typical of the emotion (default), or all"
    )


def run(options: argparse.Namespace) -> int:
    """Explain the photos; the exit code."""
    _check_options(options)
    from xfera_nb.report import WriterWarning, check_writable
    from xfera_nb.report.pdf import find_browser

    for path in filter(None, (options.html, options.pdf)):
        check_writable(path)
    if options.pdf is not None:
        find_browser()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WriterWarning)  # told in a line of ours
        return _explain_all(options)


def _check_options(options: argparse.Namespace) -> None:
    """Refuse options that would have no effect."""
    if options.openface_bin is not None and options.au != "openface":
        raise ParamsError("--openface-bin needs --au openface.")
    writers.check(options)
    if options.pdf is not None and options.pdf == options.html:
        raise ParamsError("--html and --pdf name the same file: give two.")
    if options.neutral is not None and options.all_faces:
        raise ParamsError("--neutral is of one person: leave --all-faces out.")


def _explain_all(options: argparse.Namespace) -> int:
    from xfera_nb.classifier import load_classifier
    from xfera_nb.report.result_html import page_article

    setup = {
        "params": chosen_params(options),
        "au": _detector(options),
        "writer": writers.writer_of(options),
        "prompt": options.prompt,
        "language": options.language,
        "contrast_with": options.contrast_with,
        "classifier": load_classifier(options.classifier),
        "emotion": options.emotion,
    }
    if options.neutral is not None:
        from xfera_nb.evidence import measure_neutral

        try:
            setup["neutral"] = measure_neutral(options.neutral, setup["au"])
        except PhotoError as error:
            complain(error, options.neutral)
            return USAGE
    articles: list[str] = []
    names: list[str] = []
    done = 0
    for photo, printing in _progress(options.photos):
        try:
            results = _faces_of(photo, options.all_faces, setup)
        except ModelError:
            raise  # it would be the same with every photo
        except XferaError as error:
            with printing():
                complain(error, photo)
            continue
        for result in results:
            with printing():
                _print(result, photo, options.json, first=done == 0)
                if result.note:
                    complain(result.note, photo)
            if options.html is not None or options.pdf is not None:
                articles.append(page_article(result))
                names.append(result.name)
            done += 1
    if not done:
        return NOTHING_EXPLAINED
    if articles:
        try:
            _write_pages(options, articles, names)
        except XferaError:
            sys.stdout.flush()
            raise
    return 0


def _write_pages(options: argparse.Namespace, articles: list[str], names: list[str]) -> None:
    from xfera_nb.report.pdf import pdf_of
    from xfera_nb.report.result_html import assemble_page
    from xfera_nb.report.save import write_atomically

    title = f"XFERa explanation of {names[0]}" if len(names) == 1 else None
    page = assemble_page(articles, title)
    if options.html is not None:
        write_atomically(options.html, page)
    if options.pdf is not None:
        write_atomically(options.pdf, pdf_of(page))


def _faces_of(photo: str, all_faces: bool, setup: dict[str, Any]) -> Results:
    from xfera_nb.api import Results, explain

    if all_faces:
        return explain(photo, all_faces=True, **setup)
    return Results([explain(photo, **setup)])


def chosen_params(options: argparse.Namespace) -> FusionParams:
    """Parameters of the command line.

    Raises
    ------
    ParamsError
        If the file cannot be read or a value is not valid.
    """
    from xfera_nb.fusion import PRESETS, FusionParams

    params = FusionParams()
    if options.params is not None:
        params = FusionParams.load(options.params)
    if options.preset is not None:
        params = PRESETS[options.preset]
    given = {name: getattr(options, name) for name in SINGLE}
    return params.replace(**{name: value for name, value in given.items() if value is not None})


def _detector(options: argparse.Namespace) -> AUDetector:
    from xfera_nb.au_detectors import load_detector

    given = {} if options.openface_bin is None else {"program": options.openface_bin}
    return load_detector(options.au, **given)


def _print(result: Result, photo: str, as_json: bool, *, first: bool) -> None:
    from xfera_nb.report import clean, plain_text

    if as_json:
        text = json.dumps(result.to_dict() | {"photo": clean(photo)}, allow_nan=False)
    else:
        text = plain_text(result, photo) if first else f"\n{plain_text(result, photo)}"
    print(text, flush=True)


def _progress(photos: list[str]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The photos, each with a context to print in: a bar on a terminal's stderr gives way to it."""
    if len(photos) < 2 or not sys.stderr.isatty():
        yield from _without_bar(photos)
        return
    from tqdm import tqdm

    with tqdm(photos, unit="photo", leave=False, file=sys.stderr) as bar:
        for photo in bar:
            bar.set_postfix_str(one_line(Path(photo).name)[:30])
            yield photo, tqdm.external_write_mode


def _without_bar(photos: Iterable[str]) -> Iterator[tuple[str, Callable[[], Any]]]:
    for photo in photos:
        yield photo, nullcontext
