"""Show the Explorer: faces by label and prediction, a gallery, one face beside it, its Explainer.

JupyterLab at 1280x800 with its sidebar leaves 833 px, where the picked face takes half; on a wider
page it takes less, and on a narrow one it covers the gallery (``front/explorer.css``). The static
image is the matrix alone: a saved notebook holds no face of the data set, unless Jupyter saves the
state of widgets.
"""

from __future__ import annotations

from os import PathLike
from typing import Any

import ipywidgets as w

from xfera_nb.evidence import EvidenceStore
from xfera_nb.figures import to_png
from xfera_nb.saliency import describe_map
from xfera_nb.widgets.explainer.widget import Explainer
from xfera_nb.widgets.explorer.state import ExplorerState
from xfera_nb.widgets.explorer.views import FaceGallery, FacePanel, Filters, Matrix
from xfera_nb.widgets.shared.table_image import table_image
from xfera_nb.widgets.shared.view import LiveView, keywords_of, open_state
from xfera_nb.wording import count_of


@keywords_of(ExplorerState)
class Explorer(LiveView):
    """Show a store's faces live.

    Parameters
    ----------
    store : EvidenceStore, path or ExplorerState
    **options
        The keywords of `ExplorerState`: photos, params, classifier, show.

    Attributes
    ----------
    state : ExplorerState
        Everything that is chosen and shown; set its traits to drive the views from Python.
    explainer : Explainer or None
        Of the face that was picked, once it was asked for.

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
        self.state = open_state(ExplorerState, store, options)
        self.matrix = Matrix(self.state)
        self.filters = Filters(self.state)
        self.gallery = FaceGallery(self.state)
        self.panel = FacePanel(self.state)
        self.explainer: Explainer | None = None
        top, middle = w.HBox([self.matrix, self.filters]), w.HBox([self.gallery, self.panel])
        top.add_class("xf-top")
        middle.add_class("xf-middle")
        self._parts = (top, middle)
        super().__init__(self._parts)
        self.add_class("xf-explorer")
        self.add_class("xf-browse")
        self._open()
        self.state.observe(lambda _: self._open(), "explainer")
        with self.state.in_background():
            self.state.fuse()

    def _open(self) -> None:
        if self.state.explainer is not None and self.explainer is None:
            self.explainer = Explainer(self.state.explainer)
            self.children = (*self._parts, self.explainer, self.slider_names)

    def __repr__(self) -> str:
        faces = self.state.faces
        correct = int(((faces.true == faces.predicted) & faces.has_face).sum())
        labelled = int((faces.has_face & (faces.true >= 0)).sum())
        return (
            f"Explorer of {count_of(len(faces), 'photo')}: "
            f"{count_of(int(faces.has_face.sum()), 'face')}; of {labelled:,} with a label, "
            f"{correct:,} predictions are correct. Maps: "
            f"{describe_map(**self.state.store.heatmap)}."
        )

    def static_image(self) -> bytes:
        """Return the matrix as a PNG file."""
        facts = self.matrix.facts
        picture = table_image(
            "Faces by label (rows) and prediction (columns)",
            facts["labels"],
            facts["predictions"],
            facts["counts"],
            confusion=True,
        )
        return to_png(picture)
