"""The Explainer in JupyterLab and Voila, used as a person uses it: keyboard, mouse, a file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from threading import Event

import nbformat
import numpy as np
import pytest
from model_server import serving, streams
from pages import eventually, kernel_answers, one_kernel, run_cells
from PIL import Image
from playwright.sync_api import expect
from processes import LOOPBACK, end_family, free_port, wait_until_served

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.cli.app import voila_command, voila_environment
from xfera_nb.evidence import assemble
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import SALIENT
from xfera_nb.fusion import FusionParams, fuse

pytestmark = pytest.mark.browser
ONE_KERNEL = True

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "samples" / "C01HA.jpg"
SETUP = """
import numpy as np
import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble
from xfera_nb.facs import EMOTIONS
from xfera_nb.explanation import OpenAIWriter
face = xf.find_faces(SAMPLE)[0]
maps = np.random.default_rng(7).random((7, 7, 7)).astype(np.float32)
maps[EMOTIONS.index("fear")] = -1
maps[EMOTIONS.index("happiness"), 4:] += 1
units = ActionUnits(np.linspace(0.1, 3.3, 17), reliability=np.full(17, 0.8), source="made")
chances = np.array([.05, .05, .05, .7, .05, .05, .05], np.float32)
evidence = assemble(face, Prediction(chances), maps, units, layer="layer4.2",
                    au_detector={"name": "made"})
writer = OpenAIWriter(model="tiny", base_url=SERVER)
view = xf.widgets.Explainer(evidence, writer=writer, params="algorithm1",
                            settings_open=True)
view.state.writer = "offline"
view
"""
K = "Saliency threshold k (mean + k SD)"
# The fills that the browser really has: "rgb(…)" of a salient point, none of an open square.
FILLS = """() => [...document.querySelectorAll('.xf-explainer .scatterlayer path.point')]
    .map((point) => point.style.fill)"""
# The numbers of the Action Units said to be active.
ACTIVE = """() => [...document.querySelectorAll('.xf-au-table tr.active button')]
    .map((button) => Number(button.textContent.slice(2, 4))).sort((a, b) => a - b)"""
CUT_OFF = """() => {
    const root = document.querySelector('.xf-explainer');
    const right = root.closest('.jp-OutputArea, body').getBoundingClientRect().right;
    const seen = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden';
    return [...root.querySelectorAll('button, select, input, .widget-slider, .js-plotly-plot')]
        .filter((e) => seen(e) && (e.getBoundingClientRect().right > right + 1
            || (e.tagName === 'BUTTON' && e.scrollWidth > e.clientWidth + 1)))
        .map((e) => e.outerHTML.slice(0, 120));
}"""
NAMELESS = """() => [...document.querySelectorAll(
        '.xf-explainer :is(button, select, input, .noUi-handle, [contenteditable])')]
    .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.title
        || (e.labels && e.labels.length && e.labels[0].textContent.trim())))
    .map((e) => e.outerHTML.slice(0, 120))"""
ALGORITHM1 = FusionParams.preset("algorithm1")


@pytest.fixture(scope="module")
def evidence():
    """What SETUP makes in the notebook."""
    maps = np.random.default_rng(7).random((7, 7, 7)).astype(np.float32)
    maps[EMOTIONS.index("fear")] = -1
    maps[EMOTIONS.index("happiness"), 4:] += 1
    units = ActionUnits(np.linspace(0.1, 3.3, 17), reliability=np.full(17, 0.8), source="made")
    chances = np.array([0.05, 0.05, 0.05, 0.7, 0.05, 0.05, 0.05], np.float32)
    return assemble(find_faces(SAMPLE)[0], Prediction(chances), maps, units, layer="layer4.2")


@pytest.fixture
def more():
    """When set, the server goes on after its first piece."""
    return Event()


@pytest.fixture
def server(more):
    """A language model's server that streams a text with a tag in it."""
    with serving(streams("I saw a <b>smile</b>. ", "It was wide.", after_first=more)) as running:
        yield running


