"""XFERa for notebooks: explains what a face-emotion model saw, with heatmaps, Action Units, words.

``import xfera_nb as xf; xf.explain("photo.jpg")`` is the whole line from a photo to an explanation
that is checked against what was measured.

The public names load on first use (PEP 562), so that the import itself takes a few milliseconds
and torch, dlib, OpenCV and their like load only when something needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xfera_nb import study as study
    from xfera_nb import widgets as widgets
    from xfera_nb.api import explain
    from xfera_nb.au_detectors import load_detector
    from xfera_nb.classifier import load_classifier
    from xfera_nb.datasets import open_dataset
    from xfera_nb.errors import XferaError
    from xfera_nb.evaluation import check_map
    from xfera_nb.evidence import EvidenceStore, extract, gather
    from xfera_nb.faces import find_faces, load_photo
    from xfera_nb.facs import EMOTIONS
    from xfera_nb.fusion import FusionParams, fuse, fuse_many, sweep
    from xfera_nb.report.comparison import compare
    from xfera_nb.report.evaluation import evaluate

__version__ = "0.2.0"

# Public name -> the module that defines it.
_PUBLIC = {
    "EMOTIONS": "xfera_nb.facs",
    "EvidenceStore": "xfera_nb.evidence",
    "FusionParams": "xfera_nb.fusion",
    "XferaError": "xfera_nb.errors",
    "check_map": "xfera_nb.evaluation",
    "compare": "xfera_nb.report.comparison",
    "evaluate": "xfera_nb.report.evaluation",
    "explain": "xfera_nb.api",
    "extract": "xfera_nb.evidence",
    "find_faces": "xfera_nb.faces",
    "fuse": "xfera_nb.fusion",
    "fuse_many": "xfera_nb.fusion",
    "gather": "xfera_nb.evidence",
    "load_classifier": "xfera_nb.classifier",
    "load_detector": "xfera_nb.au_detectors",
    "load_photo": "xfera_nb.faces",
    "open_dataset": "xfera_nb.datasets",
    "sweep": "xfera_nb.fusion",
}

# Rooms that are reached as attributes, as in `xf.widgets.Explainer`.
_ROOMS = ("study", "widgets")

__all__ = [
    "EMOTIONS",
    "EvidenceStore",
    "FusionParams",
    "XferaError",
    "__version__",
    "check_map",
    "compare",
    "evaluate",
    "explain",
    "extract",
    "find_faces",
    "fuse",
    "fuse_many",
    "gather",
    "load_classifier",
    "load_detector",
    "load_photo",
    "open_dataset",
    "sweep",
]


def __getattr__(name: str) -> object:
    """Load the public `name` from its module and keep it, so that this runs once a name."""
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    try:
        module = _PUBLIC[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC, *_ROOMS})
