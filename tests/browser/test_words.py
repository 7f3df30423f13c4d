"""No word of our own is broken, and no caption cut off, however narrow the page is."""

from __future__ import annotations

import pytest
from pages import Watched
from stores import sample_store

from xfera_nb import evaluate
from xfera_nb.facs import EMOTIONS

pytestmark = pytest.mark.browser

BROKEN = """(words) => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const cell = node.parentElement.closest("th, td");
        // A photo's path may break where it likes.
        if (!cell?.getClientRects().length || cell.matches(".xe-list tbody th")) {
            continue;
        }
        for (const word of words) {
            const at = node.textContent.indexOf(word);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + word.length);
            if (new Set([...range.getClientRects()].map((r) => r.top)).size > 1) found.push(word);
        }
    }
    return found;
}"""


@pytest.mark.parametrize("width", [1040, 850, 720, 600, 390])
def test_emotions_are_whole_words_in_the_tables_of_a_report(browser, tmp_path, request, width):
    labelled = (("C01HA", "happiness"), ("C02HA", "happiness"), ("C01SU", "surprise"))
    made = evaluate(sample_store(tmp_path, labelled), resamples=100)
    made.save_html(tmp_path / "evaluation.html")
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    watched = Watched(page, request.node.name)
    page.goto((tmp_path / "evaluation.html").as_uri())
    assert page.locator("th", has_text="happiness").count() >= 1
    assert page.evaluate(BROKEN, list(EMOTIONS)) == []
    watched.picture()
    context.close()
