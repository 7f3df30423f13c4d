"""Try every setting of a grid on the faces of a store, or compare two settings.

For a setting (k, minimum intensity, coverage, saliency weight) an AU is active as in
`xfera_nb.fusion.fusion_arrays`; `xfera_nb.fusion.choices.MEASURES` says what each figure is. The
saliency weight changes the score, so which active AU ranks first, but not which AUs are active: of
the measures only `first_right` and `first_strongest` depend on it.

Agreement is with Table 2 of the XFERa paper for the photo's label, summed over faces (micro): it
counts the active AUs that the table gives for the label (right), those that it does not (wrong),
and measured AUs of the table that are not active (missed). AUs that the source does not measure are
no misses. Faces without a label, and those labelled neutral, for which the table expects nothing,
are left out of it; whatever is active on a face labelled neutral shows in that label's
`mean_active`. In scope "typical" only AUs of the target class can be active: where the
target is the label itself (`target="true"`) precision is 1 by construction.

The figures of an emotion are those of the faces with that label; of a store without any label,
those of the faces with that target class.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from xfera_nb.errors import ParamsError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.fusion.choices import AXES, COVERAGE, TARGETS
from xfera_nb.fusion.fusion_arrays import EXPECTED, N_AUS, by_au, fuse_many, salient_until
from xfera_nb.fusion.params import FusionParams
from xfera_nb.fusion.sweep_kernel import SweepCounts, SweepFaces, count_faces
from xfera_nb.fusion.sweep_result import Sweep, make_grid

if TYPE_CHECKING:
    from xfera_nb.evidence import EvidenceStore, StoreArrays

    Source: TypeAlias = EvidenceStore | StoreArrays | str | PathLike[str]

_UNLABELLED = len(EMOTIONS)
_JUDGED = np.array([bool(EXPECTED_AUS[emotion]) for emotion in EMOTIONS] + [False])


@dataclass(frozen=True)
class Change:
    """Describe one photo whose active AUs differ.

    Attributes
    ----------
    index : int
        Its place in the arrays.
    number : int
        Its place in the data set (`Row.number`).
    id : str
    before, after : tuple of int
        Active AUs, the highest combined score first.
    """

    index: int
    number: int
    id: str
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def gained(self) -> tuple[int, ...]:
        """Return the AUs that are active only afterwards."""
        return tuple(au for au in self.after if au not in self.before)

    @property
    def lost(self) -> tuple[int, ...]:
        """Return the AUs that are active only before."""
        return tuple(au for au in self.before if au not in self.after)


@dataclass(frozen=True, eq=False)
class Changes:
    """Hold the photos whose active AUs differ, in the order of the arrays, as `Change` objects.

    Attributes
    ----------
    before, after : FusionParams
    index : ndarray
        (M,) int64, their places in the arrays.
    faces : int
        Faces that were compared.
    """

    before: FusionParams
    after: FusionParams
    index: np.ndarray
    faces: int
    _photos: tuple[Change, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self._photos)

    def __getitem__(self, place: int) -> Change:
        return self._photos[place]

    def __iter__(self) -> Iterator[Change]:
        return iter(self._photos)


def sweep(
    source: Source,
    *,
    k: float | Iterable[float] | None = None,
    min_intensity: float | Iterable[float] | None = None,
    coverage: float | Iterable[float] | None = None,
    saliency_weight: float | Iterable[float] | None = None,
    base: FusionParams | None = None,
    target: str = "predicted",
    neutral: bool = False,
    excess_drop: np.ndarray | None = None,
) -> Sweep:
    """Try every setting of a grid on the faces of a store.

    Parameters
    ----------
    source : EvidenceStore, StoreArrays or path
        A store, or its faces as arrays (as of `EvidenceStore.arrays`).
    k, min_intensity, coverage, saliency_weight : float or several, optional
        The grid; what is not given stands at the base's value.
    base : FusionParams, optional
        The recommended preset by default. Its region and scope hold for all settings.
    target : str
        The target class of each face: "predicted", or "true" for its label, where faces without
        one are left out.
    neutral : bool
        Subtract each person's neutral face from the intensities (`StoreArrays.neutral_calibrated`).
        Faces without one have no intensities, so nothing is active on them.
    excess_drop : ndarray, optional
        (N, A) excess drops in the order of `LANDMARK_AUS`, NaN where unknown. By default those that
        ``xfera faithfulness`` put into the store; arrays have none. They are of the predicted
        class: explained by another one, a face has none.

    Returns
    -------
    Sweep

    Raises
    ------
    ParamsError
        If a value is not valid, the grid has too many settings, no face can be explained, or the
        base's rule is "coverage".
    StoreError
        If the store cannot be read, or with `neutral` knows no person's neutral face.

    Examples
    --------
    >>> import numpy as np, xfera_nb as xf
    >>> found = xf.sweep("kdef.store", k=np.linspace(0, 3, 31), coverage=[0.3, 0.5, 0.7])
    ... # doctest: +SKIP
    >>> found.best(by="f1", at_least={"explained": 0.6})  # doctest: +SKIP
    """
    base = base or FusionParams()
    if base.rule == COVERAGE:
        raise ParamsError(
            f'A sweep has no use for the rule "{COVERAGE}": sweep min_intensity=0, at which the '
            "same AUs are active."
        )
    given = (k, min_intensity, coverage, saliency_weight)
    axes = make_grid(base, dict(zip(AXES, given, strict=True)))
    arrays, drop = _read(source, neutral, excess_drop)
    explained = target_classes(arrays, target)
    kept = explained >= 0
    if not kept.any():
        raise ParamsError(
            'No face has a label to be explained by: sweep with the target "predicted".'
            if len(arrays)
            else "The store holds no face: nothing can be swept."
        )
    labelled = bool((arrays.true >= 0).any())
    chosen = np.where(kept, explained, 0)
    faces = _faces(arrays, chosen, base, labelled, drop)
    faces.group[~kept] = -1
    counts = count_faces(faces, axes, len(EMOTIONS) + 1)
    measures, per_emotion = _measures(counts, labelled)
    return Sweep(
        base=base,
        target=target,
        axes=axes,
        measures=measures,
        per_emotion=per_emotion,
        faces=MappingProxyType(
            {"all": int(kept.sum())}
            | dict(zip(EMOTIONS, counts.faces[:-1].astype(int).tolist(), strict=True))
        ),
        left_out=int((~kept).sum()),
        grouped="label" if labelled else "target class",
    )


def compare_settings(
    source: Source,
    before: FusionParams,
    after: FusionParams,
    *,
    target: str = "predicted",
    neutral: bool = False,
) -> Changes:
    """Compare the active AUs of every face at two settings.

    Parameters
    ----------
    source : EvidenceStore, StoreArrays or path
    before, after : FusionParams
        Any two; they need not lie on the grid of a sweep.
    target : str
        The target class of each face: "predicted", or "true" for its label, where faces without
        one are left out.
    neutral : bool
        Subtract each person's neutral face from the intensities.

    Raises
    ------
    ParamsError
        If `target` is something else.
    StoreError
        If the store cannot be read.
    """
    arrays = as_arrays(source, neutral)
    explained = target_classes(arrays, target)
    kept = explained >= 0
    chosen = np.where(kept, explained, 0)
    sets, scores = [], []
    for params in (before, after):
        inputs = arrays.inputs(chosen, params.region) | {"left": None, "right": None}
        fused = fuse_many(**inputs, params=params)
        sets.append(fused.active[:, 0])
        scores.append(fused.score[:, 0])
    index = np.flatnonzero(kept & (sets[0] != sets[1]).any(axis=1))
    photos = tuple(
        Change(
            i,
            int(arrays.number[i]),
            str(arrays.ids[i]),
            *(_ranked(active[i], score[i]) for active, score in zip(sets, scores, strict=True)),
        )
        for i in index.tolist()
    )
    return Changes(before, after, index, int(kept.sum()), photos)


def target_classes(arrays: StoreArrays, target: str) -> np.ndarray:
    """Return the target class of each face, (N,) int64; -1 where it has no label.

    Raises
    ------
    ParamsError
        If `target` is not one of `TARGETS`.
    """
    if target not in TARGETS:
        raise ParamsError(f"target must be {' or '.join(TARGETS)}, not {target!r}.")
    return arrays.predicted if target == "predicted" else arrays.true


def as_arrays(source: Source, neutral: bool = False) -> StoreArrays:
    """Return the faces of a store, of the store at a path, or arrays; calibrated if `neutral`."""
    from xfera_nb.evidence import EvidenceStore, StoreArrays

    if not isinstance(source, StoreArrays):
        store = source if isinstance(source, EvidenceStore) else EvidenceStore.open(source)
        source = store.arrays()
    return source.neutral_calibrated() if neutral else source


def _read(
    source: Source, neutral: bool, drop: np.ndarray | None
) -> tuple[StoreArrays, np.ndarray | None]:
    from xfera_nb.evidence import EvidenceStore, StoreArrays, read_excess_drops

    if not isinstance(source, EvidenceStore | StoreArrays):
        source = EvidenceStore.open(source)
    arrays = as_arrays(source, neutral)
    if drop is None and isinstance(source, EvidenceStore):
        drop = read_excess_drops(source, arrays.number)
    if drop is not None and drop.shape != (len(arrays), N_AUS):
        raise ParamsError(f"excess_drop is ({len(arrays)}, {N_AUS}), not {drop.shape}.")
    return arrays, drop


def _faces(
    arrays: StoreArrays,
    chosen: np.ndarray,
    base: FusionParams,
    labelled: bool,
    drop: np.ndarray | None,
) -> SweepFaces:
    inputs = arrays.inputs(chosen, base.region)
    scale = np.where(inputs["peak"] > 0, inputs["peak"], np.nan)
    intensity = by_au(inputs["intensities"])
    scope = ~np.isnan(intensity)
    if base.scope == "typical":
        scope &= EXPECTED[chosen]
    truth = np.zeros(scope.shape, bool)
    has_label = arrays.true >= 0
    truth[has_label] = EXPECTED[arrays.true[has_label]]
    if drop is not None:
        drop = np.where((chosen == arrays.predicted)[:, None], drop, np.nan)
    return SweepFaces(
        value=inputs["activation"] / scale[:, None],
        until=salient_until(*(inputs[name] for name in ("activation", "mean", "std", "peak"))),
        intensity=intensity,
        scope=scope,
        truth=truth & ~np.isnan(intensity),
        group=np.where(has_label, arrays.true, _UNLABELLED) if labelled else chosen.copy(),
        drop=drop,
    )


def _measures(
    counts: SweepCounts, labelled: bool
) -> tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]:
    """Return the measures of all faces, and of each emotion's."""
    judged = _JUDGED if labelled else np.zeros(len(_JUDGED), bool)

    def total(sums: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
        """Return (8, k, intensity, coverage, weight): all groups, then the seven emotions."""
        if groups is not None:
            sums = np.where(groups.reshape(-1, *[1] * (sums.ndim - 1)), sums, 0.0)
        sums = np.concatenate([sums.sum(axis=0, keepdims=True), sums[:-1]])
        if sums.ndim == 2:  # by minimum intensity alone
            sums = sums[:, None, :, None]
        return sums.reshape(*sums.shape, *[1] * (5 - sums.ndim))

    active, right = total(counts.active, judged), total(counts.right, judged)
    expected = total(counts.expected, judged)
    alone, alone_right = (total(s, judged) for s in (counts.present, counts.present_right))
    with np.errstate(invalid="ignore"):  # 0 / 0 is what is undefined
        values = {
            "explained": total(counts.explained) / total(counts.faces),
            "mean_active": total(counts.active) / total(counts.faces),
            "precision": right / active,
            "recall": right / expected,
            "f1": 2 * right / (active + expected),
            "detector": total(counts.active) / total(counts.present),
            "detector_f1": 2 * alone_right / (alone + expected),
            "stability": total(counts.jaccard) / total(counts.pairs),
            "excess_drop": total(counts.drop) / total(counts.drops),
            "first_right": total(counts.first_right, judged) / total(counts.explained, judged),
            "first_strongest": total(counts.first_strongest) / total(counts.explained),
        }
    shape = (len(EMOTIONS) + 1, *counts.first_right.shape[1:])
    whole = {name: np.broadcast_to(array, shape) for name, array in values.items()}
    return (
        MappingProxyType({name: array[0] for name, array in whole.items()}),
        MappingProxyType({name: array[1:] for name, array in whole.items()}),
    )


def _ranked(active: np.ndarray, score: np.ndarray) -> tuple[int, ...]:
    columns = np.flatnonzero(active)
    order = np.argsort(-score[columns], kind="stable")
    return tuple(LANDMARK_AUS[column] for column in columns[order])
