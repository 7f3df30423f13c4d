"""How the words are written: language, prompt and the model's settings; and whether they follow.

ipywidgets tied to the state's traits, both ways. No key is asked for or shown: it comes from the
environment alone.
"""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as w

from xfera_nb.explanation import CONTRAST, LANGUAGES, PROMPT_KINDS
from xfera_nb.facs import EMOTIONS
from xfera_nb.report.markup import escape
from xfera_nb.widgets.explainer.ablation_state import AblationState
from xfera_nb.widgets.explainer.state import ExplainerState

NEXT_BEST = "the next best"
TAKE_AWAY = "Take each fact away"
ABOUT = (
    "Each active movement is taken out of the facts once, and the words are written anew: do they "
    "still name it?"
)
BUSY = "Writing without each movement …"
STALE = "Stale: of other parameters, another class or face."
_TEXTS = {"model": "Model", "base_url": "Server", "temperature": "Temperature", "seed": "Seed"}
_HINTS = {
    "model": "else XFERA_MODEL",
    "base_url": "http://localhost:11434/v1",
    "temperature": "0",
    "seed": "none",
}


class WriterOptions:
    """The options of the words, and the button that takes facts away.

    Attributes
    ----------
    widget : VBox
    choices : dict of str to Dropdown
        By trait: language, prompt, contrast_with.
    texts : dict of str to Text
        By option of the model: model, base_url, temperature, seed; shown where one writes.
    take_away : Button
    ablation : AblationState
    outcome : HTML
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.ablation = AblationState(state)
        languages = [(language.own_name, code) for code, language in LANGUAGES.items()]
        prompts = [(about, kind) for kind, about in PROMPT_KINDS.items()]
        others = [(NEXT_BEST, None), *((name, name) for name in EMOTIONS)]
        self.choices = {
            "language": self._choice("language", "Language", languages),
            "prompt": self._choice("prompt", "Prompt", prompts),
            "contrast_with": self._choice("contrast_with", "Contrast with", others),
        }
        self.texts = {name: self._text(name, label) for name, label in _TEXTS.items()}
        self.take_away = w.Button(description=TAKE_AWAY, tooltip=ABOUT, layout={"width": "auto"})
        self.take_away.on_click(lambda _: self.ablation.run(in_background=True))
        self.outcome = w.HTML()
        self.model_row = w.HBox(list(self.texts.values()), layout={"flex_flow": "row wrap"})
        row = w.HBox(
            [*self.choices.values(), self.take_away], layout={"flex_flow": "row wrap"}
        )
        self.widget = w.VBox([row, self.model_row, self.outcome])
        self.widget.add_class("xf-writer")
        state.observe(lambda _: self._arrange(), ["prompt", "writer"])
        self.ablation.observe(lambda _: self._show(), ["ablation", "stale", "busy", "error"])
        self._arrange()
        self._show()

    def _choice(self, trait: str, label: str, options: list[Any]) -> w.Dropdown:
        dropdown = w.Dropdown(
            options=options,
            value=getattr(self.state, trait),
            description=label,
            style={"description_width": "76px"},
            layout={"width": "270px"},
        )
        dropdown.observe(lambda change: setattr(self.state, trait, change["new"]), "value")

        def follow(_: dict[str, Any]) -> None:
            dropdown.value = getattr(self.state, trait)

        self.state.observe(follow, trait)
        return dropdown

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

    def _set_option(self, name: str, typed: str) -> None:
        options = {key: value for key, value in self.state.writer_options.items() if key != name}
        typed = typed.strip()
        if typed == _shown(self.state.writer_options.get(name)):
            return
        if typed:
            value = _read(name, typed)
            if value is None:
                self.state.error = f"{_TEXTS[name]} {typed!r} is no number that can be used."
                self.texts[name].value = _shown(self.state.writer_options.get(name))
                return
            options[name] = value
        self.state.error = ""
        self.state.writer_options = options

    def _arrange(self) -> None:
        """Show what can have an effect."""
        shown = None if self.state.prompt == CONTRAST else "none"
        self.choices["contrast_with"].layout.display = shown
        self.model_row.layout.display = None if self.state.takes_options else "none"

    def _show(self) -> None:
        self.take_away.disabled = self.ablation.busy
        self.outcome.value = ablation_html(self.ablation)


def ablation_html(state: AblationState) -> str:
    """What became of the movements; a model's text is a stranger's, all of it is escaped."""
    if state.busy:
        body = f'<p class="xf-q">{BUSY}</p>'
    elif state.error:
        body = f'<p class="xf-stale">{escape(state.error)}</p>'
    elif state.ablation is None:
        return ""
    else:
        told = state.ablation
        stale = f'<p class="xf-stale">{STALE}</p>' if state.stale else ""
        rows = "".join(
            f"<li>without AU{one.au:02d} ({'gone' if one.vanished else 'still named'}): "
            f"{escape(one.text)}</li>"
            for one in told.without
        )
        texts = f"<details><summary>The texts</summary><ul>{rows}</ul></details>" if rows else ""
        body = f'{stale}<p class="xf-say">{escape(told.summary)}</p>{texts}'
    return f'<div class="xf-outcome" role="status" aria-live="polite">{body}</div>'


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _read(name: str, typed: str) -> object:
    """What was typed as the option's kind; None where it is not one."""
    if name in ("model", "base_url"):
        return typed
    try:
        number = int(typed) if name == "seed" else float(typed)
    except ValueError:
        return None
    if name == "temperature" and not (math.isfinite(number) and 0 <= number <= 2):
        return None
    return number
