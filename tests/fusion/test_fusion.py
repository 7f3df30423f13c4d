"""Algorithm 1 by hand: a threshold at three k, an AU just under and over each parameter."""

from types import SimpleNamespace

import numpy as np
import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.errors import InputError
from xfera_nb.evidence import assemble
from xfera_nb.faces import find_faces
from xfera_nb.facs import LANDMARK_AUS, TABLE2
from xfera_nb.fusion import STATES, FusionParams, fuse

ALGORITHM1 = FusionParams.preset("algorithm1")
MOUTH = tuple(range(49, 69))
LOWER_LIDS = (37, 40, 41, 42, 43, 46, 47, 48)


def test_threshold_of_a_4x4_map_at_three_k(request):
    """Four cells of 2, the rest 0. Resized bilinearly, the map is a product of two ramps.

    Along a row, cells (2, 2, 0, 0) become 2 * r with r = 1 for the first 84 of 224 pixels, 0 for
    the last 84, and a ramp of 56 pixels between whose values are (i + 0.5) / 56. So the mean of r
    is 1/2 and the mean of r^2 is (84 + sum) / 224 with sum = 56 / 3 - 1 / (12 * 56).
    The map is 2 * r(x) * r(y): mean 2/4 = 0.5, mean square 4 * m2^2.
    """
    face = find_faces(request.config.rootpath / "data" / "samples" / "C01HA.jpg")[0]
    maps = np.full((7, 4, 4), -1.0)
    maps[3] = 0
    maps[3, :2, :2] = 2
    evidence = assemble(
        face, Prediction(np.eye(7, dtype=np.float32)[3]), maps, ActionUnits(np.ones(17))
    )
    m2 = (84 + 56 / 3 - 1 / (12 * 56)) / 224
    mean, std = 0.5, (4 * m2**2 - 0.25) ** 0.5
    assert mean + std == pytest.approx(1.2683, abs=1e-4)
    for k in (0.0, 1.0, 2.0):
        fusion = fuse(evidence, ALGORITHM1.replace(k=k))
        # In units of the peak, which is 2.
        assert fusion.threshold == pytest.approx((mean + k * std) / 2, abs=1e-9)
    assert set(fuse(evidence, ALGORITHM1.replace(k=0)).salient_landmarks) > set(
        fuse(evidence, ALGORITHM1.replace(k=1)).salient_landmarks
    )


def test_a_landmark_at_the_threshold_is_hot(make_evidence, at):
    activation = at({49: 0.5, 50: 0.4999, 51: 0.9})
    fusion = fuse(make_evidence(activation, mean=0.3, std=0.2), ALGORITHM1.replace(k=1.0))
    assert fusion.threshold == pytest.approx(0.5)
    assert fusion.salient_landmarks == (49, 51)


@pytest.mark.parametrize(("hot", "active"), [(13, False), (14, True)])
def test_just_under_and_over_the_coverage(make_evidence, at, hot, active):
    # 14 of AU12's 20 landmarks are exactly 0.7.
    evidence = make_evidence(at({MOUTH[:hot]: 1.0}), mean=0.1, std=0.1, aus={12: 3.0})
    result = fuse(evidence, ALGORITHM1).result(12)
    assert result.coverage == pytest.approx(hot / 20)
    assert result.active is active
    assert f"{hot} of its 20" in result.reason


@pytest.mark.parametrize(("intensity", "active"), [(0.29, False), (0.3, True)])
def test_just_under_and_over_the_cutoff(make_evidence, at, intensity, active):
    evidence = make_evidence(at({MOUTH: 1.0}), mean=0.1, std=0.1, aus={12: intensity})
    result = fuse(evidence, ALGORITHM1.replace(min_intensity=np.float32(0.3).item())).result(12)
    assert result.active is active
    assert ("below the minimum" in result.reason) is not active


@pytest.mark.parametrize(("k", "active"), [(1.0, True), (1.01, False)])
def test_just_under_and_over_k(make_evidence, at, k, active):
    evidence = make_evidence(at({MOUTH: 0.5}), mean=0.3, std=0.2, aus={12: 3.0})
    assert fuse(evidence, ALGORITHM1.replace(k=k)).result(12).active is active


def test_the_two_presets_differ_by_coverage(make_evidence, at):
    evidence = make_evidence(at({MOUTH[:10]: 1.0}), mean=0.1, std=0.1, aus={12: 3.0})
    assert not fuse(evidence, FusionParams.preset("algorithm1")).active
    assert fuse(evidence, FusionParams.preset("section2.1")).active == (12,)


