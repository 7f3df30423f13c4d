"""Facts: taken from a fusion, from its JSON, and from their own."""

from __future__ import annotations

import json

import pytest

from xfera_nb.errors import XferaError
from xfera_nb.explanation import ExpectedAU, Facts, FactsError, Movement, RegionFact
from xfera_nb.faces.regions import FACE_REGIONS


def bad_entry(**change):
    return {"au": "AU01", "intensity": 2.0, "score": 1.0, "active": True} | {
        "state": "present, attended"
    } | change


def test_facts_of_a_fusion(fusion):
    facts = Facts.from_fusion(fusion)
    assert (facts.target, facts.predicted) == ("surprise", "happiness")
    assert not facts.explains_prediction
    assert (facts.confidence_level, facts.probability) == ("Medium", 0.25)
    assert facts.active == (2, 1)
    assert [m.description for m in facts.movements] == [
        "clear lifting of the outer eyebrows",
        "slight lifting of the right inner eyebrow",
    ]
    assert [(m.side, m.intensity, m.score) for m in facts.movements] == [
        (None, 3.0, 3.5),
        ("right", 2.5, 2.75),
    ]
    assert [(entry.au, entry.state) for entry in facts.expected] == [
        (1, "present, attended"),
        (2, "present, attended"),
        (5, "present, not attended"),
        (26, "not measurable"),
    ]
    assert facts.params["coverage"] == 0.7
    assert facts.predicted_probability == 0.5
    assert (facts.runner_up, facts.runner_up_probability) == ("surprise", 0.25)
    assert [m.au for m in facts.elsewhere] == [5] and facts.unreported == ()


def test_regions_of_a_fusion(fusion):
    facts = Facts.from_fusion(fusion)
    assert [one.region for one in facts.regions] == list(FACE_REGIONS)
    assert facts.regions[0] == RegionFact("brows", 0.5, "happiness", 0.5, 0.0)
    mouth, chin = facts.regions[4], facts.regions[5]
    assert mouth.prob_drop == pytest.approx(0.2)
    assert (mouth.share, mouth.hidden_prediction, mouth.hidden_probability) == (
        0.25, "neutral", 0.5,
    )  # fmt: skip
    assert chin == RegionFact("chin", 0.0)
    assert [one.region for one in facts.map_regions] == ["brows", "mouth"]
    assert facts.decisive_region == mouth and facts.is_changed_by(mouth)
    assert facts.hidden_target_probability(mouth) == pytest.approx(0.05)


def test_without_maps_or_hiding_regions_are_unknown(fusion):
    fusion.evidence.heatmaps, fusion.evidence.occlusion = (), None
    facts = Facts.from_fusion(fusion)
    assert set(facts.regions) == {RegionFact(region) for region in FACE_REGIONS}
    assert facts.map_regions == () and facts.decisive_region is None and not facts.knows_hiding


@pytest.mark.parametrize(
    ("drops", "answers", "decisive"),
    [
        ((0.04, 0.01, -0.2), ("fear", "fear", "fear"), None),
        ((0.05, 0.01, 0.0), ("fear", "fear", "fear"), "brows"),
        ((0.04, 0.01, 0.0), ("fear", "anger", "fear"), "eyes"),
        ((0.3, 0.4, 0.0), ("anger", "fear", "fear"), "eyes"),
        ((None, 0.4, None), (None, "fear", None), "eyes"),
    ],
)
def test_the_region_whose_hiding_matters_most(drops, answers, decisive):
    regions = tuple(
        RegionFact(name, None, answer, 0.5, drop)
        for name, drop, answer in zip(FACE_REGIONS, drops, answers, strict=False)
    )
    found = Facts("fear", "fear", "High", 0.9, regions=regions).decisive_region
    assert (None if found is None else found.region) == decisive


def test_main_movements_are_the_typical_ones_and_two_others(fusion):
    rows = [(25, 3.0), (12, 1.0), (26, 2.0), (4, 2.0)]
    movements = tuple(Movement.of(au, intensity=value) for au, value in rows)
    expected = (ExpectedAU(12, "x", "present, attended"),)
    facts = Facts("happiness", "happiness", "High", 0.9, movements, expected)
    assert [one.au for one in facts.main_movements] == [12, 25, 26]


def test_present_outside_the_scope_is_kept_apart(fusion):
    fusion.action_units[1].active = False
    facts = Facts.from_fusion(fusion)
    assert [one.au for one in facts.unreported] == [2] and facts.active == (1,)


def test_an_unknown_side_is_no_reason_to_name_the_other(fusion):
    fusion.action_units[0].left.active = None
    assert Facts.from_fusion(fusion).movements[1].side is None
    fusion.action_units[0].left = None
    assert Facts.from_fusion(fusion).movements[1].side is None


def test_a_movement_without_sides_takes_none():
    assert Movement.of(26, intensity=2.0, side="left").side is None
    assert Movement.of(12, side="left").words == "pulling of the left lip corner"


