"""Show the application's bar: its views as tabs, the theme's switch, and what happens on a drop.

Dropped photos and stores come in pieces, since a message has a limit, and stay on this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from xfera_nb.widgets.app.dropped import MAX_DROPPED, DroppedFiles
from xfera_nb.widgets.shared.front import read_script, read_style


class Bar(anywidget.AnyWidget):
    """Choose a view, and take what is dropped on the page.

    Parameters
    ----------
    tabs : mapping
        Name -> label of each view.
    take_files : callable
        Takes the `DroppedFiles` when all have come.
    open_link : callable
        Takes the text behind ``#`` of the page's address.

    Attributes
    ----------
    tab : str
        The view that is shown.
    link : str
        What the page's address ends with behind ``#``; the page of JupyterLab keeps its own.
    status : str
        A sentence on what is being done or went wrong; empty mostly.
    """

    _esm = read_script("app")
    _css = read_style("app")
    tabs: traitlets.List[Any] = traitlets.List().tag(sync=True)
    tab = traitlets.Unicode("").tag(sync=True)
    link = traitlets.Unicode("").tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    limit = traitlets.Int(MAX_DROPPED).tag(sync=True)

    def __init__(
        self,
        tabs: Mapping[str, str],
        tab: str,
        take_files: Callable[[DroppedFiles], None],
        open_link: Callable[[str], None],
    ) -> None:
        super().__init__(tabs=[list(pair) for pair in tabs.items()], tab=tab)
        self._take_files, self._open_link = take_files, open_link
        self._dropped = DroppedFiles()
        self.on_msg(self._on_message)

    @traitlets.validate("tab")
    def _check_tab(self, proposal: dict[str, Any]) -> str:
        if proposal["value"] not in [name for name, _ in self.tabs]:
            raise traitlets.TraitError(f"There is no view {proposal['value']!r}.")
        value: str = proposal["value"]
        return value

    def _on_message(self, _: object, content: Any, buffers: list[Any]) -> None:
        if not isinstance(content, dict):
            return
        if isinstance(content.get("open"), str):
            self._open_link(content["open"])
        elif content.get("drop") == "start":
            self._dropped = DroppedFiles()
        elif content.get("drop") == "piece" and buffers:
            self._dropped.add(str(content.get("name")), bytes(buffers[0]))
        elif content.get("drop") == "end":
            dropped, self._dropped = self._dropped, DroppedFiles()
            self._take_files(dropped)
