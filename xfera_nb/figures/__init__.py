"""Pictures of results: a still overlay (PIL) and plotly figures, pure functions of the data.

The plotly figures and an evaluation's drawings (SVG) load on first use (PEP 562), so that a page
or the command line, which draw stills only, do not pay for plotly.
"""

from __future__ import annotations

from importlib import import_module

from xfera_nb.figures.compare import comparison_image
from xfera_nb.figures.heat import (
    COLD,
    HOT,
    contour_path,
    heat_rgba,
    hot_contours,
    scale_colours,
    share_of_peak,
)
from xfera_nb.figures.overlay import data_uri, overlay_image, photo_image, to_jpeg, to_png

_ON_USE = {
    "au_bars": "plots",
    "classes_svg": "evaluation",
    "confusion_svg": "evaluation",
    "groups_svg": "evaluation",
    "overlay_figure": "plots",
    "probability_bars": "plots",
    "reliability_svg": "evaluation",
    "study_answers_svg": "study_results",
    "study_arms_svg": "study_results",
    "study_paper_svg": "study_results",
    "study_pictures": "study",
    "study_scores_svg": "study_results",
}

__all__ = [
    "COLD",
    "HOT",
    "comparison_image",
    "contour_path",
    "data_uri",
    "heat_rgba",
    "hot_contours",
    "overlay_image",
    "photo_image",
    "scale_colours",
    "share_of_peak",
    "to_jpeg",
    "to_png",
    *_ON_USE,
]


def __getattr__(name: str) -> object:
    if name not in _ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"xfera_nb.figures.{_ON_USE[name]}"), name)
