"""Names, labels, notes and texts that are markup, in a real browser: all are shown, none runs.

Each of them would set `window.struck`, open a dialog, or ask another machine for something.
"""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import pytest
from pages import Watched, run_cells, until
from stores import made_store

from xfera_nb.datasets import read_csv_faces
from xfera_nb.report import evaluate

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
# A file's name holds no slash.
EVIL_NAME = "<img src=x onerror=window.struck=1><svg onload=window.struck=2>"
EVIL = (
    "<img src=http://elsewhere.test/x onerror=window.struck=3><script>window.struck=4</script>"
    "<a href='javascript:window.struck=5'>x</a>\" onfocus=\"alert(6)\" autofocus x=\""
)
STRUCK = "window.struck"
MADE_BY_IT = """() => [...document.querySelectorAll('*')].filter((e) =>
    [...e.attributes].some((a) => /struck|elsewhere|alert/.test(a.value) && (a.name.startsWith('on')
        || ['src', 'href', 'srcdoc', 'action'].includes(a.name)))
    || (e.tagName === 'SCRIPT' && /struck/.test(e.textContent) && e.type !== 'application/json'))
    .map((e) => e.outerHTML.slice(0, 200))"""
SETUP = """
import numpy as np
import xfera_nb as xf
from dataclasses import replace
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble
from xfera_nb.explanation import Draft
from xfera_nb.facs import EMOTIONS
from xfera_nb.report import Result, compare
class FixedWriter:
    name = "openai"
    def write(self, facts, prompt):
        return Draft(f"I saw {EVIL} a smile.", self.name, EVIL)
    def stream(self, facts, prompt):
        yield f"I saw {EVIL} a smile."
face = xf.find_faces(PHOTO)[0]
maps = np.random.default_rng(7).random((7, 7, 7)).astype(np.float32)
maps[EMOTIONS.index("happiness"), 4:] += 1
sides = np.linspace(0.1, 3.3, 17)
units = ActionUnits(sides, sides, sides, sides_source=EVIL, source=EVIL, notes=(EVIL,))
chances = np.array([.05, .05, .05, .7, .05, .05, .05], np.float32)
card = {"name": EVIL, "restrictions": [EVIL], EVIL: EVIL, "figures": {EVIL: {"images": 3}}}
evidence = assemble(face, Prediction(chances), maps, units, layer=EVIL, method=EVIL,
                    classifier=card, au_detector=card)
result = Result.from_evidence(evidence, xf.FusionParams(k=0.5), writer=FixedWriter(), card=card)
"""
RESULT = SETUP + "result"
COMPARED = SETUP + "compare(result, result.with_params(k=0.1), names=(EVIL, EVIL_NAME))"
LIVE = SETUP.replace("layer=EVIL, method=EVIL", "layer='layer4.2'") + (
    "view = xf.widgets.Explainer(evidence, writer=FixedWriter())\nview.state.explain()\nview"
)
EXPLORE = "import xfera_nb as xf\nview = xf.widgets.Explorer(STORE, show='all')\nview"
EVALUATED = "import xfera_nb as xf\nxf.evaluate(STORE, resamples=100)"


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / f"{EVIL_NAME}.jpg"
    path.write_bytes((ROOT / "data" / "samples" / "C01HA.jpg").read_bytes())
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store whose photos' names, persons, angles and labels are markup."""
    root = tmp_path_factory.mktemp("hostile")
    lines = [["path", "label", "person", "angle"]]
    for number, code in enumerate(("C01HA", "C02HA", "C01SU", "C01AF", "C01AN")):
        name = f"{EVIL_NAME}{number}.jpg"
        (root / name).write_bytes((ROOT / "data" / "samples" / f"{code}.jpg").read_bytes())
        lines.append([name, "happy" if number < 4 else EVIL, f"{EVIL}{number % 2}", EVIL_NAME])
    lines.append([f"{EVIL_NAME}gone.jpg", "sad", EVIL, EVIL])
    with open(root / "faces.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    return made_store(read_csv_faces(root / "faces.csv"), root / "store")


@pytest.fixture
def safe(visit):
    """The page, and after the test that nothing on it ran."""
    dialogs = []
    visit.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield visit.page
    assert visit.page.evaluate(STRUCK) is None
    assert visit.page.evaluate(MADE_BY_IT) == []
    assert dialogs == [] and visit.outside == []


def run(page, lab, photo, store, *cells):
    """JupyterLab after the cells ran."""
    told = f"PHOTO, STORE, EVIL, EVIL_NAME = {(str(photo), str(store), EVIL, EVIL_NAME)!r}\n"
    run_cells(page, lab, *(told + cell for cell in cells))


def says(page, *words):
    """Wait until the notebook's outputs hold each of these, as text."""
    for said in words:
        page.wait_for_function(
            "(said) => [...document.querySelectorAll('.jp-OutputArea')]"
            ".some((e) => e.textContent.includes(said))",
            arg=said,
        )


def test_the_explainer_and_its_results_in_a_notebook(safe, lab, photo, store):
    run(safe, lab, photo, store, RESULT, COMPARED, LIVE)
    safe.wait_for_selector(".xf-explainer .noUi-handle[aria-label]", state="attached")
    safe.locator(".xf-text").get_by_text("a smile").wait_for()
    says(safe, EVIL, EVIL_NAME)
    bars = safe.locator(".xf-au-table").first
    bars.hover()
    safe.get_by_role("button", name="Copy as code").click()
    safe.locator(".xf-export pre").get_by_text("xf.explain").wait_for()
    safe.wait_for_timeout(1000)


def test_the_explorer_and_an_evaluation_in_a_notebook(safe, lab, photo, store):
    run(safe, lab, photo, store, EXPLORE, EVALUATED)
    safe.wait_for_function("document.querySelectorAll('.xf-tile img').length === 5")
    safe.locator(".xf-tile").first.click()
    safe.locator(".xf-why").get_by_text(EVIL_NAME).first.wait_for()
    safe.get_by_role("button", name="Open in the Explainer").click()
    safe.wait_for_selector(".xf-explorer .noUi-handle[aria-label]", state="attached")
    says(safe, EVIL_NAME)
    for person in (f"{EVIL}0", EVIL_NAME):
        safe.wait_for_function(
            "(person) => [...document.querySelectorAll('.xf-explorer .xf-chip')]"
            ".some((chip) => chip.firstChild.textContent === person)",
            arg=person,
        )
    safe.wait_for_timeout(1000)


def test_pages_that_stand_alone(safe, lab, photo, store, tmp_path):
    """Without the pages' own policy, which would stop whatever slipped through."""
    made = evaluate(store, resamples=100)
    made.save_html(tmp_path / "evaluation.html")
    space = {"PHOTO": photo, "EVIL": EVIL, "EVIL_NAME": EVIL_NAME}
    code = compile_result(space)
    code["result"].save_html(tmp_path / "result.html")
    code["compared"].save_html(tmp_path / "compared.html")
    for name, words in (("evaluation", EVIL), ("result", EVIL), ("compared", EVIL_NAME)):
        text = (tmp_path / f"{name}.html").read_text("utf-8")
        assert "Content-Security-Policy" in text
        path = tmp_path / f"{name}-bare.html"
        path.write_text(text.replace("Content-Security-Policy", "x-none"), "utf-8")
        safe.goto(path.as_uri())
        safe.wait_for_function("(words) => document.body.textContent.includes(words)", arg=words)
        for details in safe.locator("details:not([open]) > summary").all():
            details.click()
        safe.wait_for_timeout(300)
        assert safe.evaluate(STRUCK) is None and safe.evaluate(MADE_BY_IT) == []


def compile_result(space):
    """What the cells of the notebook make, here."""
    path = space["PHOTO"].parent / "cells.py"
    given = {name: str(value) for name, value in space.items()}
    path.write_text(COMPARED.replace("\ncompare(", "\ncompared = compare("), "utf-8")
    return runpy.run_path(str(path), init_globals=given)


def test_the_search_sees_what_runs(visit):
    page = visit.page
    page.set_content(f"<p>{EVIL_NAME}</p>{EVIL}")
    page.wait_for_function(STRUCK)
    page.wait_for_function(f"({MADE_BY_IT})().length > 0")
    until(page, lambda: any("elsewhere.test" in url for url in visit.outside), "the call outside")
    Watched.asked.clear()  # this test wants it
