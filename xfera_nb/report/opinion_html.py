"""Show a second opinion beside the classifier and the measured AUs, as a table in HTML."""

from __future__ import annotations

from markupsafe import Markup

from xfera_nb.explanation import SecondOpinion
from xfera_nb.explanation.opinion import CONTRADICTED, NOT_MEASURABLE, SUPPORTED
from xfera_nb.report.markup import render

MEASURED = {SUPPORTED: "present", CONTRADICTED: "absent", NOT_MEASURABLE: "no value"}
"""Verdict on a movement that the model names -> what was measured."""


def second_opinion_html(second: SecondOpinion | None) -> Markup:
    """Return the table; empty without an opinion. All text is escaped."""
    if second is None:
        return Markup("")
    named = [(f"AU{one.au:02d}", MEASURED[one.verdict], one.verdict) for one in second.movements]
    unnamed = [(f"AU{au:02d}", "present", "") for au in second.unnamed]
    template = "report/templates/second_opinion.html"
    html = render(template, second=second, rows=[*named, *unnamed])
    return Markup(html)  # noqa: S704 (escaped by the template)
