"""Hand files over to the browser, and code to its clipboard, by buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from xfera_nb.errors import XferaError
from xfera_nb.widgets.shared.front import read_script


@dataclass(frozen=True)
class ExportFile:
    """Describe a file that is made on demand.

    Attributes
    ----------
    label : str
        Of its button.
    make : callable
        Returns the text or the bytes.
    name : callable, optional
        Returns the file's name; without one, the text is code for the clipboard.
    mime : str
    """

    label: str
    make: Callable[[], str | bytes]
    name: Callable[[], str] | None = None
    mime: str = ""


def params_file(make: Callable[[], str]) -> ExportFile:
    """Return the file of fusion parameters."""
    return ExportFile(
        "Save parameters (JSON)", make, lambda: "xfera-params.json", "application/json"
    )


class ExportButtons(anywidget.AnyWidget):
    """Show a button for each file; what fails goes to the `error` of the state.

    Parameters
    ----------
    state : HasTraits
        With a trait `error`.
    files : mapping of str to ExportFile
    """

    _esm = read_script("export")
    kinds: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, state: traitlets.HasTraits, files: Mapping[str, ExportFile]) -> None:
        super().__init__(kinds=[[kind, file.label] for kind, file in files.items()])
        self.state, self._files = state, dict(files)
        self.on_msg(self._on_request)

    def _on_request(self, _: object, content: Any, __: list[Any]) -> None:
        kind = content.get("make") if isinstance(content, dict) else None
        if kind not in self._files:
            return
        file = self._files[kind]
        try:
            made = file.make()
        except XferaError as error:
            self.state.set_trait("error", str(error))
            return
        if file.name is None:
            self.send({"kind": kind, "text": made})
        else:
            data = made.encode() if isinstance(made, str) else made
            self.send({"kind": kind, "name": file.name(), "type": file.mime}, [data])
