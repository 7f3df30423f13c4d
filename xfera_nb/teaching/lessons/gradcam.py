"""Unit 3: Grad-CAM on a map of 4x4 cells, by hand, and the same by Captum.

Grad-CAM (Selvaraju et al. 2020): a channel's weight is the mean of the gradient of the class's
logit over the channel's cells; the map is the sum of the channels, each times its weight; what is
below 0 is cut off. The numbers are chosen so that all of it can be done on paper. The threshold is
that of the XFERa paper's Algorithm 1, mean + k * std (population) of the map; a cell is salient
from the threshold on, the threshold included.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xfera_nb.teaching.lessons.exercise import Exercise, Verdict, right, wrong
from xfera_nb.teaching.lessons.reading import grid, number

CHANNELS = np.array(
    [
        [[0, 0, 0, 0], [0, 0, 0, 0], [1, 3, 3, 1], [0, 4, 4, 0]],
        [[1, 2, 2, 1], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
    ],
    dtype=float,
)
"""(2, 4, 4): a channel that responds to the mouth, and one that responds to the brows."""
GRADIENTS = np.array(
    [
        [[1, 1, 1, 1], [2, 2, 2, 2], [2, 2, 2, 2], [3, 3, 3, 3]],
        [[-2, -2, -2, -2], [-1, -1, -1, -1], [-1, -1, -1, -1], [0, 0, 0, 0]],
    ],
    dtype=float,
)
"""(2, 4, 4): how much the logit of happiness grows where a cell of the channel grows."""
CLOSE = 0.01


def weights() -> np.ndarray:
    """Return the mean gradient of each channel, (2,)."""
    return GRADIENTS.mean(axis=(1, 2))


def signed_map() -> np.ndarray:
    """Return the weighted sum of the channels, (4, 4)."""
    return np.tensordot(weights(), CHANNELS, 1)


def positive_map() -> np.ndarray:
    """Return the map with the values below 0 set to 0, (4, 4)."""
    return np.maximum(signed_map(), 0)


def by_captum() -> np.ndarray:
    """Return the same map by Captum's `LayerGradCam`, on a network that has these numbers."""
    import torch
    from captum.attr import LayerGradCam
    from torch import nn

    head = nn.Linear(32, 1, bias=False)
    head.weight = nn.Parameter(torch.tensor(GRADIENTS.reshape(1, 32), dtype=torch.float32))
    network = nn.Sequential(nn.Identity(), nn.Flatten(), head)
    x = torch.tensor(CHANNELS[None], dtype=torch.float32, requires_grad=True)
    made = LayerGradCam(network, network[0]).attribute(x, target=0, relu_attributions=True)
    return made[0, 0].detach().numpy().astype(float)


def exercises() -> tuple[Exercise, ...]:
    """Return the exercises of this unit."""
    return (
        Exercise(
            "3.1",
            "What weight does the channel of the mouth get?",
            (
                "A channel's weight is the mean of its gradients.",
                "There are 16 of them: four 1s, eight 2s and four 3s.",
            ),
            lambda answer: _weight(answer, 0, 1),
            lambda: (2, "(4·1 + 8·2 + 4·3) / 16 = 32 / 16 = 2."),
        ),
        Exercise(
            "3.2",
            "And the channel of the brows?",
            (
                "The same mean, of the other gradients; mind the sign.",
                "Four −2s, eight −1s and four 0s, divided by 16.",
            ),
            lambda answer: _weight(answer, 1, 0),
            lambda: (-1, "(4·(−2) + 8·(−1) + 4·0) / 16 = −16 / 16 = −1."),
        ),
        Exercise(
            "3.3",
            "What is the whole map, after the values below 0 are cut off?",
            (
                "In each cell: 2 times the first channel plus −1 times the second.",
                "The two upper rows come out below 0, so they become 0.",
                "The third row is 2·[1, 3, 3, 1].",
            ),
            _map,
            lambda: (
                positive_map().tolist(),
                "The upper rows are −[1, 2, 2, 1] and −[0, 1, 1, 0], which is cut off to 0; the "
                "lower ones 2·[1, 3, 3, 1] and 2·[0, 4, 4, 0].",
            ),
        ),
        Exercise(
            "3.4",
            "What is the threshold, mean + k · standard deviation, for k = 1?",
            (
                "The mean of all 16 cells is 32 / 16.",
                "The squares sum to 208: the variance is 208 / 16 minus the square of the mean.",
                "The variance is 13 − 4 = 9; take its root, and add it to the mean.",
            ),
            _threshold,
            lambda: (5, "The mean is 2, the variance 208/16 − 4 = 9, so 2 + 1·3 = 5."),
        ),
        Exercise(
            "3.5",
            "How many cells are salient for k = 2?",
            (
                "The threshold is now 2 + 2·3.",
                "Algorithm 1 writes ≥: a cell that has just the threshold is salient.",
            ),
            _count_salient,
            lambda: (2, "The threshold is 8, and the two cells of 8 reach it."),
        ),
    )


