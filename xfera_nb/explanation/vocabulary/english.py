"""List English words for movements of the face; `vocabulary.model` describes the notation.

Limits: "smile" and "grin" count as AU 12, "frown" as AU 4 or, as many Americans use it, AU 15; a
"wide" or "broad" smile says nothing on its strength.
"""

from __future__ import annotations

from xfera_nb.explanation.vocabulary.model import (
    Discourse,
    EmotionWords,
    Vocabulary,
    both,
    either,
    first,
)

_BROW = "brow/brows/eyebrow/eyebrows"
_LID = "lid/lids/eyelid/eyelids"
_PIECE = "corner*/part/parts/end*/half/halves/edge*/portion*/tip*/side*/section*/third*/aspect*"
_UP = "up/upward/upwards"
_DOWN = "down/downward/downwards"
_OUT = "back/backward/backwards/outward/outwards/apart/sideways/horizontally/laterally/sidewards"
_MOVED = (
    "pull*/push*/draw*/drawn/drew/turn*/curv*/curl*/mov*/tilt*/angl*/slant*/slop*/point*/tug*/"
    "shoot/shot/shooting/fly*/flew/go/goes/going/gone/went/jump*/arc*/flick*/quirk*/hitch*/bend*/"
    "bent/edg*/stretch*/creep*/crept/come/comes/came/coming"
)
_FOLD = "fold*/line*/furrow*/crease*/wrinkle*"

PARTS = {
    "inner brow": (
        f"inner/inside/medial/middle/central {_BROW}",
        f"inner/inside/medial/middle/central {_PIECE} {_BROW}",
        f"{_BROW} inner/inside/medial {_PIECE}",
        "inner corner*/part/parts/end* eyebrow*",
    ),
    "outer brow": (
        f"outer/outside/lateral {_BROW}",
        f"outer/outside/lateral {_PIECE} {_BROW}",
        f"{_BROW} outer/outside/lateral {_PIECE}",
        f"tail* {_BROW}",
    ),
    "brow": (
        _BROW,
        "eyebrow's/brow's",
        f"inner and outer {_BROW}",
        f"inner and outer {_PIECE} {_BROW}",
        f"entire/whole {_BROW}",
    ),
    "between brows": (
        f"between {_BROW}",
        f"between the/his/her/their/both/two {_BROW}",
        f"between the/his/her two {_BROW}",
        "glabella*",
    ),
    "forehead": ("forehead*",),
    "upper lid": (f"upper/top {_LID}",),
    "lower lid": (f"lower/bottom {_LID}",),
    "lid": (_LID, f"upper and lower {_LID}"),
    "eye corner": (
        "corner*/edge*/side* eye/eyes",
        "eye corner*",
        "around/near/beside/under/beneath/below/by/at the/his/her/their/both eye/eyes",
        "around/near/beside/under/beneath/below/by eye/eyes",
        "outer corner*/edge*/side* eye/eyes",
        "around/near/beside/at the/his/her/their outer corner*/edge*/side* eye/eyes",
    ),
    "eye": ("eye/eyes", "eyes'"),
    "eye white": ("white/whites/sclera eye/eyes", "sclera*", "white/whites ~ iris/irises",
                  "white/whites visible/show*", "upper sclera"),
    "cheek": ("cheek/cheeks/cheekbone/cheekbones", "cheek muscle*"),
    "nose": (
        "nose/noses/nasal", "bridge/root/sides/side nose", "nose/nasal bridge/root",
        "bridge/root the/his/her nose",
    ),
    "nostril": ("nostril/nostrils", "nasal wings", "wings nose", "alae"),
    "fold": (
        f"{_FOLD} between nose and mouth/lips",
        f"{_FOLD} between the nose and mouth",
        f"{_FOLD} between the nose and the mouth",
        f"{_FOLD} from nose/nostrils to mouth/lips",
        f"{_FOLD} from the/his/her nose to the/his/her mouth",
        f"nasolabial {_FOLD}", "nasolabial", "smile line*",
    ),
    "upper lip": ("upper/top lip/lips",),
    "lower lip": ("lower/bottom/under lip/lips",),
    "lip corner": (
        "lip/lips/mouth corner*/edge*/end*",
        "corner*/end*/edge*/side* lip/lips/mouth",
        "mouth's corner*", "oral commissure*", "commissure*",
    ),
    "lip": ("lip/lips", "upper and lower lip/lips", "top and bottom lip/lips"),
    "mouth": ("mouth/mouths",),
    "teeth": ("teeth/tooth", "upper/lower/front teeth"),
    "tongue": ("tongue/tongues",),
    "chin": ("chin/chins", "chin boss", "chin skin"),
    "jaw": ("jaw/jaws/mandible*", "lower jaw/jaws", "jaw muscle*"),
}  # fmt: skip

