"""Readers of strangers' files as functions of bytes: each gives a value or one of our sentences.

A target that raises anything else than an `XferaError` with one line has found a defect. The tests
run them on a short corpus; `fuzz_run.py` runs them for as long as it is told.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

from xfera_nb.au_detectors import openface_files
from xfera_nb.au_detectors.card import WEIGHTS as AU_WEIGHTS
from xfera_nb.au_detectors.card import load_network, reliability
from xfera_nb.classifier import SHIPPED, Classifier
from xfera_nb.classifier.checkpoint import load_card, load_tensors, load_weights
from xfera_nb.classifier.training_data import read_crops
from xfera_nb.cli.models import _lines as model_lines
from xfera_nb.datasets import open_dataset, read_ferplus_faces
from xfera_nb.datasets.ferplus import read_pack
from xfera_nb.datasets.files import unreadable
from xfera_nb.datasets.folder import read_csv_faces
from xfera_nb.datasets.rafdb import LIST, read_rafdb
from xfera_nb.errors import XferaError
from xfera_nb.evaluation import read_norms
from xfera_nb.evidence import EvidenceStore
from xfera_nb.evidence.added import FAITHFULNESS, causal_drops
from xfera_nb.faces import load_photo
from xfera_nb.facs.action_units import OPENFACE_AUS, OPENFACE_PRESENCE_AUS, au_name
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.fusion import FusionParams
from xfera_nb.study import Study

LONGEST = 700
"""Characters of a sentence; more would be a stranger's text quoted at length."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "TGA", "JPEG2000", "AVIF")


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


def _csv_seeds() -> list[bytes]:
    names = ["face", "confidence", *(f"{axis}_{i}" for axis in "xy" for i in range(68))]
    names += [f"{au_name(au)}_r" for au in OPENFACE_AUS]
    names += [f"{au_name(au)}_c" for au in OPENFACE_PRESENCE_AUS]
    row = ["0", "0.95", *(str(i % 100) for i in range(136)), *["1.25"] * 17, *["1"] * 18]
    short = ["file", "success", *(f"{au_name(au)}_r" for au in OPENFACE_AUS)]
    one = ["a.jpg", "1", *["nan", "inf", "1e400", "-0", "", *["5"] * 12]]
    return [
        ("\n".join([", ".join(names), ", ".join(row)]) + "\n").encode(),
        ("\n".join([",".join(short), ",".join(one)]) + "\n").encode(),
    ]


def _pts_seeds() -> list[bytes]:
    lines = ["version: 1", "npoints: 68", "{", *(f"{i} {i}" for i in range(68)), "}"]
    lines += ["au intensities: 17", "{", *(f"{au_name(au)} 1.5" for au in OPENFACE_AUS), "}"]
    lines += ["au occurences: 18", "{", "AU01 1", "}", ""]
    return ["\n".join(lines).encode()]


# Parameters and cards


def params(data: bytes) -> None:
    FusionParams.load(_put("params.json", data)).replace(k=1)


def _params_seeds() -> list[bytes]:
    return [
        b'{"k": 1.0, "au_cutoff": 0.3, "coverage": 0.7}',
        b'{"k": "1", "region": "hull", "scope": "all", "heat_weight": 1e400}',
        b'{"k": -Infinity, "coverage": NaN, "kk": [1, {"a": null}], "au_cutoff": true}',
        b'{"k": ' + b"9" * 400 + b"}",
        b"[" * 3000,
    ]


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


def _card_seeds(path: Path) -> list[bytes]:
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    short = {key: card[key] for key in ("classes", "input", "outputs", "half") if key in card}
    lies = {"temperature": 1.5, "figures": {"per_au": {"AU12": {"r": 0.9}}}, "restrictions": ["a"]}
    return [json.dumps({**one, "sha256": "SHA256"}).encode() for one in (card, short | lies)]


def safetensors(data: bytes) -> None:
    load_weights(_put("small.safetensors", data), torch.nn.Linear(3, 2))


def _tensor_seeds() -> list[bytes]:
    weight, bias = torch.ones(2, 3), torch.zeros(2)
    return [
        save({"weight": weight, "bias": bias}),
        save({"weight": weight.half(), "bias": bias}),
        save({"weight": weight.long(), "bias": bias * torch.nan}),
        save({"weight": weight.T.contiguous()}),
    ]


def torch_file(data: bytes) -> None:
    load_tensors(_put("start.pt", data))


def _torch_seeds() -> list[bytes]:
    buffer = io.BytesIO()
    torch.save({"weight": torch.ones(2, 3)}, buffer)
    return [buffer.getvalue()]


# Lists of photos


def photo_list(data: bytes) -> None:
    data_set = read_csv_faces(_put("list/faces.csv", data))
    json.dumps(data_set.report.to_dict())
    assert data_set.fingerprint and data_set.report.text()


def ferplus_list(data: bytes) -> None:
    read_ferplus_faces(_put("fer/fer2013new.csv", data))


