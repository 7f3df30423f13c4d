"""A result as people and programs read it: HTML, plain text, JSON, and the object in a notebook."""

from xfera_nb.report.fragment import explanation_html
from xfera_nb.report.page import assemble_page, page_html
from xfera_nb.report.plain import clean, plain_text
from xfera_nb.report.record import record
from xfera_nb.report.result import Result, Results, WriterWarning
from xfera_nb.report.save import SaveError, check_writable, write_atomically

__all__ = [
    "Result",
    "Results",
    "SaveError",
    "WriterWarning",
    "assemble_page",
    "check_writable",
    "clean",
    "explanation_html",
    "page_html",
    "plain_text",
    "record",
    "write_atomically",
]
