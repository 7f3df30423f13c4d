"""What the XFERa paper reports of its own classifier: another model, trained on other faces.

Source: Macchiarulo et al. (2025), section 2 (Table 1 and the text below it, on RAF-DB's 3,068
validation images) and section 2.2 (KDEF). The paper gives two digits, no intervals and no counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAPER_TABLE_1: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "anger": (0.86, 0.80, 0.83),
        "disgust": (0.66, 0.59, 0.62),
        "fear": (0.77, 0.69, 0.73),
        "happiness": (0.95, 0.95, 0.95),
        "neutral": (0.83, 0.88, 0.85),
        "sadness": (0.83, 0.87, 0.85),
        "surprise": (0.90, 0.80, 0.85),
    }
)
"""Emotion -> precision, recall and F1 of Table 1, on RAF-DB."""

PAPER_RAFDB_ACCURACY = 0.8745
PAPER_KDEF_ACCURACY = 0.6585
"""On KDEF's 490 pictures of "the first part": session A, straight view."""
