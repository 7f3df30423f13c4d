"""From photos to rows: decoding, dlib and Action Units ahead, the network in batches behind.

One thread prepares photos while the network works on the batch before (dlib and torch both let
other threads run). At most `AHEAD` batches of crops wait, so memory does not grow with the data
set. Batches do not reach from one shard into the next: what a shard holds depends on its own
photos alone, however often a run was cut off, and on whichever worker it was made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from xfera_nb.au_detectors import AUDetector, load_detector
from xfera_nb.classifier import Classifier, Prediction, load_classifier
from xfera_nb.datasets import GROUPS, Dataset, Item
from xfera_nb.errors import ModelError, XferaError
from xfera_nb.evidence.evidence import region_numbers
from xfera_nb.evidence.rows import Row
from xfera_nb.faces import CROP_SIZE, find_faces
from xfera_nb.saliency import gradcam_all_classes

AHEAD = 2
"""Batches of prepared faces that may wait for the network."""


@dataclass(frozen=True, eq=False)
class Models:
    """What measures: loaded, or named so that another process can load it.

    Attributes
    ----------
    classifier : Classifier, path or None
        None for the shipped weights.
    au : AUDetector or str
    layer : str, optional
        By default the classifier's own.
    """

    classifier: Classifier | str | Path | None = None
    au: AUDetector | str = "builtin"
    layer: str | None = None

    def loaded(self) -> LoadedModels:
        """Load what is only named.

        Raises
        ------
        ModelError, DetectorError
            If something is missing or damaged.
        """
        classifier, au = self.classifier, self.au
        if not isinstance(classifier, Classifier):
            classifier = load_classifier(classifier)
        return LoadedModels(
            classifier,
            load_detector(au) if isinstance(au, str) else au,
            self.layer or classifier.default_layer,
        )


@dataclass(frozen=True, eq=False)
class LoadedModels:
    """A classifier, a source of Action Units, and the layer that is explained."""

    classifier: Classifier
    au: AUDetector
    layer: str

    def map_shape(self) -> tuple[int, int]:
        """Height and width of a map, found by measuring a black crop."""
        crop = np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8)
        height, width = gradcam_all_classes(self.classifier, crop, layer=self.layer)[1].shape[-2:]
        return height, width


@dataclass(frozen=True, eq=False)
class Prepared:
    """A photo's row so far, its face's crop for the network and the points on it (or neither)."""

    row: Row
    crop: np.ndarray | None = field(default=None, repr=False)
    crop_landmarks: np.ndarray | None = field(default=None, repr=False)


def blank_rows(dataset: Dataset, start: int, stop: int) -> list[tuple[Row, Item]]:
    """Rows of some photos with what the data set knows of them."""
    return [
        (
            Row(
                number=number,
                id=item.id,
                emotion=item.emotion,
                label=item.label,
                photo=dataset.path_of(item),
                **{group: getattr(item, group) for group in GROUPS},
            ),
            item,
        )
        for number, item in enumerate(dataset.items[start:stop], start=start)
    ]


def prepare(row: Row, item: Item, au: AUDetector) -> Prepared:
    """Find the face, its landmarks and its Action Units.

    Raises
    ------
    ModelError
        If dlib or a model is missing: it would be the same with every photo. Anything else that
        is wrong with a photo becomes the row's reason.
    """
    try:
        face = find_faces(item.source, photo_name=item.name)[0]
    except ModelError:
        raise
    except XferaError as error:
        return Prepared(replace(row, reason=_sentence(error)))
    row = replace(row, box=np.array(face.box, np.int32), landmarks=np.array(face.landmarks))
    try:
        units = au.detect(face.image, face.landmarks, photo_name=item.name)
    except ModelError:
        raise
    except XferaError as error:
        row = replace(row, reason=_sentence(error))
    else:
        row = replace(row, intensities=units.intensities, left=units.left, right=units.right)
    return Prepared(row, np.array(face.crop), face.crop_landmarks)


def prefetch(
    rows: Iterable[tuple[Row, Item]], au: AUDetector, ahead: int
) -> Generator[Prepared, None, None]:
    """Prepare rows in their order in another thread, at most `ahead` of them in advance."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="xfera-prepare")
    waiting: deque[Future[Prepared]] = deque()
    try:
        for row, item in rows:
            waiting.append(pool.submit(prepare, row, item, au))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def measured(prepared: Iterable[Prepared], models: LoadedModels, batch: int) -> Iterator[list[Row]]:
    """Run the network over prepared photos.

    Parameters
    ----------
    prepared : iterable of Prepared
        Of one shard.
    models : LoadedModels
    batch : int
        Faces in one forward pass.

    Yields
    ------
    list of Row
        In the given order; together as many as were prepared.
    """
    group: list[Prepared] = []
    faces = 0
    for one in prepared:
        group.append(one)
        faces += one.crop is not None
        if faces == batch:
            yield _one_batch(group, models)
            group, faces = [], 0
    if group:
        yield _one_batch(group, models)


def _one_batch(group: list[Prepared], models: LoadedModels) -> list[Row]:
    crops = [one.crop for one in group if one.crop is not None]
    if not crops:
        return [one.row for one in group]
    predictions, maps = gradcam_all_classes(models.classifier, np.stack(crops), layer=models.layer)
    results = iter(zip(predictions, maps, strict=True))
    return [
        one.row
        if one.crop_landmarks is None
        else _filled(one.row, one.crop_landmarks, *next(results))
        for one in group
    ]


def _filled(row: Row, landmarks: np.ndarray, prediction: Prediction, maps: np.ndarray) -> Row:
    positive = np.maximum(np.nan_to_num(maps, nan=0.0), 0).astype(np.float64)
    activation, mean, std, peak = region_numbers(positive, landmarks)
    return replace(
        row,
        probabilities=prediction.probabilities,
        maps=maps,
        activation=activation,
        mean_crop=mean["crop"],
        std_crop=std["crop"],
        mean_hull=mean["hull"],
        std_hull=std["hull"],
        peak=peak,
    )


def _sentence(error: XferaError) -> str:
    return " ".join(str(error).split())
