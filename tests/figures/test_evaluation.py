"""The drawings of an evaluation hold its own numbers, and no markup from outside."""

import re
import runpy
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from xfera_nb.evaluation import PAPER_TABLE_1, evaluate_store
from xfera_nb.figures import classes_svg, confusion_svg, groups_svg, reliability_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def made(request):
    path = request.config.rootpath / "tests" / "evaluation" / "made_store.py"
    return SimpleNamespace(**runpy.run_path(str(path)))


@pytest.fixture(scope="module")
def evaluation(made, tmp_path_factory):
    """Twelve faces: eight happy ones, six of them right, and four fearful ones, one right."""
    answers = ["happiness 0.9"] * 6 + ["fear 0.6"] * 2 + ["happiness 0.6"] * 3 + ["fear 0.6"]
    rows = [
        made.row(
            number, answer, emotion="happiness" if number < 8 else "fear",
            split="<b>" if number % 2 else "test",
        )
        for number, answer in enumerate(answers)
    ]  # fmt: skip
    folder = made.make_store(tmp_path_factory.mktemp("store") / "store", rows)
    return evaluate_store(folder, resamples=300)


def parsed(svg):
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


def words(svg):
    return ["".join(part.itertext()) for part in parsed(svg).iter(f"{SVG}text")]


def boxes(svg, fill="#3b7dd8"):
    return [part for part in parsed(svg).iter(f"{SVG}rect") if part.get("fill") == fill]


def test_confusion_has_each_count_with_its_share(evaluation):
    svg = confusion_svg(evaluation)
    said = words(svg)
    for count, share in (("6", "75 %"), ("2", "25 %"), ("3", "75 %"), ("1", "25 %")):
        assert count in said and share in said
    assert said.count("·") == 49 - 4
    assert "of 8" in said and "of 4" in said and said.count("no face") == 5
    shades = sorted(float(box.get("fill-opacity")) for box in boxes(svg))
    assert shades == pytest.approx([0.15, 0.15, 0.45, 0.45])
    assert "7 of 12 faces" in parsed(svg).get("aria-label")


def test_reliability_draws_a_point_for_each_bin_with_faces(evaluation):
    root = parsed(reliability_svg(evaluation))
    points = [float(c.get(key)) for c in root.iter(f"{SVG}circle") for key in ("cx", "cy")]
    # Of six faces at 0.6 one is right; all six at 0.9 are: axes go from (60, 316) to (400, 16).
    hand = [60 + 340 * 0.6, 316 - 300 / 6, 60 + 340 * 0.9, 16]
    assert points == pytest.approx(hand, abs=0.06)
    assert len(boxes(reliability_svg(evaluation))) == 2
    assert f"{evaluation.ece.value:.3f}" in root.get("aria-label")


def test_bars_are_the_figures_and_the_paper_stands_beside(evaluation):
    svg = classes_svg(evaluation)
    bars = sorted(float(box.get("width")) for box in boxes(svg))
    # Precision 6/9 and 1/3, recall 6/8 and 1/4, F1 12/17 and 2/7 of 240; one box is the legend's.
    shares = [6 / 9, 1 / 3, 6 / 8, 1 / 4, 12 / 17, 2 / 7]
    assert bars == pytest.approx(sorted([26, *(240 * share for share in shares)]), abs=0.06)
    assert words(svg).count("undefined") == 3 * 5
    diamonds = re.findall(r'd="M([\d.]+) ([\d.]+)l5 5', svg)
    assert len(diamonds) == 3 * 7 + 1
    assert float(diamonds[0][0]) == pytest.approx(84 + 240 * PAPER_TABLE_1["anger"][0])
    assert "F1: anger undefined, disgust undefined, fear 0.29" in parsed(svg).get("aria-label")


def test_groups_have_a_point_each_and_their_names_are_only_text(evaluation):
    svg = groups_svg(evaluation)
    assert "split <b>" in words(svg) and "<b>" not in svg
    assert [row.faces for row in evaluation.groups] == [6, 6]
    points = [float(c.get("cx")) for c in parsed(svg).iter(f"{SVG}circle")]
    assert points == pytest.approx(
        [190 + 380 * row.accuracy.value for row in evaluation.groups], abs=0.06
    )


def test_no_groups_no_drawing(made, tmp_path):
    rows = [made.row(n, "fear 0.9", emotion="fear") for n in range(2)]
    assert groups_svg(evaluate_store(made.make_store(tmp_path / "s", rows))) == ""


@pytest.mark.parametrize("draw", [confusion_svg, reliability_svg, classes_svg, groups_svg])
def test_drawings_are_named_and_load_nothing(evaluation, draw):
    root = parsed(draw(evaluation))
    assert root.get("role") == "img" and len(root.get("aria-label")) > 20
    assert not re.search(r"<script|href|url\(", draw(evaluation))
