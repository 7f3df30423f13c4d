"""`Result` and `Results`: what they hold, draw and tabulate, against their fusion."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_results import face, result
from markupsafe import escape
from PIL import Image

from xfera_nb.errors import InputError, ParamsError
from xfera_nb.evaluation import analyse_error
from xfera_nb.facs import EMOTIONS, LANDMARK_AUS, au_name
from xfera_nb.figures import overlay_image
from xfera_nb.report import Result, Results, compare
from xfera_nb.report.result_html import page_html
from xfera_nb.widgets.explainer.readout import fixed_facts


@pytest.fixture(scope="module")
def smile():
    """Left half salient; AU12 at 3 is active, AU10 is not measured."""
    return result(2.0, 0.0, aus={12: 3.0, 6: 0.1, 10: math.nan})


def test_it_gives_what_its_fusion_holds(smile):
    assert (smile.predicted, smile.target) == ("happiness", "happiness")
    assert smile.action_units == smile.fusion.action_units
    assert smile.active == smile.fusion.active and 12 in smile.active
    assert np.array_equal(smile.heatmap.values, [[2.0, 0.0]])
    assert smile.with_params(target="fear").heatmap.values.max() == -1
    assert smile.check is smile.explanation.check


def test_the_overlay_is_a_picture(smile):
    picture = smile.overlay(scale=2, legend=False)
    assert isinstance(picture, Image.Image) and picture.size == (448, 448)
    assert np.array_equal(picture, overlay_image(smile.fusion, scale=2, legend=False))
    assert smile.overlay().height > smile.overlay(legend=False).height == 672


def test_each_figure_shows_its_numbers(smile):
    overlay, chances, units = map(smile.figure, ("overlay", "probabilities", "action_units"))
    assert smile.figure(opacity=0.5).layout.images[1].opacity == 0.5
    assert [image.name for image in overlay.layout.images] == ["face", "heat"]
    assert np.allclose(chances.data[0].x, smile.fusion.probabilities)
    assert units.data[0].x[LANDMARK_AUS.index(12)] == 3.0
    with pytest.raises(InputError, match="did you mean 'probabilities'"):
        smile.figure("probability")


def test_the_frame_has_a_row_for_each_au(smile):
    frame = smile.to_frame()
    assert list(frame.index) == [au_name(au) for au in LANDMARK_AUS]
    for row in smile.action_units:
        line = frame.loc[row.name]
        assert bool(line.active) is row.active and line.reason == row.reason
        assert line.coverage == pytest.approx(row.coverage)
        assert line.state == row.state
        assert (None if pd.isna(line.present) else bool(line.present)) is row.present
    assert frame.loc["AU12", "intensity"] == 3.0
    assert math.isnan(frame.loc["AU10", "intensity"]) and math.isnan(frame.loc["AU10", "left"])
    assert frame.intensity.dtype == float and frame.active.dtype == bool


def test_the_results_frame_has_a_row_for_each_face(smile):
    other = result(0.0, 1.0, aus={12: 0.5}, answer="fear", emotion="anger", shown=face(1, "b.png"))
    frame = Results([smile, other]).to_frame()
    assert list(frame.columns) == [
        "photo", "face", "predicted", "target", "confidence", "tilt", *map(au_name, LANDMARK_AUS),
    ]  # fmt: skip
    assert frame.photo.tolist() == ["made.png", "b.png"]
    assert frame.predicted.tolist() == ["happiness", "fear"]
    assert frame.target.tolist() == ["happiness", "anger"]
    assert frame.confidence.tolist() == pytest.approx([0.7, 0.7])
    assert frame.AU12.tolist() == [3.0, 0.5] and math.isnan(frame.AU10[0])
    assert len(Results().to_frame()) == 0


@pytest.mark.parametrize(
    ("left", "right", "tilt"), [((80, 90), (140, 90), 0), ((100, 80), (100, 140), 90)]
)
def test_every_output_says_that_a_face_is_turned(smile, left, right, tilt):
    points = np.array(smile.face.landmarks)
    points[36:42], points[42:48] = left, right
    shown = replace(smile.evidence, face=replace(smile.face, landmarks=points))
    one = Result.from_evidence(shown, smile.params)
    said = "The face is turned by 90 degrees clockwise on the photo; it was turned upright"
    record = one.to_dict()["face"]
    assert record["tilt"] == Results([one]).to_frame().tilt[0] == tilt
    assert (record["note"] or "").startswith(said) == bool(tilt)
    both = compare(one, one)
    for output in (str(one), one._repr_html_(), str(both), both._repr_html_()):
        assert (said in " ".join(output.split())) == bool(tilt)
    assert any(said in note for note in fixed_facts(one.fusion)["notes"]) == bool(tilt)


def test_the_page_says_why_the_label_was_missed(smile):
    """In three lines, where there is a label and the prediction is another one."""
    fear = replace(smile, label="fear")
    lines = analyse_error(fear.evidence, "fear", fear.params).lines
    page = page_html([fear])
    assert all(str(escape(line)) in page for line in lines) and len(lines) == 3
    assert lines[0] in fear._repr_html_()
    for right in (smile, replace(smile, label="happiness")):
        assert "Why wrong" not in page_html([right]) and "Why wrong" in page


def test_the_record_names_both_classes(smile):
    record = smile.with_params(target="fear").to_dict()
    assert (record["predicted"], record["target"]) == ("happiness", "fear")
    assert "emotion" not in record and set(record["probabilities"]) == set(EMOTIONS)


@pytest.mark.parametrize(
    ("typo", "meant"), [("coverag", "coverage"), ("intensity", "min_intensity"), ("emotion", None)]
)
def test_a_misspelt_parameter_names_the_nearest(smile, typo, meant):
    with pytest.raises(ParamsError, match=f"'{typo}'") as caught:
        smile.with_params(**{typo: 1.0})
    assert meant is None or f"did you mean '{meant}'" in str(caught.value)
    assert smile.with_params(k=0.5, coverage=0.25).params.coverage == 0.25
