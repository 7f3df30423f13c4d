"""Words for a fusion: the prompt, the writers, and the check of what they wrote.

The writer gets words, never pixels. Whatever comes back is held against the fusion: movements that
it names and the fusion lacks are unsupported, active ones that it does not name are left out.
"""

from xfera_nb.explanation.ablation import Ablation, WithoutAU, ablate
from xfera_nb.explanation.explanation import (
    Explanation,
    assemble_explanation,
    drop_cached_answer,
    explain,
    prepare_prompt,
)
from xfera_nb.explanation.facts import Facts, FactsError
from xfera_nb.explanation.feelings import find_emotion_words, find_feelings
from xfera_nb.explanation.grounding import (
    CONTRADICTED,
    NEGATED,
    SUPPORTED,
    UNSUPPORTED,
    Check,
    Finding,
    Flag,
    Sentence,
    check,
    split_sentences,
)
from xfera_nb.explanation.language import LANGUAGES, detect_language
from xfera_nb.explanation.mentions import Mention, find_mentions
from xfera_nb.explanation.movements import (
    ABSENT,
    MATCHING,
    NOT_MEASURABLE,
    PRESENT_NOT_ATTENDED,
    STRENGTH_WORDS,
    ExpectedAU,
    Movement,
)
from xfera_nb.explanation.prompts import Prompt, build_prompt
from xfera_nb.explanation.request import CONTRAST, KINDS, PAPER, STRICT, TextRequest
from xfera_nb.explanation.summary import NOTE, NOTE_SIDES, Summary, SummaryEntry
from xfera_nb.explanation.writers import (
    DEFAULT_MODEL,
    WRITERS,
    Draft,
    OfflineWriter,
    OpenAIWriter,
    Writer,
    load_writer,
)

__all__ = [
    "CONTRADICTED",
    "CONTRAST",
    "DEFAULT_MODEL",
    "KINDS",
    "LANGUAGES",
    "MATCHING",
    "NEGATED",
    "NOTE",
    "NOTE_SIDES",
    "PRESENT_NOT_ATTENDED",
    "NOT_MEASURABLE",
    "ABSENT",
    "PAPER",
    "STRICT",
    "STRENGTH_WORDS",
    "SUPPORTED",
    "UNSUPPORTED",
    "WRITERS",
    "Ablation",
    "TextRequest",
    "Summary",
    "SummaryEntry",
    "Check",
    "Draft",
    "ExpectedAU",
    "Explanation",
    "Facts",
    "FactsError",
    "Finding",
    "Flag",
    "Mention",
    "Movement",
    "OfflineWriter",
    "OpenAIWriter",
    "Prompt",
    "Sentence",
    "WithoutAU",
    "Writer",
    "ablate",
    "assemble_explanation",
    "build_prompt",
    "check",
    "detect_language",
    "explain",
    "find_emotion_words",
    "find_feelings",
    "find_mentions",
    "drop_cached_answer",
    "load_writer",
    "prepare_prompt",
    "split_sentences",
]
