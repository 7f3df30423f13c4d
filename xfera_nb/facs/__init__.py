"""Tables as data: emotions, Action Units, landmarks, Table 2 and the emotions' combinations.

Nothing here reads a photo or loads a model. Numbers of landmarks start at 1, intensities run from
0 to 5, and "left" and "right" are the person's, not the picture's.
"""

from xfera_nb.facs.action_units import (
    ACTION_UNITS,
    INTENSITY_LETTERS,
    INTENSITY_WORDS,
    MAX_INTENSITY,
    OPENFACE_AUS,
    OPENFACE_PRESENCE_AUS,
    ActionUnit,
    au_name,
    intensity_letter,
    letter_level,
    parse_au,
)
from xfera_nb.facs.disagreements import CAVEATS, DISAGREEMENTS, Caveat, Disagreement
from xfera_nb.facs.emotions import EMOTION_WORDS, EMOTIONS, parse_emotion
from xfera_nb.facs.face_areas import FACE_AREAS, FaceArea, areas_of, describe_area
from xfera_nb.facs.landmarks import (
    GROUP_OF,
    IMAGE_LEFT,
    IMAGE_RIGHT,
    LANDMARK_GROUPS,
    MIDLINE,
    MIRROR,
    N_LANDMARKS,
    PERSON_LEFT,
    PERSON_RIGHT,
    side_landmarks,
    side_of,
)
from xfera_nb.facs.matching import MIN_PRESENT, STATUSES, PrototypeMatch, match_prototypes
from xfera_nb.facs.notation import Member, Need, parse_combination
from xfera_nb.facs.prototypes import (
    KINDS,
    PAPER_ANGER_GROUPS,
    PROTOTYPES,
    SOURCES,
    Prototype,
)
from xfera_nb.facs.table2 import (
    EXPECTED_AUS,
    EXTENSION,
    LANDMARK_AUS,
    TABLE2,
    au_landmarks,
    is_extension,
)

__all__ = [
    "ACTION_UNITS",
    "CAVEATS",
    "DISAGREEMENTS",
    "EMOTIONS",
    "EMOTION_WORDS",
    "EXPECTED_AUS",
    "EXTENSION",
    "FACE_AREAS",
    "IMAGE_LEFT",
    "IMAGE_RIGHT",
    "INTENSITY_LETTERS",
    "INTENSITY_WORDS",
    "KINDS",
    "LANDMARK_AUS",
    "MAX_INTENSITY",
    "MIDLINE",
    "MIRROR",
    "N_LANDMARKS",
    "OPENFACE_AUS",
    "OPENFACE_PRESENCE_AUS",
    "PAPER_ANGER_GROUPS",
    "PERSON_LEFT",
    "PERSON_RIGHT",
    "MIN_PRESENT",
    "PROTOTYPES",
    "LANDMARK_GROUPS",
    "GROUP_OF",
    "SOURCES",
    "STATUSES",
    "TABLE2",
    "ActionUnit",
    "Caveat",
    "Disagreement",
    "FaceArea",
    "Member",
    "Need",
    "Prototype",
    "PrototypeMatch",
    "areas_of",
    "au_landmarks",
    "au_name",
    "describe_area",
    "intensity_letter",
    "is_extension",
    "letter_level",
    "match_prototypes",
    "parse_au",
    "parse_combination",
    "parse_emotion",
    "side_landmarks",
    "side_of",
]
