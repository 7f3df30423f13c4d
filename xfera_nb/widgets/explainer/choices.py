"""What can be chosen in an Explainer and what it shows, as traits: names, kinds and limits.

Units and limits are those of `FusionParams` (`LIMITS`); opacity is 0-1.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

from traitlets import (
    Bool,
    Dict,
    Enum,
    Float,
    HasTraits,
    Instance,
    Int,
    TraitError,
    Tuple,
    Unicode,
    validate,
)

from xfera_nb.evidence import REGIONS, Evidence
from xfera_nb.explanation import KINDS, LANGUAGES, PAPER, Explanation
from xfera_nb.explanation.language import ENGLISH
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import LIMITS, Fusion, FusionParams
from xfera_nb.fusion.params import SCOPES
from xfera_nb.saliency import LAST_BLOCK, METHODS
from xfera_nb.widgets.explainer.evidence_cache import ALL_AT_ONCE

NUMBERS = tuple(LIMITS)
PARAMS = tuple(field.name for field in fields(FusionParams))


class Choices(HasTraits):
    """The traits of an `ExplainerState`, which says what they mean."""

    photos = Tuple()
    photo_index = Int(0, min=0)
    faces = Tuple()
    face_index = Int(0, min=0)

    k = Float(1.0, min=LIMITS["k"][0], max=LIMITS["k"][1])
    au_cutoff = Float(0.3, min=LIMITS["au_cutoff"][0], max=LIMITS["au_cutoff"][1])
    coverage = Float(0.7, min=LIMITS["coverage"][0], max=LIMITS["coverage"][1])
    heat_weight = Float(1.0, min=LIMITS["heat_weight"][0], max=LIMITS["heat_weight"][1])
    region = Enum(REGIONS, "crop")
    scope = Enum(SCOPES, "emotion")

    emotion = Enum(EMOTIONS, None, allow_none=True)
    true_emotion = Enum(EMOTIONS, None, allow_none=True)
    layer = Unicode(LAST_BLOCK)
    method = Enum(tuple(METHODS), ALL_AT_ONCE)
    au_source = Unicode("builtin")
    writer = Unicode("offline")
    writer_options = Dict()
    language = Enum(tuple(LANGUAGES), ENGLISH)
    prompt = Enum(KINDS, PAPER)
    contrast_with = Enum(EMOTIONS, None, allow_none=True)

    opacity = Float(1.0, min=0.0, max=1.0)
    grid = Bool(False)
    picked_au = Int(0, min=0)

    evidence = Instance(Evidence)
    fusion = Instance(Fusion)
    explanation = Instance(Explanation, allow_none=True)
    draft = Unicode("")
    note = Unicode("")
    stale = Bool(False)
    writing = Bool(False)
    busy = Unicode("")
    error = Unicode("")

    @validate(*NUMBERS)
    def _is_number(self, proposal: dict[str, Any]) -> float:
        if not math.isfinite(proposal["value"]):
            raise TraitError(f"{proposal['trait'].name} must be a finite number.")
        return proposal["value"]
