"""The offline writer's sentences in four languages: one catalogue each, one format for all."""

from __future__ import annotations

from collections.abc import Mapping

from xfera_nb.explanation.catalogue import english, german, italian, spanish
from xfera_nb.explanation.catalogue.model import Catalogue, MovementWords

__all__ = ["CATALOGUES", "Catalogue", "MovementWords"]

CATALOGUES: Mapping[str, Catalogue] = {
    module.CATALOGUE.language: module.CATALOGUE for module in (english, italian, spanish, german)
}
"""Language code -> catalogue."""
