"""The Explorer and the Tuner in JupyterLab, used as a person uses them: mouse, keyboard, a file."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from pages import eventually, run_cells
from playwright.sync_api import expect
from stores import sample_store

from xfera_nb.evidence import EvidenceStore
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams, compare_settings
from xfera_nb.widgets import ExplorerState, TunerState

pytestmark = pytest.mark.browser
ONE_KERNEL = True

EXPLORE = "import xfera_nb as xf\nview = xf.widgets.Explorer(STORE, show='all')\nview"
ERRORS = "import xfera_nb as xf\nview = xf.widgets.Explorer(STORE)\nview.state.page_size = 3\nview"
TUNE = """import xfera_nb as xf
tuner = xf.widgets.Tuner(STORE, params=xf.FusionParams.preset("algorithm1"))
tuner"""
CUT_OFF = """() => {
    const root = document.querySelector('.xf-explorer');
    const right = root.closest('.jp-OutputArea').getBoundingClientRect().right;
    const seen = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden';
    return [...root.querySelectorAll('button, select, input, table, .widget-slider, svg')]
        .filter((e) => seen(e) && (e.getBoundingClientRect().right > right + 1
            || (e.tagName === 'BUTTON' && !e.matches('.xf-tile, table button')
                && e.scrollWidth > e.clientWidth + 1)))
        .map((e) => e.outerHTML.slice(0, 120));
}"""
NAMELESS = """() => [...document.querySelectorAll(
        '.xf-explorer :is(button, select, input, .noUi-handle, [contenteditable])')]
    .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.title
        || (e.labels && e.labels.length && e.labels[0].textContent.trim())))
    .map((e) => e.outerHTML.slice(0, 120))"""
ALGORITHM1 = FusionParams.preset("algorithm1")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of ten samples in folders by label, as stand-in models measured them."""
    labelled = (
        ("C01HA", "happiness"), ("C02HA", "happiness"), ("C01SU", "surprise"), ("C01AF", "fear"),
        ("C02AF", "fear"), ("C03AF", "fear"), ("C01AN", "anger"), ("C02AN", "anger"),
        ("C01SA", "sadness"), ("C02SA", "sadness"),
    )  # fmt: skip
    return sample_store(tmp_path_factory.mktemp("explored"), labelled)


def open_page(visit, lab, store, source):
    """JupyterLab with the view over the store in it."""
    run_cells(visit.page, lab, f"STORE = {str(store)!r}\n{source}")
    return visit.page


@pytest.fixture
def explorer(visit, lab, store):
    page = open_page(visit, lab, store, EXPLORE)
    page.wait_for_function("document.querySelectorAll('.xf-tile img').length === 10")
    yield page
    assert visit.outside == []
    assert visit.errors == []


@pytest.fixture
def tuner(visit, lab, store):
    page = open_page(visit, lab, store, TUNE)
    page.wait_for_selector(".xf-heattable button[aria-pressed=true]")
    page.wait_for_selector(".xf-explorer .noUi-handle[aria-label]", state="attached")
    yield page
    assert visit.outside == []
    assert visit.errors == []


def expect_no_static_image(page):
    """The image for those who read without running is there, and hidden."""
    page.wait_for_function(
        "[...document.querySelectorAll('img.xf-static-image')].map((e) => "
        "e.getClientRects().length).join() === '0'"
    )


def expect_tiles(page, state):
    """Wait until the gallery shows the photos that a state without a screen selects."""
    ids = [state.tile(row).id for row in state.shown]
    page.wait_for_function(
        "(ids) => { const found = [...document.querySelectorAll('.xf-tile')]"
        ".map((e) => e.getAttribute('aria-label').split(':')[0]);"
        "return JSON.stringify(found) === JSON.stringify(ids); }",
        arg=ids,
    )