@pytest.mark.parametrize(
    ("intensity", "word"),
    [
        (None, None), (0.3, "barely visible"), (0.99, "barely visible"), (1.0, "faint"),
        (2.0, "slight"), (2.99, "slight"), (3.0, "clear"), (4.0, "strong"), (5.0, "very strong"),
    ],
)  # fmt: skip
def test_strength_by_whole_levels(intensity, word):
    assert Movement.of(12, intensity=intensity).strength == word


def test_equal_scores_go_by_number_and_unknown_scores_last(fusion):
    for entry, score in zip(fusion.action_units, (1.0, 1.0, None, 7.0, None), strict=True):
        entry.score, entry.active = score, True
    assert Facts.from_fusion(fusion).active == (5, 1, 2, 4, 26)


def test_the_explain_record_gives_the_same_facts(fusion, explain_record):
    record = json.loads(json.dumps(explain_record))
    read, taken = Facts.from_dict(record), Facts.from_fusion(fusion)
    assert read.to_dict() == taken.to_dict()


def test_own_record_there_and_back(fusion):
    facts = Facts.from_fusion(fusion)
    record = json.loads(json.dumps(facts.to_dict()))
    assert Facts.from_dict(record).to_dict() == facts.to_dict()
    assert record["movements"][0]["au"] == "AU02"


def test_without_predicted_the_most_probable_is_the_answer(explain_record):
    del explain_record["predicted"]
    assert Facts.from_dict(explain_record).predicted == "happiness"
    explain_record["probabilities"] = [0, 0, 0, 0, 0, 0.25, 0.75]
    facts = Facts.from_dict(explain_record)
    assert (facts.predicted, facts.probability) == ("surprise", 0.75)
    explain_record["probabilities"] = None
    facts = Facts.from_dict(explain_record)
    assert (facts.predicted, facts.probability) == ("surprise", None)


def test_another_class_than_the_answer_can_be_explained(explain_record):
    answer = explain_record["predicted"]
    explain_record["target"] = "fear"
    explain_record["probabilities"] = None
    facts = Facts.from_dict(explain_record)
    assert (facts.target, facts.predicted) == ("fear", answer)


def test_an_unknown_threshold_means_no_positive_evidence(explain_record):
    assert Facts.from_dict(explain_record).has_positive_evidence
    explain_record["threshold"] = None
    assert not Facts.from_dict(explain_record).has_positive_evidence


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"target": "contempt"}, "contempt"),
        ({"confidence_level": "huge"}, "huge"),
        ({"action_units": [bad_entry(au="AU99")]}, "AU99"),
        ({"action_units": [bad_entry(state="asleep")]}, "no state"),
        ({"regions": [{"region": "ear"}]}, "no region"),
        ({"action_units": 3}, "iterable"),
        ({"probabilities": [1.0]}, "shorter"),
        ({"action_units": [bad_entry(intensity="2")]}, "number"),
        ({"action_units": [bad_entry(active=1)]}, "true or false"),
        ({"action_units": [bad_entry(au=12)]}, "12 is given where an AU"),
        ({"action_units": [bad_entry(), bad_entry()]}, "twice"),
        ({"action_units": [bad_entry(intensity=5.1)]}, "between 0 and 5, not at 5.1"),
        ({"action_units": [bad_entry(intensity=-1)]}, "between 0 and 5"),
        ({"action_units": [bad_entry(intensity=float("inf"))]}, "between 0 and 5, not at inf"),
        ({"action_units": [bad_entry(au=None)]}, "None is given where an AU"),
    ],
)
def test_a_bad_record_is_one_clear_sentence(explain_record, change, expected):
    with pytest.raises(FactsError, match=expected) as caught:
        Facts.from_dict(explain_record | change)
    assert isinstance(caught.value, XferaError)
    assert str(caught.value).endswith("`xfera explain --json` prints it.")


def test_keys_that_nobody_knows_and_nan_change_nothing(explain_record):
    entries = [entry | {"colour": "blue"} for entry in explain_record["action_units"]]
    odd = explain_record | {"action_units": entries, "weather": [1], "threshold": 0.5}
    assert Facts.from_dict(odd).active == Facts.from_dict(explain_record).active
    unknown = [entry | {"intensity": float("nan")} for entry in entries]
    read = Facts.from_dict(odd | {"action_units": unknown})
    assert read.active and all(movement.intensity is None for movement in read.movements)


@pytest.mark.parametrize("missing", ["target", "action_units", "confidence_level"])
def test_a_record_that_lacks_a_field_names_it(explain_record, missing):
    del explain_record[missing]
    with pytest.raises(FactsError, match=f"lack '{missing}'"):
        Facts.from_dict(explain_record)


def test_a_record_must_be_an_object():
    with pytest.raises(FactsError, match="one JSON object"):
        Facts.from_dict(["happiness"])
