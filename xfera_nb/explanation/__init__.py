"""Words for a fusion: the prompt, the writers, and the check of what they wrote.

The writer gets words, never pixels. Whatever comes back is held against the fusion: movements that
it names and the fusion lacks are unsupported, active ones that it does not name are left out.
"""

from xfera_nb.explanation.ablation import Ablation, WithoutAU, ablate
from xfera_nb.explanation.asking import CONTRAST, KINDS, PAPER, STRICT, Ask
from xfera_nb.explanation.block import NOTE, NOTE_SIDES, Block, BlockEntry
from xfera_nb.explanation.explanation import (
    Explanation,
    assemble,
    explain,
    forget,
    prepare,
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
    MATCHING,
    NOT_LOOKED_AT,
    NOT_MEASURABLE,
    NOT_MOVING,
    STRENGTH_WORDS,
    Expected,
    Movement,
)
from xfera_nb.explanation.prompts import Prompt, build_prompt
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
    "NOT_LOOKED_AT",
    "NOT_MEASURABLE",
    "NOT_MOVING",
    "PAPER",
    "STRICT",
    "STRENGTH_WORDS",
    "SUPPORTED",
    "UNSUPPORTED",
    "WRITERS",
    "Ablation",
    "Ask",
    "Block",
    "BlockEntry",
    "Check",
    "Draft",
    "Expected",
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
    "assemble",
    "build_prompt",
    "check",
    "detect_language",
    "explain",
    "find_emotion_words",
    "find_feelings",
    "find_mentions",
    "forget",
    "load_writer",
    "prepare",
    "split_sentences",
]
