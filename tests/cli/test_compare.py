"""``xfera compare``: one or two photos, what is other for the second, and its refusals."""

import json

import pytest

pytestmark = pytest.mark.slow


def test_two_photos(xfera, sample, samples):
    code, out, err = xfera("compare", sample, samples / "C02NE.jpg")
    assert (code, err) == (0, "")
    assert out.startswith("A: C01HA.jpg\nB: C02NE.jpg\n")
    assert "Landmarks in the salient region: " in out


def test_one_photo_under_two_settings(xfera, sample, tmp_path):
    page = tmp_path / "page.html"
    code, out, err = xfera(
        "compare", sample, "--k", 2, "--scope", "typical", "--vs", "k=0.5", "--vs", "scope=all",
        "--html", page,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "k: 2 in A, 0.5 in B" in out and "scope: typical in A, all in B" in out
    assert "B: C01HA.jpg, k=0.5, scope=all" in out
    assert page.read_text("utf-8").count("<img") == 3


def test_json_is_one_object(xfera, sample):
    code, out, _ = xfera("compare", sample, "--vs", "target=fear", "--json")
    record = json.loads(out)
    assert code == 0 and record["target"][1] == "fear"
    assert record["photos"] == [str(sample)] * 2 and record["same_picture"] is True


def test_models_and_sources_of_the_second(xfera, sample, asked):
    code, out, _ = xfera(
        "compare", sample, "--vs", "au=pyfaceau", "--vs", "classifier=other.safetensors",
        "--vs", "layer=layer3.5", "--vs", "method=hirescam", "--json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["heatmap"] == [
        {"method": "gradcam", "layer": "layer4.2"}, {"method": "hirescam", "layer": "layer3.5"},
    ]  # fmt: skip
    assert asked == [
        ("au", "builtin", {}), ("classifier", None),
        ("au", "pyfaceau", {}), ("classifier", "other.safetensors"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give a second photo, or a difference"),
        (["x.jpg", "y.jpg"], "one or two photos"),
        (["--vs", "k"], "NAME=VALUE"),
        (["--vs", "size=3"], "NAME=VALUE"),
        (["--vs", "k=much"], "--vs k: invalid float value: 'much'"),
        (["--vs", "k=99"], "must lie from -5 to 10"),
        (["--vs", "au=none"], "--vs au: invalid choice: 'none'"),
        (["--vs", "layer=none"], "no layer named 'none'"),
        (["--vs", "params=none.json"], "none.json"),
    ],
)
def test_what_is_wrong_is_one_line(xfera, sample, arguments, said):
    code, out, err = xfera("compare", sample, *arguments)
    assert (code, out) == (2, "") and err.count("\n") == 1 and said in err


def test_a_photo_without_a_face_is_named(xfera, sample, no_face):
    code, out, err = xfera("compare", sample, no_face)
    assert (code, out) == (3, "") and str(no_face) in err