def source(server) -> str:
    return f"SAMPLE = {str(SAMPLE)!r}\nSERVER = {server.url!r}\n{SETUP.strip()}"


@pytest.fixture
def page(visit, lab, server):
    """JupyterLab with a live Explainer in it."""
    page = visit.page
    run_cells(page, lab, source(server))
    wait_for_face(page)
    yield page
    assert visit.outside == []
    assert visit.errors == []


def wait_for_face(page):
    page.wait_for_function(f"({FILLS})().length === 68")
    page.wait_for_selector(".xf-explainer .noUi-handle[aria-label]", state="attached")


def slider(page, label):
    name = page.locator(".widget-label").get_by_text(label, exact=True)
    return page.locator(".xf-explainer .widget-slider").filter(has=name)


def expect_salient(page, expected):
    """Wait until exactly the expected landmarks are painted as salient."""
    red = f"rgb({int(SALIENT[1:3], 16)}, {int(SALIENT[3:5], 16)}, {int(SALIENT[5:7], 16)})"
    eventually(page, f"(red) => ({FILLS})().map((fill) => fill === red)", list(expected), red)


def expect_active(page, expected):
    """Wait until exactly the expected Action Units are said to be active."""
    eventually(page, ACTIVE, sorted(expected))


def use_it(page, evidence):
    """Each slider by keyboard, the presets, typed numbers and the classes, against `fuse`."""
    expect_salient(page, fuse(evidence, ALGORITHM1).salient.tolist())
    moves = [
        (K, ["ArrowRight"] * 4, {"k": 1.2}, "1.20"),
        (K, ["Home"], {"k": 0.0}, "0.00"),
        (K, ["PageUp", "ArrowLeft"], {"k": 0.2}, "0.20"),
        ("Minimum AU intensity", ["End", "PageDown"], {"k": 0.2, "min_intensity": 4.5}, "4.50"),
        (
            "Minimum coverage",
            ["ArrowLeft"] * 8,
            {"k": 0.2, "min_intensity": 4.5, "coverage": 0.3},
            "0.30",
        ),
        (
            "Minimum AU intensity",
            ["Home"],
            {"k": 0.2, "min_intensity": 0.0, "coverage": 0.3},
            "0.00",
        ),
    ]
    for label, keys, params, shown in moves:
        row = slider(page, label)
        for key in keys:
            row.locator(".noUi-handle").press(key)
        expected = fuse(evidence, ALGORITHM1.replace(**params))
        expect_salient(page, expected.salient.tolist())
        expect_active(page, expected.active)
        expect(row.locator(".widget-readout")).to_have_text(shown)
    typed = slider(page, K).locator(".widget-readout")
    typed.fill("1.65")
    typed.press("Enter")
    expect_salient(page, fuse(evidence, ALGORITHM1.replace(k=1.65)).salient.tolist())
    for name, preset in (("Section 2.1", "section2.1"), ("Algorithm 1", "algorithm1")):
        page.get_by_role("button", name=name).click()
        fusion = fuse(evidence, FusionParams.preset(preset))
        expect_salient(page, fusion.salient.tolist())
        expect_active(page, fusion.active)
        readout = slider(page, "Minimum coverage").locator(".widget-readout")
        expect(readout).to_have_text(f"{fusion.params.coverage:.2f}")
    page.locator(".xf-classes input[value=anger]").check()
    expect_salient(page, fuse(evidence, ALGORITHM1, target="anger").salient.tolist())
    page.locator(".xf-classes input[value=fear]").check()
    expect_salient(page, [False] * 68)
    expect(page.locator(".xf-scale")).to_contain_text("No part of the face speaks for fear")
    page.get_by_role("button", name="Reset").click()
    expect_salient(page, fuse(evidence).salient.tolist())


def test_in_lab_every_control_does_what_fuse_does(page, evidence):
    use_it(page, evidence)


