"""The areas of a face: every Action Unit is seen where the catalogue says."""

import pytest

from xfera_nb.errors import InputError
from xfera_nb.facs import ACTION_UNITS, FACE_AREAS, N_LANDMARKS, areas_of, describe_area

# Area -> the words of the catalogue's regions that may stand for it.
REGIONS = {
    "brows": {"brows"},
    "eyelids": {"eyes", "eyes, cheeks"},
    "nose": {"nose"},
    "cheeks": {"eyes, cheeks", "mouth"},
    "mouth corners": {"mouth"},
    "lips": {"mouth"},
    "chin and jaw": {"chin", "jaw"},
}


def test_every_action_unit_is_seen_in_an_area_of_its_region():
    assert set(FACE_AREAS) == set(REGIONS)
    for au, unit in ACTION_UNITS.items():
        found = areas_of(au)
        assert found, unit.code
        assert all(unit.region in REGIONS[name] for name in found), unit.code


def test_areas_by_hand():
    assert FACE_AREAS["brows"].aus == (1, 2, 4)
    assert areas_of(4) == ("brows",) and set(areas_of(6)) == {"cheeks", "eyelids"}
    assert set(areas_of(14)) == {"cheeks", "mouth corners"}
    assert describe_area("brows") == (
        "Brows: AU01 inner brow raiser, AU02 outer brow raiser, AU04 brow lowerer"
    )
    with pytest.raises(InputError, match="no Action Unit"):
        areas_of(3)


def test_areas_are_made_of_landmarks():
    for area in FACE_AREAS.values():
        assert list(area.aus) == sorted(set(area.aus)) and area.margin >= 0
        for hull in area.hulls:
            assert all(1 <= number <= N_LANDMARKS for number in hull)
            assert len(hull) >= 2 and (len(hull) > 2 or area.margin)
