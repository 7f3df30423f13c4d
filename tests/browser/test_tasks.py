"""Five tasks of a first-time user, each in the fewest steps, with the shipped models.

A step is a click, a key or a command; reading what is on the screen is none.
"""

from __future__ import annotations

import json

import pytest
from pages import Watched
from playwright.sync_api import Page, expect
from processes import served_app

import xfera_nb as xf
from xfera_nb.cli import main
from xfera_nb.datasets.samples import sample
from xfera_nb.fusion import FusionParams, find_change_points

pytestmark = pytest.mark.browser


class Steps:
    """Click, and count."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def click(self, target) -> None:
        target.click()
        self.count += 1

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def save(self, name: str) -> str:
        """Press a button that saves a file; return the file's text."""
        with self.page.expect_download() as saved:
            self.press(name)
        return saved.value.path().read_text("utf-8")


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    with served_app(tmp_path_factory.mktemp("app")) as (_, base, token, log):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        Watched(page, "tasks", log)
        page.goto(f"{base}?token={token}")
        page.wait_for_selector(".js-plotly-plot .scatterlayer path.point")
        page.get_by_role("tab", name="Explore").click()
        page.get_by_role("button", name="Measure the samples").click()
        page.locator(".xf-tile").first.wait_for()
        yield page
        context.close()


def show(page, name):
    page.get_by_role("tab", name=name, exact=True).click()


def test_find_a_wrong_face_and_export_why_in_five_steps(page):
    show(page, "Explore")
    steps = Steps(page)
    steps.click(page.locator(".xf-tile").first)  # errors are what it opens on
    why = page.locator(".xf-browse h3", has_text="Why wrong")
    expect(why).to_be_visible()
    steps.press("Open in the Explainer")
    explorer = page.locator(".xf-view-explore")
    saving = explorer.get_by_role("button", name="Save page (HTML)")
    saving.wait_for()
    with page.expect_download() as saved:
        steps.click(saving)
    text = saved.value.path().read_text("utf-8")
    assert "Why wrong" in text and "The model predicted" in text
    assert steps.count <= 5


def test_at_which_k_a_movement_appears_is_seen_at_a_glance(page):
    page.evaluate("() => { location.hash = '#explain?photo=C01HA.jpg'; }")
    shown = page.locator(".xf-view-explain")
    expect(shown.locator(".xf-title")).to_contain_text("Happiness")
    fold = shown.locator(".xf-fold button").first
    if fold.get_attribute("aria-expanded") != "true":
        fold.click()
    strip = shown.locator(".xf-strip").first.locator("li", has_text="AU12")
    expect(strip).to_be_visible()
    result = xf.explain(sample("C01HA"), occlusion=False)
    last = find_change_points(result.fusion)["k"][12]
    assert last is not None and f"{last:.2f}" in strip.inner_text()


def test_a_handout_of_three_faces_is_one_command(tmp_path, capsys):
    photos = [str(sample(name)) for name in ("C01HA", "C02AN", "C07AF")]
    out = tmp_path / "three.html"
    assert main(["explain", *photos, "--handout", str(out)]) == 0
    assert out.read_text("utf-8").count("<article") == 3


def test_hide_the_mouth_and_read_what_changes_in_two_steps(page):
    show(page, "Explain")
    steps = Steps(page)
    steps.press("Mouth")
    expect(page.locator(".xf-view-explain .xf-change")).to_contain_text("Without the mouth")
    assert steps.count <= 2
    page.get_by_role("button", name="Whole face").click()


def test_tune_save_and_use_the_settings_in_three_steps(page):
    show(page, "Tune")
    steps = Steps(page)
    page.locator(".xf-heattable").wait_for()
    steps.press("Best of the grid")
    saved = FusionParams.from_dict(json.loads(steps.save("Save parameters (JSON)")))
    steps.press("Use this setting")
    expect(page.locator(".xf-view-explain .xf-fold").first).to_contain_text(f"k {saved.k:g}")
    assert steps.count <= 3
