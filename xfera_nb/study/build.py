"""Build a study: measure or read the evidence, select the photos, write texts and pictures.

Everything expensive happens here, before the first participant arrives: the participants' page
loads no model. The explained class is always the predicted one. The caller passes the function
that draws the pictures, such as `xfera_nb.figures.study_pictures`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

import xfera_nb
from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier, Prediction
from xfera_nb.datasets import Dataset, open_dataset
from xfera_nb.errors import StudyError, XferaError
from xfera_nb.evidence import Evidence, EvidenceStore, Row, extract
from xfera_nb.evidence.storage import resolve_photo
from xfera_nb.explanation import Explanation, Writer, explain
from xfera_nb.faces import load_photo
from xfera_nb.fusion import Fusion, FusionParams, fuse
from xfera_nb.paths import expand_path
from xfera_nb.study.items import CONDITIONS, StudyItem
from xfera_nb.study.plan import NAME, Study
from xfera_nb.study.selection import MARGIN, Candidate, Selection, select_photos
from xfera_nb.study.texts import AGE_BANDS, EMOTION_LABELS, TEXTS, plain

EVIDENCE = "evidence"
"""The store inside the study's folder, where the study was made from photos."""
PER_KIND = 6

Draw = Callable[[Fusion], tuple[bytes, bytes]]
"""Draws the face, and the face with its heatmap: two JPEG or PNG files of the same size."""


def build_study(
    source: str | os.PathLike[str] | EvidenceStore | Dataset,
    out: str | os.PathLike[str],
    draw: Draw,
    *,
    misclassified: int = PER_KIND,
    ambiguous: int = PER_KIND,
    random: int = PER_KIND,
    margin: float = MARGIN,
    conditions: tuple[str, ...] = CONDITIONS,
    choice: str = "choose",
    seed: int = 0,
    params: FusionParams | None = None,
    writer: Writer | str | None = None,
    texts: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    age_bands: tuple[str, ...] = AGE_BANDS,
    photos: str | os.PathLike[str] | None = None,
    classifier: Classifier | str | os.PathLike[str] | None = None,
    au_detector: AUDetector | str = "builtin",
    progress: bool = True,
) -> Study:
    """Build a study in a new folder.

    Parameters
    ----------
    source : path, EvidenceStore or Dataset
        A store of evidence, or photos; photos are measured into a store in the study's folder.
    out : path
        The study's folder.
    draw : callable
        A `Fusion` to two pictures, as bytes.
    misclassified, ambiguous, random : int
        Photos of each kind (`xfera_nb.study.selection`). If there are fewer, all are included:
        `Study.made` holds how many were requested and found.
    margin : float
        Below it a photo is ambiguous, 0-1.
    conditions : tuple of str
        Some of `CONDITIONS`.
    choice : str
        "choose" one emotion in part 1, or "rank" several.
    seed : int
        Of the photos and of all orders.
    params : FusionParams, optional
    writer : Writer or str, optional
        Of the texts; the offline writer by default. A language model's are checked, and what they
        name without support is counted in `StudyItem.unsupported`.
    texts, labels : mapping of str to str, optional
        In place of some of the page's texts and of the emotions' names.
    age_bands : tuple of str
        Age groups to choose from; without any, age is not asked.
    photos : path, optional
        The folder of a store's photos; by default where they were when it was made.
    classifier, au_detector, progress
        For `extract`, where photos are measured.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If there is a study in the folder, nothing can be drawn, or a photo of the store is gone.
    StoreError, DatasetError, ModelError, DetectorError, WriterError
        If the source, a model or the writer cannot be used.
    InputError
        If a count or the margin is out of range.
    """
    if (expand_path(out) / NAME).exists():
        raise StudyError(f"{out} holds a study already: give another folder.")
    counts = {"misclassified": misclassified, "ambiguous": ambiguous, "random": random}
    if not any(counts.values()):
        raise StudyError("No photo is requested: give a number above 0 for one of the kinds.")
    store, dataset = _opened(source, out, classifier, au_detector, progress)
    chosen = select_photos(_candidates(store), counts, seed=seed, margin=margin)
    if not chosen.picked:
        raise StudyError(
            f"None of the {len(store)} photos fit the study: choose another kind, or give "
            "photos with labels."
        )
    params = params or FusionParams()
    items: list[StudyItem] = []
    pictures: dict[str, bytes] = {}
    for position, (candidate, kind) in enumerate(chosen.picked, start=1):
        evidence = _evidence(store, store.row(candidate.number), dataset, photos)
        fusion = fuse(evidence, params)
        wrote = explain(fusion, writer, fallback=False)
        item = _item(f"i{position:02d}", kind, candidate, fusion, wrote)
        pictures[item.face], pictures[item.heatmap] = draw(fusion)
        items.append(item)
    study = Study(
        items=tuple(items),
        conditions=tuple(conditions),
        seed=seed,
        choice=choice,
        texts=dict(TEXTS) | dict(texts or {}),
        labels=dict(EMOTION_LABELS) | dict(labels or {}),
        age_bands=tuple(age_bands),
        made=_made(store, chosen, margin, params, wrote),
    )
    Study.from_dict(study.to_dict())  # the same checks as for a file
    return study.save(out, pictures)


