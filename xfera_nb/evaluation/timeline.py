"""Follow the faces of a video over time: probabilities, Action Units, the map's regions.

Nothing is smoothed unless `smooth` is given, and what shows the numbers says so. Then each
probability is the mean over the frames of the same face within half of `smooth` seconds to either
side; Action Units and maps stay as measured.

A baseline is the median of a face's intensities over the frames on which neutral is predicted,
subtracted as `xfera_nb.evidence.neutral` subtracts a neutral photo's: max(raw - baseline, 0).

An AU is active in a time span that reaches `min_intensity` and lasts as long as the intensity stays
at or above `RELEASE` times it (a threshold with hysteresis, so that noise at the threshold makes
one span, not many). Onset and offset are the span's first and last frame, the apex is its highest.
A span ends where the face is not seen for more than `LONGEST_GAP` seconds.

Source of the baseline: Baltrusaitis et al. 2015 (median over a video); of the terms: Ekman, Friesen
and Hager 2002.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from os import PathLike

import numpy as np
import pyarrow as pa

from xfera_nb.classifier import top_class
from xfera_nb.errors import InputError
from xfera_nb.evidence import EvidenceStore
from xfera_nb.evidence.crop_rule import read_crop_rule
from xfera_nb.evidence.neutral import subtract_intensities
from xfera_nb.evidence.regions import share_stored_regions
from xfera_nb.evidence.rows import present, stacked
from xfera_nb.evidence.storage import StoreError
from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.fusion.params import FusionParams

RELEASE = 0.6
"""Share of the least intensity down to which an AU that was active stays so."""
LONGEST_GAP = 0.5
"""Seconds without the face, beyond those between two frames, that end a span."""
LEAST_NEUTRAL = 5
"""Frames on which neutral is predicted that a baseline takes at least."""
NEUTRAL = EMOTIONS.index("neutral")
MOST_SMOOTHING = 60.0


@dataclass(frozen=True)
class AUSpan:
    """Describe a time in which an AU is active.

    Attributes
    ----------
    au : int
    onset, apex, offset : float
        Seconds.
    intensity : float
        At the apex, 0 to 5.
    begins_before, ends_after : bool
        Whether the face was not seen just before the onset, or after the offset: the movement may
        have begun earlier, or gone on.
    number : int
        The row of the apex in the store.
    """

    au: int
    onset: float
    apex: float
    offset: float
    intensity: float
    begins_before: bool
    ends_after: bool
    number: int


@dataclass(frozen=True, eq=False)
class FaceTimeline:
    """Hold one face's numbers on the N frames that show it.

    Attributes
    ----------
    track : int
        The face's number.
    number, frame : ndarray
        (N,) int64, row in the store and frame of the clip.
    time : ndarray
        (N,) float64, seconds.
    probabilities : ndarray
        (N, 7) float32, smoothed over `smooth` seconds.
    intensities : ndarray
        (N, 17) float32, 0 to 5; less the baseline, if there is one.
    shares : ndarray
        (N, 6) float64, share of the predicted class's positive map in each face region; NaN where
        no value is positive.
    smooth : float
        Seconds over which probabilities are averaged; 0 for none.
    baseline : ndarray or None
        (17,) float32, what was subtracted.
    step : float
        Seconds between two frames that were looked at.
    """

    track: int
    number: np.ndarray = field(repr=False)
    frame: np.ndarray = field(repr=False)
    time: np.ndarray = field(repr=False)
    probabilities: np.ndarray = field(repr=False)
    intensities: np.ndarray = field(repr=False)
    shares: np.ndarray = field(repr=False)
    smooth: float
    baseline: np.ndarray | None = field(repr=False)
    step: float

    def __len__(self) -> int:
        return len(self.time)

    def adjusted(self, *, smooth: float = 0.0, baseline: bool = False) -> FaceTimeline:
        """Return these numbers, which are as measured, smoothed and less the baseline by choice.

        Parameters
        ----------
        smooth, baseline
            As in `read_timelines`.

        Raises
        ------
        InputError
            If `smooth` makes no sense, or these numbers are adjusted already.
        """
        if not (math.isfinite(smooth) and 0 <= smooth <= MOST_SMOOTHING):
            raise InputError(f"smooth is a time from 0 to {MOST_SMOOTHING:g} seconds.")
        if self.smooth or self.baseline is not None:
            raise InputError("This timeline is adjusted already: take the one as measured.")
        found = find_baseline(self.probabilities, self.intensities) if baseline else None
        units = self.intensities
        return replace(
            self,
            probabilities=smooth_over_time(self.time, self.probabilities, smooth),
            intensities=units if found is None else subtract_intensities(units, found),
            smooth=float(smooth),
            baseline=found,
        )

    @property
    def predicted(self) -> np.ndarray:
        """Return the class with the highest (smoothed) probability on each frame, (N,) int64."""
        return top_class(self.probabilities)

    @property
    def breaks(self) -> np.ndarray:
        """Return the places at which the face comes back after a gap, (G,) int64."""
        return np.flatnonzero(np.diff(self.time) > self.step + LONGEST_GAP) + 1

    def spans(self, min_intensity: float = FusionParams().min_intensity) -> list[AUSpan]:
        """Return the times in which each AU is active, by AU and time.

        Parameters
        ----------
        min_intensity : float
            0 to 5, above 0.

        Raises
        ------
        InputError
            If `min_intensity` is not above 0.
        """
        if not min_intensity > 0:
            raise InputError("min_intensity is above 0, or an AU would always be active.")
        ends = [0, *self.breaks.tolist(), len(self)]
        pieces = list(zip(ends, ends[1:], strict=False))
        return [
            span
            for column in range(len(OPENFACE_AUS))
            for start, stop in pieces
            for span in self._spans_between(column, start, stop, min_intensity)
        ]

    def _spans_between(
        self, column: int, start: int, stop: int, min_intensity: float
    ) -> Iterator[AUSpan]:
        values = np.nan_to_num(self.intensities[start:stop, column], nan=0.0)
        edges = np.diff(np.concatenate([[0], values >= RELEASE * min_intensity, [0]]).astype(int))
        firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
        for first, last in zip(firsts, lasts, strict=True):
            apex = first + int(values[first : last + 1].argmax())
            if values[apex] < min_intensity:
                continue
            yield AUSpan(
                OPENFACE_AUS[column],
                float(self.time[start + first]),
                float(self.time[start + apex]),
                float(self.time[start + last]),
                float(values[apex]),
                bool(first == 0),
                bool(last == len(values) - 1),
                int(self.number[start + apex]),
            )

    def shares_of_time(self) -> dict[str, float]:
        """Return the share of frames on which each class is predicted; 0 to 1, 1 in all."""
        counts = np.bincount(self.predicted, minlength=len(EMOTIONS))
        return {
            name: float(count / max(len(self), 1))
            for name, count in zip(EMOTIONS, counts, strict=True)
        }

    @property
    def changes(self) -> int:
        """Return how often the predicted class changes from a frame to the next."""
        return int(np.count_nonzero(np.diff(self.predicted)))

    def moments(self) -> list[int]:
        """Return rows of the store: each predicted class's frame of highest probability."""
        best = []
        for row in np.unique(self.predicted).tolist():
            mine = np.flatnonzero(self.predicted == row)
            best.append(int(self.number[mine[self.probabilities[mine, row].argmax()]]))
        return sorted(best)

    def nearest(self, time: float) -> int:
        """Return the row of the store whose time is nearest."""
        return int(self.number[np.abs(self.time - time).argmin()])


