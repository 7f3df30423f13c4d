"""Options that several commands share, and the types of option values."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from xfera_nb.au_detectors.sources import AU_SOURCES, DEFAULT_SOURCE
from xfera_nb.datasets.choices import COLUMNS
from xfera_nb.errors import InputError, ParamsError
from xfera_nb.explanation.choices import (
    CONTRAST,
    ENGLISH,
    FIRST_PERSON,
    FULL,
    LANGUAGES,
    MODEL_WRITERS,
    PAPER,
    PERSONS,
    PICTURE_WRITERS,
    PROMPT_KINDS,
    STRICT,
    WRITERS,
)
from xfera_nb.facs.emotions import parse_emotion
from xfera_nb.fusion.choices import DEFAULT_PRESET, REGIONS, RULES, SCOPES
from xfera_nb.fusion.params import PRESETS, FusionParams
from xfera_nb.saliency.methods import DEFAULT_METHOD, METHODS

if TYPE_CHECKING:
    from xfera_nb.au_detectors import AUDetector
    from xfera_nb.classifier import Classifier
    from xfera_nb.explanation import TextRequest, Writer

FUSION = tuple(field.name for field in fields(FusionParams))
"""The parameters of the fusion, each an option of its own."""
NONE = "none"
"""The temperature that is not sent."""
_MODEL_ONLY = (
    "model", "base_url", "temperature", "no_system", "model_options", "timeout", "cache", "price",
)  # fmt: skip


def add_command(
    subparsers: Any,
    run: Callable[[argparse.Namespace], int] | None,
    name: str,
    *,
    help: str,
    description: str,
    epilog: str | None = None,
) -> argparse.ArgumentParser:
    """Add a command and return its parser; `run` is None if it has commands of its own."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=help,
        description=textwrap.fill(description, 88),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter if epilog else argparse.HelpFormatter,
        allow_abbrev=False,
    )
    if run is not None:
        parser.set_defaults(run=run)
    return parser


