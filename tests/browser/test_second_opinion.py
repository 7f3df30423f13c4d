"""The checkbox that allows the picture to be sent, and the second opinion beside the text."""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path

import pytest
from model_server import says, serving
from pages import run_cells
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
ONE_KERNEL = True

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"
PARTS = runpy.run_path(str(Path(__file__).with_name("test_writers.py")))
SETUP = PARTS["SETUP"].partition("writer =")[0]
VIEW = """
view = xf.widgets.Explainer(evidence, writer="vision", settings_open=True,
                            writer_options={"base_url": SERVER, "cache": False})
view
"""
OPINION = {
    "emotion": "surprise",
    "confidence": 0.6,
    "sentences": [
        {"text": "The lip corners are raised.", "aus": [12]},
        {"text": "The lips are pressed <b onmouseover='window.struck = 1'>here</b>.", "aus": [24]},
    ],
}


def test_the_picture_goes_out_only_after_the_checkbox_is_ticked(visit, lab):
    with serving(says(json.dumps(OPINION))) as server:
        page = visit.page
        told = f"SAMPLE, SERVER = {(str(SAMPLE), server.url)!r}\n"
        run_cells(page, lab, told + (SETUP + VIEW).strip())
        box = page.get_by_label("Send the face crop")
        expect(box).not_to_be_checked()
        expect(page.locator(".xf-writer")).to_contain_text("224 x 224 pixels) is sent to")
        button = page.locator(".xf-explainer button").get_by_text("Explain")
        button.click()
        expect(page.locator(".xf-explainer")).to_contain_text("allow that by --send-image")
        assert server.asked == []
        box.check()
        button.click()
        words = page.locator(".xf-explainer .xf-text")
        for said in ("the picture was sent to", "Second opinion of", "surprise, 60", "AU24"):
            expect(words).to_contain_text(said)
        assert len(server.asked) == 1
        assert page.evaluate("window.struck") is None
        assert words.locator("b[onmouseover]").count() == 0
        assert page.evaluate(PARTS["CUT_OFF"]) == []
        if folder := os.environ.get("XFERA_SHOTS"):
            words.screenshot(path=f"{folder}/second-opinion.png")
            page.locator(".xf-writer").screenshot(path=f"{folder}/checkbox.png")
    assert visit.outside == [] and visit.errors == []
