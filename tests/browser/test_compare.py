"""Two faces side by side in JupyterLab: a key on a shared slider moves both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import eventually, run_cells
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
ONE_KERNEL = True

ROOT = Path(__file__).parents[2]
SETUP = """
import numpy as np
import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble
from xfera_nb.facs import EMOTIONS
def made(path, turn):
    maps = np.random.default_rng(turn + 1).random((7, 7, 7)).astype(np.float32)
    maps[EMOTIONS.index("happiness"), 4:] += 1
    units = ActionUnits(np.linspace(0.1, 3.3, 17)[::turn], source="made")
    chances = np.array([.05, .05, .05, .7, .05, .05, .05], np.float32)
    return xf.fuse(assemble(xf.find_faces(path)[0], Prediction(chances), maps, units,
                            layer="layer4.2", au_detector={"name": "made"}))
view = xf.widgets.Compare(made(ONE, 1), made(OTHER, -1))
view
"""
SALIENT = """() => [...document.querySelectorAll('.xc-view svg')]
    .filter((s) => s.querySelector('image'))
    .map((s) => [...s.querySelectorAll('.xc-salient')])
    .map((marks) => marks.filter((c) => c.style.display !== 'none').length)
"""
NAMELESS = """() => [...document.querySelectorAll('.xc-view :is(select, input)')]
    .filter((e) => !(e.labels.length && e.labels[0].textContent.trim())).length"""
WIDEST = """() => { const view = document.querySelector('.xc-view');
    return Math.max(...[view, ...view.querySelectorAll('*')].map(
        (e) => e.getBoundingClientRect().right)) - view.getBoundingClientRect().left; }"""


@pytest.fixture
def page(visit, lab):
    """JupyterLab with a live comparison in it."""
    samples = ROOT / "data" / "samples"
    names = f"ONE, OTHER = {str(samples / 'C01HA.jpg')!r}, {str(samples / 'C02SU.jpg')!r}\n"
    run_cells(visit.page, lab, names + SETUP.strip())
    page = visit.page
    page.wait_for_selector(".xc-view svg[role=img]")
    return page


def salient_after(page, before):
    """Return how many landmarks are salient in A and B, once that has changed."""
    page.wait_for_function(f"({SALIENT})().join() !== {','.join(map(str, before))!r}")
    return page.evaluate(SALIENT)


def test_a_shared_slider_moves_both_and_one_moves_alone(page, visit):
    before = page.evaluate(SALIENT)
    k = page.get_by_label("Saliency threshold k (mean + k SD)", exact=True)
    k.focus()
    page.keyboard.press("Home")
    expect(page.locator(".xc-slider output").first).to_have_text("0.00")
    page.wait_for_function(f"({SALIENT})().every((n, i) => n > {before}[i])")
    both = page.evaluate(SALIENT)
    page.get_by_label("Sliders move").select_option("B")
    k.focus()
    page.keyboard.press("End")
    alone = salient_after(page, both)
    assert alone[0] == both[0] and alone[1] < both[1]
    expect(page.locator(".jp-Cell")).to_have_count(1)  # Lab did not take the keys
    rows = page.locator(".xc-table tr.xc-differs")
    assert rows.count() == 0 or "only" in rows.first.inner_text()
    assert visit.errors == [] and visit.outside == []


def test_it_fits_has_names_and_hides_the_static_image(page):
    eventually(page, NAMELESS, 0)
    page.wait_for_function(f"({WIDEST})() <= 851")
    picture = page.locator(".jp-OutputArea-output img.xf-static-image")
    page.wait_for_function("() => ![...document.querySelectorAll('img.xf-static-image')]"
                           ".some((e) => e.offsetParent)")  # fmt: skip
    expect(picture).to_have_count(1)
    faces = page.locator(".xc-view svg[role=img]")
    expect(faces).to_have_count(2)
    for n in range(2):
        said = re.compile("of 68 landmarks in the salient region")
        expect(faces.nth(n)).to_have_attribute("aria-label", said)