ACTIONS = {
    "raise": (
        "rais*", "lift*", "elevat*", "uplift*", "upturn*", "upward*", "up", "upcurv*", "heighten*",
        "rise/rises/rising/risen/rose", "arch/arches/arched/arching", "hoist*",
        f"{_MOVED} {_UP}", f"{_MOVED} ~ {_UP}", "flash/flashes/flashed/flashing", "perk*",
    ),
    "lower": (
        "lowers/lowered/lowering/lowerer", "lower the/his/her/their/your/both", "depress*",
        "droop*", "sag/sags/sagging/sagged", "down", "downward*", "downturn*", "downcurv*",
        "sink/sinks/sinking/sunk", "descend*", f"{_MOVED}/press*/forc* {_DOWN}",
        f"{_MOVED}/press*/forc* ~ {_DOWN}",
    ),
    "fall open": (
        "fall/falls/falling/fallen/fell/drop*/hang/hangs/hanging/hung open/agape/ajar",
    ),
    "drop": ("drop*", "fall/falls/falling/fallen/fell", "slack*", "hang/hangs/hanging/hung"),
    "together": (
        "pull*/draw*/drawn/knit*/squeez*/bring*/brought/com*/mov*/bunch*/push*/clos* together",
        "pull*/draw*/drawn/knit*/squeez*/bring*/brought/mov*/push* ~ together",
        "furrow/furrows/furrowed/furrowing", "knit*", "contract*", "pinch*", "pinch* together",
        "crowd*", "corrugat*", "converg*", "pull*/draw*/drawn inward/inwards/closer",
    ),
    "pull": ("pull*", "tug*"),
    "back": (
        f"pull*/draw*/drawn/stretch*/mov*/tug* {_OUT}",
        f"pull*/draw*/drawn/stretch*/mov*/tug* ~ {_OUT}",
        "pull*/draw*/drawn/tug* ~ ear/ears", "sideways", "retract*",
    ),
    "stretch": ("stretch*", "elongat*", "widen*", "broaden*", "spread*",
                "stretch* sideways/horizontally/laterally/outward*/apart"),
    "open wide": (
        "wide open*", "open* wide", "widely open*", "wide/widely", "stretch* open", "agape",
        "open* ~ widely/wide",
    ),
    "widen": (
        "wide", "widen*", "widely", "wide open*", "open* wide", "widely open*", "enlarg*", "bulg*",
        "flar*", "dilat*", "wider",
    ),
    "open": ("open*", "ajar", "agape", "gap/gape/gapes/gaped/gaping"),
    "part": ("parted/parting", "apart", "separat*", "unseal*"),
    "close": ("clos*", "shut/shuts/shutting"),
    "tighten": ("tight*", "tens*", "contract*", "squeez*", "taut", "strain*", "firm*"),
    "narrow": ("narrow*", "thin/thins/thinned/thinning/thinner", "slit/slits/slitted",
               "half closed/shut"),
    "press": (
        "press*", "compress*", "clamp*", "squeez*", "press*/squeez*/clamp*/seal* together",
        "press*/squeez*/clamp*/seal* ~ together", "purs*/press* tight*", "squash*",
        "screw*/scrunch*/crinkl* up", "screw*",
    ),
    "wrinkle": (
        "wrinkl*", "crinkl*", "scrunch*", "crumpl*", "crease/creases/creased/creasing",
        "line/lines/lined", "fold/folds", "furrow/furrows/furrowed", "pucker*", "ridge/ridges",
        "wrinkl*/scrunch*/crinkl*/screw* up", "corrugat*", "crow's/crows feet", "rumpl*",
    ),
    "curl": ("curl*", "snarl*", "curl* up/upward"),
    "bunch": ("bunch*", "push*", "plump*", "bulg*", "swell*", "swollen",
              "bunch*/push*/bulg*/swell* up/upward/upwards", "jut*"),
    "puff": ("puff*", "puff* out", "inflat*", "blow*/blown out"),
    "deepen": ("deep*", "pronounc*", "accentuat*"),
    "tuck": ("tuck*", "tight*", "tuck*/press*/suck*/draw*/pull* in/inward/inwards", "dent*"),
    "pucker": ("pucker*", "purs*", "pout*"),
    "funnel": (
        "funnel*", "protrud*", "push*/thrust*/stick*/stuck/jut* forward/forwards/out/outward",
        "push*/thrust*/stick*/jut* ~ forward/forwards/out/outward",
    ),
    "suck": ("suck*", "suck*/roll*/draw*/fold*/tuck* in/inward/inwards"),
    "oblique": ("oblique*", "slant*", "slant*/slop*/angl*"),
    "show": (
        "show*", "visible", "bare/bares/bared/baring", "expos*", "display*", "reveal*", "appear*",
        "flash*", "can be seen",
    ),
    "clench": ("clench*", "grit/grits/gritted/gritting", "lock*", "grind*"),
    "bite": ("bit/bite/bites/biting/bitten",),
}  # fmt: skip
"""Action -> patterns. A wording may belong to several actions; the rules tell which fit a part."""

