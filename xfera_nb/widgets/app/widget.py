"""Show the application that ``xfera app`` serves: every live view on one page, one at a time.

A view is made when it is first chosen, so that the first face is there as soon as possible.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import ipywidgets as w
from traitlets import Instance

from xfera_nb.au_detectors import DEFAULT_SOURCE, load_detector
from xfera_nb.errors import InputError, XferaError
from xfera_nb.evidence import EvidenceStore
from xfera_nb.fusion import FusionParams
from xfera_nb.report.markup import escape
from xfera_nb.widgets.app.bar import Bar
from xfera_nb.widgets.app.dropped import DroppedFiles
from xfera_nb.widgets.app.links import Link, format_link, parse_link
from xfera_nb.widgets.app.pair import ComparePhotos
from xfera_nb.widgets.app.stores import StoreChoice
from xfera_nb.widgets.explainer.widget import Explainer
from xfera_nb.widgets.shared.controls import make_button
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.photos import PhotoEntry, uploaded_photo

TABS = {
    "explain": "Explain",
    "explore": "Explore",
    "tune": "Tune",
    "compare": "Compare",
    "camera": "Camera",
    "learn": "Learn",
}
FOOT = (
    "It explains what a model did, never what a person feels. Photos stay on this machine. "
    "Everything here is also a line of Python: <code>xf.explain</code>, "
    "<code>xf.widgets.Explorer</code>, <code>xf.widgets.Tuner</code>."
)
USE = "Use this setting"
_LINKED = ("photo_index", "face_index", "target", "hidden", "fusion")


class App(TextFallback, w.VBox):
    """Show the views Explain, Explore, Tune, Compare, Camera and Learn behind tabs.

    Parameters
    ----------
    source : optional
        Photos of the Explainer, as `Explainer` takes them; the samples by default.
    store : EvidenceStore or path, optional
        What is explored and tuned; it can be chosen later.
    tab : str, optional
        The first view; "explore" where only a store is given, otherwise "explain".
    **options
        Further keywords of the Explainer: classifier, params, au_detector, au_options ...

    Attributes
    ----------
    bar : Bar
    store : EvidenceStore or None
    views : dict of str to Widget
        Those that were made so far, by tab.
    explainer : Explainer or None
        None where the first photo could not be explained.

    Raises
    ------
    XferaError
        If the store cannot be opened, or an option does not exist.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> app = xf.widgets.App("photos", store="kdef.store")  # doctest: +SKIP
    >>> app.bar.tab = "explore"  # doctest: +SKIP
    """

    store = Instance(EvidenceStore, allow_none=True)

    def __init__(
        self,
        source: Any = None,
        *,
        store: EvidenceStore | str | os.PathLike[str] | None = None,
        tab: str | None = None,
        **options: Any,
    ) -> None:
        self._options = options
        self._models = _models_of(options)
        self.explainer: Explainer | None = None
        self.views: dict[str, w.Widget] = {}
        self._failed = ""
        first = tab or ("explore" if store is not None and source is None else "explain")
        self.bar = Bar(TABS, first, self.take_files, self.open_link)
        self.stores = StoreChoice(self._take_store, **self._models)
        self._places = {name: w.VBox() for name in TABS}
        for name, place in self._places.items():
            place.add_class("xf-view")
            place.add_class(f"xf-view-{name}")
        foot = w.HTML(f'<p class="xf-app-foot">{FOOT}</p>')
        super().__init__([self.bar, *self._places.values(), foot])
        self.add_class("xf-app")
        self.add_class("xf-live")
        if store is not None:
            self.store = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
        self._open_explainer(source)
        self._show()
        self.bar.observe(lambda _: self._show(), "tab")

    @classmethod
    def served(cls) -> App | w.HTML:
        """Return what ``xfera app`` serves, or a sentence that says why there is nothing.

        The environment variable XFERA_APP holds the keywords as a JSON object.
        """
        try:
            return cls(**json.loads(os.environ.get("XFERA_APP", "{}")))
        except XferaError as error:
            return w.HTML(f'<p role="alert">{escape(str(error))}</p>')

    # Views

    def _show(self) -> None:
        """Show the chosen view; make it if it was not."""
        for name, place in self._places.items():
            place.layout.display = "" if name == self.bar.tab else "none"
        self._fill(self.bar.tab)
        self._write_link()

    def _fill(self, tab: str) -> None:
        if tab in self.views:
            return
        makers: dict[str, Callable[[], w.Widget]] = {
            "explain": self._make_explain,
            "explore": self._make_explore,
            "tune": self._make_tune,
            "compare": self._make_compare,
            "camera": self._make_camera,
            "learn": self._make_learn,
        }
        try:
            view = makers[tab]()
        except XferaError as error:
            self._places[tab].children = (_alert(str(error)),)
            return
        self.views[tab] = view
        self._places[tab].children = (view,)

    def _open_explainer(self, source: Any) -> None:
        try:
            self.explainer = Explainer(source, **self._options)
        except XferaError as error:
            self._failed = str(error)
            return
        self._failed = ""
        self.explainer.state.observe(lambda _: self._write_link(), _LINKED)

    def _make_explain(self) -> w.Widget:
        if self.explainer is None:
            raise InputError(f"{self._failed} Drop a photo on this page to explain it.")
        return self.explainer

    def _make_explore(self) -> w.Widget:
        if self.store is None:
            return self.stores
        from xfera_nb.widgets.explorer.widget import Explorer

        explorer = Explorer(self.store, classifier=self._models["classifier"])
        explorer.state.observe(lambda _: self._write_link(), "picked")
        return explorer

    def _make_tune(self) -> w.Widget:
        if self.store is None:
            return self.stores
        from xfera_nb.widgets.tuner.widget import Tuner

        tuner = Tuner(self.store)
        use = make_button(USE, lambda: self.use_params(tuner.state.chosen))
        use.tooltip = "The Explainer and the Explorer take the chosen setting"
        tuner.actions.children += (use,)
        return tuner

    def use_params(self, params: FusionParams) -> None:
        """Take a setting of the fusion in every view, and show it in the Explainer."""
        if "explore" in self.views and self.store is not None:
            self.views["explore"].state.params = params
        if self.explainer is not None:
            self.explainer.state.params = params
            self.bar.tab = "explain"

    def _make_compare(self) -> w.Widget:
        if self.explainer is None:
            raise InputError(f"{self._failed} Drop two photos on this page to compare them.")
        return ComparePhotos(self.explainer.state, **self._models)

    def _make_camera(self) -> w.Widget:
        from xfera_nb.widgets.camera.widget import Camera

        params = None if self.explainer is None else self.explainer.state.params
        return Camera(**self._models, params=params, open_frozen=self._explain_frozen)

    def _explain_frozen(self, photo: PhotoEntry) -> None:
        """Explain a moment of the camera behind the other photos."""
        if self.explainer is None:
            self._open_explainer(photo)
        else:
            state = self.explainer.state
            with state.in_background():
                state.set(photos=(*state.photos, photo), photo_index=len(state.photos))
        self.bar.tab = "explain"
        self._show()

    def _make_learn(self) -> w.Widget:
        from xfera_nb.widgets.learn import Learn

        return Learn(self._models["au_detector"])

    def _take_store(self, store: EvidenceStore) -> None:
        self.store = store
        for tab in ("explore", "tune"):
            self.views.pop(tab, None)
        if self.bar.tab not in ("explore", "tune"):
            self.bar.tab = "explore"
        self._show()

    # What comes from the page

    def take_files(self, dropped: DroppedFiles) -> None:
        """Explain photos that were dropped on the page, or open a store."""
        self.bar.status = " "  # a sentence of the page itself is replaced even by none
        self.bar.status = ""
        if dropped.store_root is not None:
            self.stores.open_dropped(dropped)
            if self.store is None:
                self.bar.tab = "explore"
            return
        try:
            photos = dropped.photos()
            if self.explainer is None:
                self._open_explainer([uploaded_photo(*photo) for photo in photos])
                self._fill("compare")
            else:
                with self.explainer.state.in_background():
                    self.explainer.state.load_uploads(photos)
        except XferaError as error:
            self.bar.status = str(error)
            return
        self.bar.tab = "explain"
        self._show()

    def open_link(self, text: str) -> None:
        """Show what a link names; what it names that is not here is said."""
        try:
            link = parse_link(text, TABS)
            self._follow(link)
        except XferaError as error:
            self.bar.status = f"This link cannot be followed. {error}"

    def _follow(self, link: Link) -> None:
        if link.tab == "explain" and self.explainer is not None:
            state = self.explainer.state
            names = [photo.name for photo in state.photos]
            if link.photo is not None and link.photo not in names:
                raise InputError(f"There is no photo {link.photo[:80]!r} here.")
            with state.in_background():
                index = state.photo_index if link.photo is None else names.index(link.photo)
                state.open(index, link.face, link.target, link.hidden, link.params)
        self.bar.tab = link.tab
        if link.tab == "explore" and link.photo is not None and self.store is not None:
            state = self.views["explore"].state
            rows = (state.faces.ids == link.photo).nonzero()[0]
            if not len(rows):
                raise InputError(f"There is no photo {link.photo[:80]!r} in this store.")
            with state.in_background():
                state.pick(int(state.faces.number[rows[0]]))

    def _write_link(self) -> None:
        tab, explainer = self.bar.tab, self.explainer
        link = Link(tab)
        if tab == "explain" and explainer is not None:
            state = explainer.state
            several = len(state.faces) > 1
            face = state.face_index if several else None
            link = Link(tab, state.photo_name, face, state.target, state.hidden, state.params)
        elif tab == "explore" and self.store is not None and tab in self.views:
            state = self.views[tab].state
            if state.picked >= 0:
                row = state.faces.number.searchsorted(state.picked)
                link = Link(tab, str(state.faces.ids[row]))
        self.bar.link = format_link(link)

    def __repr__(self) -> str:
        return f"App with the views {', '.join(TABS.values())}."


def _models_of(options: dict[str, Any]) -> dict[str, Any]:
    """Return the classifier and the AU source that all views share."""
    source = options.get("au_detector") or DEFAULT_SOURCE
    if options.get("au_options"):
        source = load_detector(source, **options["au_options"])
    return {"classifier": options.get("classifier"), "au_detector": source}


def _alert(text: str) -> w.HTML:
    return w.HTML(f'<p role="alert" class="xf-intro">{escape(text)}</p>')