def test_a_cell_a_filter_and_a_pick(explorer, store):
    page, state = explorer, ExplorerState(store, show="all")
    expect_tiles(page, state)
    expect_no_static_image(page)
    # Mouse: a cell of the matrix.
    row, column = np.argwhere(state.selection.matrix)[0]
    true, predicted = EMOTIONS[row], EMOTIONS[column]
    count = state.selection.matrix[row, column]
    cell = page.get_by_role("button", name=f"Label {true}, prediction {predicted}: {count} face")
    cell.click()
    state.choose_cell(true, predicted)
    expect_tiles(page, state)
    expect(cell).to_have_attribute("aria-pressed", "true")
    # Keyboard: one to the left of it is the same row's next prediction, or its name.
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    for _ in range(column):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    state.choose_cell(true, None)
    expect_tiles(page, state)
    # Keyboard: a chip with its count, which is still the focus when it is drawn again.
    page.get_by_role("button", name="Clear filters").click()
    state.clear()
    expect_tiles(page, state)
    page.locator(".xf-more summary").click()
    chip = page.get_by_role("button", name=f"Label: fear, {state.count('true')['fear']} photos")
    chip.focus()
    page.keyboard.press("Enter")
    state.true = "fear"
    expect_tiles(page, state)
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_be_focused()
    expect(page.get_by_role("button", name="Remove the filter label fear")).to_be_visible()
    order = page.locator(".xf-filters").get_by_label("Sort by", exact=True)
    order.select_option("margin")
    state.sort = "margin"
    expect_tiles(page, state)
    # The order may be the same as before: only the words tell that the answer has come.
    page.wait_for_selector(".xf-tile[aria-label*='margin 0.']")
    # Keyboard: the second tile.
    page.locator(".xf-tile").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    state.pick(state.tile(state.shown[1]).number)
    lines = page.locator(".xf-why li")
    expect(lines).to_have_text(list(state.why.lines))
    expect(page.locator(".xf-why")).to_contain_text(state.why.text)
    page.get_by_role("button", name="Open in the Explainer").click()
    state.explain()
    page.wait_for_selector(".xf-explorer .xf-explainer .xf-classes")
    eventually(page, "() => document.activeElement.classList.contains('xf-screen')", True)
    inner = page.locator(".xf-explorer .xf-explainer")
    expect(inner.locator(".xf-classes select")).to_have_value("fear")
    expect(inner.locator(".xf-picker option")).to_have_text([state.explainer.photo_name])
    expect(page.locator(".xf-tile[aria-pressed=true]")).to_have_count(1)
    # Another pick goes to the same Explainer.
    page.locator(".xf-tile").first.click()
    state.pick(state.tile(state.shown[0]).number)
    expect(page.locator(".xf-explainer .xf-picker option")).to_have_count(2)
    expect(page.locator(".xf-explorer .xf-explainer")).to_have_count(1)
    eventually(page, CUT_OFF, [])
    eventually(page, NAMELESS, [])


FOCUSED = "() => document.activeElement.getAttribute('aria-label')"


def test_arrows_walk_the_errors_and_escape_goes_back(visit, lab, store):
    page, state = open_page(visit, lab, store, ERRORS), ExplorerState(store)
    state.page_size = 3
    assert len(state.selection) > 4
    expect_tiles(page, state)
    expect(page.get_by_role("button", name="Remove the filter prediction is wrong")).to_be_visible()
    named = [state.tile(row).id for row in state.selection.rows]
    place, name = page.locator(".xf-panel .xf-bar2"), page.locator(".xf-panel .xf-name")
    expect(page.locator(".xf-panel")).to_be_hidden()
    page.locator(".xf-tile").first.click()
    expect(name).to_have_text(named[0])
    for at in (1, 2, 3):  # the fourth is on the next page
        page.keyboard.press("ArrowRight")
        expect(name).to_have_text(named[at])
        eventually(page, FOCUSED, focused_tile(page, named[at]))
    expect(place).to_contain_text(f"4 of {len(named)}")
    beside = page.locator(".xf-gallery").bounding_box(), page.locator(".xf-panel").bounding_box()
    assert beside[0]["x"] + beside[0]["width"] <= beside[1]["x"]
    # From within the panel, too.
    page.get_by_role("button", name="Previous photo").focus()
    page.keyboard.press("ArrowLeft")
    expect(name).to_have_text(named[2])
    page.keyboard.press("Escape")
    expect(page.locator(".xf-panel")).to_be_hidden()
    eventually(page, FOCUSED, focused_tile(page, named[2]))
    # On a narrow page the panel covers the photos, and has the focus.
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("Enter")
    expect(name).to_have_text(named[2])
    expect(page.locator(".xf-gallery")).to_be_hidden()
    eventually(page, FOCUSED, "Back to the photos")
    page.keyboard.press("Escape")
    expect(page.locator(".xf-gallery")).to_be_visible()
    eventually(page, FOCUSED, focused_tile(page, named[2]))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="large photos").click()
    page.wait_for_selector(".xf-tiles[data-size=large] img")
    assert visit.errors == []


