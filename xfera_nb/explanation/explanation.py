"""Explain a fusion in words and check them: the last step from a photo to an explanation.

Source
    The XFERa paper (Macchiarulo et al. 2025): Algorithm 1, lines 30-35, and Figure 1 for the
    summary of emotion, confidence level, matching and missing AUs.
Departures
    - Each text is checked against the fusion, and a note says what it describes: the model.
    - The summary has more lines than Figure 1 (`xfera_nb.explanation.summary`).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xfera_nb.errors import WriterError
from xfera_nb.explanation.choices import CONTRAST
from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.grounding import Check, check
from xfera_nb.explanation.opinion import SecondOpinion, compare_opinion
from xfera_nb.explanation.prompts import Prompt, TextRequest, build_prompt
from xfera_nb.explanation.summary import Summary
from xfera_nb.explanation.writers import (
    Draft,
    OfflineWriter,
    Writer,
    load_writer,
    write_draft,
)
from xfera_nb.explanation.writers.base import PictureWriter
from xfera_nb.facs import EMOTIONS

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion

class WriterWarning(UserWarning):
    """Warn that a writer failed, so that the offline writer wrote, or that a part was refused."""


@dataclass(frozen=True)
class Explanation:
    """Hold a text about a fusion with everything that it is based on.

    Parameters
    ----------
    facts : Facts
        What the text may use.
    prompt : Prompt
        What a language model was asked, or would have been.
    draft : Draft
        The text with its writer, model, tokens and seconds.
    check : Check
        The text checked against the facts.
    summary : Summary
        The lines of Figure 1.
    note : str or None
        A sentence that says why the writer failed, where the offline writer wrote instead; or what
        of the question a language model's server refused, where it was asked again without.
    second_opinion : SecondOpinion or None
        A vision model's answer beside what was measured, where it wrote the text.
    """

    facts: Facts
    prompt: Prompt
    draft: Draft
    check: Check
    summary: Summary
    note: str | None = None
    second_opinion: SecondOpinion | None = None

    @property
    def text(self) -> str:
        """Return the sentences. Treat a language model's as untrusted: escape them where shown."""
        return self.draft.text

    @property
    def writer(self) -> str:
        """Return the writer's name."""
        return self.draft.writer

    @property
    def model(self) -> str | None:
        """Return the language model that wrote the text; None for the offline writer."""
        return self.draft.model

    @property
    def tokens(self) -> tuple[int | None, int | None]:
        """Return the tokens of the prompt and of the answer, as the server counted them."""
        return self.draft.prompt_tokens, self.draft.completion_tokens

    @property
    def seconds(self) -> float:
        """Return the wall-clock seconds that the writing took."""
        return self.draft.seconds

    @property
    def summary_text(self) -> str:
        """Return the summary as lines to print."""
        return self.summary.text

    @property
    def byline(self) -> str:
        """Return a line that says who wrote the text, and what it took."""
        labels = self.summary.labels
        if self.model is None:
            return labels.offline
        if self.draft.sent_to is not None:
            form = labels.model_picture
            return f"{form.format(model=self.model, host=self.draft.sent_to)} {self.usage}"
        return f"{labels.model.format(model=self.model)} {self.usage}"

    @property
    def usage(self) -> str:
        """Return tokens, time and cost of a language model's text, as far as they are known."""
        draft, labels = self.draft, self.summary.labels
        asked, written = self.tokens
        parts = [labels.seconds.format(seconds=f"{draft.seconds:.1f}")]
        if asked is not None and written is not None:
            parts.insert(0, labels.tokens.format(asked=asked, written=written))
        if draft.cached:
            return labels.cached.format(parts=", ".join(parts))
        if draft.cost is not None:
            parts.append(labels.cost.format(cost=f"{draft.cost:.2g}"))
        return labels.took.format(parts=", ".join(parts))

    def to_dict(self) -> dict[str, object]:
        """Return the explanation as a JSON-able object."""
        return {
            "text": self.text,
            "writer": self.writer,
            "model": self.model,
            "prompt_tokens": self.draft.prompt_tokens,
            "completion_tokens": self.draft.completion_tokens,
            "seconds": self.seconds,
            "cost": self.draft.cost,
            "cached": self.draft.cached,
            "language": self.prompt.language,
            "prompt": {
                "kind": self.prompt.kind if self.second_opinion is None else "picture",
                "system": self.prompt.system,
                "user": self.prompt.user,
            },
            "note": self.note,
            "picture_sent_to": self.draft.sent_to,
            "second_opinion": self.second_opinion and self.second_opinion.to_dict(),
            "check": self.check.to_dict(),
            "summary": self.summary.to_dict(),
            "facts": self.facts.to_dict(),
        }

    def __str__(self) -> str:
        lines = (self.byline, f"Check: {self.check.summary}", " ".join(self.summary.notes))
        last = "\n".join(lines)
        return f"{self.summary_text}\n\n{self.text}\n\n{last}"