PHRASES = {
    "crow's/crows feet": first(6),
    "crow foot": first(6),
    "smile/smiles/smiled/smiling/smiley/smile's": first(12),
    "grin/grins/grinned/grinning": first(12),
    "smirk/smirks/smirked/smirking": first(12, 14),
    "wide/broad/big/huge smile/smiles/grin/grins": first(12),
    "widen*/broaden*/stretch*/spread*/curv* into ~ smile/grin": first(12),
    "turn*/break*/pull*/draw*/drawn into ~ smile/grin": first(12),
    "beam/beams/beaming": first(12),
    "laugh line*": first(6),
    "frown*": first(4, 15),
    "scowl*": first(4),
    "glower*": first(4),
    "squint*/squinch*": first(7, 6),
    "dimpl*": first(14),
    "dimpl* cheek/cheeks": first(14),
    "cheek/cheeks dimpl*": first(14),
    "dimpl* ~ cheek/cheeks": first(14),
    "dimpl* ~ lip/mouth corner*": first(14),
    "dimpl* ~ corner* mouth/lip/lips": first(14),
    "dimpl* chin": first(17),
    "chin ~ dimpl*": first(17),
    "chin dimpl*": first(17),
    "blink*": first(45, 43),
    "eyeblink*": first(45, 43),
    "wink/winks/winked/winking": first(45, 43),
    "mouth stretch": first(27),
    "lips part": first(25),
    "lip suck": first(28),
    "pout/pouts/pouted/pouting": either(17, 18, 22),
    "eye closure": first(43, 45),
    "wide eyed": first(5),
    "wide eyes/eye": first(5),
    "bug/goggle eyed": first(5),
    "slack/dropped jawed": first(26),
    "slack jaw": first(26),
    "open/gape mouthed": either(25, 26, 27),
    "gape/gapes/gaped/gaping": either(25, 26, 27),
    "yawn*": first(27, 26),
    "sneer/sneers/sneered/sneering": first(10, 9, 14),
    "tight/thin lipped": first(23, 24),
    "purse lipped": first(23, 18),
    "eleven lines": first(4),
    "worry lines": both(1, 2),
}
"""Whole phrases that mean a movement without an action beside a part."""

