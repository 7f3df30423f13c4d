"""Small views with a front end of their own: picker, classes, Action Units, export, labels.

Each holds JSON that `readout` made and the choices that come back. Front-end code
is in ``front/``: it draws and says nothing that Python did not say.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets
from PIL import Image

from xfera_nb.errors import XferaError
from xfera_nb.figures import colour_scale, data_uri, to_jpeg
from xfera_nb.widgets.explainer import readout
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.photos import MAX_UPLOAD

if TYPE_CHECKING:
    from xfera_nb.widgets.tuner.state import TunerState

_FRONT = Path(__file__).parents[1] / "front"
_THUMB = 320  # longest side of the small photo, pixels


class Picker(anywidget.AnyWidget):
    """Photos, faces, uploads and what is being done."""

    _esm = _FRONT / "picker.js"
    names: traitlets.List[Any] = traitlets.List().tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)
    boxes: traitlets.List[Any] = traitlets.List().tag(sync=True)
    face = traitlets.Int(0).tag(sync=True)
    thumb = traitlets.Unicode("").tag(sync=True)
    limit = traitlets.Int(MAX_UPLOAD).tag(sync=True)
    busy = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.state = state
        self._parts: list[bytes] = []
        self._show_names()
        self._show_faces()
        state.observe(lambda _: self._show_names(), ["photos", "photo_index"])
        state.observe(lambda _: self._show_faces(), ["faces", "face_index"])
        for name in ("busy", "error"):
            state.observe(lambda _, name=name: self.set_trait(name, getattr(state, name)), name)
        self.observe(self._on_index, "index")
        self.observe(self._on_face, "face")
        self.on_msg(self._on_part)

    def _show_names(self) -> None:
        with self.hold_sync():
            self.names = [photo.name for photo in self.state.photos]
            self.index = self.state.photo_index

    def _show_faces(self) -> None:
        faces = self.state.faces
        boxes, thumb = [], ""
        if len(faces) > 1:
            height, width = faces[0].image.shape[:2]
            size = 100 / np.array([width, height, width, height])
            for face in faces:
                left, top, right, bottom = np.clip(face.box, 0, [width, height] * 2) * size
                boxes.append([round(v, 2) for v in (left, top, right - left, bottom - top)])
            picture = Image.fromarray(faces[0].image)
            picture.thumbnail((_THUMB, _THUMB))
            thumb = data_uri(to_jpeg(picture, 80))
        with self.hold_sync():
            self.boxes, self.thumb, self.face = boxes, thumb, self.state.face_index

    def _on_index(self, change: dict) -> None:
        with self.state.in_background():
            self.state.photo_index = change["new"]

    def _on_face(self, change: dict) -> None:
        with self.state.in_background():
            self.state.face_index = change["new"]

    def _on_part(self, _: object, content: Any, buffers: list[Any]) -> None:
        """A piece of an upload; the whole is handed over when the last has come."""
        if not (isinstance(content, dict) and "upload" in content and buffers):
            return
        if content.get("part") == 0:
            self._parts = []
        if content.get("part") != len(self._parts):
            return
        self._parts.append(bytes(buffers[0]))
        if len(self._parts) == content.get("of") or sum(map(len, self._parts)) > MAX_UPLOAD:
            data, self._parts = b"".join(self._parts), []
            with self.state.in_background():
                self.state.load_upload(str(content["upload"]), data)


class Classes(anywidget.AnyWidget):
    """The seven probabilities; the explained and the true class are chosen here."""

    _esm = _FRONT / "classes.js"
    facts = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Unicode("").tag(sync=True)
    truth = traitlets.Unicode("").tag(sync=True)

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), ["fusion", "true_emotion"])
        self.observe(self._on_chosen, "chosen")
        self.observe(self._on_truth, "truth")

    def _show(self) -> None:
        with self.hold_sync():
            self.facts = readout.classes(self.state.fusion, self.state.true_emotion)
            self.chosen = self.state.fusion.target
            self.truth = self.state.true_emotion or ""

    def _on_chosen(self, change: dict) -> None:
        if change["new"] == self.state.fusion.target:
            return
        predicted = self.state.fusion.predicted
        with self.state.in_background():
            self.state.target = None if change["new"] == predicted else change["new"]

    def _on_truth(self, change: dict) -> None:
        with self.state.in_background():
            self.state.true_emotion = change["new"] or None


class Board(anywidget.AnyWidget):
    """The map's scale, a row for each Action Unit, and the combinations."""

    _esm = _FRONT / "board.js"
    scale: traitlets.List[Any] = traitlets.List().tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)
    now = traitlets.Dict().tag(sync=True)
    hover = traitlets.Int(0).tag(sync=True)
    pinned = traitlets.Int(0).tag(sync=True)

    def __init__(self, state: ExplainerState) -> None:
        colours = colour_scale()[::17].tolist()
        super().__init__(scale=["rgb({},{},{})".format(*colour) for colour in colours])
        self.state = state
        self._about: tuple[Any, ...] = ()
        self._show()
        state.observe(lambda _: self._show(), "fusion")
        state.observe(self._on_picked, "selected_au")
        self.observe(lambda _: self._pick(), ["hover", "pinned"])

    def _show(self) -> None:
        fusion = self.state.fusion
        with self.hold_sync():
            if self._about != (fusion.evidence, fusion.target):
                self._about = (fusion.evidence, fusion.target)
                self.fixed = readout.fixed(fusion)
            self.now = readout.moving(fusion)

    def _pick(self) -> None:
        self.state.selected_au = self.hover or self.pinned

    def _on_picked(self, _: dict) -> None:
        picked = self.state.selected_au
        if picked != (self.hover or self.pinned):
            with self.hold_trait_notifications():
                self.hover, self.pinned = 0, picked


class Export(anywidget.AnyWidget):
    """Buttons that hand over the code, the parameters, a page or a picture."""

    _esm = _FRONT / "export.js"
    kinds: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        state: ExplainerState | TunerState,
        makers: dict[str, tuple[str, Callable[[], str], str, Callable[[], bytes]]],
    ) -> None:
        super().__init__(kinds=[[kind, maker[0]] for kind, maker in makers.items()])
        self.state, self._makers = state, makers
        self.on_msg(self._on_wish)

    def _on_wish(self, _: object, content: Any, __: list[Any]) -> None:
        kind = content.get("make") if isinstance(content, dict) else None
        if kind not in self._makers:
            return
        _, name, mime, make = self._makers[kind]
        try:
            data = make()
        except XferaError as error:
            self.state.error = str(error)
            return
        if kind == "code":
            self.send({"kind": kind, "text": data.decode("utf-8")})
        else:
            self.send({"kind": kind, "name": name(), "type": mime}, [data])


class Labels(anywidget.AnyWidget):
    """Accessible names and marks for sliders; hides the still picture where widgets show."""

    _esm = _FRONT / "labels.js"
    _css = _FRONT / "explainer.css"
    marks = traitlets.Dict().tag(sync=True)
    still = traitlets.Int(0).tag(sync=True)
