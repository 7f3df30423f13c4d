"""Read the front-end modules, which lie in ``front/`` and share the DOM helpers of ``dom.js``."""

from __future__ import annotations

from pathlib import Path

FRONT = Path(__file__).parents[1] / "front"
"""The folder of the front end: JavaScript, CSS, and the notebooks that are served as pages."""


def read_script(name: str) -> str:
    """Return the module ``front/<name>.js`` with the shared DOM helpers before it."""
    return "\n".join((FRONT / f"{part}.js").read_text("utf-8") for part in ("dom", name))


def read_style(*names: str) -> str:
    """Return the sheets ``front/<name>.css``, after the tokens and what all live views share."""
    parts = ("tokens", "live", *names)
    return "\n".join((FRONT / f"{part}.css").read_text("utf-8") for part in parts)
