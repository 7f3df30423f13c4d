"""Each page that a command serves, and each that refuses a visitor, asks only its own server.

`conftest.nothing_comes_from_another_host` watches the pages of all other tests as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import Watched
from processes import served_app

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
# What the page's own policy stops: a picture, a style sheet, a script and a call.
TEMPT = """async () => {
    const blocked = [];
    document.addEventListener("securitypolicyviolation", (e) => blocked.push(e.effectiveDirective));
    for (const [name, key, value] of [["img", "src", "/a.png"], ["script", "src", "/a.js"]]) {
        document.body.appendChild(document.createElement(name))[key] = `https://a.test${value}`;
    }
    const sheet = document.head.appendChild(document.createElement("link"));
    sheet.rel = "stylesheet";
    sheet.href = "https://a.test/a.css";
    await fetch("https://a.test/call").catch(() => null);
    await new Promise((done) => setTimeout(done, 500));
    return blocked.sort();
}"""


@pytest.fixture
def app(tmp_path):
    """The address of ``xfera app`` without its token, the token, and its log."""
    with served_app(tmp_path) as (_, base, token, log):
        yield base, token, log


def test_the_app_and_the_pages_that_refuse_load_nothing_from_elsewhere(browser, app):
    base, token, log = app
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    watched = Watched(page, "privacy", log)
    for asked in ("", "?token=wrong", f"nowhere?token={token}", f"?token={token}"):
        page.goto(base + asked)
        page.wait_for_load_state("networkidle")
        assert watched.outside == [], f"{asked} asked {watched.outside}"
    page.wait_for_selector(".xf-explainer .noUi-handle[aria-label]", state="attached")
    watched.picture()
    assert watched.outside == [] and errors == []
    # Whatever a text or a model's answer could put on it, the page itself may ask nobody else.
    assert page.evaluate(TEMPT) == ["connect-src", "img-src", "script-src-elem", "style-src-elem"]
    context.close()
