"""The writer panel of an Explainer: language, prompt, the model's settings, and the ablation.

No key is asked for or shown: it comes from the environment alone.
"""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as w

from xfera_nb.explanation import CONTRAST, LANGUAGES, PROMPT_KINDS
from xfera_nb.explanation.choices import PERSONS, PICTURE_WRITERS
from xfera_nb.facs import EMOTIONS
from xfera_nb.report.markup import escape
from xfera_nb.widgets.explainer.ablation_state import AblationState
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.controls import make_button, make_menu

REMOVE_FACTS = "Remove each fact"
ABOUT = (
    "Each active Action Unit is removed from the facts once, and the text is written again: does "
    "it still name it?"
)
BUSY = "Writing without each Action Unit …"
STALE = "Stale: for other parameters, another class or face."
SEND_IMAGE = "Send the face crop"
SENDING = (
    "The face crop (224 x 224 pixels) is sent to the model's server when you "
    "press Explain; the photo itself and what was measured are not."
)
_TEXTS = {"model": "Model", "base_url": "Server", "temperature": "Temperature", "seed": "Seed"}
_HINTS = {
    "model": "else XFERA_MODEL",
    "base_url": "http://localhost:11434/v1",
    "temperature": "0",
    "seed": "none",
}


class WriterPanel(w.VBox):
    """Show the options of the text, and the button that removes each fact.

    Attributes
    ----------
    choices : dict of str to Dropdown
        By trait: language, person (where the templates write), prompt, contrast_with.
    texts : dict of str to Text
        By option of the model: model, base_url, temperature, seed; shown where one writes.
    send_image : Checkbox
        Allows the writer "vision" to send the picture; shown where it is chosen. It is cleared
        when the server changes.
    remove_facts : Button
    ablation : AblationState
    outcome : HTML
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.ablation = AblationState(state)
        languages = [(language.own_name, code) for code, language in LANGUAGES.items()]
        persons = [(about, name) for name, about in PERSONS.items()]
        prompts = [(about, kind) for kind, about in PROMPT_KINDS.items()]
        others = [("the runner-up", ""), *((name, name) for name in EMOTIONS)]
        self.choices = {
            "language": make_menu(state, "language", "Language", languages),
            "person": make_menu(state, "person", "Person", persons),
            "prompt": make_menu(state, "prompt", "Prompt", prompts),
            "contrast_with": make_menu(
                state, "contrast_with", "Contrast with", others, none="", label_width=90
            ),
        }
        self.texts = {name: self._text(name, label) for name, label in _TEXTS.items()}
        self.send_image = w.Checkbox(
            description=SEND_IMAGE,
            value=self.state.writer_options.get("send_image") is True,
            indent=False,
            layout={"width": "auto"},
        )
        self.send_image.observe(lambda change: self._allow(change["new"]), "value")
        state.observe(lambda _: self._follow_allowed(), "writer_options")
        self.picture_row = w.VBox([self.send_image, w.HTML(f'<p class="xf-q">{SENDING}</p>')])
        self.remove_facts = make_button(
            REMOVE_FACTS, lambda: self.ablation.run(in_background=True), tooltip=ABOUT
        )
        self.outcome = w.HTML()
        wrap = {"flex_flow": "row wrap"}
        self.model_row = w.HBox(list(self.texts.values()), layout=wrap)
        row = w.HBox([*self.choices.values(), self.remove_facts], layout=wrap)
        super().__init__([row, self.model_row, self.picture_row, self.outcome])
        self.add_class("xf-writer")
        state.observe(lambda _: self._arrange(), ["prompt", "writer"])
        self.ablation.observe(lambda _: self._show(), ["ablation", "stale", "busy", "error"])
        self._arrange()
        self._show()

    def _text(self, name: str, label: str) -> w.Text:
        text = w.Text(
            value=_shown(self.state.writer_options.get(name)),
            placeholder=_HINTS[name],
            description=label,
            continuous_update=False,
            style={"description_width": "76px"},
            layout={"width": "270px"},
        )
        text.observe(lambda change: self._set_option(name, change["new"]), "value")

        def follow(_: dict[str, Any]) -> None:
            text.value = _shown(self.state.writer_options.get(name))

        self.state.observe(follow, "writer_options")
        return text

    def _allow(self, allowed: bool) -> None:
        options = dict(self.state.writer_options)
        options.pop("send_image", None)
        if allowed:
            options["send_image"] = True
        self.state.error = ""
        self.state.writer_options = options

    def _follow_allowed(self) -> None:
        self.send_image.value = self.state.writer_options.get("send_image") is True

    def _set_option(self, name: str, typed: str) -> None:
        options = {key: value for key, value in self.state.writer_options.items() if key != name}
        typed = typed.strip()
        if typed == _shown(self.state.writer_options.get(name)):
            return
        if typed:
            value = _read(name, typed)
            if value is None:
                self.state.error = f"{_TEXTS[name]} {typed!r} is not a valid number."
                self.texts[name].value = _shown(self.state.writer_options.get(name))
                return
            options[name] = value
        if name == "base_url":
            options.pop("send_image", None)
        self.state.error = ""
        self.state.writer_options = options

    def _arrange(self) -> None:
        """Show what can have an effect."""
        sees = self.state.writer in PICTURE_WRITERS
        self.picture_row.layout.display = None if sees else "none"
        self.choices["prompt"].layout.display = "none" if sees else None
        self.remove_facts.layout.display = "none" if sees else None
        shown = None if self.state.prompt == CONTRAST and not sees else "none"
        self.choices["contrast_with"].layout.display = shown
        self.choices["person"].layout.display = "none" if self.state.takes_options else None
        self.model_row.layout.display = None if self.state.takes_options else "none"

    def _show(self) -> None:
        self.remove_facts.disabled = self.ablation.busy
        self.outcome.value = ablation_html(self.ablation)


def ablation_html(state: AblationState) -> str:
    """Return the result of an ablation; a model's text is untrusted, all of it is escaped."""
    if state.busy:
        body = f'<p class="xf-q">{BUSY}</p>'
    elif state.error:
        body = f'<p class="xf-stale">{escape(state.error)}</p>'
    elif state.ablation is None:
        return ""
    else:
        found = state.ablation
        stale = f'<p class="xf-stale">{STALE}</p>' if state.stale else ""
        rows = "".join(
            f"<li>without AU{one.au:02d} ({'gone' if one.vanished else 'still named'}): "
            f"{escape(one.text)}</li>"
            for one in found.without
        )
        texts = f"<details><summary>The texts</summary><ul>{rows}</ul></details>" if rows else ""
        body = f'{stale}<p class="xf-say">{escape(found.summary)}</p>{texts}'
    return f'<div class="xf-outcome" role="status" aria-live="polite">{body}</div>'


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _read(name: str, typed: str) -> object:
    """Return what was typed as the option's type; None where it is not one."""
    if name in ("model", "base_url"):
        return typed
    try:
        number = int(typed) if name == "seed" else float(typed)
    except ValueError:
        return None
    if name == "temperature" and not (math.isfinite(number) and 0 <= number <= 2):
        return None
    return number