def test_combined_score_by_hand(make_evidence, at):
    values = {MOUTH[:10]: 1.0, MOUTH[10:15]: 0.6}
    evidence = make_evidence(at(values, 0.1), mean=0.2, std=0.2, peak=2.0, aus={12: 3.0, 6: 1.5})
    fusion = fuse(evidence, ALGORITHM1.replace(saliency_weight=0.5))
    # Peak 2: heat = (10 * 1 + 5 * 0.6) / 15 / 2, score = 3 + 0.5 * heat.
    heat = 13 / 15 / 2
    assert fusion.result(12).saliency == pytest.approx(heat)
    assert fusion.result(12).score == pytest.approx(3 + 0.5 * heat)
    # AU06 moves but is cold: its score is its intensity, and it is not active.
    assert fusion.result(6).saliency is None
    assert fusion.result(6).score == pytest.approx(1.5)
    assert not fusion.result(6).active
    # Below the minimum intensity there is no score.
    assert fusion.result(1).score is None


def test_matching_missing_and_not_measurable(make_evidence, at):
    evidence = make_evidence(
        at({MOUTH: 1.0}), mean=0.1, std=0.1, aus={12: 3.0, 6: float("nan")}
    )
    fusion = fuse(evidence, ALGORITHM1)
    assert (fusion.matching, fusion.missing, fusion.not_measurable) == ((12,), (), (6,))
    assert fusion.result(6).intensity is None
    assert fusion.result(6).reason == "not measurable by a test"
    sad = fuse(evidence, ALGORITHM1, target="sadness")
    assert (sad.matching, sad.missing) == ((), (1, 4, 15))


def test_scope_typical_keeps_to_table_2(make_evidence, at):
    evidence = make_evidence(at({MOUTH: 1.0}), mean=0.1, std=0.1, aus={12: 3.0, 25: 4.0})
    assert fuse(evidence, ALGORITHM1).active == (12,)
    assert "Table 2" in fuse(evidence, ALGORITHM1).result(25).reason
    assert fuse(evidence, ALGORITHM1.replace(scope="all")).active == (25, 12)


def test_sides_are_judged_on_their_own_landmarks(make_evidence, at):
    # The person's left is the image's right: lids 43, 46, 47, 48.
    evidence = make_evidence(
        at({(43, 46, 47, 48): 1.0}), mean=0.1, std=0.1, aus={6: 2.0}, left={6: 2.0}, right={6: 2.0}
    )
    result = fuse(evidence, FusionParams.preset("section2.1")).result(6)
    assert result.coverage == pytest.approx(0.5) and result.active
    assert result.left.relevant == (43, 46, 47, 48) and result.left.active is True
    assert result.right.coverage == 0 and result.right.active is False
    assert result.right.saliency is None


def test_sides_are_unknown_where_the_source_has_none(make_evidence, at):
    result = fuse(make_evidence(at({MOUTH: 1.0}), aus={12: 3.0}), ALGORITHM1).result(12)
    assert result.left.intensity is None and result.left.active is None


@pytest.mark.parametrize("peak", [0.0, float("nan")])
def test_no_positive_evidence(make_evidence, at, peak):
    evidence = make_evidence(at({}), mean=0.0, std=0.0, peak=peak, aus={12: 3.0})
    fusion = fuse(evidence, ALGORITHM1.replace(k=0, coverage=0))
    assert fusion.threshold is None and not fusion.has_positive_evidence
    assert not fusion.salient.any() and not fusion.active
    assert "happiness" in fusion.no_evidence_reason
    assert "no part of the face speaks for happiness" in fusion.result(12).reason


def test_coverage_zero_still_needs_a_hot_landmark(make_evidence, at):
    evidence = make_evidence(at({1: 1.0}), mean=0.1, std=0.1, aus={12: 3.0})
    fusion = fuse(evidence, ALGORITHM1.replace(coverage=0))
    assert fusion.salient_landmarks == (1,)
    assert not fusion.result(12).active and "only 0 of" in fusion.result(12).reason


def test_regions_have_thresholds_of_their_own(make_evidence, at):
    evidence = make_evidence(at({}), mean=0.2, std=0.1)
    assert fuse(evidence, ALGORITHM1).threshold == pytest.approx(0.3)
    assert fuse(evidence, ALGORITHM1.replace(region="hull")).threshold == pytest.approx(0.5)


def test_neutral_expects_nothing(make_evidence, at):
    fusion = fuse(make_evidence(at({}, 1.0), aus={12: 5.0}, emotion="neutral"), ALGORITHM1)
    assert (fusion.active, fusion.matching, fusion.missing) == ((), (), ())


def test_every_au_is_described(make_evidence, at):
    evidence = make_evidence(at({MOUTH: 1.0}), mean=0.1, std=0.1, aus={12: 3.0})
    fusion = fuse(evidence, ALGORITHM1)
    assert tuple(result.au for result in fusion.action_units) == LANDMARK_AUS
    for result in fusion.action_units:
        assert result.reason
        assert set(result.salient) <= set(result.relevant)
        assert len(result.salient) / len(result.relevant) == pytest.approx(result.coverage)
        assert result.expected == (result.au in TABLE2["happiness"])


