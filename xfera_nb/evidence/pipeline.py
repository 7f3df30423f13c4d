"""Turn photos into rows: prefetch faces and Action Units, run the network in batches.

One thread prepares photos while the network computes the previous batch (dlib and torch both
release the interpreter). At most `AHEAD` batches of crops wait, so memory does not grow with the
data set. A batch never spans two shards: a shard depends on its own photos alone, however often a
run was interrupted, and on whichever worker it was made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from xfera_nb.au_detectors import DEFAULT_SOURCE, AUDetector, load_detector
from xfera_nb.classifier import Classifier, Prediction, load_classifier
from xfera_nb.datasets import GROUPS, Dataset, FrameFace, Item
from xfera_nb.datasets.clip import close_clip
from xfera_nb.errors import ModelError, XferaError
from xfera_nb.evidence.crop_rule import fit_crop
from xfera_nb.evidence.evidence import region_numbers
from xfera_nb.evidence.occlusion import HasCrop, occlude_regions
from xfera_nb.evidence.regions import round_maps
from xfera_nb.evidence.rows import Row
from xfera_nb.faces import CROP_SIZE, Face, face_from_landmarks, find_faces
from xfera_nb.saliency import DEFAULT_METHOD, attribute_all_classes, get_method

AHEAD = 2
"""Batches of prepared faces that may wait for the network."""


@dataclass(frozen=True, eq=False)
class Models:
    """Hold the models of an extraction: loaded, or named so that another process can load them.

    Attributes
    ----------
    classifier : Classifier, path or None
        None for the shipped weights.
    au_detector : AUDetector or str
    layer : str, optional
        By default the classifier's own.
    method : str
        One of `xfera_nb.saliency.METHODS`.
    device : str
        Where the network computes; a loaded classifier is copied there if it lies elsewhere.
    occlusion : bool
        Also measure what hiding each face region does.
    fused : bool
        Take the quicker copy of the classifier (`Classifier.fused`).
    """

    classifier: Classifier | str | Path | None = None
    au_detector: AUDetector | str = DEFAULT_SOURCE
    layer: str | None = None
    method: str = DEFAULT_METHOD
    device: str | None = None
    occlusion: bool = False
    fused: bool = False

    def load(self) -> LoadedModels:
        """Load what is only named.

        Raises
        ------
        ModelError, DetectorError
            If a model is missing or damaged.
        InputError
            If there is no such method or device.
        """
        classifier, au_detector = self.classifier, self.au_detector
        if not isinstance(classifier, Classifier):
            classifier = load_classifier(classifier, device=self.device or "auto")
        elif self.device is not None:
            classifier = classifier.on_device(self.device)
        if self.fused:
            classifier = classifier.fused()
        return LoadedModels(
            classifier,
            load_detector(au_detector) if isinstance(au_detector, str) else au_detector,
            self.layer or classifier.default_layer,
            get_method(self.method).name,
            self.occlusion,
        )


@dataclass(frozen=True, eq=False)
class LoadedModels:
    """Hold the models of `Models`, all of them loaded."""

    classifier: Classifier
    au_detector: AUDetector
    layer: str
    method: str = DEFAULT_METHOD
    occlusion: bool = False

    def map_shape(self) -> tuple[int, int]:
        """Return height and width of a map, found by explaining a black crop."""
        crop = np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8)
        height, width = self.explain(crop)[1].shape[-2:]
        return height, width

    def explain(self, crops: np.ndarray) -> tuple[list[Prediction], np.ndarray]:
        """Return the predictions and the maps of all classes; see `attribute_all_classes`."""
        return attribute_all_classes(self.classifier, crops, method=self.method, layer=self.layer)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Hold a photo's incomplete row, its face's crop and the landmarks on it (or neither)."""

    row: Row
    crop: np.ndarray | None = field(default=None, repr=False)
    crop_landmarks: np.ndarray | None = field(default=None, repr=False)


