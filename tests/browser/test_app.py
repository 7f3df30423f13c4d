"""The application in a browser, with the shipped models: views, theme, links, files, widths."""

from __future__ import annotations

import base64
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import Watched
from playwright.sync_api import expect
from processes import served_app

from xfera_nb.datasets.samples import sample

pytestmark = pytest.mark.browser

POINTS = ".js-plotly-plot .scatterlayer path.point"
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
DROP = """([name, data]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name, { type: 'image/jpeg' }));
    for (const kind of ['dragenter', 'dragover', 'drop'])
        document.body.dispatchEvent(new DragEvent(kind, {
            dataTransfer: files, bubbles: true, cancelable: true }));
}"""
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
TOGETHER = """() => ['.xf-overlay', '.xf-say', '.xf-au-table'].map((one) => {
    const box = document.querySelector(one).getBoundingClientRect();
    return box.height > 20 && box.top >= 0 && box.top < innerHeight - 100;
})"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with served_app(tmp_path_factory.mktemp("app")) as (_, base, token, log):
        yield f"{base}?token={token}", log


@pytest.fixture
def opened(browser, served, request):
    """Open the application: a function of the address's end, the window's size and the theme."""
    url, log = served
    contexts, errors = [], []

    def open_app(link="", size=(1280, 800), scheme="light"):
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda line: line.type == "error"
            and "/voila/api/shutdown/" not in line.location["url"]  # Voila's, as a page closes
            and errors.append(f"{line.text} {line.location}"),
        )
        Watched(page, request.node.name, log)
        page.goto(url + link)
        page.wait_for_selector(".xf-app-bar")
        return page

    yield open_app
    for context in contexts:
        context.close()
    assert errors == []


def tab(page, name):
    return page.get_by_role("tab", name=name, exact=True)


def test_face_sentence_and_action_units_are_seen_together_and_nothing_is_too_wide(opened):
    page = opened()
    page.wait_for_selector(POINTS)
    assert page.evaluate(TOGETHER) == [True, True, True]
    for name in ("Explain", "Explore", "Tune", "Compare", "Camera"):
        tab(page, name).click()
        for size in ((1280, 800), (768, 1024), (390, 844)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.wait_for_function(FITS)


def test_the_keys_walk_the_views(opened):
    page = opened()
    tab(page, "Explain").focus()
    page.keyboard.press("ArrowRight")
    expect(tab(page, "Explore")).to_be_focused()
    expect(tab(page, "Explore")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("button", name="Measure the samples")).to_be_visible()
    page.keyboard.press("Home")
    page.wait_for_selector(POINTS)


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_the_theme_is_the_systems_until_it_is_chosen(opened, scheme, other):
    page = opened(scheme=scheme)
    before = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme=other)
    page.wait_for_function(f"(before) => ({BACKGROUND})() !== before", arg=before)
    button = page.get_by_role("button", name=re.compile("^Theme"))
    while scheme not in button.inner_text().lower():
        button.click()
    page.wait_for_function(f"(before) => ({BACKGROUND})() === before", arg=before)
    page.reload()
    page.wait_for_selector(".xf-app-bar")
    assert page.evaluate(BACKGROUND) == before


def test_a_link_leads_to_a_face_and_its_settings(opened):
    page = opened("#explain?photo=C01SU.jpg&target=fear&hide=mouth&k=0.5")
    expect(page.locator(".xf-picker select").first).to_have_value(re.compile(r"\d"))
    expect(page.locator(".xf-title")).to_contain_text("Fear")
    expect(page.locator(".xf-change")).to_contain_text("Without the mouth")
    expect(page.locator(".xf-fold").first).to_contain_text("k 0.5")
    page.get_by_role("button", name="Whole face").click()
    page.wait_for_function("() => !location.hash.includes('hide')")
    assert "photo=C01SU.jpg" in page.url and "k=0.5" in page.url


def test_a_photo_that_is_dropped_is_explained(opened):
    page = opened()
    page.wait_for_selector(POINTS)
    tab(page, "Tune").click()
    data = base64.b64encode(sample("C03HA").read_bytes()).decode()
    page.evaluate(DROP, ["mine.jpg", data])
    expect(page.locator(".xf-picker option:checked")).to_have_text("mine.jpg")
    expect(page.locator(".xf-title")).to_contain_text("Happiness")
    expect(tab(page, "Explain")).to_have_attribute("aria-selected", "true")


def test_what_is_painted_over_is_hidden(opened):
    page = opened()
    page.wait_for_selector(POINTS)
    page.get_by_role("button", name="Brush").click()
    box = page.locator(".xf-overlay").bounding_box()

    def place(x, y):
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    page.mouse.move(*place(0.3, 0.35))
    page.mouse.down()
    page.mouse.move(*place(0.7, 0.35), steps=10)
    page.mouse.up()
    expect(page.locator(".xf-change")).to_contain_text("Without the painted area")
    page.wait_for_function("() => location.hash.includes('hide=')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_passes_the_accessibility_rules_of_axe(opened, scheme):
    """Contrast (AA), names, roles, headings, in both themes."""
    page = opened(scheme=scheme)
    page.wait_for_selector(POINTS)
    page.locator(".xf-fold button").first.click()
    for name in ("Explain", "Explore", "Tune", "Compare", "Camera", "Learn"):
        tab(page, name).click()
        if name == "Explore":
            page.get_by_role("button", name="Measure the samples").click()
            page.locator(".xf-tile").first.click()
            page.locator(".xf-browse h3").first.wait_for()
        if name == "Learn":
            page.locator(".xf-areas").wait_for()
        if name == "Compare":
            page.locator("figcaption").first.wait_for()
        found = Axe().run(page).response["violations"]
        said = [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found]
        assert not said, name


def test_all_tabs_are_in_sight_on_a_narrow_page(opened):
    page = opened(size=(390, 844))
    ends = page.get_by_role("tab").evaluate_all(
        "(tabs) => tabs.map((one) => one.getBoundingClientRect().right)"
    )
    assert len(ends) == 6 and max(ends) <= 390
