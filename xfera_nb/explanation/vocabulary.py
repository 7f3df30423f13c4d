"""Everyday words for facial movements and emotions, as data for the grounding check.

Notation
    A pattern is a row of words. In a word, "/" separates alternatives and a final "*" stands for
    any ending: "lip/mouth corner*" is "lip corner", "mouth corners" ... A lone "~" stands for up to
    `LONGEST_TWIST` words, in which other things may be found: "pull* ~ together". Matching is on
    lower-case words without hyphens, after `DROPPED` words (left and right) and "of" with what
    follows it ("of the", "of both") are taken out: "corner of the left lip" is read "corner lip".
How a movement is found
    First whole phrases (`PHRASES`), then a part of the face beside an action (`RULES`), the longest
    match first. Words that are true of several AUs equally ("raised eyebrows": AU 1 and 2) name
    every one of them that is active. Words that mean one AU and may pass for another ("pressed
    lips": AU 24, else 23) name the other only where the first is not active.
Source
    Ours. It covers every `words` and `name` in `xfera_nb.facs`; the paper has no vocabulary.
Limits
    English. Sides and strengths are not judged. "Smile" and "grin" count as AU 12, "frown" as
    AU 4 or, as many Americans use it, AU 15.
"""

from __future__ import annotations

from collections.abc import Mapping

Meanings = tuple[tuple[int, ...], ...]
"""What words may mean, the most usual first; AUs in one inner tuple are meant equally."""


def first(*aus: int) -> Meanings:
    """The first AU that is active, in this order."""
    return tuple((au,) for au in aus)


def equal(*aus: int) -> Meanings:
    """Any of the AUs, one as much as the other."""
    return (aus,)


DROPPED = frozenset({"left", "right"})
AFTER_OF = frozenset({"the", "a", "an", "both", "each", "his", "her", "their", "your", "this"})
OF_STAYS_AFTER = frozenset({"instead"})
LONGEST_TWIST = 5

PARTS: Mapping[str, tuple[str, ...]] = {
    "inner brow": (
        "inner brow/brows/eyebrow/eyebrows",
        "inner corner*/part/parts/end*/half/halves/edge*/portion* brow/brows/eyebrow/eyebrows",
    ),
    "outer brow": (
        "outer brow/brows/eyebrow/eyebrows",
        "outer corner*/part/parts/end*/half/halves/edge*/portion* brow/brows/eyebrow/eyebrows",
    ),
    "brow": ("brow/brows/eyebrow/eyebrows",),
    "forehead": ("forehead*",),
    "upper lid": ("upper lid/lids/eyelid/eyelids", "top lid/lids/eyelid/eyelids"),
    "lower lid": ("lower lid/lids/eyelid/eyelids", "bottom lid/lids/eyelid/eyelids"),
    "lid": ("lid/lids/eyelid/eyelids",),
    "eye corner": (
        "corner*/edge* eye/eyes",
        "eye corner*",
        "around the eye/eyes",
        "beside/near the eye/eyes",
    ),
    "eye": ("eye/eyes",),
    "cheek": ("cheek/cheeks/cheekbone/cheekbones",),
    "nose": ("nose/noses", "bridge nose", "nose bridge"),
    "fold": (
        "fold*/line*/furrow*/crease* between nose and mouth",
        "fold*/line*/furrow*/crease* between the nose and mouth",
        "fold*/line*/furrow*/crease* between the nose and the mouth",
        "fold*/line*/furrow*/crease* from nose to mouth",
        "fold*/line*/furrow*/crease* from the nose to the mouth",
        "nasolabial fold*/furrow*/line*",
        "nasolabial",
    ),
    "upper lip": ("upper/top lip/lips",),
    "lower lip": ("lower/bottom lip/lips",),
    "lip corner": (
        "lip/lips/mouth corner*",
        "corner*/end*/edge* lip/lips/mouth",
    ),
    "lip": ("lip/lips",),
    "mouth": ("mouth/mouths",),
    "chin": ("chin/chins", "chin boss"),
    "jaw": ("jaw/jaws",),
}
"""Part of the face -> patterns."""

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "raise": (
        "rais*", "lift*", "elevat*", "uplift*", "upturn*", "upward*", "up", "rise/rises/rising",
        "arch/arches/arched/arching", "hoist*",
        "pull*/push*/draw*/drawn/turn*/curv*/curl*/mov* up/upward/upwards",
    ),
    "lower": (
        "lowers/lowered/lowering/lowerer", "lower the/his/her/their/your/both", "depress*",
        "droop*", "sag/sags/sagging/sagged", "down", "downward*", "downturn*",
        "sink/sinks/sinking/sunk",
        "pull*/push*/draw*/drawn/turn*/curv*/curl*/mov* down/downward/downwards",
    ),
    "drop": ("drop*", "fall/falls/falling/fallen", "slack*"),
    "together": (
        "pull*/draw*/drawn/knit*/squeez*/bring*/brought/com* together",
        "pull*/draw*/drawn/knit*/squeez*/bring*/brought ~ together",
        "furrow/furrows/furrowed/furrowing", "knit*", "contract*", "pinch*",
    ),
    "pull": ("pull*",),
    "back": (
        "pull*/draw*/drawn/stretch* back/backward/backwards/outward/outwards/apart",
        "pull*/draw*/drawn/stretch* ~ back/backward/backwards/outward/outwards/apart",
        "sideways",
    ),
    "stretch": ("stretch*", "elongat*"),
    "widen": ("wide", "widen*", "widely", "wide open*", "open* wide", "widely open*"),
    "open wide": (
        "wide open*", "open* wide", "widely open*", "wide/widely", "stretch* open",
    ),
    "open": ("open*", "ajar", "agape", "gap/gape/gapes/gaped/gaping"),
    "part": ("parted/parting", "apart", "separat*"),
    "close": ("clos*", "shut/shuts/shutting"),
    "tighten": ("tight*", "tens*", "contract*", "squeez*"),
    "narrow": ("narrow*", "thin/thins/thinned/thinning/thinner"),
    "press": ("press*", "compress*", "clamp*", "squeez*", "press*/squeez*/clamp* together"),
    "wrinkle": (
        "wrinkl*", "crinkl*", "scrunch*", "crumpl*", "crease/creases/creased/creasing",
        "line/lines", "fold/folds",
    ),
    "curl": ("curl*", "sneer*"),
    "bunch": ("bunch*", "push*", "plump*"),
    "deepen": ("deep*", "pronounc*", "accentuat*"),
    "tuck": ("tuck*", "tight*"),
    "pucker": ("pucker*", "purs*", "pout*"),
    "funnel": (
        "funnel*", "protrud*", "push*/thrust*/stick*/jut* forward/forwards/out/outward",
    ),
    "suck": ("suck*", "suck*/roll*/draw*/fold* in/inward/inwards"),
    "oblique": ("oblique*", "slant*"),
}  # fmt: skip
"""Action -> patterns. One wording may belong to several actions; `RULES` tells which fit a part."""

