"""A study's page as a preview in JupyterLab: keys stay in it, and nothing is kept."""

from __future__ import annotations

import io

import nbformat
import pytest
from PIL import Image

from xfera_nb.study import Study, StudyItem

pytestmark = pytest.mark.browser

CUT_OFF = """() => {
    const right = document.querySelector('.xf-study').getBoundingClientRect().right;
    return [...document.querySelectorAll('.xf-study :is(button, input, label, img)')]
        .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > right + 1)
        .map((e) => e.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def study(tmp_path):
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "#a06040").save(file, "JPEG")
    items = tuple(
        StudyItem(
            f"i{n}", f"p{n}.jpg", "random", "fear", "anger", (0.6, 0.1, 0.3, 0, 0, 0, 0), True,
            "I saw a face.", "face.jpg", "heat.jpg",
        )
        for n in range(3)
    )  # fmt: skip
    return Study(items).save(
        tmp_path / "study", dict.fromkeys(("face.jpg", "heat.jpg"), file.getvalue())
    )


def test_a_preview_in_lab_takes_keys_and_keeps_nothing(visit, lab, study):
    source = (
        f"import xfera_nb as xf\npage = xf.widgets.StudyPage({str(study.folder)!r}, preview=True)"
    )
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(f"{source}\npage")], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, lab.folder / "study.ipynb")
    page = visit.page
    page.goto(f"{lab.url}/lab/tree/study.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.evaluate(lab.READY)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator(".xf-study").get_by_text("Preview:").wait_for()
    page.locator(".xf-study-agree input").check()
    page.keyboard.press("Enter")
    page.locator(".xf-study-where").wait_for()
    for number in range(1, 4):
        page.locator(".xf-study-where").get_by_text(f"Face {number} of 3").wait_for()
        page.keyboard.press("2")
        page.locator(".xf-study-status").get_by_text("Saved.").wait_for()
        page.keyboard.press("Enter")
    page.locator(".xf-study-rate").first.wait_for()
    assert page.evaluate(CUT_OFF) == []
    for key in "4321":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.locator(".xf-study-where").get_by_text("Face 2 of 3").wait_for()
    assert page.locator(".jp-CodeCell").count() == 1  # no key reached the notebook
    assert not (study.folder / "answers.sqlite").exists()
    assert visit.outside == [] and visit.errors == []
