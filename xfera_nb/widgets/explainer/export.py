"""What is shown now as a file: a page that stands alone, and a picture. No widget is needed."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from xfera_nb.explanation import OfflineWriter, TextRequest
from xfera_nb.figures import overlay_image, to_jpeg, to_png
from xfera_nb.report import Result
from xfera_nb.report.result_html import page_html
from xfera_nb.widgets.explainer.state import ExplainerState

STILL = 2
"""Pixels for a crop pixel in the still picture."""


def result(state: ExplainerState) -> Result:
    """The current view as a `Result`.

    Its words are the last explanation if that is about this view, otherwise the offline writer's.
    """
    rest: dict[str, Any] = {
        "index": state.face_index,
        "is_one_of_several": len(state.faces) > 1,
        "card": state.card,
    }
    if state.explanation is None or state.stale:
        request = TextRequest(language=state.language)
        return Result.from_evidence(
            state.evidence, state.params, state.target, OfflineWriter(), request, **rest
        )
    note = state.note or None
    return Result(state.fusion, state.explanation, note=note, request=state.text_request, **rest)


def page(state: ExplainerState) -> str:
    """The current view as a self-contained HTML page."""
    return page_html([result(state)])


def picture(state: ExplainerState) -> bytes:
    """The current overlay as a PNG file, with its legend."""
    return to_png(overlay_image(state.fusion))


def still(state: ExplainerState) -> bytes:
    """The current overlay as a small JPEG file, for who reads a notebook without running it."""
    return to_jpeg(overlay_image(state.fusion, scale=STILL), 80)


def stem(state: ExplainerState) -> str:
    """A file name without its ending: the photo's and the class's."""
    return f"{PurePath(state.photo_name).stem or 'photo'}-{state.fusion.target}"
