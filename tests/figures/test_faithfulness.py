"""Drawings and pictures of a map's checks, against the checks and the masks."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from xfera_nb.classifier import Classifier, ResNet50BAM
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.evaluation.faithfulness import (
    ControlMaps,
    au_mask,
    check_faithfulness,
    emotion_mask,
)
from xfera_nb.evaluation.faithfulness.perturbation_curves import (
    FRACTIONS,
    score_deletion_insertion,
    score_road,
)
from xfera_nb.figures import (
    au_drops_svg,
    blurred_au_image,
    blurred_random_image,
    curves_svg,
    regions_image,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small():
    return Classifier(ResNet50BAM(), {"input": default_input_rule() | {"size": 64, "detail": 64}})


@pytest.fixture(scope="module")
def others():
    maps = np.random.default_rng(0).standard_normal((3, 7, 2, 2)).astype(np.float32)
    return ControlMaps(maps, np.arange(3), "layer4.2", "gradcam", None)


@pytest.fixture(scope="module")
def checks(make_fusion, small, others):
    evidence = make_fusion().evidence
    found = check_faithfulness(evidence, small, target="happiness", controls=others)
    ends = (found.probability, found.blurred_probability)
    return replace(
        found,
        deletion_insertion=score_deletion_insertion(*ends, np.linspace(0.1, 0.9, 10)),
        road=score_road(FRACTIONS, np.linspace(0.2, 0.7, 6)),
    )


def words(svg):
    return [node.text for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("text")]


def test_the_weights_stand_beside_their_bars(checks):
    svg = au_drops_svg(checks)
    said = words(svg)
    for row in checks.au_drops.ranked:
        assert any(text.startswith(row.name) for text in said)
        sign = "−" if row.excess_drop < 0 else "+"
        assert f"{sign}{abs(100 * row.excess_drop):.1f}" in said
    assert len(re.findall("<rect", svg)) == 2 * len(checks.au_drops.ranked)
    assert any(text.endswith("*") for text in said) and "*: expected for happiness" in said[-1]


def test_the_curves_are_drawn_where_their_probabilities_are(checks):
    svg = curves_svg(checks)
    assert f"ROAD, AUC gap {checks.road.auc_gap:+.2f}" in words(svg)
    paths = [node.attrib["d"] for node in ElementTree.fromstring(svg) if "d" in node.attrib]
    steps = len(checks.deletion_insertion.morf.fractions) - 1
    curves = [path for path in paths if path.count("L") == steps]
    ends = [float(path.split("L")[0][1:].split()[1]) for path in curves[:2]]
    assert ends[0] == pytest.approx(46 + 180 * (1 - checks.probability), abs=0.06)
    assert ends[1] == pytest.approx(46 + 180 * (1 - checks.blurred_probability), abs=0.06)


def test_without_curves_there_are_reasons(make_fusion, small, others):
    empty = check_faithfulness(
        make_fusion(low=-1.0, high=-2.0).evidence, small, target="happiness", controls=others
    )
    said = words(curves_svg(empty))
    assert said.count("measured in a full check only") == 2
    assert words(au_drops_svg(empty)).count("none") == len(empty.au_drops.ranked)


def test_only_the_region_is_blurred(face):
    grey = np.array(blurred_au_image(face, 12).convert("L")).astype(int)
    plain = np.array(blurred_random_image(face, 0).convert("L")).astype(int)
    mask = au_mask(12, face.crop_landmarks)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    assert np.abs(grey - plain)[mask].mean() > 10
    assert (away > 14).any() and not (grey - plain)[away > 14].any()
    some = np.array(blurred_random_image(face, 2000, seed=1).convert("L"))
    assert (some != plain).sum() > 1500
    assert blurred_au_image(face, 12, scale=2).size == (448, 448)


def test_the_regions_have_their_colours(make_fusion):
    fusion = make_fusion()
    picture = np.array(regions_image(fusion)).astype(int)
    orange = picture[..., 0] - picture[..., 2] > 20
    blue = picture[..., 2] - picture[..., 0] > 20
    expected = emotion_mask("happiness", fusion.evidence.face.crop_landmarks)
    right = np.zeros_like(expected)
    right[:, 200:] = True  # the map's right half is salient
    assert orange[right & ~expected].all() and not orange[:, :60].any()
    assert blue[expected & ~right][:500].any() and not blue[~expected].any()
    empty = regions_image(make_fusion(emotion="neutral"))
    assert np.ptp(np.array(empty).astype(int), axis=-1).max() == 0