def test_nothing_is_cut_off_or_without_a_name(page):
    eventually(page, CUT_OFF, [])
    eventually(page, NAMELESS, [])
    for label in (K, "Minimum AU intensity", "Minimum coverage", "Saliency weight", "Map opacity"):
        expect(page.get_by_role("slider", name=label, exact=True)).to_have_count(1)


IN_VIEW = """() => {
    const root = document.querySelector('.xf-screen');
    const outer = root.closest('.jp-WindowedPanel-outer') ?? document.documentElement;
    const frame = outer.getBoundingClientRect();
    const [top, bottom] = [Math.max(frame.top, 0), Math.min(frame.bottom, innerHeight)];
    const inside = (e) => {
        const box = e.getBoundingClientRect();
        return box.width > 0 && box.top >= top - 1 && box.bottom <= bottom + 1;
    };
    const rows = [...root.querySelectorAll('.xf-aus tbody tr:not(.xf-detail)')]
        .filter((row) => row.querySelector('button') && row.getClientRects().length);
    return {
        face: inside(root.querySelector('.xf-overlay')),
        sentence: inside(root.querySelector('.xf-text')),
        rows: rows.slice(0, 2).map(inside),
        settings: inside(root.querySelector('.xf-fold button')),
    };
}"""
SIDEWAYS = """() => [document.documentElement,
        ...document.querySelectorAll('.xf-screen, .xf-screen *')]
    .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth
        && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
        || e === document.documentElement && e.scrollWidth > innerWidth)
    .map((e) => e.outerHTML.slice(0, 120))"""
COLUMNS = """() => {
    const left = (name) => document.querySelector(name).getBoundingClientRect().left;
    return left('.xf-right') > left('.xf-left') + 100 ? 2 : 1;
}"""
SIDE = "() => document.querySelector('.xf-overlay .main-svg').getBoundingClientRect().width"


def test_face_sentence_and_list_are_seen_together(visit, lab, server):
    page = visit.page
    folded = source(server).replace("settings_open=True", "settings_open=False")
    run_cells(page, lab, folded)
    wait_for_face(page)
    root = page.locator(".xf-screen")
    root.evaluate("(e) => e.scrollIntoView({ block: 'start' })")
    seen = {"face": True, "sentence": True, "rows": [True, True], "settings": True}
    eventually(page, IN_VIEW, seen)
    assert page.evaluate(COLUMNS) == 2
    eventually(page, SIDEWAYS, [])
    fold = page.locator(".xf-fold button")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(slider(page, K)).to_be_hidden()
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(slider(page, K)).to_be_visible()
    eventually(page, SIDEWAYS, [])


def test_other_action_units_are_folded_behind_one_line(page, evidence):
    fusion = fuse(evidence, ALGORITHM1)
    wanted = [row for row in fusion.action_units if row.expected]
    wanted += [row for row in fusion.action_units if not row.expected and row.present]
    names = """() => [...document.querySelectorAll('.xf-au-table > div > table tbody button')]
        .map((button) => button.textContent.slice(0, 4))"""
    eventually(page, names, [row.name for row in wanted])
    rest = page.locator(".xf-others")
    expect(rest.locator("summary")).to_contain_text(
        f"{len(fusion.action_units) - len(wanted)} other Action Units"
    )
    expect(rest.locator("tbody button").first).to_be_hidden()
    rest.locator("summary").click()
    expect(rest.locator("tbody button").first).to_be_visible()
    # A higher minimum makes present ones absent: they move behind the line.
    slider(page, "Minimum AU intensity").locator(".noUi-handle").press("End")
    eventually(page, names, [row.name for row in fusion.action_units if row.expected])


def test_a_strip_follows_its_slider(page, evidence):
    on = """(label) => [...document.querySelectorAll('.xf-strip')]
        .find((strip) => strip.querySelector('ul').getAttribute('aria-label').startsWith(label))
        .querySelectorAll('li.on').length"""
    expected = [au for au in fuse(evidence).matching + fuse(evidence).missing]
    assert expected
    for key, params in (("Home", {"k": 0.0}), ("End", {"k": 3.0}), ("PageDown", {"k": 2.75})):
        slider(page, K).locator(".noUi-handle").press(key)
        eventually(page, on, len(fuse(evidence, ALGORITHM1.replace(**params)).matching), K)
    words = page.locator(".xf-strip li .xf-sr").first
    expect(words).to_contain_text(re.compile(r"^AU06 is active (up to|at no|at every) k"))


