"""The panel "Is this true?" beside an Explainer in JupyterLab, by keyboard."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"
SETUP = """
import xfera_nb as xf
xf.widgets.Explainer(SAMPLE)
"""
RUN_ALL = """async () => {
    await jupyterapp.commands.execute('notebook:run-all-cells');
    const cells = jupyterapp.shell.currentWidget.context.model.toJSON().cells;
    return cells.flatMap((cell) => cell.outputs ?? []).filter((o) => o.output_type === 'error');
}"""
CUT_OFF = """() => {
    const root = document.querySelector('.xf-truth');
    const right = root.closest('.jp-OutputArea, body').getBoundingClientRect().right;
    return [...root.querySelectorAll('*')]
        .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > right + 1)
        .map((e) => e.outerHTML.slice(0, 120));
}"""
ANSWERS = 60_000


@pytest.fixture
def page(visit, lab):
    source = f"SAMPLE = {str(SAMPLE)!r}\n{SETUP.strip()}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, lab.folder / "truth.ipynb")
    page = visit.page
    page.goto(f"{lab.url}/lab/tree/truth.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.evaluate(lab.READY)
    assert page.evaluate(RUN_ALL) == []
    page.wait_for_selector(".xf-truth button")
    page.wait_for_selector(".xf-explainer .noUi-handle[aria-label]")
    yield page
    assert visit.outside == []
    assert visit.errors == []


def slider(page, label):
    name = page.locator(".widget-label").get_by_text(label, exact=True)
    return page.locator(".xf-explainer .widget-slider").filter(has=name)


def row(page, title):
    head = page.locator(".xf-truth-title").get_by_text(title, exact=True)
    return page.locator(".xf-truth tbody tr").filter(has=head)


def test_it_checks_aside_and_follows(page):
    truth = page.locator(".xf-truth")
    assert truth.locator("tbody tr").count() == 0
    page.get_by_role("button", name="Is this true?").press("Enter")
    truth.get_by_role("status").get_by_text("Checking").wait_for()
    # The kernel answers a slider while it checks.
    handle = slider(page, "k").locator(".noUi-handle")
    handle.press("Home")
    legend = page.locator(".xf-board .xf-status")
    legend.get_by_text("mean + 0 std").wait_for(timeout=5000)
    row(page, "ROAD").wait_for(timeout=ANSWERS)
    assert truth.get_by_role("status").text_content() == ""
    titles = truth.locator("table").first.locator("tbody th").all_text_contents()
    assert len(titles) == 7 and titles[0].startswith("Words supported")
    assert "No words yet" in row(page, "Words supported").text_content()
    quiet = truth.locator("table:not(.xf-truth-bars) .xf-truth-quiet").all_text_contents()
    assert sum(text.startswith("Does not mean: ") for text in quiet) == 10

    before = row(page, "Hot where the emotion's movements are").text_content()
    handle.press("End")
    page.wait_for_function(
        "(before) => ![...document.querySelectorAll('.xf-truth tr')]"
        ".some((line) => line.textContent === before)",
        arg=before,
    )
    assert truth.get_by_role("status").text_content() == ""

    truth.locator("summary").filter(has_text="More checks (3)").press("Enter")
    row(page, "Pointing game").wait_for()
    summary = truth.locator("summary").filter(has_text="Weight of each")
    summary.focus()
    page.keyboard.press("Enter")
    bars = truth.locator(".xf-truth-bars tbody tr")
    assert bars.count() >= 14 and "AU12 lip corner puller" in " ".join(bars.all_text_contents())
    assert page.evaluate(CUT_OFF) == []

    handle.press("Home")
    page.get_by_role("button", name="Explain", exact=True).click()
    row(page, "Words supported").get_by_text("named movement").wait_for()
    page.locator(".xf-classes input[value=anger]").check()
    truth.get_by_role("status").get_by_text("Stale").wait_for()
    page.locator(".xf-classes input[value=happiness]").check()
    page.wait_for_function("() => !document.querySelector('.xf-truth [role=status]').textContent")
    page.get_by_role("button", name="Is this true?").scroll_into_view_if_needed()