def focused_tile(page, id_):
    return page.locator(f".xf-tile[aria-label^='{id_}:']").get_attribute("aria-label")


LOW_CONTRAST = """() => {
    const context = document.createElement('canvas').getContext('2d');
    const light = (...layers) => {
        layers.forEach(([colour, alpha]) => {
            context.globalAlpha = alpha;
            context.fillStyle = colour;
            context.fillRect(0, 0, 1, 1);
        });
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
            .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    };
    const ratio = (node) => {
        const under = [];
        for (let one = node; one; one = one.parentElement) {
            const style = getComputedStyle(one);
            under.unshift([style.backgroundColor, Number(style.opacity)]);
        }
        const { color, opacity } = getComputedStyle(node);
        const pair = [light(...under), light(...under, [color, Number(opacity)])];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    };
    return [...document.querySelectorAll('.xf-matrix button, .xf-chip, .xf-tile span, .xf-why li')]
        .filter((e) => e.getClientRects().length && ratio(e) < 4.5)
        .map((e) => `${ratio(e).toFixed(2)} ${e.outerHTML.slice(0, 120)}`);
}"""
CHANGE_THEME = "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })"


def test_words_and_numbers_stand_out_in_both_themes(explorer):
    """At least 4.5 to 1, as WCAG's level AA asks; errors are warm and the diagonal is not."""
    explorer.locator(".xf-tile").first.click()
    explorer.locator(".xf-why li").first.wait_for()
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        explorer.evaluate(CHANGE_THEME, theme)
        eventually(explorer, "() => document.body.dataset.jpThemeName", theme)
        eventually(explorer, LOW_CONTRAST, [])
        colours = explorer.evaluate(
            "() => Object.fromEntries([['same', '.same'], ['wrong', ':not(.same)']].map("
            "([name, kind]) => [name, getComputedStyle(document.querySelector("
            "`.xf-matrix td${kind} button:not(.none)`)).backgroundColor.match(/[\\d.]+/g)]))"
        )
        red, _, blue = map(float, colours["wrong"][:3])
        assert red > blue, colours
        red, _, blue = map(float, colours["same"][:3])
        assert blue > red, colours
    explorer.evaluate(CHANGE_THEME, "JupyterLab Light")


def test_a_photo_that_goes_away_is_said(explorer, store):
    page = explorer
    gone = store.parent / "photos" / "surprise" / "C01SU.jpg"
    kept = gone.read_bytes()
    gone.unlink()
    try:
        tile = page.locator(".xf-tile[aria-label^='surprise/C01SU']")
        tile.click()
        page.locator(".xf-why .xf-stale").get_by_text("any more").wait_for()
        expect(page.locator(".xf-why")).to_contain_text("The model predicted")
        expect(page.get_by_role("button", name="Open in the Explainer")).to_be_hidden()
    finally:
        gone.write_bytes(kept)


