"""The notebooks in JupyterLab, driven as a user would: open, run all, look at what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

RUN_ALL = """async () => {
    await jupyterapp.commands.execute('notebook:run-all-cells');
    return jupyterapp.shell.currentWidget.context.model.toJSON().cells;
}"""
CLEAR = "() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
# Pictures that were in fact drawn: an <img> that loaded, or a graphic with an area.
PICTURES = """() => [...document.querySelectorAll('.jp-OutputArea-output :is(img, svg, canvas)')]
    .filter(e => e.tagName !== 'IMG' || e.naturalWidth > 0)
    .map(e => e.getBoundingClientRect())
    .filter(box => box.width * box.height > 10000).length"""


def run_all(visit, lab, notebook: str) -> list[dict]:
    """Open `notebook`, run all its cells in a fresh kernel, and return the code cells."""
    page = visit.page
    page.goto(f"{lab.url}/lab/tree/{notebook}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.evaluate(lab.READY)
    page.evaluate(CLEAR)
    cells = page.evaluate(RUN_ALL)
    return [c for c in cells if c["cell_type"] == "code" and "".join(c["source"]).strip()]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(visit, lab, path):
    cells = run_all(visit, lab, f"notebooks/{path.name}")

    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    visit.page.wait_for_function(f"({PICTURES})() > 0", timeout=15_000)
    assert visit.outside == []
    assert visit.errors == []
