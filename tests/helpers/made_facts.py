"""Draw facts of any face that a fusion could give."""

from __future__ import annotations

from hypothesis import strategies as st

from xfera_nb.explanation import ExpectedAU, Facts, Movement, RegionFact
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.fusion.states import PRESENT_ATTENDED, PRESENT_NOT_ATTENDED, STATES


@st.composite
def any_facts(draw):
    """Facts whose numbers, states and regions agree with each other."""
    target, other = draw(st.permutations(EMOTIONS))[:2]
    predicted = draw(st.sampled_from([target, target, other]))
    weights = draw(st.lists(st.floats(0.001, 1), min_size=7, max_size=7))
    values = sorted((weight / sum(weights) for weight in weights), reverse=True)
    order = [predicted, *draw(st.permutations([e for e in EMOTIONS if e != predicted]))]
    shares = dict(zip(order, values, strict=True))
    has_evidence = draw(st.integers(0, 9)) > 0
    allowed = STATES if has_evidence else STATES[1:2] + STATES[3:]
    states = {au: draw(st.sampled_from(allowed)) for au in LANDMARK_AUS}
    scope = draw(st.sampled_from([LANDMARK_AUS, EXPECTED_AUS[target]]))
    attended = [au for au in LANDMARK_AUS if states[au] == PRESENT_ATTENDED]
    elsewhere = [au for au in LANDMARK_AUS if states[au] == PRESENT_NOT_ATTENDED]
    elsewhere.sort(key=lambda au: au not in EXPECTED_AUS[target])
    return Facts(
        target=target,
        predicted=predicted,
        confidence_level=draw(st.sampled_from(["High", "Medium", "Low"])),
        probability=shares[target],
        predicted_probability=shares[predicted],
        runner_up=order[1],
        runner_up_probability=shares[order[1]],
        movements=tuple(draw(_movement(au)) for au in attended if au in scope),
        elsewhere=tuple(draw(_movement(au, sided=False)) for au in elsewhere),
        unreported=tuple(draw(_movement(au, sided=False)) for au in attended if au not in scope),
        expected=tuple(
            ExpectedAU(au, ACTION_UNITS[au].words, states[au]) for au in EXPECTED_AUS[target]
        ),
        has_positive_evidence=has_evidence,
        regions=draw(_regions(shares[target], predicted, has_evidence)),
    )


@st.composite
def _movement(draw, au, sided=True):
    side = draw(st.sampled_from([None, "left", "right"])) if sided else None
    return Movement.of(au, intensity=draw(st.floats(0.3, 5)), score=1.0, side=side)


@st.composite
def _regions(draw, probability, predicted, has_evidence):
    if draw(st.integers(0, 5)) == 0:
        return ()
    weights = draw(st.lists(st.floats(0, 1), min_size=8, max_size=8))
    total = sum(weights) or 1.0
    is_hidden = draw(st.booleans())
    facts = []
    for region, weight in zip(FACE_REGIONS, weights, strict=False):
        share = weight / total if has_evidence else None
        if not is_hidden:
            facts.append(RegionFact(region, share))
            continue
        answer = draw(st.sampled_from([predicted, predicted, *EMOTIONS]))
        after = draw(st.floats(0.0, 1.0))
        certainty = draw(st.floats(0.2, 1.0))
        facts.append(RegionFact(region, share, answer, certainty, probability - after))
    return tuple(facts)