def read_timelines(
    store: EvidenceStore | str | PathLike[str],
    *,
    smooth: float = 0.0,
    baseline: bool = False,
) -> dict[int, FaceTimeline]:
    """Read the faces of a video's store over time.

    Parameters
    ----------
    store : EvidenceStore or path
    smooth : float
        Seconds over which each probability is averaged, 0 to 60; 0, the default, for none.
    baseline : bool
        Subtract each face's median intensities over the frames on which neutral is predicted
        (before smoothing). A face with fewer than `LEAST_NEUTRAL` of them has no baseline, and
        its intensities are NaN.

    Returns
    -------
    dict of int to FaceTimeline
        Number of a face -> its numbers, in order.

    Raises
    ------
    StoreError
        If the store is missing or damaged, or holds photos.
    InputError
        If `smooth` makes no sense.
    """
    if not (math.isfinite(smooth) and 0 <= smooth <= MOST_SMOOTHING):
        raise InputError(f"smooth is a time from 0 to {MOST_SMOOTHING:g} seconds.")
    store = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
    video = store.video
    if video is None:
        raise StoreError(f"{store.shown} holds photos: a timeline takes the store of a video.")
    columns = ("number", "frame", "time", "track", "box", "landmarks", "maps", "probabilities",
               "intensities")  # fmt: skip
    table = store.table(columns)
    whole = [present(table, name) for name in ("box", "frame", "time", "track")]
    table = table.filter(pa.array(np.logical_and.reduce(whole)))
    arrays = {
        name: stacked(table, name, store.map_shape)
        for name in ("landmarks", "maps", "probabilities", "intensities")
    }
    plain = {name: table[name].to_numpy() for name in ("number", "frame", "time", "track")}
    step = float(video["every"] / video["fps"])
    if video["per_second"] is not None:
        step = max(1 / video["fps"], 1 / video["per_second"])
    top = top_class(arrays["probabilities"])
    top_maps = arrays["maps"][np.arange(len(top)), top][:, None]
    crop_rule = read_crop_rule(store.manifest["classifier"])
    shares = share_stored_regions(top_maps, arrays["landmarks"], crop_rule)[:, 0]
    timelines = {}
    for track in np.unique(plain["track"]).tolist():
        mine = np.flatnonzero(plain["track"] == track)
        measured = FaceTimeline(
            track=int(track),
            number=plain["number"][mine],
            frame=plain["frame"][mine],
            time=plain["time"][mine],
            probabilities=arrays["probabilities"][mine],
            intensities=arrays["intensities"][mine],
            shares=shares[mine],
            smooth=0.0,
            baseline=None,
            step=step,
        )
        timelines[int(track)] = measured.adjusted(smooth=smooth, baseline=baseline)
    return timelines


