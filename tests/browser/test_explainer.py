"""The Explainer in JupyterLab and Voila, used as a person uses it: keyboard, mouse, a file."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket

import nbformat
import numpy as np
import pytest
from PIL import Image

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.cli.app import voila_command
from xfera_nb.evidence import assemble
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import HOT
from xfera_nb.fusion import FusionParams, fuse

pytestmark = pytest.mark.browser

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
view = xf.widgets.Explainer(evidence, writer=writer)
view.state.writer = "offline"
view
"""
RUN_ALL = """async () => {
    await jupyterapp.commands.execute('notebook:run-all-cells');
    const cells = jupyterapp.shell.currentWidget.context.model.toJSON().cells;
    return cells.flatMap((cell) => cell.outputs ?? []).filter((o) => o.output_type === 'error');
}"""
# The fills that the browser really has: "rgb(…)" of a hot point, none of an open square.
FILLS = """() => [...document.querySelectorAll('.xf-explainer .scatterlayer path.point')]
    .map((point) => point.style.fill)"""
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


@pytest.fixture(scope="module")
def evidence():
    """What SETUP makes in the notebook."""
    maps = np.random.default_rng(7).random((7, 7, 7)).astype(np.float32)
    maps[EMOTIONS.index("fear")] = -1
    maps[EMOTIONS.index("happiness"), 4:] += 1
    units = ActionUnits(np.linspace(0.1, 3.3, 17), reliability=np.full(17, 0.8), source="made")
    chances = np.array([0.05, 0.05, 0.05, 0.7, 0.05, 0.05, 0.05], np.float32)
    return assemble(find_faces(SAMPLE)[0], Prediction(chances), maps, units, layer="layer4.2")


