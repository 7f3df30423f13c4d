"""A stand-in for the service's explainer that a test can hold up."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from waiting import LONG

from xfera_nb.errors import PhotoError

TOKEN = "a-token-of-the-tests"
RECORD = {
    "predicted": "happiness", "target": "happiness", "probabilities": {"happiness": 1.0},
    "confidence_level": "High", "action_units": [], "explanation": "A text.", "speech": "A text.",
    "ask": None, "about": "The model.", "more": 1,
}  # fmt: skip


class StandIn:
    """Answers what it was given; waits while `go` is not set."""

    classifier = SimpleNamespace(name="a classifier")
    au_detector = SimpleNamespace(name="a source")

    def __init__(self):
        self.go, self.started, self.asked = threading.Event(), threading.Event(), []
        self.go.set()

    def explain_picture(self, picture, target=None, language="en"):
        self.asked.append((picture, target, language))
        self.started.set()
        assert self.go.wait(LONG)
        if picture == b"broken":
            raise PhotoError("The photo is damaged; save it again.")
        if picture == b"huge":
            raise MemoryError
        return RECORD

    def explain_frame(self, picture, language="en"):
        self.explain_picture(picture, None, language)
        return {"picture": picture.decode()}