def find_baseline(probabilities: np.ndarray, intensities: np.ndarray) -> np.ndarray:
    """Return a face's median intensities over the frames on which neutral is predicted.

    Parameters
    ----------
    probabilities : ndarray
        (N, 7).
    intensities : ndarray
        (N, 17), NaN where not measured.

    Returns
    -------
    ndarray
        (17,) float32; NaN for an AU that fewer than `LEAST_NEUTRAL` such frames measure.
    """
    values = intensities[top_class(probabilities) == NEUTRAL]
    result = np.full(intensities.shape[1], np.nan, np.float32)
    enough = (~np.isnan(values)).sum(axis=0) >= LEAST_NEUTRAL
    result[enough] = np.nanmedian(values[:, enough], axis=0) if enough.any() else np.nan
    return result


def smooth_over_time(time: np.ndarray, values: np.ndarray, seconds: float) -> np.ndarray:
    """Return the mean of values within half of some seconds to either side.

    Parameters
    ----------
    time : ndarray
        (N,) ascending seconds.
    values : ndarray
        (N, C); NaN stays NaN in its column.
    seconds : float
        0 for the values as they are.
    """
    if not seconds:
        return values
    tolerance = 1e-6
    first = np.searchsorted(time, time - seconds / 2 - tolerance)
    stop = np.searchsorted(time, time + seconds / 2 + tolerance)
    summed = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0, dtype=float)])
    sums = summed[stop] - summed[first]
    mean: np.ndarray = (sums / (stop - first)[:, None]).astype(values.dtype)
    return mean