def rafdb_list(data: bytes) -> None:
    _put("raf/Image/aligned/train_00001_aligned.jpg", _photo("JPEG"))
    read_rafdb(_put(f"raf/EmoLabel/{LIST}", data).parents[1]).report.text()


def guessed(data: bytes) -> None:
    open_dataset(_put("guess/any.csv", data))


def ferplus_pack(data: bytes) -> None:
    pack = read_pack(_put("fer.npz", data))
    assert pack.images.dtype == np.uint8 and pack.seven.shape == (len(pack.images), 7)
    read_ferplus_faces(_folder() / "fer.npz")


def crop_list(data: bytes) -> None:
    _put("crops/a.jpg", _photo("JPEG"))
    read_crops(_put("crops/faces.csv", data).parent, "train")


def norms(data: bytes) -> None:
    read_norms(_put("norms.csv", data))


def _list_seeds() -> list[bytes]:
    return [
        b"path,label,person\na.jpg,Happy,p1\n../b.png,5,\n/etc/passwd,AN,\n",
        b" File , EMOTION ,split\na.jpg,happy,train,extra\n\n,sad\nb.jpg\n",
        b"path,path,label\na.jpg,b.jpg,nan\n",
        b'name,label\n"a\nb.jpg","<img src=x onerror=alert(1)>"\na\0b.jpg,sad\n',
    ]


def _fer_seeds() -> list[bytes]:
    columns = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt"
    row = "Training,fer0000000.png,4,0,0,1,3,2,0,0"
    return [f"{columns},unknown,NF\n{row},0,0\n".encode(), f"{columns}\n{row}\n".encode()]


def _pack_seeds() -> list[bytes]:
    buffer = io.BytesIO()
    np.savez(
        buffer, images=np.zeros((2, 48, 48), np.uint8), votes=np.eye(2, 8, dtype=np.uint8),
        classes=np.array([*EMOTIONS, "contempt"]), split=np.array(["Training"] * 2),
    )  # fmt: skip
    return [buffer.getvalue()]


# Stores and studies


def manifest(data: bytes) -> None:
    folder = _put("store/manifest.json", data).parent
    store = EvidenceStore.open(folder)
    assert repr(store) and store.complete in (True, False)
    assert store.source and len(store.map_shape) == 2
    store.to_pandas()


def shard_record(data: bytes) -> None:
    folder = _put("record/manifest.json", _manifest_seeds()[0]).parent
    _put("record/rows/00000.parquet", b"PAR1")
    digest = hashlib.sha256(b"PAR1").hexdigest().encode()
    _put("record/done/00000.json", data.replace(b"SHA256", digest))
    store = EvidenceStore.open(folder)
    assert len(store) >= 0 and store.failed is not None
    store.to_pandas()


def shard(data: bytes) -> None:
    """A shard whose checksum is right and whose content is a stranger's."""
    folder = _put("shard/manifest.json", _manifest_seeds()[0]).parent
    _put("shard/rows/00000.parquet", data)
    record = {"shard": 0, "rows": 2, "faces": 2, "failed": []}
    record["sha256"] = hashlib.sha256(data).hexdigest()
    _put("shard/done/00000.json", json.dumps(record).encode())
    store = EvidenceStore.open(folder)
    store.arrays()
    list(store.rows())


def faithfulness(data: bytes) -> None:
    folder = _put("beside/manifest.json", _manifest_seeds()[0]).parent
    _put(f"beside/{FAITHFULNESS}", data)
    causal_drops(EvidenceStore.open(folder), np.arange(2))


def study_file(data: bytes) -> None:
    Study.load(_put("study/study.json", data).parent)


def _manifest_seeds() -> list[bytes]:
    made = {
        "format": 1, "source": "/photos", "dataset": {"kind": "folder", "photos": 2, "chosen": []},
        "classifier": {"name": "net"}, "au_detector": {"name": "made"}, "layer": "layer4.2",
        "method": "gradcam", "map_shape": [7, 7], "shard": 4, "batch": 2, "versions": {},
    }  # fmt: skip
    return [json.dumps(made).encode()]


def _record_seeds() -> list[bytes]:
    record = {"shard": 0, "rows": 2, "faces": 1, "failed": [["b", "no"]], "sha256": "SHA256"}
    return [json.dumps(record).encode()]


def _shard_seeds() -> list[bytes]:
    from xfera_nb.evidence.rows import Row, to_bytes

    face = {"box": np.arange(4), "landmarks": np.ones((68, 2)), "maps": np.ones((7, 7, 7))}
    face |= {name: np.full(7, 0.1) for name in ("probabilities", "peak", "mean_crop", "std_crop")}
    face |= {"mean_hull": np.ones(7), "std_hull": np.ones(7), "activation": np.ones((7, 68))}
    face |= {"intensities": np.ones(17)}
    return [to_bytes([Row(0, "a", "anger", **face), Row(1, "b", reason="no")], (7, 7))]


