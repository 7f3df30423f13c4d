"""What the check reads of regions, percentages, answers and states, and what it flags."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from made_facts import any_facts

from xfera_nb.explanation import LANGUAGES, RegionFact, TextRequest, build_prompt, check
from xfera_nb.explanation.catalogue import CATALOGUES
from xfera_nb.explanation.facts import ABSENT, Facts
from xfera_nb.explanation.writers.offline import compose
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import EMOTIONS

pytestmark = pytest.mark.slow


def kinds(text, facts, language="en"):
    return {flag.kind for flag in check(text, facts, language).flags}


@pytest.fixture
def looked(smile):
    """The smile, looked at by the mouth (41 %) and the cheeks (23 %); hiding the mouth counts."""
    shares = dict.fromkeys(FACE_REGIONS, 0.05) | {"mouth": 0.41, "cheeks": 0.23}
    return replace(
        smile,
        regions=tuple(
            RegionFact(
                name, share, "neutral" if name == "mouth" else "happiness", 0.4,
                0.56 if name == "mouth" else 0.0,
            )
            for name, share in shares.items()
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The model looked mostly at the mouth.", set()),
        ("The map lies at the cheeks and the mouth.", set()),
        ("The model looked mostly at the nose.", {"region"}),
        ("41 % of the map lies at the mouth.", set()),
        ("The mouth has 43 % of the map.", {"number"}),
        ("It was classified as happiness with 90 %.", set()),
        ("It was classified as happiness with 80 %.", {"number"}),
        ("With the mouth blurred, the answer changes to neutral.", set()),
        ("With the mouth blurred, the answer changes to happiness.", {"answer"}),
        ("With the mouth blurred, happiness goes from 90 % to 34 %.", set()),
        ("With the mouth blurred, happiness goes from 90 % to 43 %.", {"number"}),
        ("With the eyes blurred, the answer changes to neutral.", {"region", "answer"}),
        ("Blurring any part of the face changes little.", {"region"}),
        ("The lip corners are not pulled up.", {"state"}),
        ("Elsewhere the lip corners are pulled up.", {"state"}),
        ("There the face shows raised cheeks.", set()),
        ("The eyebrows are not raised.", set()),
        ("The measurement does not cover the lifting of the cheeks.", {"state"}),
    ],
)
def test_what_is_true_passes_and_what_is_not_is_flagged(looked, text, found):
    assert kinds(text, looked) == found


def test_without_measured_regions_a_look_cannot_be_checked_but_hiding_is_invented(smile):
    assert kinds("The model looked mostly at the nose.", smile) == set()
    assert kinds("With the nose blurred, the answer changes.", smile) == {"region"}



@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(any_facts(), st.data())
def test_a_changed_number_is_flagged(language, facts, data):
    text = " ".join(compose(facts, language))
    found = list(re.finditer(r"(?<!1 )(\d+) %", text))
    found = [one for one in found if int(one[1]) > 1]
    assume(found)
    one = data.draw(st.sampled_from(found))
    changed = f"{text[: one.start(1)]}{int(one[1]) + 3}{text[one.end(1) :]}"
    assert "number" in kinds(changed, facts, language)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(any_facts(), st.data())
def test_a_changed_region_is_flagged(language, facts, data):
    words = CATALOGUES[language].regions
    claimed = [one.region for one in facts.map_regions]
    decisive = facts.decisive_region
    claimed += [decisive.region] if decisive else []
    # Of a region whose hiding does nearly the same, the same sentence is true.
    alike = {
        one.region
        for one in facts.regions
        if decisive and one.prob_drop is not None
        and abs(one.prob_drop - decisive.prob_drop) < 0.02
    }  # fmt: skip
    wrong = [name for name in FACE_REGIONS if name not in claimed and name not in alike]
    text = compose(facts, language)
    assume(facts.has_positive_evidence and claimed and wrong)
    name = data.draw(st.sampled_from(claimed))
    other = data.draw(st.sampled_from(wrong))
    changed, count = [], 0
    for sentence in text:
        for form in ("name", "at"):
            old, new = (getattr(words[region], form) for region in (name, other))
            if check(sentence, facts, language).supported == () and old in sentence:
                sentence, count = sentence.replace(old, new), count + 1
        changed.append(sentence)
    assume(count)
    assert "region" in kinds(" ".join(changed), facts, language)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(any_facts(), st.data())
def test_a_changed_answer_is_flagged(language, facts, data):
    decisive = facts.decisive_region
    assume(decisive is not None and facts.is_changed_by(decisive))
    answer = data.draw(st.sampled_from([e for e in EMOTIONS if e != decisive.hidden_prediction]))
    names = CATALOGUES[language].emotions
    *rest, last = compose(facts, language)
    changed = last.replace(names[decisive.hidden_prediction], names[answer])
    assert kinds(" ".join([*rest, changed]), facts, language) & {"answer", "emotion"}


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(any_facts(), st.data())
def test_a_changed_state_is_flagged(language, facts, data):
    """The text of a face on which what is absent is present, and the reverse, is false here."""
    absent = [entry for entry in facts.with_state(*ABSENT)]
    typical = [m for m in facts.movements if m in facts.typical]
    assume(absent or typical)
    # A mouth opened wide (AU27) is a dropped jaw (AU26) too: to say the one of the other is true.
    assume(27 not in {one.au for one in (*facts.movements, *facts.elsewhere, *facts.unreported)})
    flipped = swapped(facts, {e.au for e in absent}, {m.au for m in typical})
    found = check(" ".join(compose(flipped, language)), facts, language)
    assert not found.is_grounded


def swapped(facts: Facts, absent, present) -> Facts:
    from xfera_nb.explanation import Movement
    from xfera_nb.fusion.states import ABSENT_ATTENDED, PRESENT_ATTENDED

    states = dict.fromkeys(absent, PRESENT_ATTENDED) | dict.fromkeys(present, ABSENT_ATTENDED)
    more = tuple(Movement.of(au, intensity=2.0) for au in sorted(absent))
    return replace(
        facts,
        has_positive_evidence=True,
        movements=(*more, *(m for m in facts.movements if m.au not in present)),
        expected=tuple(
            replace(entry, state=states.get(entry.au, entry.state)) for entry in facts.expected
        ),
    )


@settings(max_examples=30, deadline=None)
@given(any_facts())
def test_the_full_prompt_says_what_the_offline_text_says(facts):
    prompt = build_prompt(facts, TextRequest("full"))
    assert facts.predicted in prompt.user and "feels" in prompt.system
    for movement in facts.main_movements:
        assert movement.description in prompt.user
    for entry in facts.with_state(*ABSENT):
        assert entry.words in prompt.user.split("absent: ")[1].splitlines()[0]
    for region in facts.map_regions if facts.has_positive_evidence else ():
        assert region.region in prompt.user