def test_prototypes_use_the_cutoff(make_evidence, at):
    evidence = make_evidence(at({}), aus={6: 0.4, 12: 0.4})
    by_notation = {m.notation: m.status for m in fuse(evidence, ALGORITHM1).prototypes}
    assert by_notation["6+12*"] == "complete"
    strict = fuse(evidence, ALGORITHM1.replace(min_intensity=1.0))
    assert {m.notation: m.status for m in strict.prototypes}["6+12*"] != "complete"


def test_the_target_goes_by_any_known_name(make_evidence, at):
    assert fuse(make_evidence(at({})), target="Joy").target == "happiness"
    with pytest.raises(InputError, match="did you mean 'sadness'"):
        fuse(make_evidence(at({})), target="sadnes")


def test_a_result_or_a_fusion_is_fused_again(make_evidence, at):
    first = fuse(make_evidence(at({MOUTH: 1.0}), mean=0.1, std=0.1, aus={12: 3.0}), ALGORITHM1)
    again = fuse(first, target="fear")
    assert again.evidence is first.evidence and again.target == "fear"
    assert fuse(SimpleNamespace(evidence=first.evidence)).active == first.active == (12,)


@pytest.mark.parametrize(
    ("intensity", "salient", "reason"),
    [
        (3.0, 20, "intensity 3.00 (minimum 0.3) and 20 of its 20 landmarks in the salient region "
         "(100%, needed 70%)"),
        (3.0, 5, "present, not attended: intensity 3.00, but only 5 of its 20 landmarks in the "
         "salient region (25%, needed 70%)"),
        (0.1, 20, "absent, attended: intensity 0.10 is below the minimum 0.3"),
        (0.1, 5, "absent, not attended: intensity 0.10 is below the minimum 0.3; only 5 of its "
         "20 landmarks in the salient region (25%, needed 70%)"),
    ],
)  # fmt: skip
def test_the_reason_names_presence_and_attention(make_evidence, at, intensity, salient, reason):
    evidence = make_evidence(
        at({MOUTH[:salient]: 1.0}), mean=0.1, std=0.1, aus={12: intensity}
    )
    assert fuse(evidence, ALGORITHM1).result(12).reason == reason


@pytest.mark.parametrize(
    ("intensity", "salient", "present", "attended", "state"),
    [
        (0.3, 14, True, True, "present, attended"),
        (0.3, 13, True, False, "present, not attended"),
        (0.29, 14, False, True, "absent, attended"),
        (0.0, 13, False, False, "absent, not attended"),
        (np.nan, 14, None, True, "not measurable"),
    ],
)
def test_each_au_has_one_of_five_states(
    make_evidence, at, intensity, salient, present, attended, state
):
    evidence = make_evidence(
        at({MOUTH[:salient]: 1.0}), mean=0.1, std=0.1, aus={12: intensity}
    )
    for scope in ("typical", "all"):  # the scope decides what is reported, not the state
        for target in ("happiness", "fear"):
            fused = fuse(evidence, ALGORITHM1.replace(scope=scope), target)
            found = fused.result(12)
            if target == "happiness":
                assert (found.present, found.attended, found.state) == (present, attended, state)
                assert found.active == (state == "present, attended")
            assert STATES[fused.arrays.states[0, LANDMARK_AUS.index(12)]] == found.state


def test_nothing_is_attended_where_the_map_is_not_positive(make_evidence):
    evidence = make_evidence(np.zeros(68), mean=0.0, std=0.0, peak=0.0, aus={12: 3.0, 6: 0.0})
    fused = fuse(evidence, ALGORITHM1.replace(scope="all"))
    assert {row.attended for row in fused.action_units} == {None}
    assert fused.result(12).state == "present, not attended"
    assert fused.result(6).state == "absent, not attended"
    assert fused.result(22).state == "not measurable"


def test_line_33_passes_on_what_is_attended_however_weak(make_evidence, at):
    evidence = make_evidence(at({MOUTH: 1.0}), mean=0.1, std=0.1, aus={12: 0.0, 20: 3.0})
    line33 = FusionParams.preset("algorithm1-line33")
    fused = fuse(evidence, line33)
    assert fused.active == (12,) and fuse(evidence, ALGORITHM1).active == ()
    assert fused.result(12).state == "absent, attended"
    assert "at any intensity (0.00)" in fused.result(12).reason
    unmeasured = make_evidence(at({MOUTH: 1.0}), mean=0.1, std=0.1, aus={12: np.nan})
    assert fuse(unmeasured, line33).active == ()
