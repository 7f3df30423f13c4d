"""Everyday words for facial movements and emotions, as data for the grounding check.

Notation
    A pattern is a row of words. In a word, "/" separates alternatives and a final "*" stands for
    any ending: "lip/mouth corner*" is "lip corner", "mouth corners" ... A lone "~" stands for up to
    `LONGEST_TWIST` words, in which other things may be found: "pull* ~ together". Matching is on
    lower-case words without hyphens, after `DROPPED` words (left and right) and "of" with what
    follows it ("of the", "of both") are taken out: "corner of the left lip" is read "corner lip".
How a movement is found
    First whole phrases (`PHRASES`), then a part of the face beside an action (`RULES`), the longest
    match first. Where a phrase is true of several AUs, all are given, the most usual first: it is
    supported if any of them is active.
Source
    Ours. It covers every `words` and `name` in `xfera_nb.facs`; the paper has no vocabulary.
Limits
    English. Sides and strengths are not judged. "Smile" and "grin" count as AU 12, "frown" as
    AU 4 or, as many Americans use it, AU 15.
"""

from __future__ import annotations

from collections.abc import Mapping

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

RULES: Mapping[tuple[str, str], tuple[int, ...]] = {
    ("inner brow", "raise"): (1,),
    ("inner brow", "oblique"): (1,),
    ("inner brow", "lower"): (4,),
    ("inner brow", "together"): (4,),
    ("outer brow", "raise"): (2,),
    ("outer brow", "lower"): (4,),
    ("brow", "raise"): (1, 2),
    ("brow", "oblique"): (1,),
    ("brow", "lower"): (4,),
    ("brow", "drop"): (4,),
    ("brow", "together"): (4,),
    ("brow", "tighten"): (4,),
    ("brow", "wrinkle"): (4,),
    ("forehead", "wrinkle"): (1, 2, 4),
    ("upper lid", "raise"): (5,),
    ("upper lid", "widen"): (5,),
    ("upper lid", "tighten"): (7,),
    ("lower lid", "raise"): (7, 6),
    ("lower lid", "tighten"): (7,),
    ("lid", "raise"): (5,),
    ("lid", "widen"): (5,),
    ("lid", "tighten"): (7,),
    ("lid", "narrow"): (7,),
    ("lid", "press"): (7,),
    ("lid", "close"): (43, 45),
    ("lid", "lower"): (43, 45),
    ("lid", "drop"): (43, 45),
    ("eye", "widen"): (5,),
    ("eye", "tighten"): (7,),
    ("eye", "narrow"): (7, 6),
    ("eye", "close"): (43, 45),
    ("eye", "wrinkle"): (6,),
    ("eye corner", "wrinkle"): (6,),
    ("cheek", "raise"): (6,),
    ("cheek", "bunch"): (6,),
    ("nose", "wrinkle"): (9,),
    ("fold", "deepen"): (11,),
    ("upper lip", "raise"): (10,),
    ("upper lip", "pull"): (10,),
    ("upper lip", "curl"): (10,),
    ("lip", "curl"): (10,),
    ("lip corner", "raise"): (12,),
    ("lip corner", "pull"): (12,),
    ("lip corner", "curl"): (12,),
    ("lip corner", "back"): (12, 20),
    ("lip corner", "stretch"): (20,),
    ("lip corner", "lower"): (15,),
    ("lip corner", "drop"): (15,),
    ("lip corner", "tuck"): (14,),
    ("lip corner", "press"): (14,),
    ("mouth", "raise"): (12,),
    ("mouth", "lower"): (15,),
    ("mouth", "drop"): (26, 27, 25),
    ("mouth", "stretch"): (27, 20),
    ("mouth", "back"): (20, 12),
    ("mouth", "open wide"): (27, 26),
    ("mouth", "open"): (25, 26, 27),
    ("mouth", "part"): (25,),
    ("mouth", "tighten"): (23, 24),
    ("mouth", "press"): (24, 23),
    ("lower lip", "lower"): (16,),
    ("lower lip", "drop"): (16,),
    ("lower lip", "pull"): (16,),
    ("lower lip", "raise"): (17,),
    ("lower lip", "bunch"): (17,),
    ("lip", "stretch"): (20,),
    ("lip", "back"): (20,),
    ("lip", "widen"): (20,),
    ("lip", "pucker"): (18, 22, 23, 24),
    ("mouth", "pucker"): (18, 22, 23, 24),
    ("lip", "funnel"): (22, 18),
    ("mouth", "funnel"): (22, 18),
    ("lip", "tighten"): (23, 24),
    ("lip", "narrow"): (23, 24),
    ("lip", "press"): (24, 23),
    ("lip", "part"): (25,),
    ("lip", "open"): (25, 26, 27),
    ("lip", "suck"): (28,),
    ("chin", "raise"): (17,),
    ("chin", "bunch"): (17,),
    ("chin", "wrinkle"): (17,),
    ("jaw", "drop"): (26, 27),
    ("jaw", "lower"): (26, 27),
    ("jaw", "open"): (26, 27),
    ("jaw", "open wide"): (27, 26),
    ("jaw", "stretch"): (27,),
}
"""(part, action) -> the AUs that it may mean, the most usual first."""

VAGUE_ACTIONS = frozenset({"pull", "open", "tighten", "together"})
"""Actions that give way to another beside them: "pulled down" is no "pulled"."""

PHRASES: Mapping[str, tuple[int, ...]] = {
    "crow's/crows feet": (6,),
    "smile/smiles/smiled/smiling/smiley": (12,),
    "grin/grins/grinned/grinning": (12,),
    "frown*": (4, 15),
    "scowl*": (4,),
    "squint*/squinch*": (7, 6),
    "dimpl*": (14,),
    "blink*": (45, 43),
    "eyeblink*": (45, 43),
    "wink/winks/winked/winking": (45, 43),
    "mouth stretch": (27,),
    "lips part": (25,),
    "lip suck": (28,),
    "pout/pouts/pouted/pouting": (17, 18, 22),
    "eye closure": (43, 45),
    "wide eyed": (5,),
    "slack jawed": (26,),
    "open mouthed": (25, 26, 27),
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
