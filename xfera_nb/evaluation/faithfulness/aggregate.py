"""Aggregate the checks of many faces: means with bootstrap intervals, and paired tests.

The intervals are 95 %, over persons where the store knows whose face each is, over faces otherwise
(`xfera_nb.evaluation.bootstrap`). The tests are described in `paired_tests`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xfera_nb.evaluation.bootstrap import (
    CONFIDENCE,
    MIN_UNITS,
    RESAMPLES,
    Estimate,
    resample_sums,
    sum_units,
)
from xfera_nb.evaluation.faithfulness.face_check import FULL_CHECKS
from xfera_nb.evaluation.faithfulness.interpretation import TITLES
from xfera_nb.evaluation.faithfulness.measures import CHECKS
from xfera_nb.evaluation.faithfulness.overlap import PUBLISHED
from xfera_nb.evaluation.faithfulness.paired_tests import (
    CONTROLS,
    CheckTest,
    compute_p_value,
    correct,
)
from xfera_nb.evaluation.faithfulness.sanity import PROBE_LAYER
from xfera_nb.facs.action_units import ACTION_UNITS, au_name
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.wording import count_of

AUS = ("excess_drop", "prob_drop", "random_drop", "saliency")
JUDGED = (*CHECKS, *FULL_CHECKS)
"""Columns of the figures with a verdict; beside each stand those of its `CONTROLS`, as
"additivity_random", and whether it passes, as "additivity_pass"."""
FIGURES: Mapping[str, str] = {
    "probability": "probability of the target class",
    "blurred_probability": "the same, face wholly blurred",
    "deletion": "deletion, AUC",
    "insertion": "insertion, AUC",
    "hirescam": f"HiResCAM at {PROBE_LAYER}, rank",
    "random_last_layer": "random last layer, absolute rank",
    "between_random": "between random last layers",
    "random_all": "all parts random, absolute rank",
    "costliest_p": "cost of the AUs' regions, p",
    "iou": "overlap, IoU",
    "hit": "pointing game, hits",
    "chance": "the same, by chance",
    "bam1": "attention of BAM 1, rank",
    "bam2": "attention of BAM 2, rank",
    "bam3": "attention of BAM 3, rank",
}
"""Name of a column without a verdict -> what it holds, for people."""
COLUMNS = (
    *FIGURES,
    *(f"{check}{end}" for check in JUDGED for end in ("", "_pass", *(f"_{c}" for c in CONTROLS))),
)


@dataclass(frozen=True)
class FaithfulnessSummary:
    """Hold the mean results over a store's faces.

    Attributes
    ----------
    store : str
    faces : int
        Faces checked, including earlier runs.
    kept : int
        Those of earlier runs.
    failed : tuple of (str, str)
        Id and reason of each face that could not be checked.
    units : str
        What the intervals resample: "persons" or "faces".
    tests : tuple of CheckTest
        Of each of `JUDGED`; those of a full check only if full.
    figures : mapping of str to (Estimate, int)
        For each of `FIGURES` its mean and the number of faces that it is defined on.
    expected : mapping of int to (Estimate, int)
        For each AU of Table 2 the mean excess drop on the faces whose target class expects it.
    full : bool
    """

    store: str
    faces: int
    kept: int
    failed: tuple[tuple[str, str], ...]
    units: str
    tests: tuple[CheckTest, ...] = field(repr=False)
    figures: Mapping[str, tuple[Estimate, int]] = field(repr=False)
    expected: Mapping[int, tuple[Estimate, int]] = field(repr=False)
    full: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON-able values."""
        return {
            "store": self.store,
            "faces": self.faces,
            "kept": self.kept,
            "failed": [{"id": id_, "reason": reason} for id_, reason in self.failed],
            "units": self.units,
            "full": self.full,
            "published_iou": dict(PUBLISHED),
            "checks": {one.name: one.to_dict() for one in self.tests},
            "figures": {name: _to_dict(pair) for name, pair in self.figures.items()},
            "expected_excess_drops": {
                au_name(au): _to_dict(pair) for au, pair in self.expected.items()
            },
        }

    def text(self) -> str:
        """Return the figures as lines for a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        kept = f", {self.kept:,} of them earlier" if self.kept else ""
        skipped = f", {len(self.failed):,} skipped" if self.failed else ""
        yield f"{self.store}: {count_of(self.faces, 'face')} checked{kept}{skipped}"
        yield from _test_lines(self.tests, self.units)
        yield f"{'mean':>41}   {'95 % interval':>16} {'faces':>8}   (over {self.units})"
        for name, pair in self.figures.items():
            yield _line(FIGURES[name], pair)
        yield (
            f"  ({PUBLISHED['networks']} published networks on other masks: mean IoU "
            f"{PUBLISHED['mean']:.2f}, best {PUBLISHED['best']:.2f}; {PUBLISHED['source']})"
        )
        yield "Excess drop of the AUs that Table 2 expects for the target class:"
        for au, pair in self.expected.items():
            yield _line(f"{au_name(au)} {ACTION_UNITS[au].name}", pair)


def aggregate(
    store: str,
    kind: str,
    rows: list[dict[str, Any]],
    kept: int,
    failed: list[tuple[str, str]],
    full: bool,
    seed: int,
) -> FaithfulnessSummary:
    """Compute the figures of rows of ``faithfulness.parquet``; `kind` is the data set's."""
    persons = [row["person"] for row in rows]
    # A sample's number counts composites: the faces that share it are of different people.
    by_person = kind != "samples" and None not in persons
    by_person = by_person and len(set(persons)) > 1
    units = np.array(persons) if by_person else None
    columns = columns_of(rows, [*COLUMNS, "excess_drop"])
    drops = columns.pop("excess_drop")
    listed = sorted({au for aus in EXPECTED_AUS.values() for au in aus})
    shown = {name: columns[name] for name in FIGURES}
    for column, au in enumerate(LANDMARK_AUS):
        if au in listed:
            expects = [au in EXPECTED_AUS[row["target"]] for row in rows]
            shown[str(au)] = np.where(expects, drops[:, column], np.nan)
    found = compute_means(shown, units, seed)
    return FaithfulnessSummary(
        store=store,
        faces=len(rows),
        kept=kept,
        failed=tuple(failed),
        units="persons" if by_person else "faces",
        tests=compare_with_controls(columns, JUDGED if full else CHECKS, units, seed),
        figures={name: found[name] for name in FIGURES},
        expected={au: found[str(au)] for au in listed},
        full=full,
    )


