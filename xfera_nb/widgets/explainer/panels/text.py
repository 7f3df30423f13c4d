"""The text of an Explainer: the offline writer's at once, another's as it is written; HTML.

The offline writer's sentences follow the settings. A language model's are marked as stale when the
settings have moved, and the offline ones stand above them; they are untrusted: all is escaped.
"""

from __future__ import annotations

import ipywidgets as w

from xfera_nb.explanation import (
    CONTRAST,
    OfflineWriter,
    TextRequest,
    prepare_prompt,
    write_contrast,
)
from xfera_nb.report.markup import escape
from xfera_nb.report.opinion_html import second_opinion_html
from xfera_nb.report.text_html import mark_sentence
from xfera_nb.widgets.explainer.state import ExplainerState

STALE = "Stale: the setting or the class has changed. Press Explain again."
OTHER_FACE = "The last written text is about another face:"
LIVE = "From the measurements, by the offline writer; follows the settings."
WRITING = "Writing …"


class TextPanel(w.HTML):
    """Show the explanation of a state."""

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        self.add_class("xf-text-panel")
        names = ["draft", "explanation", "fusion", "language", "note", "person", "stale"]
        state.observe(lambda _: self._show(), [*names, "true_emotion", "writing"])

    def _show(self) -> None:
        self.value = text_html(self.state)


def text_html(state: ExplainerState) -> str:
    """Return the text: as it is written, the last explanation with its check, or the live one."""
    return f'<div class="xf-text">{_body(state)}</div>'


def _body(state: ExplainerState) -> str:
    if state.writing:
        draft = f'<p class="xf-say">{escape(state.draft)}</p>'
        return _status(f'{draft}<p class="xf-q">{WRITING}</p>')
    if state.explanation is None or state.shows_live_text:
        return live_html(state)
    sentences = _joined(" ".join(map(mark_sentence, state.explanation.check.sentences)))
    note = f'<p class="xf-stale">{escape(state.note)}</p>' if state.note else ""
    check = escape(state.explanation.check.summary)
    byline = f'<p class="xf-q">{escape(state.explanation.byline)} Check: {check}</p>'
    byline += str(second_opinion_html(state.explanation.second_opinion))
    if not state.stale:
        written = f'{note}<p class="xf-say">{sentences}</p>{_contrast_html(state)}{byline}'
        return _status(written)
    if state.explains_another_face:
        about = f"{OTHER_FACE} {escape(state.explained_photo)}"
    else:
        about = STALE
    old = f"<details><summary>{about}</summary>{note}<p>{sentences}</p>{byline}</details>"
    return live_html(state) + _status(f'<div class="xf-stale">{old}</div>')


def live_html(state: ExplainerState) -> str:
    """Return the offline writer's sentences about what is shown, which need no check."""
    request = TextRequest(language=state.language, person=state.person)
    draft = OfflineWriter().write(*prepare_prompt(state.fusion, request))
    return f'<p class="xf-say">{_joined(escape(draft.text))}</p><p class="xf-q">{LIVE}</p>'


def _status(body: str) -> str:
    return f'<div role="status" aria-live="polite">{body}</div>'


def _joined(html: str) -> str:
    """Keep a number and its percent sign on one line."""
    return html.replace(" %", "\u00a0%")


def _contrast_html(state: ExplainerState) -> str:
    """Return what tells the prediction from its runner-up or the label; empty without either."""
    if state.prompt == CONTRAST:
        return ""
    contrast = write_contrast(state.fusion, state.true_emotion, state.language)
    return "" if contrast is None else f'<p class="xf-say">{escape(contrast.text)}</p>'
