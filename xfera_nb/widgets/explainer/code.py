"""Write the present choices of an Explainer as lines of Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.au_detectors import DEFAULT_SOURCE
from xfera_nb.explanation.choices import ENGLISH, FIRST_PERSON, PAPER
from xfera_nb.fusion import PRESETS, FusionParams
from xfera_nb.saliency import DEFAULT_METHOD

if TYPE_CHECKING:
    from xfera_nb.widgets.explainer.state import ExplainerState


def code_for(state: ExplainerState) -> str:
    """Return lines that give the same result as a state shows."""
    choices = params_arguments(state.params)
    for name, value, default in (
        ("target", state.target, None),
        ("method", state.method, DEFAULT_METHOD),
        ("layer", state.layer, state.layers[0]),
        ("au_detector", state.au_detector, DEFAULT_SOURCE),
        ("au_options", shorten_values(state.au_options), {}),
        ("writer", state.writer, "offline"),
        ("writer_options", without_secrets(state.writer_options), {}),
        ("language", state.language, ENGLISH),
        ("prompt", state.prompt, PAPER),
        ("contrast_with", state.text_request.contrast_with, None),
        ("person", state.person, FIRST_PERSON),
        ("hidden", state.hidden, ()),
        ("occlusion", state.occlusion, True),
    ):
        if value != default:
            choices[name] = value
    source = state.photo_source
    path = shorten_path(source) if isinstance(source, str | Path) else state.photo_name
    arguments = [repr(path), *(f"{name}={value!r}" for name, value in choices.items())]
    lines = ["import xfera_nb as xf", ""]
    if "outputs" in state.card:
        arguments.append("classifier=classifier")
        lines.append("# classifier: what xf.load_classifier made of your network.")
    index = ""
    if len(state.faces) > 1:
        arguments.append("all_faces=True")
        index = f"[{state.face_index}]"
    lines.append(f"result = xf.explain({', '.join(arguments)}){index}")
    return "\n".join(lines) + "\n"


def params_arguments(params: FusionParams) -> dict[str, Any]:
    """Return the keywords of some parameters: a preset's name, or those that are not default."""
    default = FusionParams()
    for name, preset in PRESETS.items():
        if params == preset != default:
            return {"params": name}
    usual = default.to_dict()
    return {name: value for name, value in params.to_dict().items() if value != usual[name]}


def without_secrets(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options of a writer without its key, and without a password in its address.

    Those who run the lines have the key in the environment.
    """
    kept = {name: value for name, value in options.items() if name != "api_key"}
    if isinstance(kept.get("base_url"), str):
        before, slashes, rest = kept["base_url"].partition("://")
        host, slash, path = rest.partition("/")
        kept["base_url"] = before + slashes + host.rpartition("@")[2] + slash + path
    return kept


def shorten_values(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with each path as seen from the working folder."""
    return {
        name: shorten_path(value) if isinstance(value, str | Path) else value
        for name, value in options.items()
    }


def shorten_path(path: str | Path) -> str:
    """Return a path as seen from the working folder, if it is inside; a URL as it is."""
    whole, here = Path(path).expanduser().absolute(), Path.cwd()
    is_inside = "://" not in str(path) and whole.is_relative_to(here)
    return str(whole.relative_to(here)) if is_inside else str(path)
