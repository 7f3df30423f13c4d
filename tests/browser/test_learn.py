"""Learning on faces as a page of Voila, by mouse and keyboard, wide and narrow."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from pages import Watched, eventually, one_kernel
from playwright.sync_api import expect
from processes import LOOPBACK, end_family, free_port, wait_until_served

from xfera_nb.cli.app import voila_command, voila_environment

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SOURCE = """
import torch
import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.facs import OPENFACE_AUS
from xfera_nb.teaching import FaceAtlas

class Smiling:
    name = "smiling"
    def describe(self):
        return {"name": self.name}
    def detect(self, image, landmarks, photo_name=None):
        smile = 3.0 if "HA" in str(photo_name).rsplit("/", 1)[-1] else 0.0
        return ActionUnits([smile * (au == 12) for au in OPENFACE_AUS], source="<i>made</i>")

network = Classifier(ResNet50BAM(), {"input": default_input_rule(), "name": "made"})
xf.widgets.Learn(FaceAtlas(Smiling(), FOLDER, network), seed=1)
"""
WIDTH = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMELESS = """() => [...document.querySelectorAll('.xf-learn :is(button, select, [role=button])')]
    .filter((e) => e.getClientRects().length)
    .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))
    .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture
def page(browser, tmp_path, request):
    """A window of 1280x800 on the page, with four sample faces."""
    folder = tmp_path / "samples"
    folder.mkdir()
    for code in ("C01HA", "C01NE", "C02NE", "C03NE"):
        shutil.copy(ROOT / "data" / "samples" / f"{code}.jpg", folder)
    nbformat.write(one_kernel(f"FOLDER = {str(folder)!r}{SOURCE}"), tmp_path / "served.ipynb")
    port, log = free_port(), tmp_path / "voila.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            voila_command(tmp_path / "served.ipynb", port, browser=False),
            stdout=file, stderr=subprocess.STDOUT, env=voila_environment(),
        )  # fmt: skip
    url = f"http://{LOOPBACK}:{port}"
    wait_until_served(process, f"{url}/voila/static/voila.js", log)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    watched = Watched(page, request.node.name, log)
    page.goto(url)
    page.wait_for_selector(".xf-atlas .xfera img[alt*='C01HA']")
    yield page
    watched.picture()
    context.close()
    end_family(process)
    assert errors == []


def test_a_face_is_pointed_at_and_asked_about(page):
    head = page.locator(".xf-areas-list h3")
    units = page.locator(".xf-areas-list li button")
    expect(head).to_have_text("Mouth corners")
    # By mouse: pointing lists, leaving goes back, a click keeps.
    page.locator("g[data-area=brows] polygon").hover()
    expect(head).to_have_text("Brows")
    expect(units).to_have_count(3)
    page.get_by_role("tab", name="Atlas").hover()
    expect(head).to_have_text("Mouth corners")
    page.locator("g[data-area=brows] polygon").click()
    page.get_by_role("tab", name="Atlas").hover()
    expect(head).to_have_text("Brows")
    units.filter(has_text="AU04 brow lowerer").click()
    expect(page.locator(".xf-atlas .xfera h2")).to_have_text("AU04 brow lowerer")
    # By keyboard: down the face from the brows.
    brows = page.get_by_role("button", name=re.compile("^Brows: AU01 inner brow raiser, "))
    expect(brows).to_have_attribute("aria-pressed", "true")
    brows.focus()
    page.keyboard.press("ArrowDown")
    expect(head).to_have_text("Eyelids")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".xf-atlas .xfera h2")).to_have_text("AU05 upper lid raiser")
    # The menu is the second way in, and the face follows.
    page.get_by_label("Action Unit", exact=True).select_option("AU26 jaw drop")
    expect(head).to_have_text("Chin and jaw")
    eventually(page, NAMELESS, [])
    # The quiz, by keys.
    page.get_by_role("tab", name="Atlas").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Quiz")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel", name="Quiz")).to_be_visible()
    first = page.locator(".xf-quiz-choice").first
    first.wait_for()
    eventually(page, NAMELESS, [])
    first.focus()
    page.keyboard.press("2")
    expect(page.locator(".xf-quiz-choice.right")).to_contain_text("right answer")
    expect(page.locator(".xf-quiz-status")).to_contain_text(re.compile("^(Right|No)[.]"))
    expect(page.locator(".xf-quiz-status i")).to_have_count(0)  # a source's name is text
    expect(page.get_by_role("button", name="Next question")).to_be_focused()
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for tab in ("Atlas", "Quiz"):
            page.get_by_role("tab", name=tab).click()
            expect(page.get_by_role("tabpanel", name=tab)).to_be_visible()
            eventually(page, WIDTH, 0)
    for number in range(2, 11):
        page.locator(".xf-quiz-below button").click()
        page.get_by_text(f"Question {number} of 10").wait_for()
        page.locator(".xf-quiz-choice").first.click()
        page.locator(".xf-quiz-status p").first.wait_for()
    page.get_by_role("button", name="See the score").click()
    expect(page.locator(".xf-quiz h3")).to_have_text(re.compile(r"\d+ of 10 right"))
    expect(page.locator(".xf-quiz-asked li")).to_have_count(10)
