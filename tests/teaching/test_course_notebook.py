"""Notebook 04 and the teacher's page hold the whole course, with its solutions out of sight."""

import json

import pytest

from xfera_nb.teaching import Course, FaceAtlas
from xfera_nb.teaching.lessons import UNITS


@pytest.fixture(scope="module")
def cells(request):
    path = request.config.rootpath / "notebooks" / "04_learn_facs.ipynb"
    return json.loads(path.read_text("utf-8"))["cells"]


@pytest.fixture(scope="module")
def keys():
    return list(Course(FaceAtlas("none is loaded")).exercises)


def sources(cells):
    return ["".join(cell["source"]) for cell in cells]


def test_every_exercise_is_asked_checked_and_solved_in_its_order(cells, keys):
    text = "\n".join(sources(cells))
    for key in keys:
        asked, solved = f'print(course.ask("{key}"))\n', f'course.solution("{key}")'
        assert text.count(solved) == 1 and text.rindex(asked) < text.index(solved)
        assert text.count(f'course.check("{key}"') in (1, 2)


def test_solutions_are_marked_and_folded_and_answers_empty(cells, keys):
    solutions = [cell for cell in cells if "solution" in cell["metadata"].get("tags", ())]
    assert len(solutions) == len(keys) + 2  # Captum's map, and the exact steps
    for cell in solutions:
        assert cell["metadata"]["jupyter"]["source_hidden"] is True
        (output,) = cell["outputs"]
        assert "".join(output["data"]["text/html"]).startswith("<details><summary>")
    checks = [s for s in sources(cells) if s.startswith("print(course.ask(")]
    assert sum("..." in source for source in checks) == len(keys)
    shown = "".join(cells[-1]["outputs"][0]["data"]["text/plain"])
    assert shown.startswith(f"0 of {len(keys)} exercises solved")


def test_the_units_are_headings(cells):
    heads = [s.splitlines()[0] for s in sources(cells) if s.startswith("# Unit")]
    assert heads == [f"# Unit {number}. {title}" for number, title in UNITS.items()]


def test_the_teachers_page_has_every_exercise(request, keys):
    page = (request.config.rootpath / "docs" / "teaching.md").read_text("utf-8")
    table = page[page.index("## Solutions") : page.index("## Handouts")]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    assert all(any(key in row for row in rows) for key in keys)
    for word in ("90 minutes", "Cautions", "Discussion", "Barrett", "never what a person feels"):
        assert word in page
