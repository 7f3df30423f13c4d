"""What the plotly figures hold, and that they hold the data's own numbers."""

import numpy as np
import pytest

from xfera_nb.facs import EMOTIONS, GROUP_OF
from xfera_nb.figures import (
    NOT_SALIENT,
    SALIENT,
    action_units_figure,
    overlay_figure,
    probability_figure,
)


def traces(figure):
    return {trace.name.split(" (")[0]: trace for trace in figure.data}


def test_landmarks_stand_in_two_traces_with_their_values(make_fusion):
    fusion = make_fusion(k=0.0)
    found = traces(overlay_figure(fusion))
    points = fusion.evidence.face.crop_landmarks
    for name, chosen, colour, symbol in (
        ("salient", fusion.salient, SALIENT, "circle"),
        ("not salient", ~fusion.salient, NOT_SALIENT, "square-open"),
    ):
        trace = found[name]
        assert (trace.marker.color, trace.marker.symbol) == (colour, symbol)
        assert np.allclose(np.c_[trace.x, trace.y], points[chosen])
        numbers = (np.flatnonzero(chosen) + 1).tolist()
        assert [int(row[0]) for row in trace.customdata] == numbers
        assert [row[1] for row in trace.customdata] == [GROUP_OF[n] for n in numbers]
        values = [f"{fusion.activation[n - 1]:.2f}" for n in numbers]
        assert [row[2] for row in trace.customdata] == values


def test_face_and_heat_are_two_images_that_plotly_can_tell_apart(make_fusion):
    images = overlay_figure(make_fusion()).layout.images
    assert [image.name for image in images] == ["face", "heat"]
    places = {(i.x, i.y, i.sizex, i.sizey) for i in images}
    assert len(places) == 2
    assert all(image.x == pytest.approx(-0.5, abs=1e-5) for image in images)


def test_without_evidence_there_is_no_heat_and_a_sentence(make_fusion):
    figure = overlay_figure(make_fusion(emotion="fear"))
    assert [image.name for image in figure.layout.images] == ["face"]
    assert "scale" not in traces(figure)
    assert "No positive evidence" in figure.layout.title.text
    assert len(traces(figure)["not salient"].x) == 68


def test_titles_say_class_layer_and_method(make_fusion):
    title = overlay_figure(make_fusion()).layout.title.text
    assert all(word in title for word in ("happiness", "layer4.2", "Grad-CAM"))


def test_probability_bars(make_fusion):
    prediction = make_fusion().evidence.prediction
    (bars,) = probability_figure(prediction).data
    assert list(bars.y) == list(EMOTIONS)
    assert np.allclose(bars.x, prediction.probabilities)
    assert len(set(bars.marker.color)) == 2
    assert bars.marker.color[3] != bars.marker.color[0]


def test_au_bars_show_unknown_as_no_bar(make_fusion):
    fusion = make_fusion()
    figure = action_units_figure(fusion)
    intensity, coverage = figure.data
    names = [row.name for row in fusion.action_units]
    assert [y.split()[0] for y in intensity.y] == names
    row = names.index("AU10")
    assert intensity.x[row] is None and coverage.x[row] is not None
    said = {note.y.split()[0] for note in figure.layout.annotations if note.text}
    assert "AU10" in said and "AU12" not in said
    assert [shape.x0 for shape in figure.layout.shapes] == [0.8, 0.7]
    assert "&lt;test" in figure.layout.title.text


def test_active_and_inactive_differ_in_more_than_colour(make_fusion):
    fusion = make_fusion(k=-3)
    intensity, _ = action_units_figure(fusion).data
    active = [row.active for row in fusion.action_units]
    assert any(active) and not all(active)
    assert [shape == "" for shape in intensity.marker.pattern.shape] == active
