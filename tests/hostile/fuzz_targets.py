"""Readers of untrusted files as functions of bytes: each gives a value or one of our sentences.

A target that raises anything else than an `XferaError` with one line has found a defect. The tests
run them on a short corpus; `fuzz_run.py` runs them for as long as it is told.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from fuzz_seeds import (
    beside_seeds,
    card_seeds,
    clip_seeds,
    csv_seeds,
    fer_seeds,
    list_seeds,
    manifest_seeds,
    pack_seeds,
    params_seeds,
    photo_seeds,
    pts_seeds,
    record_seeds,
    shard_seeds,
    small_photo,
    study_seeds,
    tensor_seeds,
    torch_seeds,
    video_manifest_seeds,
    video_shard_seeds,
)

from xfera_nb.au_detectors import openface_files
from xfera_nb.au_detectors.card import WEIGHTS as AU_WEIGHTS
from xfera_nb.au_detectors.card import load_network, reliability
from xfera_nb.classifier import SHIPPED, Classifier
from xfera_nb.classifier.checkpoint import load_card, load_tensors, load_weights
from xfera_nb.cli.models import _lines as model_lines
from xfera_nb.datasets import open_dataset, read_ferplus_faces
from xfera_nb.datasets.clip import FrameReader, open_clip
from xfera_nb.datasets.ferplus import read_pack
from xfera_nb.datasets.files import unreadable
from xfera_nb.datasets.folder import read_csv_faces
from xfera_nb.datasets.rafdb import LIST, read_rafdb
from xfera_nb.errors import PhotoError, XferaError
from xfera_nb.evaluation import read_norms, read_timelines
from xfera_nb.evidence import EvidenceStore
from xfera_nb.evidence.store import FAITHFULNESS, read_excess_drops
from xfera_nb.faces import load_photo
from xfera_nb.fusion import FusionParams
from xfera_nb.report.openface_csv import openface_csv as openface_csv_of
from xfera_nb.study import Study
from xfera_nb.training.labelled_faces import read_crops

LONGEST = 700
"""Characters of a sentence; more would quote untrusted text at length."""


@dataclass(frozen=True)
class Target:
    """A reader and files to begin with."""

    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]

    def __call__(self, data: bytes) -> str | None:
        """Read; the sentence that refused it, None if it was read."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of PIL and NumPy, on damaged values
                self.read(data)
        except XferaError as error:
            text = str(error)
            assert text and "\n" not in text and len(text) <= LONGEST, text[:2000]
            return text
        return None


@lru_cache(maxsize=1)
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="xfera-fuzz-"))


def clean_up() -> None:
    """Remove the files that the targets wrote."""
    if _folder.cache_info().currsize:
        shutil.rmtree(_folder())
        _folder.cache_clear()


def _put(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# OpenFace's files


def openface_csv(data: bytes) -> None:
    rows = openface_files.read(_put("of.csv", data))
    openface_files.pick(rows, np.random.default_rng(0).random((68, 2)) * 99, "of.csv")


def openface_pts(data: bytes) -> None:
    rows = openface_files.read(_put("of.pts", data))
    openface_files.pick(rows, np.random.default_rng(0).random((68, 2)) * 99, "of.pts")


# Parameters and cards


def params(data: bytes) -> None:
    FusionParams.load(_put("params.json", data)).replace(k=1)


def classifier_card(data: bytes) -> None:
    weights = _put("net.safetensors", b"weights")
    digest = hashlib.sha256(b"weights").hexdigest().encode()
    weights.with_suffix(".json").write_bytes(data.replace(b"SHA256", digest))
    card = load_card(weights)
    module = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(1))
    classifier = Classifier(module, card)
    json.dumps([classifier.describe(), classifier.classes, classifier.layers], allow_nan=False)
    classifier.preprocess(np.zeros((1, 224, 224, 3), np.uint8))
    list(model_lines("classifier", weights, card, True))


def au_card(data: bytes) -> None:
    digest = hashlib.sha256(AU_WEIGHTS.read_bytes()).hexdigest().encode()
    weights = _folder() / "au.safetensors"
    if not weights.exists():
        shutil.copy(AU_WEIGHTS, weights)
    weights.with_suffix(".json").write_bytes(data.replace(b"SHA256", digest))
    card = load_network(weights)[1]
    known = reliability(card)
    assert known.shape == (17,) and not (np.abs(known[~np.isnan(known)]) > 1).any()


def safetensors(data: bytes) -> None:
    load_weights(_put("small.safetensors", data), torch.nn.Linear(3, 2))


def torch_file(data: bytes) -> None:
    load_tensors(_put("start.pt", data))


# Lists of photos


def photo_list(data: bytes) -> None:
    data_set = read_csv_faces(_put("list/faces.csv", data))
    json.dumps(data_set.report.to_dict())
    assert data_set.fingerprint and data_set.report.text()


def ferplus_list(data: bytes) -> None:
    read_ferplus_faces(_put("fer/fer2013new.csv", data))


def rafdb_list(data: bytes) -> None:
    _put("raf/Image/aligned/train_00001_aligned.jpg", small_photo("JPEG"))
    read_rafdb(_put(f"raf/EmoLabel/{LIST}", data).parents[1]).report.text()


def guessed(data: bytes) -> None:
    open_dataset(_put("guess/any.csv", data))


