"""Pictures of results: a still overlay (PIL) and plotly figures, pure functions of the data.

The plotly figures and an evaluation's drawings (SVG) load on first use (PEP 562), so that a page
or the command line, which draw stills only, do not pay for plotly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from xfera_nb.figures.comparison import comparison_image, difference_image, unique_landmarks_image
from xfera_nb.figures.heat import (
    NOT_SALIENT,
    SALIENT,
    colour_scale,
    contour_path,
    heat_rgba,
    salient_contours,
    share_of_peak,
)
from xfera_nb.figures.overlay import data_uri, overlay_image, photo_image, to_jpeg, to_png

if TYPE_CHECKING:
    from xfera_nb.figures.evaluation import classes_svg, confusion_svg, groups_svg, reliability_svg
    from xfera_nb.figures.plots import action_units_figure, overlay_figure, probability_figure
    from xfera_nb.figures.study import study_pictures
    from xfera_nb.figures.study_results import (
        study_answers_svg,
        study_conditions_svg,
        study_paper_svg,
        study_scores_svg,
    )
    from xfera_nb.figures.truth import curves_svg, weights_svg
    from xfera_nb.figures.truth_pictures import (
        blurred_au_image,
        blurred_random_image,
        regions_image,
    )

_ON_USE = {
    "action_units_figure": "plots",
    "blurred_au_image": "truth_pictures",
    "blurred_random_image": "truth_pictures",
    "classes_svg": "evaluation",
    "confusion_svg": "evaluation",
    "curves_svg": "truth",
    "groups_svg": "evaluation",
    "overlay_figure": "plots",
    "probability_figure": "plots",
    "regions_image": "truth_pictures",
    "reliability_svg": "evaluation",
    "study_answers_svg": "study_results",
    "study_conditions_svg": "study_results",
    "study_paper_svg": "study_results",
    "study_pictures": "study",
    "study_scores_svg": "study_results",
    "weights_svg": "truth",
}

__all__ = [
    "NOT_SALIENT",
    "SALIENT",
    "action_units_figure",
    "blurred_au_image",
    "blurred_random_image",
    "classes_svg",
    "comparison_image",
    "confusion_svg",
    "contour_path",
    "curves_svg",
    "data_uri",
    "difference_image",
    "groups_svg",
    "heat_rgba",
    "salient_contours",
    "unique_landmarks_image",
    "overlay_figure",
    "overlay_image",
    "photo_image",
    "probability_figure",
    "regions_image",
    "reliability_svg",
    "colour_scale",
    "share_of_peak",
    "study_answers_svg",
    "study_conditions_svg",
    "study_paper_svg",
    "study_pictures",
    "study_scores_svg",
    "to_jpeg",
    "to_png",
    "weights_svg",
]


def __getattr__(name: str) -> object:
    if name not in _ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"xfera_nb.figures.{_ON_USE[name]}"), name)