EMOTIONS = EmotionWords(
    emotions={
        "anger": ("anger*", "angry", "angri*", "rage", "enraged", "furious*", "fury",
                  "irritat*", "annoy*", "irate", "outrage*"),
        "disgust": ("disgust*", "revulsion", "revolted", "repuls*", "repelled"),
        "fear": ("fear*", "afraid", "scared", "scary", "frighten*", "fright", "terror",
                 "terrif*", "anxi*", "panic*"),
        "happiness": ("happy", "happi*", "joy*", "cheerful*", "delight*", "glad*", "pleased",
                      "pleasure", "amuse*", "elated", "content"),
        "neutral": ("neutral*",),
        "sadness": ("sad/sadly/sadder/saddest", "sadness", "sorrow*", "unhapp*", "grief",
                    "griev*", "melanchol*", "gloom*", "miserabl*"),
        "surprise": ("surprise/surprises/surprised/surprising", "astonish*", "amaze*",
                     "startl*", "shock*"),
        "contempt": ("contempt*", "disdain*", "scorn*"),
    },
    persons=("he/she/they/you/we", "he's/she's/they're/you're", "person/people/persons",
             "man/men/woman/women", "boy/boys/girl/girls/child/kid", "lady/guy/gentleman",
             "individual/individuals", "subject/subjects", "participant*/patient*",
             "someone/somebody", "who"),
    having=("is/are/was/were/be/am/been/being", "'s/he's/she's/they're/you're",
            "feel/feels/felt/feeling", "experienc*", "seem/seems/seemed",
            "appear/appears/appeared", "has/have/had/having", "must",
            "became/become/becomes", "get/gets/got"),
    feeling=("feel/feels/felt/feeling",),
    owners=("his/her/their/your", "person's/man's/woman's/subject's/individual's"),
    judged=("classif*", "label*", "recogni*", "predict*", "detect*", "rated", "called",
            "associat*", "categor*", "identif*", "interpret*", "typical*"),
    not_felt=("expression*", "face/faces/facial", "look/looks/looking", "smile/smiles/smiling",
              "model*", "network*", "class/classes", "emotion/emotions", "feature*",
              "score*", "appearance", "read"),
    denials=("not", "no", "never", "cannot", "nor", "without", "whether", "nothing", "how",
             "what"),
    no_emotion_before=("position*/state/states/pose/alignment/shape",),
)  # fmt: skip

DISCOURSE = Discourse(
    one=("it/it's/this/that",),
    many=("they/they're/they've/these/those/both",),
    owners=("its/their/whose",),
    singular=("mouth/nose/jaw/chin/forehead/lip/eyebrow/brow/cheek/eye/lid/eyelid/corner",),
    relative=(
        "which/who/whose/whom/where",
        "of/on/in/at/above/around/about/below/beneath/beside/between/by/for/from/near/over/under/to"
        "/through/towards/with which/whom/whose",
    ),
    whose=("whose",),
    resuming=(
        "is/are/was/were/has/have/had/appear*/seem*/look/looks/remain*/stay*/show/shows/point*/"
        "curve/curves/turn/turns/rise/rises/go/goes/move/moves/hang/hangs/sit/sits/do/does",
    ),
    conditions=(
        "if/unless/would/wouldn't/would've/otherwise", "in case", "provided/supposing/assuming",
    ),
    inverted=("had/were/should",),
    no_conditions=(
        "as if", "even if", "would say/seem/appear/call/argue/describe/note", "if anything",
        "if only", "otherwise calm/neutral/still/relaxed",
    ),
    doubts=(
        "perhaps/maybe/possibly/conceivably/probably/presumably/arguably",
        "whether", "unclear/uncertain/unsure if", "not clear/certain/sure if",
        "hard/difficult/impossible to say/tell/see/judge/make if", "possible that",
        "cannot/can't/couldn't tell/say/judge if",
    ),
    modals=("may/might/could/can't",),
    no_doubts=(
        "could see", "could be seen", "might say/expect/call", "may say", "whether or not",
    ),
    contrasts=("rather than", "instead of", "far from", "in place of", "as opposed to"),
    contrast_ends=("we/one/you/i/there/it/this/they/he/she/is/are/shows",),
    missing=(
        "not/never detected/found/seen/present/active/visible/observed/shown/there/measured",
        "missing/absent/inactive/lacking/lacks/undetected", "none of/found/detected", "no sign",
        "not ~ seen/found/observed/detected", "no activity/activation/movement",
    ),
    reaching=("reach*/extend*/touch*", "make/makes/made it", "get/gets to", "involve*/engage*",
              "stop/stops/stopping/fall/falls short"),
    denials=(
        "not/never/hardly/barely/cannot/without/no/isn't/doesn't/don't/didn't/fails/failing/stop/stops/short",
    ),
)  # fmt: skip

