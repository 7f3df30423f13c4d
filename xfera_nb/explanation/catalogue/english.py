"""List the English sentences of the offline writer and the labels around a text.

The movements are those of `xfera_nb.facs`.
"""

from __future__ import annotations

from xfera_nb.explanation.catalogue.model import Catalogue, Labels, MovementWords
from xfera_nb.explanation.facts import STRENGTH_WORDS
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, ActionUnit


def _words(unit: ActionUnit) -> MovementWords:
    both = f"the {{s}}{unit.words}"
    if unit.words_one_side is None:
        return MovementWords(both)
    left, right = (f"the {{s}}{unit.words_for(side)}" for side in ("left", "right"))
    return MovementWords(both, left, right)


LABELS = Labels(
    predicted="Predicted emotion",
    level="Confidence level",
    target="Target class",
    matching="Matching AUs",
    missing="Missing AUs",
    not_measurable="Not measurable AUs",
    no_evidence="No positive evidence",
    levels={"High": "High", "Medium": "Medium", "Low": "Low"},
    none="none",
    absent="absent",
    present_not_attended="present, not attended",
    nothing_speaks=None,
    articles=("the ",),
    offline="Composed by the offline writer from the measured facts; no language model.",
    model="Written by {model} from the measured facts; no image was sent.",
    tokens="{asked} + {written} tokens",
    seconds="{seconds} s",
    cost="cost {cost}",
    took="It took {parts}.",
    cached="From the cache (when asked: {parts}).",
    note="This describes what the model went by, not what the person feels.",
    note_sides="Left and right are the person's.",
)

CATALOGUE = Catalogue(
    language="en",
    labels=LABELS,
    emotions={emotion: f'"{emotion.capitalize()}"' for emotion in EMOTIONS},
    levels={"High": "high", "Medium": "medium", "Low": "low"},
    strengths={word: (f"{word} ", f"{word} ") for word in STRENGTH_WORDS.values()},
    movements={number: _words(unit) for number, unit in ACTION_UNITS.items()},
    counts=("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    last_and=" and ",
    this_emotion="this emotion",
    less_than_one="less than 1 %",
    where="In the areas that I focused on",
    where_other="In the areas that speak for {emotion}",
    share=", to which I gave {percent}",
    answer=(
        "I analyzed the facial expression and classified it as {predicted}, with {level} "
        "confidence.",
        "I examined this face and classified it as {predicted}, with {level} confidence.",
        "Going by what I saw, I classified it as {predicted}; my confidence is {level}.",
    ),
    answer_other=(
        "I analyzed the facial expression and classified it as {predicted}, with {level} "
        "confidence; this is about {emotion} instead{share}.",
        "I examined this face and classified it as {predicted}, with {level} confidence; the "
        "question here is {emotion}{share}.",
    ),
    answer_contrast=(
        "I analyzed the facial expression and classified it as {predicted}, with {level} "
        "confidence; what follows sets {emotion} against {other}{share}.",
        "I examined this face and classified it as {predicted}, with {level} confidence; here is "
        "{emotion} beside {other}{share}.",
    ),
    one=(
        "{where}, one movement stood out: {first}.",
        "{where}, I found one movement: {first}.",
        "{where}, it was {first} that counted.",
    ),
    two=(
        "{where}, {first} stood out most, followed by {second}.",
        "{where}, what counted most was {first}; then came {second}.",
        "{where}, I noticed above all {first}, and after it {second}.",
    ),
    many=(
        "{where}, {first} stood out most.",
        "{where}, what counted most was {first}.",
        "{where}, I noticed above all {first}.",
    ),
    rest=(
        "After that came {rest}.",
        "Then followed {rest}.",
        "Behind it, in descending order, came {rest}.",
    ),
    typical_one=(
        "This movement is typically associated with {emotion}.",
        "It is the movement that usually goes with {emotion}.",
    ),
    typical_one_of_them=(
        "This movement is one of those typically associated with {emotion}.",
        "It is one of the movements that usually go with {emotion}.",
    ),
    typical_all=(
        "The combination of these {count} movements is typically associated with {emotion}.",
        "Together, these {count} movements are what usually goes with {emotion}.",
    ),
    typical_all_of_them=(
        "These {count} movements are among those typically associated with {emotion}.",
        "These {count} are among the movements that usually go with {emotion}.",
    ),
    typical_some_one=(
        "Of these, {named} is typically associated with {emotion}.",
        "Among them it is {named} that usually goes with {emotion}.",
    ),
    typical_some=(
        "Of these, {named} are typically associated with {emotion}.",
        "Among them it is {named} that usually go with {emotion}.",
    ),
    typical_but=(
        "All of these except {named} are typically associated with {emotion}.",
        "Except for {named}, these are movements that usually go with {emotion}.",
    ),
    typical_none_one=(
        "This movement is not among those usually associated with {emotion}.",
        "It does not belong to the movements that usually go with {emotion}.",
    ),
    typical_none=(
        "None of these {count} is among those usually associated with {emotion}.",
        "These {count} do not belong to the movements that usually go with {emotion}.",
    ),
    typical_neutral=("No facial movement is typical of this class.",),
    nothing_neutral=(
        "No facial movement is typical of this class, so there is none to point out.",
        "This class has no typical movement, so I have none to point out.",
    ),
    nothing_active=(
        "Where I looked on the face I found no movement strong enough to count, so I cannot name "
        "one as the reason.",
        "In the places that mattered to me no movement was strong enough to count, so I have no "
        "evidence to name.",
    ),
    no_evidence=(
        "No part of the face spoke for {emotion}, so I cannot say which movements matter here.",
        "I found no evidence for {emotion} anywhere on the face, so no movement can be named as "
        "the reason.",
    ),
    contrast_none=(
        "For {other}, none of its typical movements was active where I looked for it.",
        "Where the face could speak for {other}, I found none of its typical movements.",
    ),
    contrast_some=(
        "For {other}, I found {named}.",
        "What speaks for {other} is {named}.",
    ),
    contrast_no_evidence=("No part of the face spoke for {other}.",),
    contrast_neutral=("For {other} no movement is typical, so there is none to compare with.",),
)
