"""All texts in four languages: the offline writer's sentences, and the words around a text."""

from __future__ import annotations

from collections.abc import Mapping

from xfera_nb.explanation.catalogue import english, german, italian, spanish
from xfera_nb.explanation.catalogue.labels import LABELS, Labels
from xfera_nb.explanation.catalogue.model import Catalogue, MovementWords

__all__ = ["CATALOGUES", "LABELS", "Catalogue", "Labels", "MovementWords"]

CATALOGUES: Mapping[str, Catalogue] = {
    module.CATALOGUE.language: module.CATALOGUE for module in (english, italian, spanish, german)
}
"""Language code -> catalogue."""