VOCABULARY = Vocabulary(
    language="en",
    parts=PARTS,
    actions=ACTIONS,
    phrases=PHRASES,
    emotions=EMOTIONS,
    small_words=frozenset(
        [
            "the", "of", "and", "is", "are", "was", "were", "with", "his", "her", "this", "that",
            "which", "not", "at", "on", "it", "there", "from", "by", "as", "no", "face", "mouth",
            "corners", "lips", "eyes", "eyebrows", "raised", "both",
        ]
    ),
    regions={
        "brows": ("brow/brows/eyebrow/eyebrows",),
        "eyes": ("eye/eyes",),
        "nose": ("nose",),
        "cheeks": ("cheek/cheeks",),
        "mouth": ("mouth",),
        "chin": ("chin",),
    },
    claims={
        "looked": ("look/looks/looked/looking", "focus*", "map/maps/heatmap*", "attention"),
        "hidden": ("blur*", "hid/hide/hides/hidden/hiding", "covered/covering", "occlu*"),
        "changes": ("chang*", "become/becomes/became", "turn/turns/turned into/to"),
        "little": ("little", "hardly", "barely"),
        "inside": ("there the face", "there it", "where i/it looked",
                   "where the model/network looked"),
        "outside": ("elsewhere", "outside"),
        "measured": ("measur*",),
    },
    discourse=DISCOURSE,
    codes={
        "au": False, "aus": True, "action unit": False, "action units": True, "au number": False,
        "au no": False, "facs unit": False, "au's": True,
    },
    negated_after=(
        "no", "without", "neither", "nor", "lack/lacks/lacked", "absence", "barely any",
        "rather than", "instead of", "nothing", "none", "no sign/trace/evidence/hint/indication",
        "free of", "free from", "nowhere", "not any",
    ),
    negated_around=(
        "not", "never", "cannot", "absent", "lacking", "missing", "hardly", "failed to", "inactive",
        "undetected", "no activity/activation/movement/response", "nowhere to be seen/found",
        "fails to", "unable to", "isnt/arent/wasnt/werent/doesnt/dont/didnt",
    ),
    idioms=(
        "not only/just/merely/simply/surprisingly/least/alone",
        "no doubt/less/longer",
        "nothing but", "none other", "nothing less",
    ),
    breaks=frozenset(
        {"but", "while", "whereas", "although", "though", "however", "yet", "because", "since",
         "whilst", "despite"}
    ),
    joining=frozenset({"and", "or", "nor", "plus"}),
    linking_words=frozenset(
        {"not", "the", "a", "an", "any", "both", "as", "well", "his", "her", "their"}
    ),
    sides={
        "left": ("left", "left sided/side", "left hand side", "leftward*"),
        "right": ("right", "right sided/side", "right hand side", "rightward*"),
        "both": (
            "both", "both sides/side", "either side", "bilateral*", "symmetric*", "each side",
            "evenly",
        ),
        "one": ("one sided", "unilateral*", "lopsided*", "asymmetric*", "on one side",
                "one side only"),
        "only": ("only", "just", "alone", "solely", "exclusively"),
    },
    strengths={
        "weak": (
            "slight*", "faint*", "weak*", "subtle/subtly", "mild*", "barely", "a little", "a bit",
            "a touch", "a trace", "trace", "traces", "hint", "hints", "minimal*", "gentle/gently",
            "modest*", "light/lightly", "soft/softly", "tiny", "small", "only just",
            "barely visible/noticeable/perceptible/there", "scarcely", "marginal*", "low intensity",
            "ever so slightly", "a fraction", "touch", "a shade", "imperceptibl*",
        ),
        "moderate": ("moderate/moderately", "medium", "moderate/medium intensity", "fairly"),
        "clear": (
            "clear/clearly", "visible/visibly", "noticeabl*", "distinct*", "evident*", "obvious*",
            "plain/plainly", "definite*", "unmistakabl*",
        ),
        "strong": (
            "strong*", "very strong*", "intense/intensely", "marked/markedly", "pronounced",
            "extreme*", "severe*", "maxim*", "powerful*", "forceful*", "vigorous*", "dramatic*",
            "heavy/heavily", "considerabl*", "substantial*", "exaggerated*", "high intensity",
            "fully", "greatly", "hugely", "massive*", "sharply", "very much",
        ),
    },
    drop_of=True,
    negative_ending="n't",
)  # fmt: skip
