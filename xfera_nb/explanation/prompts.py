"""The prompt: the XFERa paper's, in its two parts, filled from the facts.

Source
    The XFERa paper (Macchiarulo et al. 2025), section 2.1 and Algorithm 1, lines 30-34. `SYSTEM`
    and the two sentences of `USER` are the paper's, word for word.
Departures
    - The paper says that its prompt "includes a description of the AUs considered typical of the
      recognized emotion", but does not print it: `TYPICAL` is ours.
    - Its neutral prompt is "formulated in a simple and direct way" and not printed: ours as well.
    - It has no branch for a face where no movement is active, where the map says nothing for the
      emotion, or where another emotion than the classifier's answer is explained. With the paper's
      words a model would be invited to invent there, so these branches ask it not to.
    - Movements carry side and strength ("strong lifting of the left cheek").
"""

from __future__ import annotations

from dataclasses import dataclass

from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.movements import expected_aus
from xfera_nb.facs import ACTION_UNITS, au_name

SYSTEM = (
    "You are a facial expression analysis system that detected this '{emotion}', do not explain "
    "the emotion. You are speaking to an audience completely unaware of the topic and they need a "
    "brief explanation of why the emotion occurred.\n\n"
    "Perform this task through the Action Units detected in the salient areas."
)
"""The paper's system part."""

CLASSIFIED = "The expression has been classified as '{emotion}'."
FOCUSED = (
    "It is important to note that the neural network focused on areas of the face where the "
    "following facial movements were detected: {movements}."
)
USER = f"{CLASSIFIED}\n\n{FOCUSED}"
"""The paper's user part; ``{movements}`` is its ``{', '.join(hot_descriptions)}``."""

TYPICAL = (
    "For reference, the Action Units considered typical of '{emotion}', whether or not they were "
    "detected here: {typical}."
)

SYSTEM_NEUTRAL = (
    "You are a facial expression analysis system. You are speaking to an audience completely "
    "unaware of the topic. Answer in one or two simple and direct sentences."
)
NEUTRAL = "No facial movement is typical of this class; do not name any that is not given here."

SYSTEM_OTHER = (
    "You are a facial expression analysis system that detected '{predicted}' and is asked about "
    "'{emotion}' instead, do not explain the emotion. You are speaking to an audience completely "
    "unaware of the topic and they need a brief explanation of what on the face speaks for "
    "'{emotion}'.\n\n"
    "Perform this task through the Action Units detected in the salient areas."
)
FOCUSED_OTHER = (
    "In the areas of the face that speak for '{emotion}', the following facial movements were "
    "detected: {movements}."
)

NOTHING_ACTIVE = (
    "No facial movement was detected in the areas of the face where the neural network focused. "
    "Say so in one or two sentences; do not name or guess any facial movement."
)
NO_EVIDENCE = (
    "No area of the face spoke for '{emotion}', so it is not known which facial movements matter. "
    "Say so in one or two sentences; do not name or guess any facial movement."
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is asked.

    Parameters
    ----------
    system, user : str
        The two parts.
    """

    system: str
    user: str

    @property
    def messages(self) -> list[dict[str, str]]:
        """The two parts as chat messages: text only, never an image."""
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.user},
        ]


def build_prompt(facts: Facts) -> Prompt:
    """The prompt for some facts.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    Prompt
        The paper's, or the branch for neutral, for another emotion than the answer, for nothing
        active, or for no positive evidence.
    """
    values = {
        "emotion": facts.emotion,
        "predicted": facts.predicted,
        "movements": ", ".join(movement.description for movement in facts.movements),
        "typical": describe_typical(facts.emotion),
    }
    if facts.emotion == "neutral":
        system, parts = SYSTEM_NEUTRAL, [NEUTRAL]
        if facts.movements:
            parts = [FOCUSED if facts.is_answer else FOCUSED_OTHER, NEUTRAL]
    else:
        system = SYSTEM
        if facts.movements:
            parts = [FOCUSED if facts.is_answer else FOCUSED_OTHER, TYPICAL]
        else:
            # What is typical is kept back here: a list of movements is an invitation to use it.
            parts = [NOTHING_ACTIVE if facts.has_positive_evidence else NO_EVIDENCE]
    if facts.is_answer:
        parts = [CLASSIFIED, *parts]
    else:
        system = SYSTEM_OTHER
    return Prompt(system.format(**values), "\n\n".join(parts).format(**values))


def describe_typical(emotion: str) -> str:
    """The emotion's AUs by Table 2: "AU06 cheek raiser (lifting of the cheeks), ..."."""
    return ", ".join(
        f"{au_name(au)} {ACTION_UNITS[au].name} ({words})" for au, words in expected_aus(emotion)
    )
