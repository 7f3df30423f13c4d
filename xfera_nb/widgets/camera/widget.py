"""Show the Camera: a face live, its map, Action Units and prediction; practice; frozen moments.

The page sends the camera's newest frame once the last answer has come, and draws each answer on the
very frame that it is about. A frame comes as a message, never as a widget's state, so that no saved
notebook holds one; only what is frozen is shown by an Explainer, which Jupyter saves if it is told
to save widgets.
"""

from __future__ import annotations

import math
from collections import deque
from inspect import signature
from typing import Any

import anywidget
import numpy as np
import traitlets

from xfera_nb.errors import ParamsError, XferaError, unknown_name
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, OPENFACE_AUS
from xfera_nb.figures import heat_rgba, to_png
from xfera_nb.widgets.camera.practice import HOLD
from xfera_nb.widgets.camera.state import CameraState, Moment
from xfera_nb.widgets.explainer.widget import Explainer
from xfera_nb.widgets.shared.front import read_script, read_style
from xfera_nb.widgets.shared.table_image import table_image
from xfera_nb.widgets.shared.view import LiveView, keywords_of

SMOOTHING = (0.0, 0.3, 0.5, 1.0, 2.0)
"""Seconds that the menu offers."""
HEAT_SIDE = 56
"""Side of the coloured map that the page stretches over the face, pixels."""
_KEPT = 4  # moments that the page may still ask for


class CameraPanel(anywidget.AnyWidget):
    """Take frames from the page, and send back what is drawn on them.

    Attributes
    ----------
    facts : dict
        What does not change: names of classes and Action Units, the menu of `SMOOTHING`.
    choices : dict
        What is chosen, as the state has it, and `error`.
    """

    _esm = read_script("camera")
    _css = read_style("explainer", "screen", "camera")
    facts = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, state: CameraState) -> None:
        units = [
            [au, ACTION_UNITS[au].code, ACTION_UNITS[au].name, ACTION_UNITS[au].words]
            for au in OPENFACE_AUS
        ]
        smoothing = sorted({*SMOOTHING, state.smooth})
        super().__init__(
            facts={"emotions": list(EMOTIONS), "units": units, "smoothing": smoothing, "hold": HOLD}
        )
        self.state = state
        self._recent: deque[tuple[str, Moment]] = deque(maxlen=_KEPT)
        self._show()
        state.observe(
            lambda _: self._show(), ["smooth", "min_intensity", "target", "neutral", "error"]
        )
        state.observe(self._on_practice, "practice")
        self.on_msg(self._on_message)

    def _show(self) -> None:
        state = self.state
        self.choices = {
            "smooth": state.smooth,
            "min_intensity": state.min_intensity,
            "target": state.target,
            "neutral": state.neutral is not None,
            "practice": state.practice.au,
            "error": state.error,
        }

    def _on_practice(self, change: dict[str, Any]) -> None:
        if change["new"].au != self.choices["practice"]:
            self._show()

    def _on_message(self, _: object, content: Any, buffers: list[Any]) -> None:
        if not isinstance(content, dict):
            return
        frame = content.get("frame")
        if isinstance(frame, str) and buffers:
            self.state.offer(bytes(buffers[0]), lambda outcome: self._answer(frame, outcome))
            return
        try:
            self._choose(content)
        except (XferaError, traitlets.TraitError) as error:
            self.state.error = str(error)

    def _choose(self, content: dict[str, Any]) -> None:
        state, name = self.state, content.get("set")
        shown = dict(self._recent).get(str(content.get("of")))
        if name in ("smooth", "min_intensity", "target"):
            state.set_trait(name, content.get("value"))
        elif name == "practice" and isinstance(content.get("value"), int):
            state.practise(content["value"])
        elif name == "neutral" and content.get("value"):
            state.take_neutral(shown)
        elif name == "neutral":
            state.forget_neutral()
        elif name == "freeze":
            state.freeze(shown)

    def _answer(self, frame: str, outcome: Moment | XferaError | None) -> None:
        if outcome is None:
            self.send({"answer": frame, "dropped": True})
        elif isinstance(outcome, XferaError):
            self.send({"answer": frame, "reason": str(outcome)})
        else:
            self._recent.append((frame, outcome))
            content, buffers = self._drawn(outcome)
            self.send({"answer": frame, **content}, buffers)

    def _drawn(self, moment: Moment) -> tuple[dict[str, Any], list[bytes]]:
        state, face = self.state, moment.face
        content: dict[str, Any] = {"reason": moment.reason, "practice": _judged(state)}
        if face is None:
            return content, []
        target = state.target or moment.predicted
        rgba = _coloured(moment, target)
        content |= {
            "probabilities": _numbers(moment.probabilities),
            "predicted": moment.predicted,
            "target": target,
            "frames": moment.frames,
            "smooth": moment.smooth,
            "intensities": _numbers(moment.intensities),
            "box": list(face.box),
            "landmarks": np.round(face.landmarks, 1).ravel().tolist(),
            "to_photo": face.crop_to_photo.ravel().tolist(),
            "heat": 0 if rgba is None else HEAT_SIDE,
        }
        return content, [] if rgba is None else [rgba.tobytes()]


