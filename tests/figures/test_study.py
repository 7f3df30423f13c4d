"""Pictures for a study's pages, and drawings of its results."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import (
    study_answers_svg,
    study_conditions_svg,
    study_paper_svg,
    study_pictures,
    study_scores_svg,
)
from xfera_nb.study import Answers, Study, StudyItem, analyse, simulate
from xfera_nb.study.tables import MARK

DRAWINGS = (study_answers_svg, study_scores_svg, study_paper_svg, study_conditions_svg)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    items = tuple(
        StudyItem(
            f"i{n}", f"p{n}.jpg", "random", "fear", "anger", (0.6, 0, 0.4, 0, 0, 0, 0), True, "x",
            "a.jpg", "b.jpg",
        )
        for n in range(3)
    )  # fmt: skip
    return Study(items=items).save(
        tmp_path_factory.mktemp("figures") / "study",
        dict.fromkeys(("a.jpg", "b.jpg"), b"\xff\xd8\xff"),
    )


@pytest.fixture(scope="module")
def simulated(study):
    with simulate(study, 8) as answers:
        return analyse(answers)


@pytest.fixture(scope="module")
def real(study):
    """Four people say fear, fear, anger, happiness of i0 and rate as they like."""
    with Answers(study, memory=True) as answers:
        for emotion, score in zip(("fear", "fear", "anger", "happiness"), "5553", strict=True):
            who = answers.enter()
            answers.put(who, "i0", "emotion", emotion)
            for item, condition in who.order.second:
                if condition == "text":
                    answers.put(who, item, "trust", score)
        return analyse(answers)


def opened(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_the_face_is_the_crop_twice_as_large(make_fusion):
    fusion = make_fusion()
    face, heat = map(opened, study_pictures(fusion))
    assert face.shape == heat.shape == (448, 448, 3)
    crop = fusion.evidence.face.crop.astype(int)
    halved = face.reshape(224, 2, 224, 2, 3).mean(axis=(1, 3))
    # The photo is noise: interpolation smooths it a little, a shift by a pixel would undo it.
    assert np.corrcoef(halved.ravel(), crop.ravel())[0, 1] > 0.9
    assert np.corrcoef(halved[:, 1:].ravel(), crop[:, :-1].ravel())[0, 1] < 0.5


def test_the_map_colours_the_half_that_speaks_for_the_answer(make_fusion):
    _, heat = map(opened, study_pictures(make_fusion(low=0.0, high=2.0)))
    colourful = heat.max(axis=2) - heat.min(axis=2)
    assert colourful[:, 400:].mean() > 60 and colourful[:, :40].mean() < 12


def test_without_evidence_nothing_is_coloured(make_fusion):
    _, heat = map(opened, study_pictures(make_fusion(emotion="fear")))
    assert (heat.max(axis=2) - heat.min(axis=2)).max() <= 4


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_drawing_of_simulated_answers_says_so(draw, simulated):
    svg = draw(simulated)
    assert f'aria-label="{MARK}' in svg and f">{MARK}" in svg


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_drawing_of_real_answers_does_not(draw, real):
    assert MARK not in draw(real)


@pytest.mark.parametrize("draw", DRAWINGS)
def test_nothing_answered_yet_can_be_drawn(draw, study):
    with Answers(study, memory=True) as answers:
        assert "yet" in draw(analyse(answers)) or "fewer than" in draw(analyse(answers))


def test_the_shares_are_those_of_the_people(real):
    svg = study_answers_svg(real)
    texts = re.findall(r">([^<>]+)</text>", svg)
    assert texts.count("50%") == 1 and texts.count("25%") == 2 and "of 4" in texts
    assert [t for t in texts if t in EMOTIONS] == list(EMOTIONS)


def test_the_paper_stands_beside(real):
    texts = re.findall(r">([^<>]+)</text>", study_paper_svg(real))
    assert "77.3% (17 of 22)" in texts and "13.6% (3 of 22)" in texts
    assert "75.0% (3 of 4)" in texts and "25.0% (1 of 4)" in texts


def test_the_scores_of_a_condition(real):
    texts = re.findall(r">([^<>]+)</text>", study_scores_svg(real))
    assert "75%" in texts and "25%" in texts and "mean 4.50, n 4" in texts
    assert texts.count("no rating yet") == 2
    with pytest.raises(ValueError, match="no question"):
        study_scores_svg(real, "beauty")


def test_without_words_there_is_nothing_beside_the_paper(tmp_path, study):
    plan = study.to_dict() | {"conditions": ["none"]}
    other = Study.from_dict(plan).save(
        tmp_path / "other", dict.fromkeys(("a.jpg", "b.jpg"), b"\xff\xd8\xff")
    )
    with Answers(other) as answers, pytest.raises(ValueError, match="no condition"):
        study_paper_svg(analyse(answers))
