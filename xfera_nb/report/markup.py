"""Render pages by Jinja2 in one environment, which escapes whatever a template prints.

Text from file names, models and writers also loses its control characters. A page has no script
and loads nothing: pictures are data URIs and bars are drawings. Ink and ground are inherited, so a
notebook's light or dark theme holds.
"""

from __future__ import annotations

import math
from functools import cache
from html import escape as _escape
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from xfera_nb.figures import data_uri, to_jpeg
from xfera_nb.report.plain import clean

DISCLAIMER = "This explains what the model did, not what the person feels."


def escape(text: object) -> str:
    """Escape text for HTML, between tags or in a quoted attribute; "?" for control characters."""
    return _escape(_cleaned(str(text)), quote=True)


def stylesheet(name: str) -> Markup:
    """Return a style sheet of this package as a ``<style>`` element."""
    text = files("xfera_nb.report").joinpath(name).read_text("utf-8")
    return Markup(f"<style>{text}</style>")  # noqa: S704 (our own file)


def picture_source(picture: Image.Image, quality: int = 85) -> Markup:
    """Return a picture as a JPEG data URI for ``src``."""
    return Markup(data_uri(to_jpeg(picture, quality)))  # noqa: S704 (base64)


def render(template: str, **values: Any) -> str:
    """Fill a template; values that are `Markup` are printed as they are, all others escaped.

    Parameters
    ----------
    template : str
        Path within the package, such as "report/templates/page.html".
    **values
        What the template uses.
    """
    return _environment().get_template(template).render(disclaimer=DISCLAIMER, **values).strip()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("xfera_nb", "."),
        autoescape=True,
        finalize=_cleaned,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["stylesheet"] = stylesheet
    environment.tests["known"] = _is_known
    environment.filters |= {
        "number": format_number,
        "percent": lambda value: f"{value:.0%}" if _is_known(value) else "unknown",
        "signed": _signed,
        "thousands": "{:,}".format,
    }
    return environment


def format_number(value: float | None, places: int = 2, unknown: str = "unknown") -> str:
    """Format a number with a fixed count of places, or return the word for none."""
    return f"{value:.{places}f}" if value is not None and _is_known(value) else unknown


def _signed(value: float | None, places: int = 2) -> str:
    if value is None or not _is_known(value):
        return "unknown"
    return f"{round(value, places) + 0.0:+.{places}f}"  # without the sign of -0.00


def _is_known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _cleaned(value: Any) -> Any:
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return clean(value, keep="\n\t") if is_text else value
