"""A study's page as a preview in JupyterLab: keys stay in it, and nothing is kept."""

from __future__ import annotations

import io

import pytest
from pages import eventually, run_cells
from PIL import Image
from playwright.sync_api import expect

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
    run_cells(visit.page, lab, f"{source}\npage")
    page = visit.page
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
    eventually(page, CUT_OFF, [])
    for key in "4321":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.locator(".xf-study-where").get_by_text("Face 2 of 3").wait_for()
    expect(page.locator(".jp-CodeCell")).to_have_count(1)  # no key reached the notebook
    assert not (study.folder / "answers.sqlite").exists()
    assert visit.outside == [] and visit.errors == []