RULES: Mapping[tuple[str, str], Meanings] = {
    ("inner brow", "raise"): first(1),
    ("inner brow", "oblique"): first(1),
    ("inner brow", "lower"): first(4),
    ("inner brow", "together"): first(4),
    ("outer brow", "raise"): first(2),
    ("outer brow", "lower"): first(4),
    ("brow", "raise"): equal(1, 2),
    ("brow", "oblique"): first(1),
    ("brow", "lower"): first(4),
    ("brow", "drop"): first(4),
    ("brow", "together"): first(4),
    ("brow", "tighten"): first(4),
    ("brow", "wrinkle"): first(4),
    ("forehead", "wrinkle"): ((1, 2), (4,)),
    ("upper lid", "raise"): first(5),
    ("upper lid", "widen"): first(5),
    ("upper lid", "tighten"): first(7),
    ("lower lid", "raise"): first(7, 6),
    ("lower lid", "tighten"): first(7),
    ("lid", "raise"): first(5),
    ("lid", "widen"): first(5),
    ("lid", "tighten"): first(7),
    ("lid", "narrow"): first(7),
    ("lid", "press"): first(7),
    ("lid", "close"): first(43, 45),
    ("lid", "lower"): first(43, 45),
    ("lid", "drop"): first(43, 45),
    ("eye", "widen"): first(5),
    ("eye", "tighten"): first(7),
    ("eye", "narrow"): first(7, 6),
    ("eye", "close"): first(43, 45),
    ("eye", "wrinkle"): first(6),
    ("eye corner", "wrinkle"): first(6),
    ("cheek", "raise"): first(6),
    ("cheek", "bunch"): first(6),
    ("nose", "wrinkle"): first(9),
    ("fold", "deepen"): first(11),
    ("upper lip", "raise"): first(10),
    ("upper lip", "pull"): first(10),
    ("upper lip", "curl"): first(10),
    ("lip", "curl"): first(10),
    ("lip corner", "raise"): first(12),
    ("lip corner", "pull"): first(12),
    ("lip corner", "curl"): first(12),
    ("lip corner", "back"): equal(12, 20),
    ("lip corner", "stretch"): first(20),
    ("lip corner", "lower"): first(15),
    ("lip corner", "drop"): first(15),
    ("lip corner", "tuck"): first(14),
    ("lip corner", "press"): first(14),
    ("mouth", "raise"): first(12),
    ("mouth", "lower"): first(15),
    ("mouth", "drop"): first(26, 27, 25),
    ("mouth", "stretch"): first(27, 20),
    ("mouth", "back"): first(20, 12),
    ("mouth", "open wide"): first(27, 26),
    ("mouth", "open"): equal(25, 26, 27),
    ("mouth", "part"): first(25),
    ("mouth", "tighten"): first(23, 24),
    ("mouth", "press"): first(24, 23),
    ("lower lip", "lower"): first(16),
    ("lower lip", "drop"): first(16),
    ("lower lip", "pull"): first(16),
    ("lower lip", "raise"): first(17),
    ("lower lip", "bunch"): first(17),
    ("lip", "stretch"): first(20),
    ("lip", "back"): first(20),
    ("lip", "widen"): first(20),
    ("lip", "pucker"): ((18,), (22, 23, 24)),
    ("mouth", "pucker"): ((18,), (22, 23, 24)),
    ("lip", "funnel"): first(22, 18),
    ("mouth", "funnel"): first(22, 18),
    ("lip", "tighten"): first(23, 24),
    ("lip", "narrow"): first(23, 24),
    ("lip", "press"): first(24, 23),
    ("lip", "part"): first(25),
    ("lip", "open"): ((25,), (26, 27)),
    ("lip", "suck"): first(28),
    ("chin", "raise"): first(17),
    ("chin", "bunch"): first(17),
    ("chin", "wrinkle"): first(17),
    ("jaw", "drop"): first(26, 27),
    ("jaw", "lower"): first(26, 27),
    ("jaw", "open"): first(26, 27),
    ("jaw", "open wide"): first(27, 26),
    ("jaw", "stretch"): first(27),
}
"""(part, action) -> what it may mean."""