def _weight(answer: Any, channel: int, other: int) -> Verdict:
    value, true = number(answer), weights()
    if abs(value - true[channel]) < CLOSE:
        return right(
            "A channel that raises the logit gets a positive weight."
            if channel == 0
            else "The brows speak against happiness here: their weight is negative."
        )
    if abs(value - GRADIENTS[channel].sum()) < CLOSE:
        return wrong("That is the sum of the gradients; the weight is their mean.")
    if abs(value - true[other]) < CLOSE:
        return wrong("That is the weight of the other channel.")
    if abs(value + true[channel]) < CLOSE:
        return wrong("The size is right; check the sign.")
    return wrong("Add up the channel's 16 gradients, and divide by 16.")


def _map(answer: Any) -> Verdict:
    table, true = grid(answer, (4, 4)), positive_map()
    if np.abs(table - true).max() < CLOSE:
        return right(
            "Only the mouth is left: Grad-CAM shows what speaks for the class, and hides what "
            "speaks against it."
        )
    if np.abs(table - signed_map()).max() < CLOSE:
        return wrong("The sum is right; now cut off what is below 0.")
    if np.abs(table - CHANNELS.sum(axis=0)).max() < CLOSE:
        return wrong("That is the plain sum of the channels: give each its weight first.")
    if np.abs(table - 2 * CHANNELS[0] - CHANNELS[1]).max() < CLOSE:
        return wrong("The channel of the brows has the weight −1, not 1.")
    if np.abs(table - true[::-1]).max() < CLOSE:
        return wrong("The rows stand upside down: the first row is the top of the face.")
    if np.abs(table - true.T).max() < CLOSE:
        return wrong("Rows and columns are swapped.")
    row, column = np.argwhere(np.abs(table - true) >= CLOSE)[0]
    return wrong(f"Check row {row + 1}, column {column + 1}, counted from the top left.")


def _threshold(answer: Any) -> Verdict:
    value, flat = number(answer), positive_map().ravel()
    if abs(value - (flat.mean() + flat.std())) < CLOSE:
        return right("Four cells reach it: 6, 6, 8 and 8.")
    if abs(value - (flat.mean() + flat.std(ddof=1))) < CLOSE:
        return wrong(
            "That is the standard deviation of a sample (divided by 15): here the 16 cells are all "
            "there is, so divide by 16."
        )
    if abs(value - flat.std()) < CLOSE:
        return wrong("That is the standard deviation alone: add the mean.")
    if abs(value - flat.mean()) < CLOSE:
        return wrong("That is the mean alone: add one standard deviation.")
    if abs(value - (flat.mean() + flat.var())) < CLOSE:
        return wrong("That is mean + variance: take the root of the variance first.")
    shown = flat[flat > 0]
    if abs(value - (shown.mean() + shown.std())) < CLOSE:
        return wrong("The cells of 0 count as well: mean and deviation are of all 16.")
    return wrong("Take the mean of all 16 cells, and the root of the mean squared distance to it.")


def _count_salient(answer: Any) -> Verdict:
    value, flat = number(answer, "how many cells"), positive_map().ravel()
    if value == (flat >= 8).sum():
        return right(
            "A larger k makes the salient region smaller. That is all that k does: the map stays "
            "as it is."
        )
    if value == 0:
        return wrong("The two cells of 8 are not above 8, but they reach it; see Algorithm 1.")
    if value == (flat >= 5).sum():
        return wrong("That is the count for k = 1.")
    return wrong("Work out 2 + 2·3, and count the cells that are at least as large.")