def test_a_setting_is_chosen_and_saved(tuner, store, tmp_path):
    page, state = tuner, TunerState(store, params=ALGORITHM1)
    expect_no_static_image(page)
    eventually(page, CUT_OFF, [])
    eventually(page, NAMELESS, [])
    current = page.locator(".xf-heattable button.current")
    expect(current).to_have_attribute("aria-label", re.compile("k 1: "))
    # Mouse, then keyboard: three to the left and one up.
    page.get_by_role("button", name="minimum coverage 0.4, k 0.8: ").click()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    state.choose(k=0.2, coverage=0.3)
    chosen = page.locator(".xf-heattable button[aria-pressed=true]")
    said = f"^minimum coverage 0[.]3, k 0[.]2: .*share explained {re.escape(f'{state.value:.2f}')}"
    expect(chosen).to_have_attribute("aria-label", re.compile(said))
    expected = compare_settings(EvidenceStore.open(store), ALGORITHM1, state.chosen)
    assert expected
    said = f"{len(expected)} of 10 faces have other active AUs"
    page.locator(".xf-gallery").get_by_text(said).wait_for()
    expect(page.locator(".xf-tile")).to_have_count(len(expected))
    # A slider by keyboard, and a menu.
    page.get_by_role("slider", name="minimum AU intensity").press("ArrowRight")
    state.choose(min_intensity=0.5)
    page.locator(".xf-heattable caption").get_by_text("minimum AU intensity 0.5").wait_for()
    page.locator(".xf-explorer select").first.select_option("mean active AUs")
    page.locator(".xf-heattable caption").get_by_text("Mean active AUs").wait_for()
    page.wait_for_function("document.querySelectorAll('.xf-lines path').length > 8")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save parameters (JSON)").click()
    download.value.save_as(tmp_path / "params.json")
    saved = FusionParams.load(tmp_path / "params.json")
    assert saved == state.chosen == ALGORITHM1.replace(k=0.2, coverage=0.3, min_intensity=0.5)
    assert json.loads((tmp_path / "params.json").read_text())["scope"] == "typical"
    page.get_by_role("button", name="Compare with this").click()
    page.locator(".xf-gallery").get_by_text("None of 10 faces").wait_for()
    page.get_by_role("button", name="Copy as code").click()
    page.locator(".xf-export pre").get_by_text("xf.FusionParams(k=0.2").wait_for()


NAMES_IN_SIGHT = """() => {
    const table = document.querySelector('.xf-heattable');
    table.scrollLeft = table.scrollWidth;
    const box = table.getBoundingClientRect();
    const names = [...table.querySelectorAll('caption span, tbody th')];
    return [table.scrollLeft > 100, names.every((e) => {
        const { left, right } = e.getBoundingClientRect();
        return left >= box.left - 1 && right <= box.right + 1;
    })];
}"""


def test_the_table_keeps_its_title_and_row_names_in_sight(tuner):
    tuner.set_viewport_size({"width": 768, "height": 1024})
    eventually(tuner, NAMES_IN_SIGHT, [True, True])


def test_a_fine_grid_has_narrow_cells_without_numbers(visit, lab, store):
    grid = "grid={'k': [n / 10 for n in range(31)]}"
    page = open_page(visit, lab, store, f"import xfera_nb as xf\nxf.widgets.Tuner(STORE, {grid})")
    cells = page.locator(".xf-heattable tbody tr").first.get_by_role("button")
    expect(cells).to_have_count(31)
    expect(cells.first).to_have_text("")
    eventually(page, CUT_OFF, [])


CUT_CAPTIONS = """() => [...document.querySelectorAll('.xf-tile > span:not(.xf-thumb)')]
    .filter((e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)
    .map((e) => e.textContent)"""


def test_no_caption_of_a_tile_is_cut_off(explorer):
    """Also where a disagreement is undefined, which takes more room than a number."""
    order = explorer.locator(".xf-filters").get_by_label("Sort by", exact=True)
    for sort in ("margin", "disagreement"):
        order.select_option(sort)
        explorer.wait_for_selector(f".xf-tile[aria-label*='; {sort}']")
        eventually(explorer, CUT_CAPTIONS, [])
    caption = explorer.locator(".xf-tile .xf-q").first
    caption.evaluate("(e) => { e.textContent = 'undefined disagreement'; }")
    eventually(explorer, CUT_CAPTIONS, [])