VAGUE_ACTIONS = frozenset({"pull", "open", "tighten", "together"})
"""Actions that give way to another beside them: "pulled down" is no "pulled"."""

PHRASES: Mapping[str, Meanings] = {
    "crow's/crows feet": first(6),
    "smile/smiles/smiled/smiling/smiley": first(12),
    "grin/grins/grinned/grinning": first(12),
    "frown*": first(4, 15),
    "scowl*": first(4),
    "squint*/squinch*": first(7, 6),
    "dimpl*": first(14),
    "blink*": first(45, 43),
    "eyeblink*": first(45, 43),
    "wink/winks/winked/winking": first(45, 43),
    "mouth stretch": first(27),
    "lips part": first(25),
    "lip suck": first(28),
    "pout/pouts/pouted/pouting": equal(17, 18, 22),
    "eye closure": first(43, 45),
    "wide eyed": first(5),
    "slack jawed": first(26),
    "open mouthed": equal(25, 26, 27),
}
"""Whole phrases that mean a movement without an action beside a part."""

NEGATIONS: Mapping[str, tuple[str, ...]] = {
    "before": (
        "no", "without", "neither", "lack/lacks/lacked", "absence", "barely any", "rather than",
        "instead of",
    ),
    "around": (
        "not", "never", "cannot", "absent", "lacking", "missing", "hardly", "failed to",
        "fails to",
    ),
}  # fmt: skip
"""What negates a movement that follows, and what negates one on either side of it, as does every
word that ends on "n't"."""

NOT_NEGATIONS: tuple[str, ...] = (
    "not only/just/merely/simply/surprisingly/least/alone",
    "no doubt/less/longer",
)
"""What begins like a negation and is none."""

CLAUSE_BREAKS = frozenset(
    {"but", "while", "whereas", "although", "though", "however", "yet", "because", "since"}
)
"""Words at which a clause ends: nothing is linked or negated across them."""

EMOTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "anger": ("anger*", "angry", "angri*", "rage", "furious*", "fury", "irritat*", "annoy*"),
    "disgust": ("disgust*", "revulsion", "revolted", "repuls*"),
    "fear": (
        "fear*", "afraid", "scared", "scary", "frighten*", "fright", "terror", "terrif*", "anxi*",
    ),
    "happiness": (
        "happy", "happi*", "joy*", "cheerful*", "delight*", "glad*", "pleased", "pleasure",
        "amuse*",
    ),
    "neutral": ("neutral*",),
    "sadness": ("sad/sadly/sadder/saddest", "sadness", "sorrow*", "unhapp*", "grief",
                "melanchol*"),
    "surprise": (
        "surprise/surprises/surprised/surprising", "astonish*", "amaze*", "startl*", "shock*",
    ),
    "contempt": ("contempt*", "disdain*", "scorn*"),
}  # fmt: skip
"""Emotion -> its words, single words only. Contempt is none of the seven classes, and so always
another emotion."""
