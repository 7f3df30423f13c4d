"""The present choices as lines of Python, for a notebook of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.fusion import FusionParams
from xfera_nb.widgets.explainer.evidence_cache import GRADCAM

if TYPE_CHECKING:
    from xfera_nb.widgets.explainer.state import ExplainerState


def code_for(state: ExplainerState) -> str:
    """Lines that give the same result as a state shows."""
    usual = FusionParams().to_dict()
    changed = [f"{n}={v!r}" for n, v in state.params.to_dict().items() if v != usual[n]]
    options = [f"params=xf.FusionParams({', '.join(changed)})"]
    for name, value, default in (
        ("target", state.target, None),
        ("au_detector", state.au_detector, "builtin"),
        ("layer", state.layer, state.layers[0]),
        ("writer", state.writer, "offline"),
        ("writer_options", without_secrets(state.writer_options), {}),
        ("language", state.language, "en"),
        ("prompt", state.prompt, "paper"),
        ("contrast_with", state.text_request.contrast_with, None),
    ):
        if value != default:
            options.append(f"{name}={value!r}")
    which = ""
    if len(state.faces) > 1:
        options.append("all_faces=True")
        which = f"[{state.face_index}]"
    source = state.photo_source
    path = _short(source) if isinstance(source, str | Path) else state.photo_name
    lines = ["import xfera_nb as xf", ""]
    if "outputs" in state.card:
        options.append("classifier=classifier")
        lines.append("# classifier: what xf.load_classifier made of your network.")
    if state.method != GRADCAM:
        lines.append(f"# Shown with the method {state.method}; explain takes Grad-CAM.")
    lines.append(f"result = xf.explain({path!r}, {', '.join(options)}){which}")
    return "\n".join(lines) + "\n"


def without_secrets(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a writer without its key, and without a password in the server's address.

    Whoever runs the lines has the key in the environment.
    """
    kept = {name: value for name, value in options.items() if name != "api_key"}
    if isinstance(kept.get("base_url"), str):
        before, slashes, rest = kept["base_url"].partition("://")
        host, slash, path = rest.partition("/")
        kept["base_url"] = before + slashes + host.rpartition("@")[2] + slash + path
    return kept


def _short(path: str | Path) -> str:
    """From the working folder, where the file lies in it."""
    whole, here = Path(path).absolute(), Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else path)