def test_a_row_is_reached_by_keyboard_and_marks_its_landmarks(page):
    rings = page.locator(".xf-explainer .shapelayer path").nth(2)
    before = rings.get_attribute("d")
    page.locator(".xf-au-table button").first.focus()
    page.wait_for_function(
        "(before) => document.querySelectorAll('.xf-explainer .shapelayer path')[2]"
        ".getAttribute('d') !== before",
        arg=before,
    )
    page.keyboard.press("Enter")
    page.wait_for_selector(".xf-au-table tr.pinned")


def test_weight_and_opacity_by_keyboard(page, evidence):
    slider(page, "Minimum coverage").locator(".noUi-handle").press("Home")
    page.locator(".xf-au-table tr.active button").first.wait_for()
    picked = min(fuse(evidence, ALGORITHM1.replace(coverage=0)).active)
    page.locator(".xf-au-table button").filter(has_text=f"AU{picked:02d}").press("Enter")
    score = page.locator(".xf-au-table .xf-detail:visible")
    for key, weight in (("Home", 0.0), ("End", 5.0)):
        slider(page, "Saliency weight").locator(".noUi-handle").press(key)
        found = fuse(evidence, ALGORITHM1.replace(coverage=0, saliency_weight=weight))
        score.get_by_text(f"score {found.result(picked).score:.2f}").wait_for()
    slider(page, "Map opacity").locator(".noUi-handle").press("Home")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.xf-explainer .imagelayer image')]"
        ".some((image) => image.getAttribute('opacity') === '0')"
    )


