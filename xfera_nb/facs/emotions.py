"""The seven classes: their names and their order, fixed here and nowhere else.

The order is alphabetical and is that of every array with an axis of emotions: probabilities,
heatmaps, weights of the last layer, confusion matrices.

Source: the seven classes of the XFERa paper (Macchiarulo et al. 2025, section 2). Departure: the
paper's Table 2 prints "Angry", "Happy", "Sad"; here the emotion is named by its noun throughout.
"""

from __future__ import annotations

EMOTIONS: tuple[str, ...] = (
    "anger",
    "disgust",
    "fear",
    "happiness",
    "neutral",
    "sadness",
    "surprise",
)