def blank_rows(dataset: Dataset, start: int, stop: int) -> list[tuple[Row, Item]]:
    """Return rows of the photos of a shard with what the data set knows of them."""
    return [
        (
            Row(
                number=number,
                id=item.id,
                emotion=item.emotion,
                label=item.label,
                photo_path=dataset.path_of(item),
                frame=None if item.found is None else item.found.frame,
                time=None if item.found is None else item.found.time,
                track=None if item.found is None else item.found.track,
                score=None if item.found is None else item.found.score,
                **{group: getattr(item, group) for group in GROUPS},
            ),
            item if number > start or item.found is None else _begin(item, item.found),
        )
        for number, item in enumerate(dataset.items[start:stop], start=start)
    ]


def _begin(item: Item, found: FrameFace) -> Item:
    """Return the first item of a shard, whose rows are to be the same after an interruption."""
    return replace(item, found=replace(found, afresh=True))


def prepare(
    row: Row, item: Item, au: AUDetector, described: Mapping[str, Any] = MappingProxyType({})
) -> Prepared:
    """Find the face, its landmarks and its Action Units.

    Parameters
    ----------
    row : Row
    item : Item
    au : AUDetector
    described : mapping
        The classifier's card, for the crop that it takes.

    Raises
    ------
    ModelError
        If dlib or a model is missing: it would be the same with every photo. Anything else that
        is wrong with a photo becomes the row's reason.
    """
    if item.found is not None and item.found.afresh:
        close_clip()
    if item.found is not None and item.found.reason is not None:
        return Prepared(replace(row, reason=item.found.reason))
    try:
        face = fit_crop(_face_of(item), described)
    except ModelError:
        raise
    except XferaError as error:
        return Prepared(replace(row, reason=_sentence(error)))
    row = replace(row, box=np.array(face.box, np.int32), landmarks=np.array(face.landmarks))
    try:
        units = au.detect(face.image, face.landmarks, photo_name=face.look_up_name)
    except ModelError:
        raise
    except XferaError as error:
        row = replace(row, reason=_sentence(error))
    else:
        row = replace(row, intensities=units.intensities, left=units.left, right=units.right)
    return Prepared(row, np.array(face.crop), face.crop_landmarks)


def _face_of(item: Item) -> Face:
    """Return the largest face of a photo, or the face that was found on a frame."""
    found = item.found
    if found is None or found.landmarks is None or found.box is None:
        return find_faces(item.source, photo_name=item.name)[0]
    left, top, right, bottom = found.box.tolist()
    return face_from_landmarks(item.source, found.landmarks, (left, top, right, bottom), item.name)


def prefetch(
    rows: Iterable[tuple[Row, Item]], models: LoadedModels, ahead: int
) -> Generator[Prepared, None, None]:
    """Prepare rows in order in another thread, at most `ahead` of them in advance."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="xfera-prepare")
    au, card = models.au_detector, models.classifier.card
    waiting: deque[Future[Prepared]] = deque()
    try:
        for row, item in rows:
            waiting.append(pool.submit(prepare, row, item, au, card))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def measure_batches(
    prepared: Iterable[Prepared], models: LoadedModels, batch: int
) -> Iterator[list[Row]]:
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
    predictions, maps = models.explain(np.stack(crops))
    results = iter(zip(predictions, maps, strict=True))
    return [
        one.row
        if one.crop_landmarks is None
        else _filled(one, one.crop_landmarks, models, *next(results))
        for one in group
    ]


def _filled(
    one: Prepared,
    landmarks: np.ndarray,
    models: LoadedModels,
    prediction: Prediction,
    maps: np.ndarray,
) -> Row:
    if one.row.frame is not None:
        maps = round_maps(maps)
    hidden = None
    if models.occlusion:
        hidden = occlude_regions(cast(HasCrop, one), models.classifier).probabilities
    positive = np.maximum(np.nan_to_num(maps, nan=0.0), 0).astype(np.float64)
    activation, mean, std, peak = region_numbers(positive, landmarks)
    return replace(
        one.row,
        probabilities=prediction.probabilities,
        maps=maps,
        activation=activation,
        mean_crop=mean["crop"],
        std_crop=std["crop"],
        mean_hull=mean["hull"],
        std_hull=std["hull"],
        peak=peak,
        hidden_probabilities=hidden,
    )


def _sentence(error: XferaError) -> str:
    return " ".join(str(error).split())
