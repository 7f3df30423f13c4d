"""List the English sentences of the offline writer and the labels around a text.

The movements are those of `xfera_nb.facs`.
"""

from __future__ import annotations

from xfera_nb.explanation.catalogue.model import Catalogue, Labels, MovementWords, RegionWords
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
    model_picture="Written by {model}: the picture was sent to {model} at {host}.",
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
    regions={
        region: RegionWords(f"the {region}", f"at the {region}")
        for region in ("brows", "eyes", "nose", "cheeks", "mouth", "chin")
    },
    persons={"first": ("I", "I"), "third": ("the model", "it")},
    last_and=" and ",
    last_or=" or ",
    but=", but ",
    besides="; ",
    less_than_one="less than 1 %",
    to_percent="to {percent}",
    to_less_than_one="to less than 1 %",
    share=" ({percent})",
    there="there",
    where_looked="where {i} looked,",
    prediction=(
        "{i} classified this expression as {predicted}, with {level} confidence{share}.",
        "With {level} confidence{share}, {i} classified this face as {predicted}.",
        "The class with the highest probability was {predicted}, with {level} confidence{share}.",
    ),
    prediction_runner_up=(
        "{i} classified this expression as {predicted}, with {level} confidence{share}; "
        "{second} came next.",
        "With {level} confidence{share}, {i} classified this face as {predicted}; "
        "the next most likely class was {second}.",
    ),
    prediction_other=(
        "{i} classified this expression as {predicted}, with {level} confidence; "
        "the question here is {emotion}{share}.",
    ),
    prediction_contrast=(
        "{i} classified this expression as {predicted}, with {level} confidence; "
        "here {emotion} is compared with {other}{share}.",
    ),
    looked_one=(
        "{i} looked mostly {at}, where {percent} of the heatmap lies.",
        "What {i} looked at most was {region}, with {percent} of the heatmap.",
        "{percent} of the heatmap lies {at}, more than anywhere else.",
    ),
    looked_two=(
        "{i} looked mostly {at}, where {percent} of the heatmap lies, and {at2} ({percent2}).",
        "What {i} looked at most was {region}, with {percent} of the heatmap, followed by "
        "{region2} with {percent2}.",
        "{i} looked above all {at} ({percent} of the heatmap), and also {at2} ({percent2}).",
    ),
    looked_spread=(
        "{i} looked all over the face; the largest share of the heatmap, {percent}, lies {at}.",
    ),
    evidence_one=("The heatmap for {emotion} lies mostly {at} ({percent}).",),
    evidence_two=(
        "The heatmap for {emotion} lies mostly {at} ({percent}) and {at2} ({percent2}).",
    ),
    evidence_spread=(
        "The heatmap for {emotion} is spread over the whole face; the largest share of it, "
        "{percent}, lies {at}.",
    ),
    no_evidence=(
        "No part of the face spoke for {emotion}.",
        "Nothing on the face spoke for {emotion}.",
    ),
    present_typical=(
        "{there} the face shows {named}, as is typical of {emotion}.",
        "{there} it found {named}, which is what usually goes with {emotion}.",
        "{there} the face shows {named}, and that often goes with {emotion}.",
    ),
    present_other=(
        "{there} the face shows {others}, but nothing typical of {emotion}.",
    ),
    present_both=(
        "{there} the face shows {named}, as is typical of {emotion}, and also {others}.",
        "{there} the face shows {named}, as usual with {emotion}, together with {others}.",
        "{there} the face shows {named}, which often goes with {emotion}, and also {others}.",
    ),
    present_neutral=(
        "{there} the face shows {others}; no movement is typical of {emotion}.",
    ),
    nothing_there=(
        "{there} the face shows no movement above a trace.",
    ),
    nothing_but_elsewhere=(
        "{there} the face shows no movement above a trace; outside that area it shows {named}.",
    ),
    nothing_typical=(
        "{there} the face shows nothing typical of {emotion}, but it does show {named}.",
    ),
    nothing_neutral=(
        "No movement is typical of {emotion}, and the face shows none above a trace.",
        "The face shows no movement above a trace, and {emotion} has no typical one.",
    ),
    on_face=("The face shows {named}.",),
    rest_lead="of the other movements that often go with {emotion}, ",
    all_lead="of the movements that often go with {emotion}, ",
    elsewhere="the face shows {named}, mostly outside that area",
    absent=("it shows no sign of {named}",) * 2,
    not_measurable=("the measurement does not cover {named}",) * 2,
    hiding_flips=(
        "with {region} blurred, the prediction changes to {answer}",
        "when you blur {region}, the prediction changes to {answer}",
    ),
    hiding_falls=(
        "with {region} blurred, {emotion} goes from {before} {after}",
        "when you blur {region}, {emotion} goes from {before} {after}",
    ),
    hiding_agrees=(
        "{effect}, so the heatmap points to the right place.",
        "{effect}: the heatmap is right to point there.",
    ),
    hiding_disagrees=(
        "The heatmap is strongest {at}, but another place matters more: {effect}.",
        "The heatmap points {at} first, yet another place counts for more: {effect}.",
    ),
    hiding_alone=("{effect}.",),
    hiding_little=(
        "Blurring any single part of the face changes little: {emotion} loses less than "
        "5 points.",
        "No single part of the face decides the prediction: with any one blurred, {emotion} loses "
        "less than 5 points.",
        "{emotion} hardly depends on one part alone: whichever is blurred, it loses less than 5 "
        "points.",
    ),
    contrast_regions=(
        "Compared with each other, {emotion} has more of its heatmap {at}, and {other} {at2}.",
    ),
    contrast_region=(
        "The two heatmaps differ most {at}, where {emotion} has more than {other}.",
    ),
    contrast_question="Why {emotion} and not {other}?",
    contrast_both=(
        "For {emotion} alone, the face shows {named}; for {other} alone, it shows {others}.",
    ),
    contrast_ours=(
        "For {emotion} alone, the face shows {named}; for {other} alone, it shows nothing.",
    ),
    contrast_theirs=(
        "For {other} alone, the face shows {others}; for {emotion} alone, it shows nothing.",
    ),
    contrast_neither=(
        "The face shows no movement that would go with one of the two and not with the other.",
    ),
    contrast_no_evidence=("No part of the face spoke for {other}.",),
)
