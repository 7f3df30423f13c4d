"""The line of text that stands in for a widget where widgets do not show."""

from __future__ import annotations

from typing import Any

NEEDS_WIDGETS = (
    "To use it live, run this cell in JupyterLab, Notebook 7, VS Code or Voila; ipywidgets and "
    "anywidget must be installed beside the server."
)


class TextFallback:
    """Give a widget a line of text for places where widgets do not show.

    It goes before the widget's own class among the bases.
    """

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        # A widget gives its data, an anywidget its data and metadata, one without a view None.
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/plain"] = f"{self!r}\n{NEEDS_WIDGETS}"
        return bundle