def _opened(
    source: Any, out: Any, classifier: Any, au_detector: Any, progress: bool
) -> tuple[EvidenceStore, Dataset | None]:
    if isinstance(source, EvidenceStore):
        return source, None
    if not isinstance(source, Dataset):
        if (expand_path(source) / "manifest.json").is_file() or "://" in str(source):
            return EvidenceStore.open(source), None
        source = open_dataset(source)
    place = expand_path(out) / EVIDENCE
    extract(source, place, classifier=classifier, au_detector=au_detector, progress=progress)
    return EvidenceStore.open(place), source


def _candidates(store: EvidenceStore) -> list[Candidate]:
    table = store.to_pandas(["number", "emotion", "person", "probabilities"])
    found = []
    for row in table.itertuples():
        if row.probabilities is None:
            continue
        answer = Prediction(np.asarray(row.probabilities, np.float32))
        label = row.emotion if isinstance(row.emotion, str) else None
        person = row.person if isinstance(row.person, str) else None
        found.append(Candidate(int(row.number), label, answer.predicted, answer.margin, person))
    return found


def _evidence(store: EvidenceStore, row: Row, dataset: Dataset | None, photos: Any) -> Evidence:
    """Rebuild the evidence of a stored row from its photo: a store holds no pixels."""
    name = Path(row.photo_path).name if row.photo_path else row.id
    if dataset is not None:
        photo: str | np.ndarray | Path = dataset[row.number].source
    elif row.photo_path is None:
        raise StudyError(
            f"The store has no file for {row.id}: build the study from the photos themselves."
        )
    else:
        photo = resolve_photo(photos or store.source, row.photo_path)
    try:
        image = load_photo(photo)
    except XferaError as error:
        raise StudyError(
            f"The photo {name} of the store cannot be read; give the folder of its photos as "
            f"`photos` ({error})"
        ) from error
    return Evidence.from_row(row, image, store.manifest)


def _item(
    name: str, kind: str, candidate: Candidate, fusion: Fusion, wrote: Explanation
) -> StudyItem:
    shares = fusion.evidence.prediction.probabilities
    return StudyItem(
        id=name,
        photo_name=plain(fusion.evidence.face.photo_name or name),
        kind=kind,
        emotion=candidate.emotion,
        predicted=fusion.predicted,
        probabilities=tuple(None if np.isnan(p) else round(float(p), 6) for p in shares),
        has_positive_evidence=fusion.has_positive_evidence,
        text=wrote.text,
        face=f"{name}_face.jpg",
        heatmap=f"{name}_heatmap.jpg",
        unsupported=len(wrote.check.unsupported),
    )


def _made(
    store: EvidenceStore, chosen: Selection, margin: float, params: FusionParams, wrote: Explanation
) -> Mapping[str, Any]:
    def named(what: Mapping[str, Any]) -> dict[str, Any]:
        return {key: what.get(key) for key in ("name", "sha256")}

    return MappingProxyType(
        {
            "by": f"xfera-nb {xfera_nb.__version__}",
            "photos": len(store),
            "data": store.manifest["dataset"]["kind"],
            "asked": dict(chosen.asked),
            "found": dict(chosen.found),
            "margin": margin,
            "heatmap": store.heatmap,
            "classifier": named(store.manifest["classifier"]),
            "au_detector": named(store.manifest["au_detector"]),
            "params": params.to_dict(),
            "writer": wrote.model or wrote.writer,
        }
    )
