"""The notebooks in JupyterLab, driven as a user would: open, run all, look at what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import open_notebook, run_all

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
# nbval runs all of them; the widgets of the others have browser tests of their own.
NOTEBOOKS = [
    path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if path.stem[:2] in {"01", "04"}
]

# Pictures that were in fact drawn: an <img> that loaded, or a graphic with an area.
PICTURES = """() => [...document.querySelectorAll('.jp-OutputArea-output :is(img, svg, canvas)')]
    .filter(e => e.tagName !== 'IMG' || e.naturalWidth > 0)
    .map(e => e.getBoundingClientRect())
    .filter(box => box.width * box.height > 10000).length"""


def code_cells(visit, lab, notebook: str) -> list[dict]:
    """Open `notebook`, run all its cells in a fresh kernel, and return the code cells."""
    open_notebook(visit.page, lab, notebook)
    cells = run_all(visit.page, clear=True)
    return [c for c in cells if c["cell_type"] == "code" and "".join(c["source"]).strip()]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(visit, lab, path):
    cells = code_cells(visit, lab, f"notebooks/{path.name}")

    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    visit.page.wait_for_function(f"({PICTURES})() > 0")
    assert visit.outside == []
    assert visit.errors == []