@keywords_of(CameraState)
class Camera(LiveView):
    """Show a face before the camera of this computer, live, or the faces of a video file.

    The browser asks for the camera when its button is pressed. Frames go to the kernel on the same
    machine, newest first; none is queued, kept or written to disk.

    Parameters
    ----------
    **options
        The keywords of `CameraState`: classifier, au_detector, params, smooth.

    Attributes
    ----------
    state : CameraState
        Everything that is chosen and shown; set its traits to drive the view from Python.
    panel : CameraPanel
    explainer : Explainer or None
        Of the moments that were frozen.

    Raises
    ------
    ParamsError
        If there is no such option; the message names the nearest.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> camera = xf.widgets.Camera(smooth=0.5)  # doctest: +SKIP
    >>> camera.state.moment.predicted  # doctest: +SKIP
    """

    def __init__(self, state: CameraState | None = None, **options: Any) -> None:
        self.state = _open_state(state, options)
        self.panel = CameraPanel(self.state)
        self.explainer: Explainer | None = None
        super().__init__([self.panel])
        self.add_class("xf-screen")
        self.state.observe(lambda _: self._open(), "explainer")

    def static_image(self) -> bytes:
        """Return the last probabilities as a PNG file; never a face."""
        moment = self.state.moment
        shown = [None] * len(EMOTIONS) if moment is None else _numbers(moment.probabilities)
        title = "Camera: the last probabilities" if moment else "Camera: not running"
        return to_png(
            table_image(
                title, EMOTIONS, ["probability"], [[p] for p in shown],
                form="{:.2f}", scale=(0.0, 1.0), cell=110,
            )
        )  # fmt: skip

    def _open(self) -> None:
        if self.state.explainer is not None:
            self.explainer = Explainer(self.state.explainer)
            self.children = (self.panel, self.explainer, self.slider_names)

    def __repr__(self) -> str:
        moment = self.state.moment
        if moment is None:
            return "Camera: not running."
        return f"Camera: {moment.predicted or 'no face'} on the last frame."


def _open_state(state: CameraState | None, options: dict[str, Any]) -> CameraState:
    if state is not None:
        if options:
            raise ParamsError("This CameraState has its options already; give none.")
        return state
    known = signature(CameraState).parameters
    for name in options:
        if name not in known:
            raise unknown_name("option", name, known, ParamsError)
    return CameraState(**options)


def _coloured(moment: Moment, target: str | None) -> np.ndarray | None:
    """Colour a class's map, as faint as its peak is low beside the prediction's.

    The rule is that of `xfera_nb.figures.heat.map_strength`.
    """
    heat, predicted = moment.heatmap(target), moment.heatmap()
    rgba = None if heat is None else heat_rgba(heat, HEAT_SIDE)
    if heat is None or rgba is None or predicted is None:
        return rgba
    share = heat.peak / predicted.peak
    if share < 1:  # False for NaN too
        rgba[..., 3] = np.round(rgba[..., 3] * share)
    return rgba


def _judged(state: CameraState) -> dict[str, Any] | None:
    practice = state.practice
    if not practice.au:
        return None
    return {"au": practice.au, "held": practice.held, "passed": practice.passed}


def _numbers(values: np.ndarray) -> list[float | None]:
    """Return numbers for the page, None for those that are not known."""
    return [None if math.isnan(value) else round(value, 4) for value in values.tolist()]
