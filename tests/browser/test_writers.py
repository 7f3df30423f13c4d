"""What a language model's server may do, seen from the Explainer in JupyterLab.

The server is a real one on the loopback address; each test tells it what to play.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest
from model_server import cut_stream, fault, raw, says, serving, slow, streams

from xfera_nb.figures import HOT

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"
SETUP = """
import numpy as np
import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble
from xfera_nb.explanation import OpenAIWriter
from xfera_nb.facs import EMOTIONS
face = xf.find_faces(SAMPLE)[0]
maps = np.random.default_rng(7).random((7, 7, 7)).astype(np.float32)
maps[EMOTIONS.index("happiness"), 4:] += 1
units = ActionUnits(np.linspace(0.1, 3.3, 17), source="made")
chances = np.array([.05, .05, .05, .7, .05, .05, .05], np.float32)
evidence = assemble(face, Prediction(chances), maps, units, layer="layer4.2",
                    au_detector={"name": "made"})
writer = OpenAIWriter(model="tiny", base_url=SERVER, timeout=4, cache=False)
view = xf.widgets.Explainer(evidence, writer=writer)
view.state.set(coverage=0.05, k=0.5)
view
"""
RUN_ALL = """async () => {
    await jupyterapp.commands.execute('notebook:run-all-cells');
    const cells = jupyterapp.shell.currentWidget.context.model.toJSON().cells;
    return cells.flatMap((cell) => cell.outputs ?? []).filter((o) => o.output_type === 'error');
}"""
FILLS = """() => [...document.querySelectorAll('.xf-explainer .scatterlayer path.point')]
    .map((point) => point.style.fill)"""
CUT_OFF = """() => {
    const root = document.querySelector('.xf-writer');
    const right = root.closest('.jp-OutputArea, body').getBoundingClientRect().right;
    return [...root.querySelectorAll('*')]
        .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > right + 1)
        .map((e) => e.outerHTML.slice(0, 120));
}"""
EVIL = (
    "A smile <img src=x onerror=\"window.struck = 1\">"
    "<script>window.struck = 2</script><b onmouseover='window.struck = 3'>here</b>. "
    "</p></div><iframe src='javascript:window.struck = 4'></iframe> The nose is wrinkled."
)
RED = f"rgb({int(HOT[1:3], 16)}, {int(HOT[3:5], 16)}, {int(HOT[5:7], 16)})"


@pytest.fixture(scope="module")
def server():
    with serving(slow) as running:
        yield running


@pytest.fixture
def page(visit, lab, server):
    """JupyterLab with an Explainer whose writer asks the server."""
    source = f"SAMPLE = {str(SAMPLE)!r}\nSERVER = {server.url!r}\n{SETUP.strip()}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, lab.folder / "writers.ipynb")
    page = visit.page
    page.goto(f"{lab.url}/lab/tree/writers.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.evaluate(lab.READY)
    assert page.evaluate(RUN_ALL) == []
    page.wait_for_function(f"({FILLS})().length === 68")
    page.wait_for_selector(".xf-explainer .noUi-handle[aria-label]")
    yield page
    assert visit.outside == []
    assert visit.errors == []


def hot(page):
    return int(np.sum([fill == RED for fill in page.evaluate(FILLS)]))


def explain(page, server, *replies):
    """Press Explain; the last reply is given again and again."""
    server.replies = list(replies)
    page.locator(".xf-explainer button").get_by_text("Explain").click()
    return page.locator(".xf-explainer .xf-words2")


def k_handle(page):
    name = page.locator(".widget-label").get_by_text("k", exact=True)
    return page.locator(".xf-explainer .widget-slider").filter(has=name).locator(".noUi-handle")


def test_sliders_stay_live_while_a_server_is_slow(page, server):
    before = hot(page)
    words = explain(page, server, slow)
    words.get_by_text("Writing").wait_for()
    k_handle(page).press("End")
    page.wait_for_function(
        f"(before) => ({FILLS})().filter((fill) => fill === '{RED}').length !== before",
        arg=before, timeout=3_000,
    )  # fmt: skip
    assert "Writing" in words.text_content()
    k_handle(page).press("Home")
    words.get_by_text("did not answer within 4 s").wait_for()
    assert "offline writer" in words.text_content()


def test_sliders_stay_live_while_an_answer_streams(page, server):
    before = hot(page)
    pieces = ["The smile ", "on the ", "whole ", "counted ", "most."]
    words = explain(page, server, streams(*pieces, hold=0.5))
    words.get_by_text("The smile").wait_for()
    k_handle(page).press("End")
    page.wait_for_function(
        f"(before) => ({FILLS})().filter((fill) => fill === '{RED}').length !== before",
        arg=before, timeout=3_000,
    )  # fmt: skip
    assert "Writing" in words.text_content()
    words.get_by_text("Written by tiny").wait_for()
    assert "The smile on the whole counted most." in words.text_content()
    assert "Stale" in words.text_content()


def test_each_fault_is_one_sentence_and_the_offline_writer_stands_in(page, server):
    for reply, told in (
        (fault(401, "Incorrect API key: sk-1"), "refused the API key; check OPENAI_API_KEY."),
        (fault(404), 'knows no model "tiny"; choose another'),
        (fault(500), "failed (HTTP 500); try again later."),
        (cut_stream, "broke off in mid-answer; try again."),
        (raw(200, b"data: {oh\n\n", "text/event-stream"), "an answer that cannot be read"),
        (streams(), "gave an empty answer"),
    ):
        words = explain(page, server, reply)
        words.get_by_text(told).wait_for()
        text = words.text_content()
        assert "The sentences here are the offline writer's." in text
        assert "Composed by the offline writer" in text
        assert "Traceback" not in text and "sk-1" not in text


def test_busy_at_first_and_fine_then(page, server):
    words = explain(page, server, fault(429, Retry_After="0"), streams("A smile."))
    words.get_by_text("Written by tiny").wait_for()
    assert "A smile." in words.text_content() and "offline" not in words.text_content()


def test_an_invented_movement_is_marked(page, server):
    words = explain(page, server, streams("The corners of the mouth go up and the nose wrinkles."))
    words.get_by_text("Written by tiny").wait_for()
    assert words.locator("mark").all_text_contents() == ["nose wrinkles"]
    assert "AU09 unsupported" in words.text_content()


def test_nothing_of_a_strangers_text_becomes_markup(page, server):
    words = explain(page, server, streams(EVIL[:60], EVIL[60:], hold=0.4))
    words.get_by_text("Written by tiny").wait_for()
    server.replies = [says(EVIL)]
    page.get_by_role("button", name="Take each fact away").click()
    outcome = page.locator(".xf-writer .xf-outcome")
    outcome.get_by_text("leave the text").wait_for()
    outcome.locator("summary").click()
    for shown in (words, outcome):
        assert "window.struck = 2</script>" in shown.text_content()
        assert shown.locator("img, script, iframe, b").count() == 0
        assert shown.locator("[onmouseover], [onerror]").count() == 0
    assert page.evaluate("window.struck === undefined")


def test_language_and_prompt_are_chosen(page, server):
    view = page.locator(".xf-explainer")
    view.get_by_label("Writer").select_option("offline")
    view.get_by_label("Language").select_option("italiano")
    page.wait_for_timeout(300)
    words = explain(page, server, slow)
    words.get_by_text("classificat").wait_for()
    assert view.get_by_label("Against").is_hidden()
    view.get_by_label("Prompt").select_option("why not another class")
    view.get_by_label("Against").select_option("anger")
    page.wait_for_timeout(300)
    explain(page, server, slow)
    words.get_by_text('"Rabbia"').wait_for()
    # This writer was given as an object, with settings of its own.
    view.get_by_label("Writer").select_option("openai")
    page.wait_for_timeout(300)
    assert view.get_by_label("Seed").is_hidden()
    assert page.evaluate(CUT_OFF) == []
