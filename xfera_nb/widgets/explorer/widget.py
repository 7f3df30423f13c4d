"""The Explorer: a store's faces by label and answer, a gallery, and the Explainer for one of them.

Usable width in JupyterLab at 1280x800 with the sidebar open is about 850 px; nothing here is wider.
The still that stands in where widgets do not show is the matrix alone: a saved notebook holds no
face of the data set, unless Jupyter is told to save the state of widgets.
"""

from __future__ import annotations

from os import PathLike
from typing import Any

import ipywidgets as w

from xfera_nb.evidence import EvidenceStore
from xfera_nb.figures import to_png
from xfera_nb.widgets.explainer.panels import Labels
from xfera_nb.widgets.explainer.widget import NEEDS_WIDGETS, Explainer
from xfera_nb.widgets.explorer.state import ExplorerState
from xfera_nb.widgets.explorer.views import Faces, Filters, Matrix, Why
from xfera_nb.widgets.shared.static_image import display_with_still, table_image


class Explorer(w.VBox):
    """A live view of a store's faces.

    Parameters
    ----------
    store : EvidenceStore, path or ExplorerState
    **options
        Those of `ExplorerState`: photos, params, classifier.

    Attributes
    ----------
    state : ExplorerState
        Everything that is chosen and shown; set its traits to drive the views from Python.
    explainer : Explainer or None
        Of the face that was picked.

    Raises
    ------
    StoreError
        If the store is not there or damaged.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> view = xf.widgets.Explorer("store", photos="KDEF")  # doctest: +SKIP
    >>> view.state.choose_cell("fear", "surprise")  # doctest: +SKIP
    """

    def __init__(
        self, store: EvidenceStore | str | PathLike[str] | ExplorerState, **options: Any
    ) -> None:
        state = store if isinstance(store, ExplorerState) else ExplorerState(store, **options)
        self.state = state
        self.matrix = Matrix(self.state)
        self.filters = Filters(self.state)
        self.gallery = Faces(self.state)
        self.why = Why(self.state)
        self.labels = Labels()
        self.explainer: Explainer | None = None
        top = w.HBox([self.matrix, self.filters])
        top.add_class("xf-top")
        self._parts = (top, self.gallery, self.why.widget)
        super().__init__([*self._parts, self.labels])
        self.add_class("xf-explainer")
        self.add_class("xf-explorer")
        self._open()
        self.state.observe(lambda _: self._open(), "explainer")

    def _open(self) -> None:
        if self.state.explainer is not None and self.explainer is None:
            self.explainer = Explainer(self.state.explainer)
            self.children = (*self._parts, self.explainer, self.labels)

    def __repr__(self) -> str:
        faces = self.state.faces
        right = int(((faces.true == faces.predicted) & faces.has_face).sum())
        labelled = int((faces.has_face & (faces.true >= 0)).sum())
        return (
            f"Explorer of {len(faces):,} photos: {int(faces.has_face.sum()):,} faces; of "
            f"{labelled:,} with a label, {right:,} answers are the label's."
        )

    def still(self) -> bytes:
        """The matrix as a PNG file, for who reads a notebook without running it."""
        facts = self.matrix.facts
        picture = table_image(
            "Faces by label (rows) and answer (columns)",
            facts["truths"],
            facts["answers"],
            facts["counts"],
        )
        return to_png(picture)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle["text/plain"] = f"{self!r}\n{NEEDS_WIDGETS}"
        return bundle

    def _ipython_display_(self) -> None:
        display_with_still(self._repr_mimebundle_(), self.still(), self.labels, repr(self))
