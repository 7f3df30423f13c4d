"""Numbers over time, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from video_stores import AU12, make_video_store, write_manifest

from xfera_nb.errors import InputError
from xfera_nb.evaluation.timeline import (
    FaceTimeline,
    find_baseline,
    read_timelines,
    smooth_over_time,
)
from xfera_nb.evidence import StoreError
from xfera_nb.evidence.storage import Storage
from xfera_nb.facs.emotions import EMOTIONS

HAPPY, NEUTRAL = EMOTIONS.index("happiness"), EMOTIONS.index("neutral")


def timeline(values, times=None, step=0.1, **options):
    """A face whose AU12 has some intensities, ten frames a second."""
    count = len(values)
    intensities = np.full((count, 17), np.nan, np.float32)
    intensities[:, AU12] = values
    given = {
        "track": 1, "number": np.arange(count) + 100, "frame": np.arange(count),
        "time": np.arange(count) / 10 if times is None else np.array(times, float),
        "probabilities": np.full((count, 7), 1 / 7, np.float32), "intensities": intensities,
        "shares": np.full((count, 6), np.nan), "smooth": 0.0, "baseline": None, "step": step,
    }  # fmt: skip
    return FaceTimeline(**given | options)


def test_onset_apex_and_offset_by_two_thresholds():
    face = timeline([0, 0.7, 1.2, 2.0, 1.0, 0.7, 0.65, 1.1, 0.5, 0])
    (span,) = face.spans(min_intensity=1.0)  # stays active down to 0.6
    assert (span.au, span.onset, span.apex, span.offset) == (12, 0.1, 0.3, 0.7)
    assert span.intensity == 2.0 and span.number == 103
    assert not span.begins_before and not span.ends_after


def test_what_never_reaches_the_least_intensity_is_no_span():
    assert timeline([0.9, 0.95, 0.9]).spans(min_intensity=1.0) == []
    assert timeline([np.nan, np.nan]).spans(min_intensity=1.0) == []
    with pytest.raises(InputError, match="above 0"):
        timeline([1.0]).spans(min_intensity=0)


def test_a_span_at_an_end_may_go_on_beyond_it():
    first, last = timeline([2, 0, 0, 2]).spans(min_intensity=1.0)
    assert first.begins_before and not first.ends_after
    assert last.ends_after and not last.begins_before


def test_a_gap_ends_a_span():
    face = timeline([2, 2, 2, 2], times=[0, 0.1, 0.8, 0.9])
    assert [(s.onset, s.offset) for s in face.spans(1.0)] == [(0.0, 0.1), (0.8, 0.9)]
    assert face.breaks.tolist() == [2]
    close = timeline([2, 2, 2, 2], times=[0, 0.1, 0.6, 0.7])
    assert [(s.onset, s.offset) for s in close.spans(1.0)] == [(0.0, 0.7)]


def test_smoothing_is_the_mean_of_a_window():
    time = np.array([0.0, 0.1, 0.2, 5.0])
    values = np.array([[0.0], [0.3], [0.9], [0.5]], np.float32)
    np.testing.assert_allclose(smooth_over_time(time, values, 0.2)[:, 0], [0.15, 0.4, 0.6, 0.5])
    assert smooth_over_time(time, values, 0) is values


def test_smoothing_leaves_missing_classes_missing():
    values = np.array([[np.nan, 1.0], [np.nan, 0.0]], np.float32)
    smoothed = smooth_over_time(np.array([0.0, 0.1]), values, 1.0)
    assert np.isnan(smoothed[:, 0]).all() and smoothed[:, 1].tolist() == [0.5, 0.5]


def test_a_baseline_is_the_median_of_neutral_frames():
    probabilities = np.zeros((7, 7), np.float32)
    probabilities[:5, NEUTRAL], probabilities[5:, HAPPY] = 1, 1
    intensities = np.full((7, 17), np.nan, np.float32)
    intensities[:, AU12] = [1, 2, 9, 0, 1, 5, 5]
    found = find_baseline(probabilities, intensities)
    assert found[AU12] == 1 and np.isnan(found[0])
    assert np.isnan(find_baseline(probabilities[1:], intensities[1:])[AU12])  # four frames


@pytest.fixture
def store(tmp_path):
    return make_video_store(tmp_path / "store")


def test_reading_a_store(store):
    one, two = read_timelines(store).values()
    assert (one.track, len(one), two.track, len(two)) == (1, 10, 2, 4)
    np.testing.assert_allclose(two.time, [0.6, 0.7, 0.8, 0.9])
    assert one.predicted.tolist() == [NEUTRAL] * 6 + [HAPPY] * 4 and one.changes == 1
    assert one.shares_of_time()["neutral"] == pytest.approx(0.6)
    assert one.moments() == [0, 6] and two.moments() == [7]
    assert one.nearest(0.72) == 8 and two.nearest(99) == 13
    assert one.baseline is None and one.smooth == 0 and one.step == pytest.approx(0.1)
    assert (one.shares >= 0).all() and (one.shares.sum(axis=1) <= 1).all()


def test_reading_with_smoothing_and_a_baseline(store):
    faces = read_timelines(store, smooth=0.2, baseline=True)
    np.testing.assert_allclose(
        faces[1].probabilities[:, HAPPY], [0.05] * 5 + [0.8 / 3, 1.45 / 3] + [0.7] * 3, atol=1e-6
    )
    assert faces[1].baseline[AU12] == 0.5
    np.testing.assert_allclose(faces[1].intensities[:, AU12], [0.0] * 6 + [2.5] * 4)
    assert np.isnan(faces[2].intensities).all()  # never neutral


def test_choices_and_stores_that_make_no_sense(store, tmp_path):
    for smooth in (-1, float("nan"), 1e9):
        with pytest.raises(InputError, match="smooth"):
            read_timelines(store, smooth=smooth)
    write_manifest(Storage(tmp_path / "photos"), tmp_path, None)
    with pytest.raises(StoreError, match="holds photos"):
        read_timelines(tmp_path / "photos")