class Model(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that streams a text with a tag in it, piece by piece."""

    pieces = ("I saw a <b>smile</b>. ", "The lip corners ", "were pulled up.")
    hold = 0.3

    def do_POST(self):  # noqa: N802 - the base class's name
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number, piece in enumerate([*self.pieces, None]):
            choice = {"index": 0, "delta": {"content": piece} if piece else {},
                      "finish_reason": None if piece else "stop"}  # fmt: skip
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "tiny",
                     "choices": [choice]}  # fmt: skip
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()
            time.sleep(self.hold if number else 0)
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def model_server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()


def notebook(model_server: str) -> nbformat.NotebookNode:
    return one_cell(f"SAMPLE = {str(SAMPLE)!r}\nSERVER = {model_server!r}\n{SETUP.strip()}")


def one_cell(source: str) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernel}
    )


@pytest.fixture
def page(visit, lab, model_server):
    """JupyterLab with a live Explainer in it."""
    nbformat.write(notebook(model_server), lab.folder / "live.ipynb")
    page = visit.page
    page.goto(f"{lab.url}/lab/tree/live.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.evaluate(lab.READY)
    assert page.evaluate(RUN_ALL) == []
    wait_for_face(page)
    yield page
    assert visit.outside == []
    assert visit.errors == []


def wait_for_face(page):
    page.wait_for_function(f"({FILLS})().length === 68")
    page.wait_for_selector(".xf-explainer .noUi-handle[aria-label]")


def slider(page, label):
    name = page.locator(".widget-label").get_by_text(label, exact=True)
    return page.locator(".xf-explainer .widget-slider").filter(has=name)


def hot(page):
    red = f"rgb({int(HOT[1:3], 16)}, {int(HOT[3:5], 16)}, {int(HOT[5:7], 16)})"
    return [fill == red for fill in page.evaluate(FILLS)]


def until(page, expected, seconds=10):
    """Wait until exactly the expected landmarks are painted hot."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and hot(page) != expected:
        page.wait_for_timeout(50)
    assert hot(page) == expected


def active(page):
    rows = page.locator(".xf-board tr.active button").all_text_contents()
    return sorted(int(text[2:4]) for text in rows)


def use_it(page, evidence):
    """Each slider by keyboard, the presets, typed numbers and the classes, against `fuse`."""
    until(page, fuse(evidence).hot.tolist())
    moves = [
        ("k", ["ArrowRight"] * 4, {"k": 1.2}, "1.20"),
        ("k", ["Home"], {"k": 0.0}, "0.00"),
        ("k", ["PageUp", "ArrowLeft"], {"k": 0.2}, "0.20"),
        ("AU cut-off", ["End", "PageDown"], {"k": 0.2, "au_cutoff": 4.5}, "4.50"),
        ("Coverage", ["ArrowLeft"] * 8, {"k": 0.2, "au_cutoff": 4.5, "coverage": 0.3}, "0.30"),
        ("AU cut-off", ["Home"], {"k": 0.2, "au_cutoff": 0.0, "coverage": 0.3}, "0.00"),
    ]
    for label, keys, params, shown in moves:
        row = slider(page, label)
        for key in keys:
            row.locator(".noUi-handle").press(key)
        expected = fuse(evidence, FusionParams(**params))
        until(page, expected.hot.tolist())
        assert row.locator(".widget-readout").text_content() == shown
        page.wait_for_timeout(200)
        assert active(page) == sorted(expected.active)
    typed = slider(page, "k").locator(".widget-readout")
    typed.fill("1.65")
    typed.press("Enter")
    until(page, fuse(evidence, FusionParams(k=1.65)).hot.tolist())
    for name, coverage in (("text (0.5)", 0.5), ("Algorithm 1 (0.7)", 0.7)):
        page.get_by_role("button", name=name).click()
        until(page, fuse(evidence, FusionParams(coverage=coverage)).hot.tolist())
        page.wait_for_timeout(200)
        shown = slider(page, "Coverage").locator(".widget-readout").text_content()
        assert shown == f"{coverage:.2f}"
    page.locator(".xf-classes input[value=anger]").check()
    until(page, fuse(evidence, emotion="anger").hot.tolist())
    page.locator(".xf-classes input[value=fear]").check()
    until(page, [False] * 68)
    assert "No part of the face speaks for fear" in page.locator(".xf-board").text_content()
    page.get_by_role("button", name="Reset").click()
    until(page, fuse(evidence).hot.tolist())


def test_in_lab_every_control_does_what_fuse_does(page, evidence):
    use_it(page, evidence)


def test_nothing_is_cut_off_or_without_a_name(page):
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(NAMELESS) == []
    for label in ("k", "AU cut-off", "Coverage", "Heat weight", "Map opacity"):
        assert page.get_by_role("slider", name=label, exact=True).count() == 1


def test_a_row_is_reached_by_keyboard_and_marks_its_landmarks(page):
    rings = page.locator(".xf-explainer .shapelayer path").nth(2)
    before = rings.get_attribute("d")
    page.locator(".xf-board button").first.focus()
    page.wait_for_function(
        "(before) => document.querySelectorAll('.xf-explainer .shapelayer path')[2]"
        ".getAttribute('d') !== before",
        arg=before,
    )
    page.keyboard.press("Enter")
    page.wait_for_selector(".xf-board tr.pinned")


def test_weight_and_opacity_by_keyboard(page, evidence):
    slider(page, "Coverage").locator(".noUi-handle").press("Home")
    score = page.locator(".xf-board tr.active .xf-w").first
    for key, weight in (("Home", 0.0), ("End", 5.0)):
        slider(page, "Heat weight").locator(".noUi-handle").press(key)
        found = fuse(evidence, FusionParams(coverage=0, heat_weight=weight))
        score.get_by_text(f"score {found.result(min(found.active)).score:.2f}").wait_for()
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
    source = "import xfera_nb as xf\nxf.widgets.Explainer('group.png')"
    nbformat.write(one_cell(source), lab.folder / "group.ipynb")
    page = visit.page
    page.goto(f"{lab.url}/lab/tree/group.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.evaluate(lab.READY)
    assert page.evaluate(RUN_ALL) == []
    wait_for_face(page)
    faces = page.locator(".xf-faces button")
    assert [faces.nth(i).get_attribute("aria-pressed") for i in range(2)] == ["true", "false"]
    picture = page.locator(".xf-explainer .imagelayer image").first
    before = picture.get_attribute("href")
    faces.nth(1).click()
    page.wait_for_function(
        "(before) => document.querySelector('.xf-explainer .imagelayer image')"
        ".getAttribute('href') !== before",
        arg=before,
    )
    assert faces.nth(1).get_attribute("aria-pressed") == "true"
    assert visit.errors == []


def test_in_notebook_7(visit, lab, model_server, evidence):
    nbformat.write(notebook(model_server), lab.folder / "seven.ipynb")
    page = visit.page
    page.goto(f"{lab.url}/notebooks/seven.ipynb")
    page.locator(".jp-CodeCell .cm-content").click()
    page.wait_for_timeout(3_000)
    its_own = len(visit.errors)  # Notebook's start, with nothing of ours on the page yet
    page.keyboard.press("Shift+Enter")
    wait_for_face(page)
    until(page, fuse(evidence).hot.tolist())
    slider(page, "k").locator(".noUi-handle").press("Home")
    until(page, fuse(evidence, FusionParams(k=0)).hot.tolist())
    assert visit.errors[its_own:] == []


def test_explain_offline_then_stale(page):
    page.get_by_role("button", name="Explain").click()
    words = page.locator(".xf-words2")
    words.get_by_text("classified it as").wait_for()
    assert "offline writer" in words.text_content() and "Check:" in words.text_content()
    slider(page, "k").locator(".noUi-handle").press("Home")
    words.get_by_text("Stale").wait_for()


def test_explain_by_a_server_streams_and_leaves_the_sliders_free(page, evidence):
    page.locator(".xf-explainer select").filter(has_text="offline").select_option("openai")
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Explain").click()
    page.locator(".xf-words2").get_by_text("Writing").wait_for()
    slider(page, "k").locator(".noUi-handle").press("Home")
    until(page, fuse(evidence, FusionParams(k=0)).hot.tolist(), seconds=3)
    words = page.locator(".xf-words2")
    words.get_by_text("Written by tiny").wait_for()
    assert "I saw a <b>smile" in words.text_content()
    assert words.locator("b").count() == 0
    assert "Stale" in words.text_content()


def test_a_bad_upload_is_refused_in_a_sentence(page, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_text("not a photo")
    page.locator(".xf-picker input[type=file]").set_input_files(bad)
    page.locator(".xf-picker .xf-error").wait_for()
    said = page.locator(".xf-picker .xf-error").text_content()
    assert "not an image" in said and said.endswith("Shown is still C01HA.jpg.")


def test_the_code_is_shown_and_the_page_is_saved(page, tmp_path):
    page.get_by_role("button", name="Copy as code").click()
    page.locator(".xf-export pre").get_by_text("xf.explain").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save page (HTML)").click()
    assert download.value.suggested_filename == "xfera-C01HA-happiness.html"
    download.value.save_as(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


@pytest.fixture
def voila(tmp_path, model_server):
    """Voila's address, serving the same notebook as `xfera app` serves its page."""
    nbformat.write(notebook(model_server), tmp_path / "live.ipynb")
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = voila_command(tmp_path / "live.ipynb", port, browser=False)
    with (tmp_path / "voila.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/voila/static/voila.js", timeout=5).close()
            break
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    assert process.poll() is None, (tmp_path / "voila.log").read_text()
    yield url
    process.terminate()
    process.wait(timeout=20)


def test_in_voila_every_control_does_what_fuse_does(visit, voila, evidence):
    visit.page.goto(voila)
    wait_for_face(visit.page)
    visit.page.wait_for_timeout(500)
    use_it(visit.page, evidence)
    assert visit.page.evaluate(CUT_OFF) == []
    assert visit.page.evaluate(NAMELESS) == []
    # Voila's template asks another machine for its icons, which the test refuses it.
    asked = [url for url in visit.outside if "fontawesome" not in url.replace("-", "").lower()]
    assert asked == []
    assert [error for error in visit.errors if "ERR_FAILED" not in error] == []
