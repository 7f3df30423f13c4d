"""Choose the store that the application explores and tunes: a path, or the samples measured now."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as w

from xfera_nb.au_detectors import DEFAULT_SOURCE
from xfera_nb.datasets import samples_folder
from xfera_nb.errors import XferaError
from xfera_nb.evidence import EvidenceStore, extract
from xfera_nb.report.markup import escape
from xfera_nb.widgets.app.dropped import DroppedFiles
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.controls import make_button

INTRO = (
    "A store holds what the classifier and the AU source said about every photo of a data set. "
    "Make one in a terminal, as in <code>xfera extract PHOTOS --out my.store</code>, and give its "
    "folder here, or drop the folder on this page. Without one, measure the 70 samples; that "
    "takes some seconds."
)


class StoreChoice(w.VBox):
    """Ask for a store and open it.

    Parameters
    ----------
    take : callable
        Takes the `EvidenceStore`.
    classifier, au_detector : optional
        What measures the samples, as `extract` takes them.

    Attributes
    ----------
    path : Text
    open_button, measure_button : Button
    status : HTML
        What is being done, or what went wrong.
    """

    def __init__(
        self,
        take: Callable[[EvidenceStore], None],
        *,
        classifier: Any = None,
        au_detector: Any = DEFAULT_SOURCE,
    ) -> None:
        self._take, self._models = take, {"classifier": classifier, "au_detector": au_detector}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.path = w.Text(placeholder="Folder of a store", continuous_update=False)
        self.path.observe(self._on_path, "value")
        self.open_button = make_button("Open", lambda: self.open_path(self.path.value))
        self.measure_button = make_button("Measure the samples", self.measure_samples)
        self.status = w.HTML()
        form = w.HBox([self.path, self.open_button, self.measure_button])
        form.add_class("xf-form")
        intro = w.HTML(f'<p class="xf-intro">{INTRO}</p>')
        super().__init__([intro, form, self.status])

    def _on_path(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self.open_path(change["new"])

    def open_path(self, path: str) -> None:
        """Open the store of a folder; what is wrong with it is said."""
        try:
            store = EvidenceStore.open(path)
        except XferaError as error:
            self.say(str(error))
            return
        self.say("")
        self._take(store)

    def open_dropped(self, dropped: DroppedFiles) -> None:
        """Open a store that was dropped on the page, from a copy that ends with the view."""
        try:
            self.open_path(str(dropped.write_store(self._new_folder())))
        except XferaError as error:
            self.say(str(error))

    def measure_samples(self) -> None:
        """Measure the samples into a store that ends with the view, and open it."""
        folder = self._new_folder()
        self.measure_button.disabled = True
        self.say("Measuring the 70 samples …")
        background.run(
            lambda report: extract(samples_folder(), folder, progress=False, **self._models),
            lambda outcome: self._measured(folder, outcome),
            in_background=True,
        )

    def _measured(self, folder: Path, outcome: Any) -> None:
        self.measure_button.disabled = False
        if isinstance(outcome, XferaError):
            self.say(str(outcome))
        else:
            self.open_path(str(folder))

    def _new_folder(self) -> Path:
        self._folder = tempfile.TemporaryDirectory(prefix="xfera-store-")
        return Path(self._folder.name)

    def say(self, text: str) -> None:
        """Show a sentence below the form."""
        self.status.value = f'<p role="status">{escape(text)}</p>' if text else ""
