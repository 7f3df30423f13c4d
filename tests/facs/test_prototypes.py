"""The notation, the catalogue of combinations, and where sources disagree."""

import pytest

from xfera_nb import facs
from xfera_nb.facs import PAPER_ANGER_GROUPS, PROTOTYPES, Prototype, parse_combination
from xfera_nb.facs.prototypes import unique, without_one


def listed(emotion, kind):
    return [p.notation for p in PROTOTYPES[emotion] if p.kind == kind]


def test_parse_letters_stars_and_alternatives():
    brow, lid, jaw = parse_combination("1 + 5B + 25*/26")
    assert (brow.aus, brow.needs[0].least, brow.optional) == ((1,), None, False)
    assert (lid.aus, lid.needs[0].least, lid.text) == ((5,), 2.0, "5B")
    assert (jaw.aus, jaw.text) == ((25, 26), "25*/26")
    assert [need.strength for need in jaw.needs] == ["*", ""]


def test_parse_optional_and_one_sided():
    stretch, mouth = parse_combination("U20*+(25/26/27)")
    assert stretch.needs[0].one_side and stretch.text == "U20*"
    assert mouth.optional and mouth.aus == (25, 26, 27) and mouth.text == "(25/26/27)"


@pytest.mark.parametrize(
    ("notation", "sentence"),
    [
        ("", 'cannot be read at ""'),
        ("1++2", 'cannot be read at ""'),
        ("1+2+", 'cannot be read at ""'),
        ("12F", 'cannot be read at "12F"'),
        ("12c", 'cannot be read at "12c"'),
        ("AU12", 'cannot be read at "AU12"'),
        ("1+(25/26", r'cannot be read at "\(25"'),
        ("1+25/26)", r'cannot be read at "26\)"'),
        ("1,2", 'cannot be read at "1,2"'),
        ("25/", 'cannot be read at ""'),
        ("1+3", "names AU 3, which is not known"),
        ("1+2+1B", "names AU 1 twice"),
        ("25/26+26", "names AU 26 twice"),
        ("(25/26)", "only optional members"),
    ],
)
def test_what_cannot_be_read(notation, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse_combination(notation)


def test_a_prototype_names_known_things():
    assert Prototype.parse("6+12", "Joy").emotion == "happiness"
    with pytest.raises(ValueError, match="no emotion 'awe'"):
        Prototype.parse("6+12", "awe")
    with pytest.raises(ValueError, match="no kind of combination 'main'"):
        Prototype.parse("6+12", "happiness", "main")
    with pytest.raises(ValueError, match="no source tag 'X'"):
        Prototype.parse("6+12", "happiness", sources=("C", "X"))


def test_prototypes_of_the_guide():
    assert listed("surprise", "prototype") == ["1+2+5B+26", "1+2+5B+27"]
    assert listed("fear", "prototype") == ["1+2+4+5*+20*+25/26/27", "1+2+4+5*+25/26/27"]
    assert listed("happiness", "prototype") == ["6+12*"]
    assert listed("sadness", "prototype") == [
        "1+4+11+15B+(25/26)", "1+4+15*+(25/26)", "6+15*+(25/26)"
    ]
    assert listed("disgust", "prototype") == [
        "9", "9+16+15/26", "9+17", "10*", "10*+16+25/26", "10+17"
    ]
    assert listed("anger", "prototype") == [
        "4+5*+7+10*+22+23+25/26", "4+5*+7+10*+23+25/26", "4+5*+7+23+25/26", "4+5*+7+17+23",
        "4+5*+7+17+24", "4+5*+7+23", "4+5*+7+24",
    ]
    assert PROTOTYPES["neutral"] == ()


def test_major_variants_of_the_guide():
    assert listed("surprise", "variant") == ["1+2+5B", "1+2+26", "1+2+27", "5B+26", "5B+27"]
    assert listed("fear", "variant") == [
        "1+2+4+5*+U20*+25/26/27", "1+2+4+5*", "1+2+5E+(25/26/27)", "5*+20*+(25/26/27)"
    ]
    assert listed("happiness", "variant") == ["12C"]
    assert listed("sadness", "variant") == [
        f"{text}+(25/26)" for text in ("1+4+11", "1+4+15B", "1+4+15B+17", "11+15B", "11+17")
    ]
    assert listed("disgust", "variant") == []


def test_angers_variants_leave_out_one_of_four():
    # Worked by hand: 4+4+3+3+3+3+3 omissions, of which one (the second prototype without 10) is
    # the third prototype.
    variants = listed("anger", "variant")
    assert len(variants) == 22
    assert "4+5*+7+22+23+25/26" in variants and "4+5*+17+24" in variants
    assert "4+5*+7+23+25/26" not in variants
    assert variants[-3:] == ["5*+7+24", "4+7+24", "4+5*+24"]


def test_without_one_takes_only_single_members():
    wide = Prototype.parse("1+2+25/26+(17)", "surprise")
    assert [p.notation for p in without_one(wide, (1, 25, 5))] == ["2+25/26+(17)"]
    assert without_one(Prototype.parse("9+(17)", "disgust"), (9,)) == ()


def test_no_combination_is_listed_twice():
    same = [Prototype.parse(text, "disgust") for text in ("9+17*", "17+9", "9+17A", "9+(17)")]
    assert [p.notation for p in unique(same)] == ["9+17*", "9+17A", "9+(17)"]
    for prototypes in PROTOTYPES.values():
        assert len({p.meaning for p in prototypes}) == len(prototypes)


def test_the_papers_six_anger_groups():
    assert len(PAPER_ANGER_GROUPS) == 6
    assert PAPER_ANGER_GROUPS[0].aus == (4, 5, 7, 10, 22, 23, 25, 26)
    last = PAPER_ANGER_GROUPS[-1]
    assert (last.notation, last.kind, last.sources) == ("17+24", "restrained", ("P",))
    assert all("P" in group.sources for group in PAPER_ANGER_GROUPS)
    marked = [p for p in PROTOTYPES["anger"] if "P" in p.sources]
    assert sorted(p.notation for p in marked) == sorted(p.notation for p in PAPER_ANGER_GROUPS)


def test_every_combination_reads_back_and_names_its_source():
    for emotion, prototypes in PROTOTYPES.items():
        for prototype in prototypes:
            assert prototype.emotion == emotion
            assert parse_combination(prototype.notation) == prototype.members
            assert prototype.sources and set(prototype.sources) <= set(facs.SOURCES)


def test_disagreements_are_readable_and_differ_as_told():
    for item in facs.DISAGREEMENTS:
        assert item.emotion in facs.EMOTIONS and item.remark.endswith(".")
        assert parse_combination(item.notation)
    guide_fear = {au for p in PROTOTYPES["fear"] for au in p.aus}
    assert 7 not in guide_fear
    assert {7} == set(facs.EXPECTED_AUS["fear"]) - guide_fear
    by_source = {(d.emotion, d.notation) for d in facs.DISAGREEMENTS if "Table 2" in d.source}
    for emotion, notation in by_source:
        aus = tuple(sorted(au for member in parse_combination(notation) for au in member.aus))
        assert aus == facs.EXPECTED_AUS[emotion]


def test_caveats_name_what_users_must_know():
    text = " ".join(caveat.text for caveat in facs.CAVEATS)
    assert "0.3" in text and "not what a person feels" in text and "AU 14, 15, 20 and 23" in text
    assert any("Barrett" in caveat.source for caveat in facs.CAVEATS)
    unmeasured = {au for ps in PROTOTYPES.values() for p in ps for au in p.aus}
    unmeasured -= set(facs.OPENFACE_AUS)
    assert sorted(unmeasured) == [11, 16, 22, 24, 27]
    assert "AU 11, 16, 22, 24 and 27" in text
