"""The explanation as it is written, its check, and the maps of two classes side by side; HTML.

A language model's text is a stranger's: all of it is escaped.
"""

from __future__ import annotations

import ipywidgets as w

from xfera_nb.figures import comparison_image, data_uri, to_jpeg
from xfera_nb.report.markup import escape
from xfera_nb.report.text_html import mark_sentence
from xfera_nb.widgets.explainer.state import ExplainerState

STALE = "Stale: parameters, class or face have moved since. Press Explain again."
WRITING = "Writing …"


class Words:
    """Observes a state and shows its explanation in `widget`."""

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.widget = w.HTML()
        self._show()
        names = ["draft", "explanation", "note", "stale", "writing"]
        state.observe(lambda _: self._show(), names)

    def _show(self) -> None:
        html = words_html(self.state)
        if html != self.widget.value:
            self.widget.value = html


def words_html(state: ExplainerState) -> str:
    """The words so far, or the last explanation with its check; empty where there is none."""
    if state.writing:
        body = f'<p class="xf-say">{escape(state.draft)}</p><p class="xf-q">{WRITING}</p>'
    elif state.explanation is None:
        return ""
    else:
        check = state.explanation.check
        sentences = " ".join(mark_sentence(sentence) for sentence in check.sentences)
        stale = f'<p class="xf-stale">{STALE}</p>' if state.stale else ""
        note = f'<p class="xf-stale">{escape(state.note)}</p>' if state.note else ""
        body = (
            f'{stale}{note}<p class="xf-say">{sentences}</p><p class="xf-q">'
            f"{escape(state.explanation.byline)} Check: {escape(check.summary)}</p>"
        )
    return f'<div class="xf-words2" role="status" aria-live="polite">{body}</div>'


class Comparison:
    """Shows the maps of the predicted and the true class beside their difference in `widget`."""

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.widget = w.HTML()
        self._about: tuple[object, ...] = ()
        self._show()
        state.observe(lambda _: self._show(), ["fusion", "true_emotion"])

    def _show(self) -> None:
        evidence, true = self.state.evidence, self.state.true_emotion
        about = (evidence, true)
        if about == self._about:
            return
        self._about = about
        self.widget.value = comparison_html(self.state)


def comparison_html(state: ExplainerState) -> str:
    """Three pictures and a sentence; empty where the true class is not known or is predicted."""
    evidence, true = state.evidence, state.true_emotion
    predicted = evidence.prediction.predicted
    if true is None or true == predicted:
        return ""
    picture = data_uri(to_jpeg(comparison_image(evidence, predicted, true), 85))
    return (
        f"<details><summary>Predicted beside true: {predicted} and {true}</summary>"
        f'<img src="{picture}" style="max-width:100%" alt="The maps for {predicted} and {true}, '
        f"on one scale, and their difference: orange where {predicted} has more, blue where {true} "
        'has more"></details>'
    )
