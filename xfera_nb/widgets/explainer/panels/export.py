"""Export what an Explainer shows: code, parameters, a page, a picture."""

from __future__ import annotations

from xfera_nb.widgets.explainer import export
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.export_buttons import ExportButtons, ExportFile, params_file


class ExportPanel(ExportButtons):
    """Show buttons that hand over what an Explainer shows."""

    def __init__(self, state: ExplainerState) -> None:
        def name(ending: str) -> str:
            return f"xfera-{export.file_stem(state)}.{ending}"

        super().__init__(
            state,
            {
                "code": ExportFile("Copy as code", state.to_code),
                "json": params_file(state.to_json),
                "html": ExportFile(
                    "Save page (HTML)",
                    lambda: export.view_page(state),
                    lambda: name("html"),
                    "text/html",
                ),
                "png": ExportFile(
                    "Save picture (PNG)",
                    lambda: export.view_picture(state),
                    lambda: name("png"),
                    "image/png",
                ),
            },
        )
