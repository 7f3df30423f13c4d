"""The base of the live views: sliders with accessible names, and a static image for readers.

Widgets show in JupyterLab, Notebook 7, VS Code and Voila. Elsewhere, and in a saved notebook, a
line of text and a static image stand in for them; where the widget shows, its style sheet hides the
image, which has the class ``xf-static-image``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Signature, signature
from typing import Any, TypeVar

import anywidget
import ipywidgets as w
import traitlets
from IPython.display import HTML, display

from xfera_nb.errors import ParamsError, unknown_name
from xfera_nb.figures import data_uri
from xfera_nb.report.markup import escape
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.front import read_script, read_style

State = TypeVar("State", bound=traitlets.HasTraits)
View = TypeVar("View", bound=type)


class SliderNames(anywidget.AnyWidget):
    """Give sliders accessible names, and marks on their tracks; invisible itself.

    Attributes
    ----------
    marks : dict
        Label of a slider -> pairs of a place on its track, in per cent, and words.
    """

    _esm = read_script("slider_names")
    _css = read_style("explainer", "screen")
    marks = traitlets.Dict().tag(sync=True)


class LiveView(TextFallback, w.VBox):
    """Show some widgets, and a static image where widgets do not show.

    Parameters
    ----------
    children : sequence of Widget
    marks : dict, optional
        Of the sliders, as `SliderNames` has them.
    """

    def __init__(
        self, children: Sequence[w.Widget], *, marks: dict[str, Any] | None = None
    ) -> None:
        self.slider_names = SliderNames(marks=marks or {})
        super().__init__([*children, self.slider_names])
        self.add_class("xf-explainer")
        self.add_class("xf-live")

    def static_image(self) -> bytes:
        """Return a PNG or JPEG file for those who read a notebook without running it."""
        raise NotImplementedError

    def _ipython_display_(self) -> None:
        display(self._repr_mimebundle_(), raw=True)
        source, alt = data_uri(self.static_image()), escape(repr(self))
        display(HTML(f'<img class="xf-static-image" alt="{alt}" src="{source}">'))


def keywords_of(state_class: type) -> Callable[[View], View]:
    """Give a view the signature of its state, for help and completion in a notebook."""

    def decorate(view_class: View) -> View:
        known = list(signature(state_class).parameters.values())
        view_class.__signature__ = Signature(known)  # type: ignore[attr-defined]
        return view_class

    return decorate


def open_state(state_class: type[State], source: Any, options: dict[str, Any]) -> State:
    """Return the source if it is a state already, otherwise its state with some options.

    Raises
    ------
    ParamsError
        If there is no such option; the message names the nearest.
    """
    if isinstance(source, state_class):
        if options:
            raise ParamsError(f"This {state_class.__name__} has its options already; give none.")
        return source
    first, *known = signature(state_class).parameters
    for name in options:
        if name not in known:
            raise unknown_name("option", name, known, ParamsError)
    return state_class(source, **options)
