"""Choose photos and faces of an Explainer, and take uploads."""

from __future__ import annotations

from typing import Any

import anywidget
import numpy as np
import traitlets
from PIL import Image

from xfera_nb.figures import data_uri, to_jpeg
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.front import read_script
from xfera_nb.widgets.shared.photos import MAX_UPLOAD

_THUMB = 320  # longest side of the small photo, pixels


class Picker(anywidget.AnyWidget):
    """Choose a photo and a face, take uploads, and say what is being done."""

    _esm = read_script("picker")
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
        self.on_msg(self._on_message)

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

    def _on_message(self, _: object, content: Any, buffers: list[Any]) -> None:
        """Step to another photo, or take a piece of an upload."""
        if not isinstance(content, dict):
            return
        if content.get("step") in (1, -1):
            with self.state.in_background():
                self.state.next() if content["step"] == 1 else self.state.previous()
        elif "upload" in content and buffers:
            self._take_part(content, buffers)

    def _take_part(self, content: dict[str, Any], buffers: list[Any]) -> None:
        """Take a piece of an upload; the whole is handed over when the last has come."""
        if content.get("part") == 0:
            self._parts = []
        if content.get("part") != len(self._parts):
            return
        self._parts.append(bytes(buffers[0]))
        if len(self._parts) == content.get("of") or sum(map(len, self._parts)) > MAX_UPLOAD:
            data, self._parts = b"".join(self._parts), []
            with self.state.in_background():
                self.state.load_upload(str(content["upload"]), data)