def test_a_face_of_a_group_is_chosen_by_clicking(visit, lab):
    photo = np.asarray(Image.open(SAMPLE).convert("RGB"))
    height, width = photo.shape[:2]
    group = np.full((height, 2 * width, 3), 128, np.uint8)
    group[:, :width] = photo
    half = photo[::2, ::2]
    group[: len(half), width : width + half.shape[1]] = half
    Image.fromarray(group).save(lab.folder / "group.png")
    page = visit.page
    run_cells(page, lab, "import xfera_nb as xf\nxf.widgets.Explainer('group.png')")
    wait_for_face(page)
    faces = page.locator(".xf-faces button")
    expect(faces.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(faces.nth(1)).to_have_attribute("aria-pressed", "false")
    picture = page.locator(".xf-explainer .imagelayer image").first
    before = picture.get_attribute("href")
    faces.nth(1).click()
    page.wait_for_function(
        "(before) => document.querySelector('.xf-explainer .imagelayer image')"
        ".getAttribute('href') !== before",
        arg=before,
    )
    expect(faces.nth(1)).to_have_attribute("aria-pressed", "true")
    assert visit.errors == []


def test_in_notebook_7(visit, lab, server, evidence):
    nbformat.write(one_kernel(source(server)), lab.folder / "seven.ipynb")
    page = visit.page
    page.goto(f"{lab.url}/notebooks/seven.ipynb")
    page.locator(".jp-CodeCell .cm-content").click()
    kernel_answers(page)
    its_own = len(visit.errors)  # Notebook's start, with nothing of ours on the page yet
    page.keyboard.press("Shift+Enter")
    wait_for_face(page)
    expect_salient(page, fuse(evidence, ALGORITHM1).salient.tolist())
    slider(page, K).locator(".noUi-handle").press("Home")
    expect_salient(page, fuse(evidence, ALGORITHM1.replace(k=0)).salient.tolist())
    ours = [said for said in visit.errors[its_own:] if "/static/notebook/" not in said]
    assert ours == []  # Notebook's own files come when it needs them


def test_the_offline_text_is_there_at_once_checked_on_demand_and_follows(page):
    words = page.locator(".xf-text")
    expect(words).to_contain_text("classified this")
    expect(words).to_contain_text("follows the settings")
    page.get_by_role("button", name="Explain").click()
    for said in ("classified this", "offline writer", "Check:"):
        expect(words).to_contain_text(said)
    slider(page, K).locator(".noUi-handle").press("Home")
    words.get_by_text("follows the settings").wait_for()
    expect(words).not_to_contain_text("Check:")


def test_explain_by_a_server_streams_and_leaves_the_sliders_free(page, more, evidence):
    page.locator(".xf-explainer").get_by_label("Writer", exact=True).select_option("openai")
    page.get_by_role("button", name="Explain").click()
    words = page.locator(".xf-text")
    for said in ("I saw a <b>smile</b>.", "Writing"):
        expect(words).to_contain_text(said)
    slider(page, K).locator(".noUi-handle").press("Home")
    expect_salient(page, fuse(evidence, ALGORITHM1.replace(k=0)).salient.tolist())
    expect(words).to_contain_text("Writing")  # the server has not gone on yet
    more.set()
    for said in ("Written by tiny", "I saw a <b>smile", "It was wide.", "Stale"):
        expect(words).to_contain_text(said)
    expect(words.locator("b")).to_have_count(0)


def test_a_bad_upload_is_refused_in_a_sentence(page, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_text("not a photo")
    page.locator(".xf-picker input[type=file]").set_input_files(bad)
    error = page.locator(".xf-picker .xf-error")
    expect(error).to_have_text(re.compile(r"not an image.*Shown is still C01HA\.jpg\.$"))


GONE = """() => [...document.querySelectorAll('.xf-explainer, .xf-explainer *')]
    .map((e) => getComputedStyle(e, '::before').content)
    .filter((said) => said.includes('run this cell again')).length"""
RESTART = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


def test_after_a_restart_of_the_kernel_the_view_says_what_to_do(page):
    assert page.evaluate(GONE) == 0
    page.evaluate(RESTART)
    eventually(page, GONE, 1)


def test_the_code_is_shown_and_the_page_is_saved(page, tmp_path):
    page.get_by_role("button", name="Copy as code").click()
    page.locator(".xf-export pre").get_by_text("xf.explain").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save page (HTML)").click()
    assert download.value.suggested_filename == "xfera-C01HA-happiness.html"
    download.value.save_as(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


@pytest.fixture
def voila(tmp_path, server):
    """Voila's address, serving the same notebook as `xfera app` serves its page."""
    nbformat.write(one_kernel(source(server)), tmp_path / "live.ipynb")
    port, log = free_port(), tmp_path / "voila.log"
    command = voila_command(tmp_path / "live.ipynb", port, browser=False)
    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env=voila_environment()
        )
    url = f"http://{LOOPBACK}:{port}"
    wait_until_served(process, f"{url}/voila/static/voila.js", log)
    yield url
    end_family(process)


def test_in_voila_every_control_does_what_fuse_does(visit, voila, evidence):
    visit.page.goto(voila)
    wait_for_face(visit.page)
    use_it(visit.page, evidence)
    eventually(visit.page, CUT_OFF, [])
    eventually(visit.page, NAMELESS, [])
    assert visit.outside == []
    assert visit.errors == []


@pytest.mark.parametrize(("width", "columns"), [(1280, 2), (768, 1), (390, 1)])
def test_in_voila_nothing_scrolls_sideways(visit, voila, width, columns):
    page = visit.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(voila)
    wait_for_face(page)
    eventually(page, SIDEWAYS, [])
    eventually(page, CUT_OFF, [])
    assert page.evaluate(COLUMNS) == columns
    box = page.locator(".xf-overlay").bounding_box()
    assert box["width"] == pytest.approx(box["height"], abs=1) and box["width"] >= 330
    page.wait_for_function(f"(side) => Math.abs(({SIDE})() - side) < 2", arg=box["width"])
    if width == 1280:
        assert page.locator(".xf-screen").bounding_box()["width"] > 1200
