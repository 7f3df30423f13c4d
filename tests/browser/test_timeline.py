"""The Timeline in JupyterLab: a click on a line opens its frame; all of it by keyboard too."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from clips import make_talk
from pages import run_cells
from playwright.sync_api import expect

from xfera_nb.evidence import explain_video

pytestmark = pytest.mark.browser
ONE_KERNEL = True

ROOT = Path(__file__).parents[2]
SHOW = "import xfera_nb as xf\nview = xf.widgets.Timeline(STORE)\nview"
# Where a point of the first row lies in the page: of the line's name and the point's number.
POINT = """([name, index]) => {
    const plot = document.querySelector('.xf-explorer .js-plotly-plot');
    const trace = plot._fullData.find((one) => one.name === name);
    const layout = plot._fullLayout, box = plot.getBoundingClientRect();
    return [box.left + layout.xaxis._offset + layout.xaxis.l2p(trace.x[index]),
            box.top + layout.yaxis._offset + layout.yaxis.l2p(trace.y[index])];
}"""
CUT_OFF = """() => {
    const root = document.querySelector('.xf-explorer');
    const right = root.closest('.jp-OutputArea').getBoundingClientRect().right;
    return [...root.querySelectorAll('button, select, input, .js-plotly-plot')]
        .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > right + 1)
        .map((e) => e.outerHTML.slice(0, 120));
}"""
NAMELESS = """() => [...document.querySelectorAll('.xf-explorer :is(button, select, input)')]
    .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.title
        || (e.labels && e.labels.length && e.labels[0].textContent.trim())))
    .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("video")
    stand_in = runpy.run_path(str(ROOT / "tests" / "evidence" / "stand_in.py"))
    explain_video(
        make_talk(root / "talk.mp4", seconds=1), root / "store", progress=False,
        classifier=stand_in["classifier"](), au_detector=stand_in["StandInDetector"]("none"),
    )  # fmt: skip
    return root / "store"


@pytest.fixture
def timeline(visit, lab, store):
    run_cells(visit.page, lab, f"STORE = {str(store)!r}\n{SHOW}")
    visit.page.wait_for_selector(".xf-explorer .js-plotly-plot .scatterlayer path.js-line")
    yield visit.page
    assert visit.outside == []
    assert visit.errors == []


def test_a_click_and_the_keyboard_open_frames(timeline):
    page = timeline
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(NAMELESS) == []
    x, y = page.evaluate(POINT, ["neutral", 3])
    page.mouse.move(x, y)
    page.wait_for_selector(".hoverlayer .hovertext", state="attached")
    page.mouse.click(x, y)
    picker = page.locator(".xf-explorer").get_by_text("talk.mp4#3").first
    expect(picker).to_be_attached()
    field = page.get_by_label("Open the frame at (s)")
    expect(field).to_have_value("0.3")
    # Keyboard: another time, and its button.
    field.fill("0.1")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Open", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".xf-explorer").get_by_text("talk.mp4#1").first).to_be_attached()
    smoothing = page.get_by_label("Smoothing")
    smoothing.select_option("0.5 s")
    title = page.locator(".xf-explorer .js-plotly-plot .gtitle")
    expect(title).to_contain_text("averaged over 0.5 s")
