"""Compare the maps of the predicted and the true class side by side; HTML."""

from __future__ import annotations

import ipywidgets as w

from xfera_nb.figures import comparison_image, data_uri, to_jpeg
from xfera_nb.widgets.explainer.state import ExplainerState


class MapComparison(w.HTML):
    """Show the maps of the predicted and the true class beside their difference."""

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.state = state
        self._about: tuple[object, ...] = ()
        self._show()
        state.observe(lambda _: self._show(), ["fusion", "true_emotion"])

    def _show(self) -> None:
        evidence, true = self.state.evidence, self.state.true_emotion
        about = (evidence.heatmaps, true)
        if about == self._about:
            return
        self._about = about
        self.value = comparison_html(self.state)


def comparison_html(state: ExplainerState) -> str:
    """Return three pictures and a sentence; empty where no other true class is known."""
    evidence, true = state.evidence, state.true_emotion
    predicted = evidence.prediction.predicted
    if true is None or true == predicted:
        return ""
    picture = data_uri(to_jpeg(comparison_image(evidence, predicted, true), 85))
    return (
        f"<details><summary>Maps of prediction and label: {predicted} and {true}</summary>"
        f'<img src="{picture}" style="max-width:100%" alt="The maps for {predicted} and {true}, '
        f"on one scale, and their difference: orange where {predicted} has more, blue where {true} "
        'has more"></details>'
    )