def emotion(text: str) -> str:
    """Return the class that a name means, as the type of an argument."""
    try:
        return parse_emotion(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def labels(text: str) -> str | Mapping[str, str]:
    """Return a scheme of labels or a mapping, as the type of an argument."""
    from xfera_nb.datasets.labels import parse_labels

    try:
        return parse_labels(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def hidden_parts(text: str) -> tuple[str | tuple[float, float, float], ...]:
    """Return the parts of the face in a list with commas, as the type of an argument."""
    from xfera_nb.faces.regions import parse_hidden

    try:
        return parse_hidden(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def columns(text: str) -> dict[str, str]:
    """Return what PATH=NAME,LABEL=NAME says of a table's columns, as the type of an argument."""
    pairs = [pair.partition("=") for pair in text.split(",")]
    found = {meaning.strip(): name.strip() for meaning, _, name in pairs}
    for meaning, name in found.items():
        if meaning not in COLUMNS or not name:
            known = ", ".join(COLUMNS)
            raise argparse.ArgumentTypeError(
                f"{text[:80]!r} is not path=NAME,label=NAME: what a column says is one of {known}"
            )
    return found


def _temperature(text: str) -> float | str:
    """Return a temperature, or `NONE`, as the type of an argument."""
    return NONE if text.strip().lower() == NONE else float(text)


def _json_object(text: str) -> dict[str, Any]:
    """Return a JSON object as the type of an argument."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} is no JSON object; write it like '{{\"max_tokens\": 800}}'"
        )
    return found


def whole_number(low: int, high: int = 2**32 - 1) -> Callable[[str], int]:
    """Return the argparse type of a whole number within limits."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        value = int(text) if digits.isdecimal() and len(digits) < 20 else low - 1
        if not low <= value <= high:
            limits = f"of at least {low}" if high == 2**32 - 1 else f"from {low} to {high}"
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number {limits}")
        return value

    return read


def add_execution(parser: argparse.ArgumentParser, rows: str) -> None:
    """Add the options of an extraction; `rows` is what a row of the store is called."""
    work = parser.add_argument_group("execution")
    work.add_argument(
        "--batch", type=whole_number(1), metavar="N", help="faces per forward pass (default 32)"
    )
    work.add_argument(
        "--shard", type=whole_number(1), metavar="N",
        help=f"{rows} per Parquet file (default 256)",
    )  # fmt: skip
    work.add_argument(
        "--occlusion", action="store_true",
        help="also measure what hiding each face region does: six more forward passes per face",
    )  # fmt: skip
    work.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler (tcp://HOST:PORT)")


def add_models(parser: argparse.ArgumentParser) -> Any:
    """Add the options that choose the classifier, its map and the Action Unit source."""
    group = parser.add_argument_group("models")
    group.add_argument(
        "--classifier", metavar="FILE", help="other weights for the classifier (.safetensors)"
    )
    group.add_argument("--layer", metavar="NAME", help="take the heatmap at this layer")
    group.add_argument(
        "--method", choices=tuple(METHODS), default=DEFAULT_METHOD,
        help=f"saliency method (default {DEFAULT_METHOD})",
    )  # fmt: skip
    group.add_argument("--device", choices=("cpu", "cuda"), help="where the classifier runs")
    group.add_argument(
        "--au",
        choices=tuple(AU_SOURCES),
        default=DEFAULT_SOURCE,
        help="AU source (default builtin)",
    )
    add_openface(group)
    return group


def add_openface(group: Any) -> None:
    """Add the options that `au_options` reads."""
    group.add_argument(
        "--openface-bin", metavar="FILE", help="OpenFace's FaceLandmarkImg (or set OPENFACE_BIN)"
    )
    group.add_argument(
        "--openface-files", metavar="PATH",
        help="output of OpenFace, py-feat or LibreFace to read (a file or a folder)",
    )  # fmt: skip


def load_classifier(options: argparse.Namespace) -> Classifier:
    """Load the chosen classifier on the chosen device."""
    from xfera_nb.classifier import load_classifier as load

    return load(options.classifier, **({"device": options.device} if options.device else {}))


def au_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the chosen Action Unit source.

    Raises
    ------
    ParamsError
        If an option belongs to another source, or is missing.
    """
    if options.openface_bin is not None and options.au != "openface":
        raise ParamsError("--openface-bin needs --au openface.")
    if (options.openface_files is None) == (options.au == "openface-files"):
        raise ParamsError("--openface-files PATH and --au openface-files need each other.")
    given = {"program": options.openface_bin, "files": options.openface_files}
    return {name: value for name, value in given.items() if value is not None}


def au_detector(options: argparse.Namespace) -> AUDetector:
    """Load the chosen Action Unit source."""
    from xfera_nb.au_detectors import load_detector

    return load_detector(options.au, **au_options(options))


def add_fusion(parser: argparse.ArgumentParser) -> None:
    """Add the options that `fusion_params` reads."""
    group = parser.add_argument_group("fusion: which AUs are reported")
    defaults = PRESETS[DEFAULT_PRESET]
    group.add_argument("--params", metavar="FILE", help="read the parameters from a JSON file")
    group.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        help="the paper's Algorithm 1, the same with its line 33 for line 26, its section 2.1, or "
        f"what we recommend (default {DEFAULT_PRESET})",
    )
    group.add_argument(
        "--k", type=float, metavar="K",
        help=f"saliency threshold: mean + K standard deviations (default {defaults.k:g})",
    )  # fmt: skip
    group.add_argument(
        "--min-intensity", type=float, metavar="I",
        help=f"minimum AU intensity, 0-5 (default {defaults.min_intensity:g})",
    )  # fmt: skip
    group.add_argument(
        "--coverage", type=float, metavar="C",
        help="minimum share of an AU's landmarks in the salient region "
        f"(default {defaults.coverage:g})",
    )  # fmt: skip
    group.add_argument(
        "--saliency-weight", type=float, metavar="W",
        help=f"weight of the saliency in an AU's score (default {defaults.saliency_weight:g})",
    )  # fmt: skip
    group.add_argument(
        "--region", choices=REGIONS,
        help="where mean and standard deviation are taken: the whole crop or the face hull",
    )  # fmt: skip
    group.add_argument(
        "--scope",
        choices=SCOPES,
        help="report all AUs (default), or only those expected for the target class (typical)",
    )
    group.add_argument(
        "--rule", choices=RULES,
        help="report AUs that are present and attended (default), or attended at any intensity",
    )  # fmt: skip


def fusion_params(options: argparse.Namespace) -> FusionParams:
    """Return the parameters that the command line gives.

    Raises
    ------
    ParamsError
        If the file cannot be read or a value is not valid.
    """
    params = FusionParams()
    if options.params is not None:
        params = FusionParams.load(options.params)
    if getattr(options, "preset", None) is not None:
        params = PRESETS[options.preset]
    given = {name: getattr(options, name, None) for name in FUSION}
    return params.replace(**{name: value for name, value in given.items() if value is not None})


def add_writer(parser: Any, *, contrast: bool = True, picture: bool = True) -> None:
    """Add the options that choose writer, language and prompt.

    Parameters
    ----------
    parser : ArgumentParser
    contrast : bool
        With those of a contrast.
    picture : bool
        With the writers that are sent the picture.
    """
    group = parser.add_argument_group("text")
    words = "templates on this machine (default), or a language model (openai)"
    if picture:
        words += ", or a vision model for a second opinion, which is sent the face crop (vision)"
        group.add_argument(
            "--send-image", action="store_true",
            help="allow --writer vision to send the face crop to its server",
        )  # fmt: skip
    else:
        parser.set_defaults(send_image=False)
    names = [name for name in WRITERS if picture or name not in PICTURE_WRITERS]
    group.add_argument("--writer", choices=names, default="offline", help=words)
    group.add_argument(
        "--language", choices=tuple(LANGUAGES), default=ENGLISH, help="language of the text"
    )
    group.add_argument(
        "--person", choices=tuple(PERSONS), default=FIRST_PERSON,
        help="in the offline text: the model speaks (first, the default), or is spoken of (third)",
    )  # fmt: skip
    prompts = [name for name in PROMPT_KINDS if contrast or name != CONTRAST]
    words = "the paper's (default); full: all facts; strict: facts and answer as JSON"
    if contrast:
        words += "; contrast: one class against another"
        group.add_argument(
            "--contrast-with", type=emotion, metavar="EMOTION",
            help="explain why not this class (with --prompt contrast: the runner-up)",
        )  # fmt: skip
    else:
        parser.set_defaults(contrast_with=None)
    group.add_argument("--prompt", choices=prompts, default=PAPER, help=words)
    add_language_model(group)


def add_language_model(group: Any) -> None:
    """Add the options of a language model."""
    group.add_argument(
        "--seed", type=int, metavar="N", help="seed of the templates' choice, or of the model"
    )
    group.add_argument("--model", metavar="NAME", help="language model")
    group.add_argument("--base-url", metavar="URL", help="its server, if it is not OpenAI's")
    group.add_argument(
        "--temperature", type=_temperature, metavar="T",
        help="temperature of the model (default 0), or none to leave it to the server",
    )  # fmt: skip
    group.add_argument(
        "--no-system", action="store_true", default=None,
        help="send no system role, for models that have none",
    )  # fmt: skip
    group.add_argument(
        "--model-options", type=_json_object, metavar="JSON",
        help="further options of the request, such as '{\"max_tokens\": 800}'",
    )  # fmt: skip
    group.add_argument(
        "--timeout", type=float, metavar="S", help="seconds to wait for an answer (default 60)"
    )
    group.add_argument(
        "--cache", metavar="DIR", help="folder for cached answers, or off (or set XFERA_CACHE)"
    )
    group.add_argument(
        "--price", type=float, nargs=2, metavar=("IN", "OUT"),
        help="price per million tokens of prompt and answer, to report the cost",
    )  # fmt: skip


def check_writer(options: argparse.Namespace) -> None:
    """Refuse options of the text that would have no effect.

    Raises
    ------
    ParamsError
    """
    if options.writer not in MODEL_WRITERS:
        for name in _MODEL_ONLY:
            if getattr(options, name) is not None:
                raise ParamsError(f"--{name.replace('_', '-')} needs --writer openai.")
    if options.writer in PICTURE_WRITERS:
        if not options.send_image:
            raise ParamsError(
                "--writer vision sends the face crop to a server: add --send-image to "
                "allow that, or choose another writer."
            )
        if options.prompt != PAPER or options.contrast_with is not None:
            raise ParamsError(
                "--writer vision asks a question of its own: leave --prompt and --contrast-with "
                "out."
            )
    elif options.send_image:
        raise ParamsError("--send-image needs --writer vision; no other writer sends a picture.")
    if options.contrast_with is not None and options.prompt in (STRICT, FULL):
        raise ParamsError(f"--contrast-with needs --prompt contrast, not {options.prompt}.")
    if options.temperature not in (None, NONE) and not 0 <= options.temperature <= 2:
        raise ParamsError("--temperature must lie from 0 to 2.")
    if options.timeout is not None and not 0 < options.timeout < float("inf"):
        raise ParamsError("--timeout must be more than 0.")


def load_writer(options: argparse.Namespace) -> Writer:
    """Load the chosen writer."""
    from xfera_nb.explanation import load_writer as load

    names: tuple[str, ...] = ("seed",)
    if options.writer in MODEL_WRITERS:
        names = ("model", "base_url", "temperature", "seed", "timeout", "cache", "model_options")
    given = {name: getattr(options, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    if given.get("temperature") == NONE:
        given["temperature"] = None
    if options.writer in MODEL_WRITERS and options.no_system:
        given["system"] = False
    if options.writer in MODEL_WRITERS and options.price is not None:
        given["prices"] = tuple(options.price)
    if options.writer in PICTURE_WRITERS:
        given["send_image"] = options.send_image
    return load(options.writer, **given)


def text_request(options: argparse.Namespace) -> TextRequest:
    """Return the text that the options ask for."""
    from xfera_nb.explanation import TextRequest

    return TextRequest(options.prompt, options.language, options.contrast_with, options.person)
