"""Matching combinations against intensities, by hand and by properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xfera_nb.facs import (
    EMOTIONS,
    MIN_PRESENT,
    OPENFACE_AUS,
    PROTOTYPES,
    STATUSES,
    Prototype,
    match_prototypes,
)

EVERY = tuple(p for emotion in EMOTIONS for p in PROTOTYPES[emotion])


def one(notation, intensities, emotion="surprise", **options):
    (result,) = match_prototypes(intensities, [Prototype.parse(notation, emotion)], **options)
    return result


def texts(members):
    return [member.text for member in members]


def test_complete():
    result = one("1+2+5B+26/27", {1: 1.0, 2: 3.2, 5: 2.0, 26: 0.4, 27: 1.1})
    assert (result.status, result.score) == ("complete", 1.0)
    assert texts(result.present) == ["1", "2", "5B", "26/27"]
    assert (result.notation, result.emotion, result.kind, result.sources) == (
        "1+2+5B+26/27", "surprise", "prototype", ("C",)
    )


def test_partial_with_a_weak_and_a_missing_member():
    result = one("1+2+5B+26", {1: 1.5, 2: 0.99, 5: 1.99, 26: 2.0})
    assert (result.status, result.score) == ("partial", 0.5)
    assert texts(result.present) == ["1", "26"]
    assert texts(result.too_weak) == ["5B"]
    assert texts(result.missing) == ["2"]
    assert result.not_measurable == ()


def test_absent_and_only_too_weak():
    absent = one("6+12*", {6: 0.0, 12: 0.9}, "happiness")
    assert (absent.status, absent.score, texts(absent.missing)) == ("absent", 0.0, ["6", "12*"])
    weak = one("12C", {12: 2.99}, "happiness")
    assert (weak.status, weak.score, texts(weak.too_weak)) == ("partial", 0.0, ["12C"])
    assert one("12C", {12: 3.0}, "happiness").status == "complete"


@pytest.mark.parametrize("unmeasured", [{}, {11: math.nan}, {11: None}, {11: np.float32("nan")}])
def test_not_measurable_is_not_absent(unmeasured):
    result = one("1+4+11+15B", {1: 2.0, 4: 2.0, 15: 2.0, **unmeasured}, "sadness")
    assert (result.status, result.score) == ("complete as far as measurable", 1.0)
    assert texts(result.not_measurable) == ["11"] and result.missing == ()
    result = one("1+4+11+15B", {1: 2.0, 4: 0.0, 15: 1.0, **unmeasured}, "sadness")
    assert result.status == "partial"
    assert result.score == pytest.approx(1 / 3)


def test_nothing_measured_has_no_score():
    result = one("6+12*", {6: math.nan}, "happiness")
    assert (result.status, result.score) == ("not measurable", None)
    assert texts(result.not_measurable) == ["6", "12*"]


def test_alternatives_are_judged_on_those_measured():
    assert texts(one("1+26/27", {1: 2.0, 26: 0.0}).missing) == ["26/27"]
    assert texts(one("1+26/27", {1: 2.0, 26: 1.0}).present) == ["1", "26/27"]
    assert texts(one("1+26/27", {1: 2.0}).not_measurable) == ["26/27"]
    assert texts(one("1+26C/27", {1: 2.0, 26: 1.0, 27: 0.0}).too_weak) == ["26C/27"]


def test_optional_members_change_nothing_but_are_told():
    bare = one("5*+20*+(25/26/27)", {5: 1.0, 20: 1.0, 25: 0.0}, "fear")
    with_it = one("5*+20*+(25/26/27)", {5: 1.0, 20: 1.0, 25: 4.0}, "fear")
    unknown = one("5*+20*+(25/26/27)", {5: 1.0, 20: 1.0}, "fear")
    assert [r.status for r in (bare, with_it, unknown)] == ["complete"] * 3
    assert [texts(r.optional_present) for r in (bare, with_it, unknown)] == [[], ["(25/26/27)"], []]


def test_cutoff_moves_what_has_no_letter_and_no_letter():
    face = {4: 0.3, 5: 0.3}
    assert one("4+5B", face, "anger").status == "absent"
    low = one("4+5B", face, "anger", min_intensity=0.3)
    assert (texts(low.present), texts(low.too_weak)) == (["4"], ["5B"])
    high = one("4+5B", {4: 2.5, 5: 2.5}, "anger", min_intensity=3.0)
    assert (texts(high.present), texts(high.missing)) == (["5B"], ["4"])
    assert MIN_PRESENT == 1.0


@pytest.mark.parametrize("min_intensity", [-0.1, 5.1, math.nan])
def test_cutoff_is_an_intensity(min_intensity):
    with pytest.raises(ValueError, match="minimum intensity is a number from 0 to 5"):
        match_prototypes({}, EVERY, min_intensity=min_intensity)


def test_one_side_only():
    both = {1: 2.0, 20: 2.0}

    def stretch(left, right):
        return one("1+U20*", both, "fear", left={20: left}, right={20: right})

    assert stretch(2.0, 0.2).status == stretch(0.2, 2.0).status == "complete"
    assert texts(stretch(2.0, 2.0).missing) == ["U20*"]
    assert texts(stretch(0.2, 0.2).missing) == ["U20*"]
    assert texts(stretch(2.0, math.nan).not_measurable) == ["U20*"]
    assert one("1+U20*", both, "fear").status == "complete as far as measurable"


def test_openfaces_seventeen_cannot_see_restrained_anger_whole():
    face = {au: 0.0 for au in OPENFACE_AUS} | {17: 2.0}
    found = {m.notation: m for m in match_prototypes(face, PROTOTYPES["anger"])}
    assert found["17+24"].status == "complete as far as measurable"
    assert texts(found["17+24"].not_measurable) == ["24"]
    assert found["4+5*+7+17+24"].score == 0.25
    assert found["4+5*+7+23"].status == "absent"


def test_a_happy_face_among_all_emotions():
    face = {au: 0.0 for au in OPENFACE_AUS} | {6: 2.1, 12: 2.8, 25: 1.4}
    results = match_prototypes(face, EVERY)
    complete = [(m.emotion, m.notation) for m in results if m.status == "complete"]
    assert complete == [("happiness", "6+12*")]


def test_order_is_kept_and_neutral_has_none():
    assert [m.prototype for m in match_prototypes({}, EVERY)] == list(EVERY)
    assert match_prototypes({6: 3.0}, PROTOTYPES["neutral"]) == ()


INTENSITY = st.one_of(st.just(math.nan), st.floats(0.0, 5.0))
FACES = st.dictionaries(st.sampled_from([*OPENFACE_AUS, 11, 16, 22, 24, 27]), INTENSITY)


@settings(max_examples=60, deadline=None)
@given(face=FACES, min_intensity=st.floats(0.0, 5.0), data=st.data())
def test_raising_an_intensity_never_lowers_a_score(face, min_intensity, data):
    measured = sorted(au for au, value in face.items() if not math.isnan(value))
    if not measured:
        results = match_prototypes(face, EVERY, min_intensity=min_intensity)
        assert all(m.status == "not measurable" for m in results)
        return
    au = data.draw(st.sampled_from(measured))
    raised = face | {au: data.draw(st.floats(face[au], 5.0))}
    before, after = (
        match_prototypes(one, EVERY, min_intensity=min_intensity) for one in (face, raised)
    )
    for a, b in zip(before, after, strict=True):
        assert a.not_measurable == b.not_measurable
        assert (a.score is None) == (b.score is None)
        assert a.score is None or b.score >= a.score


@settings(max_examples=60, deadline=None)
@given(face=FACES, min_intensity=st.floats(0.0, 5.0))
def test_every_required_member_is_in_one_list_and_the_status_follows(face, min_intensity):
    for m in match_prototypes(face, EVERY, min_intensity=min_intensity):
        required = [member for member in m.prototype.members if not member.optional]
        lists = [*m.present, *m.too_weak, *m.missing, *m.not_measurable]
        assert sorted(texts(lists)) == sorted(texts(required))
        assert m.status in STATUSES
        n_measured = len(required) - len(m.not_measurable)
        assert (m.score is None) == (n_measured == 0) == (m.status == "not measurable")
        if n_measured:
            assert m.score == len(m.present) / n_measured
            assert (m.score == 1.0) == m.status.startswith("complete")
        assert (m.status == "complete") == (len(m.present) == len(required))


@settings(max_examples=40, deadline=None)
@given(face=FACES, au=st.sampled_from(OPENFACE_AUS))
def test_nan_none_and_a_missing_key_mean_the_same(face, au):
    bare = {key: value for key, value in face.items() if key != au}
    results = [match_prototypes(f, EVERY) for f in (bare, bare | {au: math.nan}, bare | {au: None})]
    assert results[0] == results[1] == results[2]