def explain(
    fusion: Fusion | Facts,
    writer: Writer | str | None = None,
    request: TextRequest | None = None,
    *,
    other: Facts | None = None,
    refresh: bool = False,
    fallback: bool = True,
) -> Explanation:
    """Explain a fusion in words, and check them.

    Parameters
    ----------
    fusion : Fusion or Facts
    writer : Writer or str, optional
        A writer or the name of one; the offline writer by default.
    request : TextRequest, optional
        Kind of prompt and language; the paper's prompt in English by default.
    other : Facts, optional
        For a contrast from facts: those of the class to contrast with. From a fusion they are
        worked out.
    refresh : bool
        Ask a language model again even where its answer is cached.
    fallback : bool
        Let the offline writer write where the writer fails; the explanation's `note` and a
        `WriterWarning` say so. Otherwise the failure is raised.

    Returns
    -------
    Explanation

    Raises
    ------
    WriterError
        If there is no such writer, it lacks a key, or there is nothing to contrast with; without
        `fallback` also if the writer gave no text.
    """
    explanation = write_explanation(
        fusion, writer, request, other=other, refresh=refresh, fallback=fallback
    )
    if explanation.note is not None:
        warnings.warn(explanation.note, WriterWarning, stacklevel=_caller_stacklevel())
    return explanation


def write_explanation(
    fusion: Fusion | Facts,
    writer: Writer | str | None = None,
    request: TextRequest | None = None,
    *,
    other: Facts | None = None,
    refresh: bool = False,
    fallback: bool = True,
    report: Callable[[str], None] | None = None,
) -> Explanation:
    """Explain a fusion as `explain` does, without a warning, and report the text as it grows.

    Parameters
    ----------
    fusion, writer, request, other, refresh, fallback
        As for `explain`.
    report : callable, optional
        Called with the text so far, at most ten times a second.

    Returns
    -------
    Explanation

    Raises
    ------
    WriterError
        As for `explain`.
    """
    if writer is None:
        writer = OfflineWriter()
    elif isinstance(writer, str):
        writer = load_writer(writer)
    facts, prompt = prepare_prompt(fusion, request, other)
    note = None
    try:
        if isinstance(writer, PictureWriter):
            if isinstance(fusion, Facts):
                raise WriterError(
                    f'The writer "{writer.name}" needs the picture of the face, and there are only '
                    "its facts; choose another writer."
                )
            prompt = writer.make_prompt(prompt.request)
            writer = writer.look_at(fusion.evidence.face.crop)
        if refresh:
            drop_cached_answer(writer, facts, prompt)
        draft = write_draft(writer, facts, prompt, report)
        note = draft.note
    except WriterError as error:
        if not fallback:
            raise
        note = f"{error} The sentences here are the offline writer's."
        draft = OfflineWriter().write(facts, prompt)
    second = None
    if draft.opinion is not None and not isinstance(fusion, Facts):
        model, host = draft.model or writer.name, draft.sent_to or ""
        second = compare_opinion(draft.opinion, fusion, model=model, host=host)
    return assemble_explanation(facts, prompt, draft, note, second)


def prepare_prompt(
    fusion: Fusion | Facts, request: TextRequest | None = None, other: Facts | None = None
) -> tuple[Facts, Prompt]:
    """Take the facts out of a fusion and build the prompt; parameters and errors as `explain`."""
    facts = fusion if isinstance(fusion, Facts) else Facts.from_fusion(fusion)
    request = request or TextRequest()
    if request.kind == CONTRAST and other is None and not isinstance(fusion, Facts):
        other = _contrasting_facts(fusion, request.contrast_with)
    return facts, build_prompt(facts, request, other)


def drop_cached_answer(writer: Writer, facts: Facts, prompt: Prompt) -> None:
    """Drop a writer's cached answer, if it caches."""
    if hasattr(writer, "drop_cached_answer"):
        writer.drop_cached_answer(facts, prompt)


def assemble_explanation(
    facts: Facts,
    prompt: Prompt,
    draft: Draft,
    note: str | None = None,
    second_opinion: SecondOpinion | None = None,
) -> Explanation:
    """Check a draft and put the explanation together."""
    declared = draft.declared_aus or ()
    found = check(draft.text, facts, prompt.language, other=prompt.other, declared_aus=declared)
    summary = Summary.from_facts(facts, prompt.language)
    return Explanation(facts, prompt, draft, found, summary, note, second_opinion)


def _contrasting_facts(fusion: Fusion, contrast_with: str | None) -> Facts:
    """Return the facts about another class: by default the most probable other one."""
    from xfera_nb.fusion import fuse

    if contrast_with is None:
        # A class that the network does not have has the probability NaN.
        shares = {
            name: float(share)
            for name, share in zip(EMOTIONS, fusion.probabilities, strict=True)
            if share == share and name != fusion.target
        }
        if not shares:
            raise WriterError("The network has no other class to contrast with.")
        contrast_with = max(shares, key=shares.__getitem__)
    return Facts.from_fusion(fuse(fusion.evidence, fusion.params, contrast_with))


def _caller_stacklevel() -> int:
    """Return the `stacklevel` of the first frame outside this package, seen from the caller."""
    package, frame, level = __name__.partition(".")[0], sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, level = frame.f_back, level + 1
    return level
