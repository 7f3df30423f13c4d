"""What a language model's server may do, seen from the Explainer in JupyterLab.

The server is a real one on the loopback address; each test tells it what to play.
"""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from model_server import cut_stream, fault, raw, says, serving, slow, streams
from pages import eventually, run_cells, settled
from playwright.sync_api import expect
from waiting import LONG

from xfera_nb.figures import SALIENT

pytestmark = pytest.mark.browser
ONE_KERNEL = True

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
writer = OpenAIWriter(model="tiny", base_url=SERVER, timeout=TIMEOUT, cache=False)
view = xf.widgets.Explainer(evidence, writer=writer, settings_open=True)
view.state.set(coverage=0.05, k=0.5)
view
"""
RED = f"rgb({int(SALIENT[1:3], 16)}, {int(SALIENT[3:5], 16)}, {int(SALIENT[5:7], 16)})"
POINTS = "[...document.querySelectorAll('.xf-explainer .scatterlayer path.point')]"
SALIENT_COUNT = f"() => {POINTS}.filter((point) => point.style.fill === '{RED}').length"
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


@pytest.fixture(scope="module")
def server():
    with serving(slow) as running:
        yield running


@pytest.fixture
def timeout():
    """Seconds after which the writer gives up; nothing here waits for it unless it says so."""
    return LONG


@pytest.fixture
def page(visit, lab, server, timeout):
    """JupyterLab with an Explainer whose writer asks the server."""
    told = f"SAMPLE, SERVER, TIMEOUT = {(str(SAMPLE), server.url, timeout)!r}\n"
    page = visit.page
    run_cells(page, lab, told + SETUP.strip())
    page.wait_for_function(f"{POINTS}.length === 68")
    page.wait_for_selector(".xf-explainer .noUi-handle[aria-label]", state="attached")
    yield page
    assert visit.outside == []
    assert visit.errors == []


def explain(page, server, *replies):
    """Press Explain; the last reply is given again and again."""
    server.replies = list(replies)
    page.locator(".xf-explainer button").get_by_text("Explain").click()
    return page.locator(".xf-explainer .xf-text")


def k_handle(page):
    label = "Saliency threshold k (mean + k SD)"
    name = page.locator(".widget-label").get_by_text(label, exact=True)
    return page.locator(".xf-explainer .widget-slider").filter(has=name).locator(".noUi-handle")


def expect_live(page, words):
    """The slider moves landmarks while the server has not ended its answer."""
    expect(words).to_contain_text("Writing")
    before = page.evaluate(SALIENT_COUNT)
    k_handle(page).press("End")
    page.wait_for_function(f"(before) => ({SALIENT_COUNT})() !== before", arg=before)
    expect(words).to_contain_text("Writing")


def test_sliders_stay_live_while_a_server_is_slow(page, server):
    go = Event()

    def late(handler):
        go.wait(LONG)
        streams("The smile counted most.")(handler)

    words = explain(page, server, late)
    expect_live(page, words)
    go.set()
    for said in ("Written by tiny", "The smile counted most.", "Stale"):
        expect(words).to_contain_text(said)


@pytest.mark.parametrize("timeout", [2])
def test_a_server_that_says_nothing_is_given_up(page, server):
    words = explain(page, server, slow)
    for said in ("did not answer within 2 s", "offline writer"):
        expect(words).to_contain_text(said)


def test_sliders_stay_live_while_an_answer_streams(page, server):
    pieces, more = ["The smile ", "on the ", "whole ", "counted ", "most."], Event()
    words = explain(page, server, streams(*pieces, after_first=more))
    expect(words).to_contain_text("The smile")
    expect_live(page, words)
    more.set()
    for said in ("Written by tiny", "The smile on the whole counted most.", "Stale"):
        expect(words).to_contain_text(said)


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
        for said in (
            told, "The sentences here are the offline writer's.", "Composed by the offline writer",
        ):  # fmt: skip
            expect(words).to_contain_text(said)
        text = words.text_content()
        assert "Traceback" not in text and "sk-1" not in text


def test_busy_at_first_and_fine_then(page, server):
    words = explain(page, server, fault(429, Retry_After="0"), streams("A smile."))
    for said in ("Written by tiny", "A smile."):
        expect(words).to_contain_text(said)
    assert "offline" not in words.text_content()


def test_an_invented_movement_is_marked(page, server):
    text = "The corners of the mouth go up and the upper eyelids are raised."
    words = explain(page, server, streams(text))
    expect(words).to_contain_text("Written by tiny")
    expect(words.locator("mark")).to_have_text(["upper eyelids are raised"])
    expect(words).to_contain_text("AU05 unsupported")


def test_nothing_of_an_untrusted_text_becomes_markup(page, server):
    more = Event()
    words = explain(page, server, streams(EVIL[:60], EVIL[60:], after_first=more))
    expect(words).to_contain_text(EVIL[:60])
    nothing_of_it_is_markup(words)
    more.set()
    expect(words).to_contain_text("Written by tiny")
    server.replies = [says(EVIL)]
    page.get_by_role("button", name="Remove each fact").click()
    outcome = page.locator(".xf-writer .xf-outcome")
    outcome.get_by_text("vanish from the text").wait_for()
    outcome.locator("summary").click()
    for shown in (words, outcome):
        expect(shown).to_contain_text("window.struck = 2</script>")
        nothing_of_it_is_markup(shown)
    assert page.evaluate("window.struck === undefined")


def nothing_of_it_is_markup(shown):
    expect(shown.locator("img, script, iframe, b")).to_have_count(0)
    expect(shown.locator("[onmouseover], [onerror]")).to_have_count(0)


def test_language_and_prompt_are_chosen(page, server):
    view = page.locator(".xf-explainer")
    view.get_by_label("Writer").select_option("offline")
    view.get_by_label("Language").select_option("italiano")
    words = explain(page, server, slow)
    expect(words).to_contain_text("classificat")
    expect(view.get_by_label("Contrast with")).to_be_hidden()
    view.get_by_label("Prompt").select_option("one class compared with another")
    view.get_by_label("Contrast with").select_option("anger")
    explain(page, server, slow)
    expect(words).to_contain_text('"Rabbia"')
    # This writer was given as an object, with settings of its own.
    view.get_by_label("Writer").select_option("openai")
    settled(page)
    expect(view.get_by_label("Seed")).to_be_hidden()
    eventually(page, CUT_OFF, [])