def ferplus_pack(data: bytes) -> None:
    pack = read_pack(_put("fer.npz", data))
    assert pack.images.dtype == np.uint8 and pack.seven.shape == (len(pack.images), 7)
    read_ferplus_faces(_folder() / "fer.npz")


def crop_list(data: bytes) -> None:
    _put("crops/a.jpg", small_photo("JPEG"))
    read_crops(_put("crops/faces.csv", data).parent, "train")


def norms(data: bytes) -> None:
    read_norms(_put("norms.csv", data))


# Stores and studies


def manifest(data: bytes) -> None:
    folder = _put("store/manifest.json", data).parent
    store = EvidenceStore.open(folder)
    assert repr(store) and store.complete in (True, False)
    assert store.source and len(store.map_shape) == 2
    store.to_pandas()


def shard_record(data: bytes) -> None:
    folder = _put("record/manifest.json", manifest_seeds()[0]).parent
    _put("record/rows/00000.parquet", b"PAR1")
    digest = hashlib.sha256(b"PAR1").hexdigest().encode()
    _put("record/done/00000.json", data.replace(b"SHA256", digest))
    store = EvidenceStore.open(folder)
    assert len(store) >= 0 and store.failed is not None
    store.to_pandas()


def shard(data: bytes) -> None:
    """A shard whose checksum is right and whose content is untrusted."""
    folder = _put("shard/manifest.json", manifest_seeds()[0]).parent
    _put("shard/rows/00000.parquet", data)
    record = {"shard": 0, "rows": 2, "faces": 2, "failed": []}
    record["sha256"] = hashlib.sha256(data).hexdigest()
    _put("shard/done/00000.json", json.dumps(record).encode())
    store = EvidenceStore.open(folder)
    store.arrays()
    list(store.rows())


def faithfulness(data: bytes) -> None:
    folder = _put("beside/manifest.json", manifest_seeds()[0]).parent
    _put(f"beside/{FAITHFULNESS}", data)
    read_excess_drops(EvidenceStore.open(folder), np.arange(2))


def video_manifest(data: bytes) -> None:
    store = EvidenceStore.open(_put("clip-store/manifest.json", data).parent)
    if store.video is not None:
        assert read_timelines(store) == {} and openface_csv_of(store).count("\n") == 1


def video_shard(data: bytes) -> None:
    """A shard of a video whose checksum is right and whose content is untrusted."""
    folder = _put("clip-shard/manifest.json", video_manifest_seeds()[0]).parent
    _put("clip-shard/rows/00000.parquet", data)
    record = {"shard": 0, "rows": 2, "faces": 2, "failed": []}
    record["sha256"] = hashlib.sha256(data).hexdigest()
    _put("clip-shard/done/00000.json", json.dumps(record).encode())
    store = EvidenceStore.open(folder)
    store.arrays()
    for face in read_timelines(store, smooth=0.5, baseline=True).values():
        assert face.spans() is not None and face.moments()
    openface_csv_of(store)


def clip(data: bytes) -> None:
    reader = FrameReader(open_clip(_put("clip.mp4", data)))
    for number in range(4):
        with suppress(PhotoError):
            assert reader.read(number).image.dtype == np.uint8


def study_file(data: bytes) -> None:
    Study.load(_put("study/study.json", data).parent)


# Photos


def photo(data: bytes) -> None:
    pixels = load_photo(data)
    assert pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8


def listed_photo(data: bytes) -> None:
    from xfera_nb.datasets import Item

    unreadable(Item("x", str(_put("listed.jpg", data)), stamp=len(data)))


TARGETS: dict[str, Target] = {
    "openface_csv": Target(openface_csv, csv_seeds),
    "openface_pts": Target(openface_pts, pts_seeds),
    "params": Target(params, params_seeds),
    "classifier_card": Target(classifier_card, lambda: card_seeds(SHIPPED)),
    "au_card": Target(au_card, lambda: card_seeds(AU_WEIGHTS)),
    "safetensors": Target(safetensors, tensor_seeds),
    "torch_file": Target(torch_file, torch_seeds),
    "photo_list": Target(photo_list, list_seeds),
    "ferplus_list": Target(ferplus_list, fer_seeds),
    "rafdb_list": Target(rafdb_list, lambda: [b"train_00001.jpg 5\ntrain_2.jpg 9\n\n../x.jpg 1\n"]),
    "guessed": Target(guessed, lambda: [*list_seeds(), *fer_seeds()]),
    "ferplus_pack": Target(ferplus_pack, pack_seeds),
    "crop_list": Target(crop_list, lambda: [b"file,split,emotion\na.jpg,train,anger\n"]),
    "norms": Target(norms, lambda: [b"emotion,hit_rate,source\nHappy,0.9,me\nfear,nan,\n"]),
    "manifest": Target(manifest, manifest_seeds),
    "shard_record": Target(shard_record, record_seeds),
    "shard": Target(shard, shard_seeds),
    "faithfulness": Target(faithfulness, beside_seeds),
    "video_manifest": Target(video_manifest, video_manifest_seeds),
    "video_shard": Target(video_shard, video_shard_seeds),
    "clip": Target(clip, lambda: list(clip_seeds())),
    "study_file": Target(study_file, study_seeds),
    "photo": Target(photo, photo_seeds),
    "listed_photo": Target(listed_photo, photo_seeds),
}
