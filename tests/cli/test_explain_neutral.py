"""``xfera explain --neutral``: measured once, subtracted from every photo."""

import json

import pytest


def test_every_photo_is_less_the_neutral_one(xfera, sample):
    neutral = sample.with_name("C01NE.jpg")
    other = sample.with_name("C01SU.jpg")
    code, out, err = xfera("explain", sample, other, "--neutral", neutral, "--json")
    assert (code, err) == (0, "")
    for line in out.splitlines():
        row = {entry["au"]: entry for entry in json.loads(line)["action_units"]}["AU12"]
        assert (row["intensity"], row["raw_intensity"]) == (0, 2)
    code, out, _ = xfera("explain", sample, "--neutral", neutral)
    assert code == 0 and "Intensities minus the neutral face" in out


@pytest.mark.parametrize("neutral", ["no_face", "gone.jpg"])
def test_a_neutral_photo_that_is_none(xfera, sample, no_face, neutral):
    path = no_face if neutral == "no_face" else neutral
    code, out, err = xfera("explain", sample, "--neutral", path)
    assert (code, out) == (2, "") and len(err.splitlines()) == 1
    assert err.startswith(f"xfera: {path}") and err.count(str(path).rpartition("/")[2]) == 1


def test_it_is_of_one_person(xfera, sample):
    code, _, err = xfera("explain", sample, "--neutral", sample, "--all-faces")
    assert code == 2 and "leave --all-faces out" in err
