"""Stops a build whose pages would ask another host for a script, a style, a font or a picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

_TAG = re.compile(r"<(?:script|link|img|iframe|source|video|audio|embed|object)\b[^>]*>", re.I)
_SOURCE = re.compile(
    r"""\b(?:src|href|srcset|data)\s*=\s*["']?\s*((?:https?:)?//[^"'\s>]+)""", re.I
)
_CANONICAL = re.compile(r"""\brel\s*=\s*["']?canonical\b""", re.I)
_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?\s*((?:https?:)?//[^"'\s);]+)""", re.I)


def asked_for(text: str) -> list[str]:
    """Addresses on other hosts that a browser would load to show a page or apply a style sheet.

    Parameters
    ----------
    text : str
        HTML or CSS. Links that a reader has to click do not count.
    """
    tags = [tag for tag in _TAG.findall(text) if not _CANONICAL.search(tag)]
    return [*_SOURCE.findall("\n".join(tags)), *_STYLE.findall(text)]


def on_post_build(config: Any, **_: Any) -> None:
    """Read every page and style sheet that was built."""
    site = Path(config["site_dir"])
    for path in sorted([*site.rglob("*.html"), *site.rglob("*.css")]):
        if asked := asked_for(path.read_text("utf-8")):
            raise PluginError(f"{path.relative_to(site)} asks another host: {asked[0]}")
