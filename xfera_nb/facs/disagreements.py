"""Where sources on emotions and Action Units disagree, and how far any of it can be trusted.

To be shown wherever the catalogue of combinations is shown. Combinations are in the notation of
`xfera_nb.facs.notation`; the catalogue itself follows Cohn, Ambadar and Ekman (2007), after the
FACS Investigator's Guide (2002), see `xfera_nb.facs.prototypes`.
"""

from __future__ import annotations

from dataclasses import dataclass

_EMFACS = "the popular EMFACS list"
_FACS_1978 = "FACS 1978 (Ekman & Friesen), table of emotions"
_TABLE2 = "the XFERa paper, Table 2"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Describe a combination that another source gives for an emotion.

    Parameters
    ----------
    emotion : str
        One of EMOTIONS.
    source : str
        Who gives it.
    notation : str
        The combination.
    remark : str
        One sentence: how it differs from the catalogue.
    """

    emotion: str
    source: str
    notation: str
    remark: str


@dataclass(frozen=True, slots=True)
class Caveat:
    """Describe a limit of the whole method.

    Parameters
    ----------
    about : str
        What it concerns, in two or three words.
    text : str
        The limit, in plain sentences.
    source : str
        Where it comes from.
    """

    about: str
    text: str
    source: str


DISAGREEMENTS: tuple[Disagreement, ...] = (
    Disagreement("anger", _EMFACS, "4+5+7+23",
                 "One of the Guide's seven prototypes, given there as the only one."),
    Disagreement("anger", _FACS_1978, "4+5+7+24",
                 "One of the Guide's seven prototypes, with the lips pressed, not tightened."),
    Disagreement("disgust", _EMFACS, "9+15+16",
                 "The Guide has two families, around AU 9 and around AU 10; this is one of the "
                 "first."),
    Disagreement("disgust", _EMFACS, "9+15+17",
                 "The Guide's family of AU 9 has 9+17, without AU 15."),
    Disagreement("disgust", _FACS_1978, "10+17+4",
                 "The Guide has 10+17, without the lowered brows of AU 4."),
    Disagreement("disgust", _TABLE2, "9+15+17",
                 "The paper expects the AUs of the EMFACS list and none of the Guide's family of "
                 "AU 10."),
    Disagreement("fear", _EMFACS, "1+2+4+5+7+20+26",
                 "The Guide's fear has no AU 7."),
    Disagreement("fear", _TABLE2, "1+2+4+5+7+20+26",
                 "The paper expects AU 7, as the EMFACS list does; the Guide's fear has none."),
    Disagreement("happiness", _FACS_1978, "6+12+25",
                 "The Guide asks for 6+12 and does not name AU 25."),
    Disagreement("sadness", _EMFACS, "1+4+15",
                 "One of the Guide's three prototypes, given there as the only one."),
)
"""Combinations in other sources that differ from the catalogue's, by emotion."""

CAVEATS: tuple[Caveat, ...] = (
    Caveat("what a face tells",
           "People show these patterns only sometimes, with variation across persons and "
           "cultures. The toolkit explains a model's prediction, not what a person feels.",
           "Barrett et al. 2019"),
    Caveat("the minimum of 0.3",
           "On OpenFace's scale 1 is the minimum at which a movement shows. The paper's minimum "
           "of 0.3 is below it, so it accepts movements that may not be visible.",
           "the XFERa paper, Algorithm 1; OpenFace 2.2"),
    Caveat("unreliable Action Units",
           "On posed photos OpenFace reports too many: about a third of the AUs that it calls "
           "present are present (precision 0.37, recall 0.85). AU 14, 15, 20 and 23 are the least "
           "reliable, AU 45, 25, 7, 12 and 4 the most.",
           "OpenFace's presence on Bosphorus"),
    Caveat("not measurable",
           "OpenFace gives no intensity of AU 11, 16, 22, 24 and 27. A combination with one of "
           "them is judged on its other members.",
           "OpenFace 2.2"),
    Caveat("blendshapes",
           "MediaPipe's blendshapes are no substitute for Action Units: on 8,300 faces cheekSquint "
           "and noseSneer (AU 6 and 9) never left zero, and AU 5, 15 and 17 were weak.",
           "measured for this toolkit"),
    Caveat("editions",
           "FACS appeared in 1978 (Ekman and Friesen, after Hjortsjö 1969) and was revised in 2002 "
           "(with Hager); names and letters here follow the revision.",
           "Ekman, Friesen and Hager 2002"),
)
"""Limits that hold for every emotion."""