def _beside_seeds() -> list[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from xfera_nb.facs.table2 import LANDMARK_AUS

    sink = io.BytesIO()
    drops = [[0.1] * len(LANDMARK_AUS)] * 2
    pq.write_table(pa.table({"number": [0, 1], "id": ["a", "b"], "drop": drops}), sink)
    return [sink.getvalue()]


def _study_seeds() -> list[bytes]:
    item = {"id": "i01", "photo": "a.jpg", "kind": "random", "emotion": "anger", "has_heat": True,
            "predicted": "fear", "probabilities": [0.5, None, 0.5, 0, 0, 0, 0], "words": "Words.",
            "face": "a.jpg", "heatmap": "../b.jpg"}  # fmt: skip
    plan = {"format": 1, "items": [item], "arms": ["words"], "seed": 1, "choice": "choose"}
    return [json.dumps(plan).encode(), json.dumps(plan | {"format": 2}).encode()]


# Photos


def photo(data: bytes) -> None:
    pixels = load_photo(data)
    assert pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8


def listed_photo(data: bytes) -> None:
    from xfera_nb.datasets import Item

    unreadable(Item("x", str(_put("listed.jpg", data)), stamp=len(data)))


@lru_cache
def _photo(kind: str) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


def _photo_seeds() -> list[bytes]:
    wide = io.BytesIO()
    Image.fromarray(np.array([[0, 9000], [65535, 1]], np.uint16)).save(wide, "TIFF")
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = io.BytesIO()
    Image.new("CMYK", (9, 6)).save(turned, "JPEG", exif=exif)
    return [*map(_photo, FORMATS), wide.getvalue(), turned.getvalue()]


TARGETS: dict[str, Target] = {
    "openface_csv": Target(openface_csv, _csv_seeds),
    "openface_pts": Target(openface_pts, _pts_seeds),
    "params": Target(params, _params_seeds),
    "classifier_card": Target(classifier_card, lambda: _card_seeds(SHIPPED)),
    "au_card": Target(au_card, lambda: _card_seeds(AU_WEIGHTS)),
    "safetensors": Target(safetensors, _tensor_seeds),
    "torch_file": Target(torch_file, _torch_seeds),
    "photo_list": Target(photo_list, _list_seeds),
    "ferplus_list": Target(ferplus_list, _fer_seeds),
    "rafdb_list": Target(rafdb_list, lambda: [b"train_00001.jpg 5\ntrain_2.jpg 9\n\n../x.jpg 1\n"]),
    "guessed": Target(guessed, lambda: [*_list_seeds(), *_fer_seeds()]),
    "ferplus_pack": Target(ferplus_pack, _pack_seeds),
    "crop_list": Target(crop_list, lambda: [b"file,split,emotion\na.jpg,train,anger\n"]),
    "norms": Target(norms, lambda: [b"emotion,hit_rate,source\nHappy,0.9,me\nfear,nan,\n"]),
    "manifest": Target(manifest, _manifest_seeds),
    "shard_record": Target(shard_record, _record_seeds),
    "shard": Target(shard, _shard_seeds),
    "faithfulness": Target(faithfulness, _beside_seeds),
    "study_file": Target(study_file, _study_seeds),
    "photo": Target(photo, _photo_seeds),
    "listed_photo": Target(listed_photo, _photo_seeds),
}


# Damage that is the same on each run, for the short corpus


_TOKENS = (
    b"NaN", b"-Infinity", b"1e400", b"9" * 400, b"\0", b"\xff\xfe", b"../", b"{}", b"[]", b"null",
    b'"', b",", b"\n", b"true", b"<script>", b"\xed\xa0\x80", b"-1", b"0", b"\\ud800", b"[" * 2000,
)  # fmt: skip


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """The same file, cut, turned over in some bits, or with a piece replaced, doubled or put in."""
    if not data:
        return bytes(rng.integers(0, 256, 20, dtype=np.uint8))
    spot, other = sorted(int(rng.integers(len(data) + 1)) for _ in range(2))
    kind = rng.integers(6)
    if kind == 0:
        return data[:spot]
    if kind == 1:
        flipped = bytearray(data)
        for place in rng.integers(0, min(len(data), 1 + 10 ** int(rng.integers(1, 6))), 3):
            flipped[place] ^= 1 << int(rng.integers(8))
        return bytes(flipped)
    if kind == 2:
        return data[:spot] + data[other:]
    if kind == 3:
        return data[:other] + data[spot:]
    token = _TOKENS[int(rng.integers(len(_TOKENS)))]
    if kind == 4:
        return data[:spot] + token + data[spot:]
    # A whole value of JSON or CSV in place of another one.
    ends = [place for place in range(spot, len(data)) if data[place : place + 1] in b",}]\n"]
    starts = [place for place in range(spot) if data[place : place + 1] in b",:[{\n"]
    if not ends or not starts:
        return data[:spot] + token
    return data[: starts[-1] + 1] + token + data[ends[0] :]


def csv_of(rows: list[list[str]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
