"""Results as one page that stands alone: offline, light or dark, on paper, without scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from xfera_nb.report.fragment import NOT_THE_PERSON, explanation_html
from xfera_nb.report.markup import escape, stylesheet

if TYPE_CHECKING:
    from xfera_nb.report.result import Result

# A browser that honours it loads nothing but what the page holds, whatever slips into the text.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'"


def page_html(results: Iterable[Result], title: str | None = None) -> str:
    """A page with one article a result.

    Parameters
    ----------
    results : iterable of Result
    title : str, optional
        By default made of the photo's name, or of how many faces there are.
    """
    results = list(results)
    if title is None and len(results) == 1:
        title = f"XFERa explanation of {results[0].name}"
    return assemble_page([page_article(result) for result in results], title)


def page_article(result: Result) -> str:
    """One result as `assemble_page` takes it; small, where a result holds its whole photo."""
    return explanation_html(result, style=False, is_open=True, paper=True)


def assemble_page(articles: list[str], title: str | None = None) -> str:
    """A page around articles that `page_article` made."""
    title = escape(title or f"XFERa explanation of {len(articles)} faces")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{title}</title>{stylesheet('page.css')}{stylesheet('style.css')}</head>"
        f"<body><main><h1>{title}</h1><p>{NOT_THE_PERSON}</p>{''.join(articles)}</main></body>"
        "</html>\n"
    )
