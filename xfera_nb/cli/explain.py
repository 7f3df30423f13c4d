"""``xfera explain``: explain photos, and print text or JSON lines or write a page.

Parameters start from the defaults and are overridden by ``--params``, then by ``--preset`` (which
sets all of them), then by the single options.
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

from xfera_nb.cli.options import (
    add_command,
    add_fusion,
    add_models,
    add_writer,
    au_detector,
    au_options,
    check_writer,
    emotion,
    fusion_params,
    hidden_parts,
    load_classifier,
    load_writer,
)
from xfera_nb.cli.output import NO_RESULT, USAGE_ERROR, one_line, print_error
from xfera_nb.errors import ModelError, ParamsError, PhotoError, XferaError

if TYPE_CHECKING:
    from xfera_nb.report import Result, Results

_EPILOG = """\
examples:
  xfera explain photo.jpg
  xfera explain photo.jpg --html page.html --preset section2.1
  xfera explain photo.jpg --pdf page.pdf
  xfera explain happy.jpg angry.jpg sad.jpg --handout handout.pdf
  xfera explain group.jpg --all-faces --json
  xfera explain photo.jpg --target fear --k 0.5
  xfera explain photo.jpg --hide mouth
  xfera explain smile.jpg frown.jpg --neutral rest.jpg
  xfera explain photo.jpg --au openface --openface-bin ~/OpenFace/build/bin/FaceLandmarkImg
  OPENAI_API_KEY=... xfera explain photo.jpg --writer openai --model gpt-4o
  xfera explain photo.jpg --writer openai --base-url http://localhost:11434/v1 --model llama3.2
  xfera explain photo.jpg --language de --contrast-with surprise

--preset overrides --params, and single options such as --k override both.
exit codes: 0 done; 2 usage or setup; 3 no photo could be explained
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "explain",
        help="explain the classifier's prediction for photos",
        description="Explains the largest face on each photo, or all faces.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "photos", nargs="+", metavar="PHOTO", help="image file, or a folder of them"
    )
    parser.add_argument(
        "--all-faces", action="store_true", help="explain every face, not only the largest"
    )
    parser.add_argument(
        "--target",
        type=emotion,
        metavar="EMOTION",
        help="target class: the class to explain (default: the predicted class)",
    )
    parser.add_argument(
        "--label",
        type=emotion,
        metavar="EMOTION",
        help="label of the photos: where the prediction differs from it, the text says why",
    )
    parser.add_argument(
        "--neutral", metavar="PHOTO",
        help="photo of the same person's neutral face, to subtract its AU intensities",
    )  # fmt: skip
    parser.add_argument(
        "--no-occlusion", action="store_true",
        help="do not measure what hiding each face region does (faster)",
    )  # fmt: skip
    parser.add_argument(
        "--hide", metavar="REGIONS", type=hidden_parts, default=(),
        help="blur these face regions before the classifier sees the face: some of brows, eyes, "
        "nose, cheeks, mouth, chin, or discs x:y:radius, separated by commas",
    )  # fmt: skip
    out = parser.add_argument_group("output")
    out.add_argument("--json", action="store_true", help="print one JSON object per face and line")
    out.add_argument("--html", metavar="FILE", help="also write a self-contained page")
    out.add_argument(
        "--pdf", metavar="FILE",
        help="also write a PDF, at most two A4 pages per face (needs Chromium or Edge)",
    )  # fmt: skip
    out.add_argument(
        "--handout", metavar="FILE",
        help="also write a handout (.pdf or .html): one face on one A4 page, several as cards "
        "with the settings once",
    )  # fmt: skip
    add_fusion(parser)
    add_models(parser)
    add_writer(parser)


def run(options: argparse.Namespace) -> int:
    """Explain the photos; return the exit code."""
    _check_options(options)
    from xfera_nb.explanation import WriterWarning
    from xfera_nb.report import check_writable
    from xfera_nb.report.handout import check_format
    from xfera_nb.report.pdf import find_browser

    prints = options.pdf is not None
    if options.handout is not None:
        prints |= check_format(options.handout) == ".pdf"
    for path in _outputs(options):
        check_writable(path)
    if prints:
        find_browser()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WriterWarning)  # print_error reports the result's note
        return _explain_all(options)


