"""Hold all texts of each language: the offline writer's sentences and the labels around a text."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from xfera_nb.explanation.catalogue.model import Catalogue, Labels, MovementWords, RegionWords
from xfera_nb.explanation.choices import LANGUAGES

__all__ = ["CATALOGUES", "Catalogue", "Labels", "MovementWords", "RegionWords"]

CATALOGUES: Mapping[str, Catalogue] = {
    code: import_module(f"{__name__}.{language.name.lower()}").CATALOGUE
    for code, language in LANGUAGES.items()
}
"""Language code -> catalogue."""
