"""Open one face after another in the same Explainer, as the views of a store do."""

from __future__ import annotations

from pathlib import Path

from xfera_nb.classifier import Classifier
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.photos import PhotoEntry

OPENED = 12
"""Faces that stay in the Explainer's list."""


def open_in_explainer(
    explainer: ExplainerState | None,
    photo: PhotoEntry,
    params: FusionParams,
    classifier: Classifier | str | Path | None,
) -> ExplainerState:
    """Open a photo behind those that were opened before; return the Explainer's state.

    Parameters
    ----------
    explainer : ExplainerState or None
        The one to open it in; None for a new one.
    photo : PhotoEntry
    params : FusionParams
    classifier : Classifier, path or None
        Of a new one.
    """
    if explainer is None:
        explainer = ExplainerState(photo.source, params=params, classifier=classifier)
        explainer.set(photos=(*explainer.photos, photo), photo_index=1)
        explainer.set(photos=(photo,), photo_index=0)
        return explainer
    kept = explainer.photos[-(OPENED - 1) :]
    if len(kept) == explainer.photo_index:  # the same index would be no change
        kept = kept[1:]
    explainer.set(photos=(*kept, photo), photo_index=len(kept), **params.to_dict())
    return explainer
