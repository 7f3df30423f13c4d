"""The text of an Explainer as it is written, and its check; HTML.

A language model's text is untrusted: all of it is escaped.
"""

from __future__ import annotations

import ipywidgets as w

from xfera_nb.explanation import CONTRAST, write_contrast
from xfera_nb.report.markup import escape
from xfera_nb.report.text_html import mark_sentence
from xfera_nb.widgets.explainer.state import ExplainerState

STALE = "Stale: parameters or class have changed since. Press Explain again."
OTHER_FACE = "Press Explain for this face. The last text is about another one:"
WRITING = "Writing …"


class TextPanel(w.HTML):
    """Show the explanation of a state."""

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        names = ["draft", "explanation", "note", "stale", "true_emotion", "writing"]
        state.observe(lambda _: self._show(), names)

    def _show(self) -> None:
        self.value = text_html(self.state)


def text_html(state: ExplainerState) -> str:
    """Return the text so far, or the last explanation with its check; empty without one."""
    if state.writing:
        body = f'<p class="xf-say">{escape(state.draft)}</p><p class="xf-q">{WRITING}</p>'
    elif state.explanation is None:
        return ""
    else:
        check = state.explanation.check
        sentences = " ".join(mark_sentence(sentence) for sentence in check.sentences)
        stale = f'<p class="xf-stale">{STALE}</p>' if state.stale else ""
        note = f'<p class="xf-stale">{escape(state.note)}</p>' if state.note else ""
        byline = f"{escape(state.explanation.byline)} Check: {escape(check.summary)}"
        if state.explains_another_face:
            about = f"{OTHER_FACE} {escape(state.explained_photo)}"
            body = (
                f"<details><summary>{about}</summary>{note}<p>{sentences}</p>"
                f'<p class="xf-q">{byline}</p></details>'
            )
        else:
            body = (
                f'{stale}{note}<p class="xf-say">{sentences}</p>{_contrast_html(state)}'
                f'<p class="xf-q">{byline}</p>'
            )
    return f'<div class="xf-text" role="status" aria-live="polite">{body}</div>'


def _contrast_html(state: ExplainerState) -> str:
    """Return what tells the prediction from its runner-up or the label; empty without either."""
    if state.stale or state.prompt == CONTRAST:
        return ""
    contrast = write_contrast(state.fusion, state.true_emotion, state.language)
    return "" if contrast is None else f'<p class="xf-say">{escape(contrast.text)}</p>'
