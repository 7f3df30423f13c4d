"""Hold our checks against other implementations: Quantus, SciPy, and ROAD's equations solved as
its authors do. pytorch-grad-cam has their code too, but needs torchvision, which no test has."""

from __future__ import annotations

from collections import OrderedDict

import cv2
import numpy as np
import pytest
import quantus
import torch
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve
from scipy.stats import pearsonr, spearmanr
from torch import nn

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier, Prediction
from xfera_nb.evaluation.faithfulness import emotion_mask, expected_region, sanity
from xfera_nb.evaluation.faithfulness.correlation import correlate, correlate_ranks
from xfera_nb.evaluation.faithfulness.overlap import _near
from xfera_nb.evidence import assemble
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import Heatmap, attribute
from xfera_nb.saliency.perturbation import impute

RULE = {"size": 32, "colour": "rgb", "mean": 0.5, "std": 0.25}


class NoNoise:
    def normal(self, mean, spread, shape):
        return np.zeros(shape)


@pytest.fixture(scope="module")
def face(request):
    return find_faces(request.config.rootpath / "data" / "samples" / "C01SU.jpg")[0]


def solve_road(picture, removed):
    """Rong et al. 2022, section 4: one equation a removed pixel, solved directly."""
    numbers = {place: row for row, place in enumerate(zip(*np.nonzero(removed), strict=True))}
    system, right = lil_matrix((len(numbers), len(numbers))), np.zeros(len(numbers))
    height, width = picture.shape
    for (y, x), row in numbers.items():
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                at = (y + dy, x + dx)
                if (dy, dx) == (0, 0) or not (0 <= at[0] < height and 0 <= at[1] < width):
                    continue
                weight = 1 / 12 if dy and dx else 1 / 6
                system[row, row] += weight
                if at in numbers:
                    system[row, numbers[at]] -= weight
                else:
                    right[row] += weight * float(picture[at])
    filled = picture.astype(float)
    filled[removed] = spsolve(system.tocsc(), right)
    return filled


def test_imputation_solves_roads_equations(face):
    picture = face.crop[::4, ::4, 1]
    rng = np.random.default_rng(0)
    patches = np.kron(rng.random((7, 7)) < 0.5, np.ones((8, 8), bool))
    scattered = rng.random(picture.shape) < 0.8
    for removed in (patches, scattered):
        # Ours is rounded to levels, after a solution within a twentieth of one.
        away = impute(picture, removed, NoNoise()) - solve_road(picture, removed)
        assert np.abs(away).max() < 0.6


def test_the_pointing_game_is_quantus(face):
    rng = np.random.default_rng(1)
    near = _near(emotion_mask("surprise", face.crop_landmarks))
    game = quantus.PointingGame(abs=False, normalise=False, disable_warnings=True)
    row, hits = EMOTIONS.index("surprise"), []
    for _ in range(12):
        # As fine as the crop: where a coarse map's peak is flat, Quantus takes any of its pixels.
        maps = np.zeros((7, 224, 224), np.float32)
        maps[row] = cv2.GaussianBlur(rng.standard_normal((224, 224)), (0, 0), 12)
        units = ActionUnits(np.full(17, 2.0), source="made")
        evidence = assemble(face, Prediction(np.full(7, 1 / 7, np.float32)), maps, units)
        (quantus_hit,) = game(
            model=nn.Identity(),
            x_batch=np.zeros((1, 1, 224, 224)),
            y_batch=np.array([row]),
            a_batch=evidence.heatmap("surprise").upsampled()[None, None],
            s_batch=near[None, None],
        )
        assert expected_region(evidence, "surprise").hit == bool(quantus_hit)
        hits.append(bool(quantus_hit))
    assert 0 < sum(hits) < 12


def test_randomisation_from_the_end_is_quantus_mprt(face, monkeypatch):
    """With the same random weights, which Quantus draws by `reset_parameters` of a seed."""
    torch.manual_seed(0)
    network = nn.Sequential(
        OrderedDict(
            one=nn.Conv2d(3, 6, 3, 1, 1), relu1=nn.ReLU(), two=nn.Conv2d(6, 8, 3, 1, 1),
            relu2=nn.ReLU(), pool=nn.AdaptiveAvgPool2d(1), flat=nn.Flatten(), fc=nn.Linear(8, 7),
        )
    )  # fmt: skip
    card = {"input": RULE, "name": "small"}

    def explain(model, inputs, targets, **_):
        maps = attribute(Classifier(model, card), face.crop, EMOTIONS[3], layer="two").values
        return maps[None, None]

    own = Classifier(network, card)
    x = own.preprocess(face.crop).numpy()
    test = quantus.MPRT(
        similarity_func=quantus.similarity_func.correlation_spearman, layer_order="top_down",
        abs=False, normalise=False, seed=42, disable_warnings=True,
    )  # fmt: skip
    theirs = test(
        model=network, x_batch=x, y_batch=np.array([3]), explain_func=explain, device="cpu"
    )

    def reset(part, _):
        torch.manual_seed(43)
        part.reset_parameters()

    monkeypatch.setattr(sanity, "randomise", reset)
    shown = Heatmap(explain(network, None, None)[0, 0], EMOTIONS[3], "two", "gradcam")
    ours = sanity.randomise_in_place(own, face.crop, shown, 0)
    assert [one.down_to for one in ours] == ["fc", "two", "one"]
    assert theirs["original"] == pytest.approx([1.0])
    for one in ours:
        assert one.absolute == pytest.approx(abs(theirs[one.down_to][0]), abs=1e-6)
    assert len({round(one.absolute, 3) for one in ours}) == 3


def test_correlations_are_scipys():
    rng = np.random.default_rng(0)
    rows, other = rng.integers(0, 5, (20, 15)).astype(float), rng.integers(0, 9, 15)
    assert correlate(rows, other) == pytest.approx([pearsonr(row, other)[0] for row in rows])
    ranked = [spearmanr(row, other).statistic for row in rows]
    assert correlate_ranks(rows, other) == pytest.approx(ranked)
    rows[0] = 1
    rows[1, 3] = np.nan
    for found in (correlate(rows, other), correlate_ranks(rows, other)):
        assert np.isnan(found[:2]).all() and np.isfinite(found[2:]).all()
    assert np.isnan(correlate(rows[:, :2], other[:2])).all()