def compare_with_controls(
    columns: Mapping[str, np.ndarray],
    checks: Sequence[str],
    units: np.ndarray | None,
    seed: int,
) -> tuple[CheckTest, ...]:
    """Test each check's figure against its controls, face by face.

    Parameters
    ----------
    columns : mapping of str to ndarray
        (N,) each of `COLUMNS`.
    checks : sequence of str
        Some of `JUDGED`.
    units : ndarray or None
        (N,) persons.
    seed : int
        Of the intervals.
    """
    found, raw = [], []
    for name in checks:
        own = columns[name]
        controls = {control: columns[f"{name}_{control}"] for control in CONTROLS}
        differences = {control: own - values for control, values in controls.items()}
        together = {"own": own}
        together |= {f"is {control}": values for control, values in controls.items()}
        together |= {f"less {control}": values for control, values in differences.items()}
        means = compute_means(together, units, seed)
        p, reason = compute_p_value(list(differences.values()), units)
        passes = columns[f"{name}_pass"]
        raw.append(p)
        found.append(
            CheckTest(
                name=name,
                faces=means["own"][1],
                value=means["own"][0],
                controls={control: means[f"is {control}"][0] for control in CONTROLS},
                differences={control: means[f"less {control}"][0] for control in CONTROLS},
                passes=None if np.isnan(passes).all() else float(np.nanmean(passes)),
                p=p,
                reason=reason,
            )
        )
    return tuple(replace(one, p=p) for one, p in zip(found, correct(raw), strict=True))


def compute_means(
    columns: Mapping[str, np.ndarray], units: np.ndarray | None, seed: int
) -> dict[str, tuple[Estimate, int]]:
    """Return each column's mean where it is defined, with its interval and the number of rows."""
    values = np.stack(list(columns.values()), axis=1)
    known = ~np.isnan(values)
    sums = sum_units(np.hstack([np.where(known, values, 0), known]), units)
    draws = resample_sums(sums, RESAMPLES, seed) if len(sums) >= MIN_UNITS else None
    found = {}
    for place, name in enumerate(columns):
        count = int(known[:, place].sum())
        low = high = reason = None
        if not count:
            reason = "it is defined on no face"
        elif draws is None:
            reason = f"no interval: fewer than {MIN_UNITS} to draw from"
        else:
            total, times = draws[:, place], draws[:, len(columns) + place]
            means = total[times > 0] / times[times > 0]
            tail = (1 - CONFIDENCE) / 2
            low, high = (float(end) for end in np.quantile(means, [tail, 1 - tail]))
        mean = float(np.nanmean(values[:, place])) if count else None
        found[name] = (Estimate(mean, low, high, reason), count)
    return found


def _to_dict(pair: tuple[Estimate, int]) -> dict[str, Any]:
    estimate, count = pair
    return estimate.to_dict() | {"faces": count}


def _line(label: str, pair: tuple[Estimate, int]) -> str:
    estimate, count = pair
    if estimate.value is None:
        return f"  {label:34} {'-':>6}   {'undefined':>16} {count:8,}"
    interval = "" if estimate.low is None else f"{estimate.low:+.3f} to {estimate.high:+.3f}"
    return f"  {label:34} {estimate.value:+.3f}   {interval:>16} {count:8,}"


def _test_lines(tests: Sequence[CheckTest], units: str) -> Iterator[str]:
    yield (
        f"{'':42}{'map':>8}{'random':>8}{'others':>8}{'mean':>8}{'class':>8}{'p':>8}{'passes':>8}"
    )
    for one in tests:
        cells = [one.value, *(one.controls[control] for control in CONTROLS)]
        numbers = "".join(
            f"{'-':>8}" if cell.value is None else f"{cell.value:+8.2f}" for cell in cells
        )
        p = "-" if one.p is None else f"{one.p:.3f}"
        passes = "-" if one.passes is None else f"{one.passes:.0%}"
        yield f"  {TITLES[one.name]:40}{numbers}{p:>8}{passes:>8}"
    yield "  map minus the closest control, mean:"
    for one in tests:
        if one.closest is not None:
            less, against = one.differences[one.closest], CONTROLS[one.closest]
            interval = "" if less.low is None else f"{less.low:+.3f} to {less.high:+.3f}"
            yield f"  {TITLES[one.name]:40}{less.value:+.3f}   {interval:>16}   {against}"
    yield ("  p: signed-rank test of the map against each control, face by face, the greatest;")
    yield f"  corrected for {len(tests)} checks (Holm). Over {units}. Passes: share of faces."


def columns_of(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, np.ndarray]:
    """Return columns as arrays: (N,) float64, or (N, A) for those of `AUS`; NaN is undefined."""
    width = len(LANDMARK_AUS)
    found = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name in AUS:
            plain = [[np.nan] * width if row is None else row for row in values]
            found[name] = np.array(plain, dtype=np.float64).reshape(-1, width)
        else:
            found[name] = np.array(values, dtype=np.float64)
    return found
