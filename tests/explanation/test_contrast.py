"""What tells a prediction from its runner-up or from the label."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from xfera_nb.explanation import LANGUAGES, OfflineWriter, RegionFact, check, choose_contrast
from xfera_nb.explanation.writers.offline import compose_contrast
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import EMOTIONS, EXPECTED_AUS

CLOSE = {"anger": 0.45, "fear": 0.4, "happiness": 0.15}
CLEAR = {"anger": 0.8, "fear": 0.15, "happiness": 0.05}


@pytest.mark.parametrize(
    ("probabilities", "label", "expected"),
    [
        (CLOSE, None, "fear"),
        (CLOSE, "anger", "fear"),
        (CLOSE, "happiness", "happiness"),
        (CLEAR, None, None),
        (CLEAR, "anger", None),
        (CLEAR, "happiness", "happiness"),
        (CLEAR, "disgust", None),  # the network has no such class
        ({"anger": 1.0, "fear": None}, None, None),
        ({"anger": 0.625, "fear": 0.375}, None, None),
    ],
)
def test_the_class_that_is_contrasted(probabilities, label, expected):
    assert choose_contrast(probabilities, label) == expected


def regions(shares):
    return tuple(
        RegionFact(name, share, None, None, None)
        for name, share in zip(FACE_REGIONS, shares, strict=True)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_contrast_is_grounded(make_facts, language):
    rows = [(au, 1.5 + 0.1 * au, 2.0) for au in (1, 4, 9, 12, 15, 26)]
    for target, other in itertools.permutations(EMOTIONS, 2):
        ours = make_facts(target, *[row for row in rows if row[0] in EXPECTED_AUS[target]])
        theirs = make_facts(other, *[row for row in rows if row[0] in EXPECTED_AUS[other]])
        ours = replace(ours, regions=regions([0.3, 0.1, 0.1, 0.1, 0.2, 0.1]))
        theirs = replace(
            theirs, predicted=target, regions=regions([0.1, 0.1, 0.1, 0.1, 0.5, 0.1])
        )
        question, *sentences = compose_contrast(ours, theirs, language)
        assert question.endswith("?") and len(sentences) == 2
        text = " ".join((question, *sentences))
        found = check(text, ours, language, other=theirs)
        assert found.is_grounded, (text, found.summary)


def test_only_movements_of_one_class_are_named(make_facts):
    ours = make_facts("surprise", (1, 2.0, 2.0), (26, 2.0, 2.0))
    theirs = make_facts("sadness", (1, 2.0, 2.0), (4, 2.0, 2.0), predicted="surprise")
    text = compose_contrast(ours, theirs)[-1]
    assert "dropping of the jaw" in text and "lowering of the eyebrows" in text
    assert "inner eyebrows" not in text  # AU01 is typical of both
    assert text.index("jaw") < text.index("Sadness") < text.index("lowering")
    still = compose_contrast(make_facts("surprise"), make_facts("fear", predicted="surprise"))
    assert "no movement that would go with one" in still[-1]


def test_the_contrasting_prompt_says_the_same(make_facts):
    from xfera_nb.explanation import TextRequest, build_prompt

    ours = make_facts("surprise", (26, 2.0, 2.0))
    theirs = make_facts("fear", predicted="surprise")
    text = OfflineWriter().write(ours, build_prompt(ours, TextRequest("contrast"), theirs)).text
    assert text.endswith(compose_contrast(ours, theirs)[-1])
