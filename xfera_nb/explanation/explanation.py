"""From a fusion to words that are checked: the last step of the line.

Source
    The XFERa paper (Macchiarulo et al. 2025): Algorithm 1, lines 30-35, and Figure 1 for the block
    of expected emotion, confidence level, matching and missing AUs.
Departures
    - Each text is held against the fusion, and a note says whom it is about: the model.
    - The block has more in it than Figure 1's (`xfera_nb.explanation.summary`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xfera_nb.errors import WriterError
from xfera_nb.explanation.choices import CONTRAST
from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.grounding import Check, check
from xfera_nb.explanation.prompts import Prompt, TextRequest, build_prompt
from xfera_nb.explanation.summary import Summary
from xfera_nb.explanation.writers import Draft, OfflineWriter, Writer, load_writer
from xfera_nb.facs import EMOTIONS

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion

@dataclass(frozen=True)
class Explanation:
    """A text about a fusion, with all that it rests on.

    Parameters
    ----------
    facts : Facts
        What the text could use.
    prompt : Prompt
        What a language model was asked, or would have been.
    draft : Draft
        The text with its writer, model, tokens and seconds.
    check : Check
        The text held against the facts.
    summary : Summary
        Figure 1's block.
    """

    facts: Facts
    prompt: Prompt
    draft: Draft
    check: Check
    summary: Summary

    @property
    def text(self) -> str:
        """The sentences. From a language model they are a stranger's: escape them where shown."""
        return self.draft.text

    @property
    def writer(self) -> str:
        """The writer's name."""
        return self.draft.writer

    @property
    def model(self) -> str | None:
        """The language model that wrote the text; None for the offline writer."""
        return self.draft.model

    @property
    def tokens(self) -> tuple[int | None, int | None]:
        """Tokens of the prompt and of the answer, as the server counted them."""
        return self.draft.prompt_tokens, self.draft.completion_tokens

    @property
    def seconds(self) -> float:
        """Wall-clock seconds that the writing took."""
        return self.draft.seconds

    @property
    def summary_text(self) -> str:
        """Figure 1's block as lines to print."""
        return self.summary.text

    @property
    def byline(self) -> str:
        """Who wrote the text, and what it took."""
        labels = self.summary.labels
        if self.model is None:
            return labels.offline
        return f"{labels.model.format(model=self.model)} {self.usage}"

    @property
    def usage(self) -> str:
        """Tokens, time and cost of a language model's text, as far as they are known."""
        draft, labels = self.draft, self.summary.labels
        asked, written = self.tokens
        told = [labels.seconds.format(seconds=f"{draft.seconds:.1f}")]
        if asked is not None and written is not None:
            told.insert(0, labels.tokens.format(asked=asked, written=written))
        if draft.cached:
            return labels.cached.format(told=", ".join(told))
        if draft.cost is not None:
            told.append(labels.cost.format(cost=f"{draft.cost:.2g}"))
        return labels.took.format(told=", ".join(told))

    def to_dict(self) -> dict[str, object]:
        """The explanation as a JSON-able object."""
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
                "kind": self.prompt.kind,
                "system": self.prompt.system,
                "user": self.prompt.user,
            },
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
) -> Explanation:
    """Explain a fusion in words, and check them.

    Parameters
    ----------
    fusion : Fusion or Facts
    writer : Writer or str, optional
        A writer or the name of one; the offline writer if none is given.
    request : TextRequest, optional
        Kind of prompt and language; the paper's prompt in English by default.
    other : Facts, optional
        For a contrast from facts: those of the emotion to compare with. From a fusion they are
        worked out.
    refresh : bool
        Ask a language model anew even where its answer is cached.

    Returns
    -------
    Explanation

    Raises
    ------
    WriterError
        If the writer gave no text, or there is nothing to contrast with.
    """
    if writer is None:
        writer = OfflineWriter()
    elif isinstance(writer, str):
        writer = load_writer(writer)
    facts, prompt = prepare_prompt(fusion, request, other)
    if refresh:
        drop_cached_answer(writer, facts, prompt)
    return assemble_explanation(facts, prompt, writer.write(facts, prompt))


def prepare_prompt(
    fusion: Fusion | Facts, request: TextRequest | None = None, other: Facts | None = None
) -> tuple[Facts, Prompt]:
    """The facts of a fusion and the prompt for them; parameters and errors as `explain`."""
    facts = fusion if isinstance(fusion, Facts) else Facts.from_fusion(fusion)
    request = request or TextRequest()
    if request.kind == CONTRAST and other is None and not isinstance(fusion, Facts):
        other = _compared(fusion, request.contrast_with)
    return facts, build_prompt(facts, request, other)


def drop_cached_answer(writer: Writer, facts: Facts, prompt: Prompt) -> None:
    """Have a writer ask anew the next time, where it keeps answers."""
    if hasattr(writer, "drop_cached_answer"):
        writer.drop_cached_answer(facts, prompt)


def assemble_explanation(facts: Facts, prompt: Prompt, draft: Draft) -> Explanation:
    """A draft with its check and the block."""
    declared = draft.declared_aus or ()
    found = check(draft.text, facts, prompt.language, other=prompt.other, declared_aus=declared)
    return Explanation(facts, prompt, draft, found, Summary.from_facts(facts, prompt.language))


def _compared(fusion: Fusion, contrast_with: str | None) -> Facts:
    """Facts of the same face for another emotion: by default the most probable other one."""
    from xfera_nb.fusion import fuse

    if contrast_with is None:
        # A class that the network does not have has the probability NaN.
        shares = {
            name: float(share)
            for name, share in zip(EMOTIONS, fusion.probabilities, strict=True)
            if share == share and name != fusion.target
        }
        if not shares:
            raise WriterError("The network has no other class to compare with.")
        contrast_with = max(shares, key=shares.__getitem__)
    return Facts.from_fusion(fuse(fusion.evidence, fusion.params, contrast_with))
