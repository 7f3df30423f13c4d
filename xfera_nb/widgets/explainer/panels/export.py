"""Export what an Explainer shows: code, parameters, a page that stands alone, a picture."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from xfera_nb.explanation import OfflineWriter, TextRequest
from xfera_nb.figures import overlay_image, to_png
from xfera_nb.report import Result
from xfera_nb.report.result_html import page_html
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.export_buttons import ExportButtons, ExportFile, params_file


class ExportPanel(ExportButtons):
    """Show buttons that hand over what an Explainer shows."""

    def __init__(self, state: ExplainerState) -> None:
        def name(ending: str) -> str:
            return f"xfera-{file_stem(state)}.{ending}"

        super().__init__(
            state,
            {
                "code": ExportFile("Copy as code", state.to_code),
                "json": params_file(state.to_json),
                "html": ExportFile(
                    "Save page (HTML)",
                    lambda: view_page(state),
                    lambda: name("html"),
                    "text/html",
                ),
                "png": ExportFile(
                    "Save picture (PNG)",
                    lambda: view_picture(state),
                    lambda: name("png"),
                    "image/png",
                ),
            },
        )


def view_result(state: ExplainerState) -> Result:
    """Return the current view as a `Result`.

    Its text is the last explanation if that is about this view, otherwise the offline writer's.
    """
    state.measure_occlusion()
    rest: dict[str, Any] = {
        "index": state.face_index,
        "is_one_of_several": len(state.faces) > 1,
        "card": state.card,
        "label": state.true_emotion,
    }
    if state.explanation is None or state.stale:
        request = TextRequest(language=state.language, person=state.person)
        return Result.from_evidence(
            state.evidence, state.params, state.target, OfflineWriter(), request, **rest
        )
    note = state.note or None
    return Result(state.fusion, state.explanation, note=note, request=state.text_request, **rest)


def view_page(state: ExplainerState) -> str:
    """Return the current view as a self-contained HTML page."""
    return page_html([view_result(state)])


def view_picture(state: ExplainerState) -> bytes:
    """Return the current overlay as a PNG file, with its legend."""
    return to_png(overlay_image(state.fusion))


def file_stem(state: ExplainerState) -> str:
    """Return a file name without its ending: the photo's and the target class's."""
    return f"{PurePath(state.photo_name).stem or 'photo'}-{state.fusion.target}"