def _check_options(options: argparse.Namespace) -> None:
    """Refuse options that would have no effect."""
    au_options(options)
    check_writer(options)
    outputs = _outputs(options)
    if len(set(outputs)) < len(outputs):
        raise ParamsError("--html, --pdf and --handout name the same file: give each its own.")
    if options.neutral is not None and options.all_faces:
        raise ParamsError("--neutral is of one person: leave --all-faces out.")


def _outputs(options: argparse.Namespace) -> list[str]:
    return [path for path in (options.html, options.pdf, options.handout) if path is not None]


def _explain_all(options: argparse.Namespace) -> int:
    from xfera_nb.report.handout import HandoutFace, save_handout
    from xfera_nb.report.result_html import page_article

    setup = {
        "params": fusion_params(options),
        "au_detector": au_detector(options),
        "writer": load_writer(options),
        "prompt": options.prompt,
        "language": options.language,
        "contrast_with": options.contrast_with,
        "person": options.person,
        "classifier": load_classifier(options),
        "layer": options.layer,
        "method": options.method,
        "target": options.target,
        "label": options.label,
        "occlusion": not options.no_occlusion,
        "hidden": options.hide,
    }
    if options.neutral is not None:
        from xfera_nb.evidence import measure_neutral

        try:
            setup["neutral"] = measure_neutral(options.neutral, setup["au_detector"])
        except PhotoError as error:
            print_error(error, options.neutral)
            return USAGE_ERROR
    articles: list[str] = []
    names: list[str] = []
    faces: list[HandoutFace] = []
    done = 0
    for photo, printing in _progress(_list_photos(options.photos)):
        try:
            results = _explain(photo, options.all_faces, setup)
        except ModelError:
            raise  # every photo would fail in the same way
        except XferaError as error:
            with printing():
                print_error(error, photo)
            continue
        for result in results:
            with printing():
                _print(result, photo, options.json, first=done == 0)
                if result.note:
                    print_error(result.note, photo)
            if options.html is not None or options.pdf is not None:
                articles.append(page_article(result))
                names.append(result.name)
            if options.handout is not None:
                faces.append(HandoutFace.from_result(result))
            done += 1
    if not done:
        return NO_RESULT
    if _outputs(options):
        try:
            _write_pages(options, articles, names)
            if options.handout is not None:
                save_handout(faces, options.handout)
        except XferaError:
            sys.stdout.flush()
            raise
    return 0


def _list_photos(sources: Iterable[str]) -> list[str]:
    """Put a folder's photos in its place; print what is wrong with a folder and leave it out."""
    from xfera_nb.api import list_photos

    photos: list[str] = []
    for source in sources:
        try:
            found = list_photos(source)
        except PhotoError as error:
            print_error(error)
            continue
        photos += [source] if found is None else map(str, found)
    return photos


def _write_pages(options: argparse.Namespace, articles: list[str], names: list[str]) -> None:
    if not articles:
        return
    from xfera_nb.report.pdf import print_pdf
    from xfera_nb.report.result_html import assemble_page
    from xfera_nb.report.save import save_file

    title = f"XFERa explanation of {names[0]}" if len(names) == 1 else None
    page = assemble_page(articles, title)
    if options.html is not None:
        save_file(options.html, page)
    if options.pdf is not None:
        save_file(options.pdf, print_pdf(page))


def _explain(photo: str, all_faces: bool, setup: dict[str, Any]) -> Results:
    from xfera_nb.api import Results, explain

    if all_faces:
        return explain(photo, all_faces=True, **setup)
    return Results([explain(photo, **setup)])


def _print(result: Result, photo: str, as_json: bool, *, first: bool) -> None:
    from xfera_nb.report import clean, plain_text

    if as_json:
        text = json.dumps(result.to_dict() | {"photo": clean(photo)}, allow_nan=False)
    else:
        text = plain_text(result, photo) if first else f"\n{plain_text(result, photo)}"
    print(text, flush=True)


def _progress(photos: list[str]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield each photo with a context to print in, which hides the bar on a terminal's stderr."""
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
