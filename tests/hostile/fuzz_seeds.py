"""Good files for each fuzzing target, and damage to them that is the same on each run."""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

from xfera_nb.facs.action_units import OPENFACE_AUS, OPENFACE_PRESENCE_AUS, au_name
from xfera_nb.facs.emotions import EMOTIONS

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "TGA", "JPEG2000", "AVIF")
_TOKENS = (
    b"NaN", b"-Infinity", b"1e400", b"9" * 400, b"\0", b"\xff\xfe", b"../", b"{}", b"[]", b"null",
    b'"', b",", b"\n", b"true", b"<script>", b"\xed\xa0\x80", b"-1", b"0", b"\\ud800", b"[" * 2000,
)  # fmt: skip


def csv_seeds() -> list[bytes]:
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


def pts_seeds() -> list[bytes]:
    lines = ["version: 1", "npoints: 68", "{", *(f"{i} {i}" for i in range(68)), "}"]
    lines += ["au intensities: 17", "{", *(f"{au_name(au)} 1.5" for au in OPENFACE_AUS), "}"]
    lines += ["au occurences: 18", "{", "AU01 1", "}", ""]
    return ["\n".join(lines).encode()]


def params_seeds() -> list[bytes]:
    return [
        b'{"k": 1.0, "min_intensity": 0.3, "coverage": 0.7}',
        b'{"k": "1", "region": "hull", "scope": "all", "saliency_weight": 1e400}',
        b'{"k": -Infinity, "coverage": NaN, "kk": [1, {"a": null}], "min_intensity": true}',
        b'{"k": ' + b"9" * 400 + b"}",
        b"[" * 3000,
    ]


def card_seeds(path: Path) -> list[bytes]:
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    keys = ("classes", "input", "outputs", "half_resolution")
    short = {key: card[key] for key in keys if key in card}
    lies = {"temperature": 1.5, "figures": {"per_au": {"AU12": {"r": 0.9}}}, "restrictions": ["a"]}
    return [json.dumps({**one, "sha256": "SHA256"}).encode() for one in (card, short | lies)]


def tensor_seeds() -> list[bytes]:
    weight, bias = torch.ones(2, 3), torch.zeros(2)
    return [
        save({"weight": weight, "bias": bias}),
        save({"weight": weight.half(), "bias": bias}),
        save({"weight": weight.long(), "bias": bias * torch.nan}),
        save({"weight": weight.T.contiguous()}),
    ]


def torch_seeds() -> list[bytes]:
    buffer = io.BytesIO()
    torch.save({"weight": torch.ones(2, 3)}, buffer)
    return [buffer.getvalue()]


def list_seeds() -> list[bytes]:
    return [
        b"path,label,person\na.jpg,Happy,p1\n../b.png,5,\n/etc/passwd,AN,\n",
        b" File , EMOTION ,split\na.jpg,happy,train,extra\n\n,sad\nb.jpg\n",
        b"path,path,label\na.jpg,b.jpg,nan\n",
        b'name,label\n"a\nb.jpg","<img src=x onerror=alert(1)>"\na\0b.jpg,sad\n',
    ]


def fer_seeds() -> list[bytes]:
    columns = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt"
    row = "Training,fer0000000.png,4,0,0,1,3,2,0,0"
    return [f"{columns},unknown,NF\n{row},0,0\n".encode(), f"{columns}\n{row}\n".encode()]


def pack_seeds() -> list[bytes]:
    buffer = io.BytesIO()
    np.savez(
        buffer, images=np.zeros((2, 48, 48), np.uint8), votes=np.eye(2, 8, dtype=np.uint8),
        classes=np.array([*EMOTIONS, "contempt"]), split=np.array(["Training"] * 2),
    )  # fmt: skip
    return [buffer.getvalue()]


def manifest_seeds() -> list[bytes]:
    made = {
        "format": 2, "source": "/photos", "dataset": {"kind": "folder", "photos": 2, "chosen": []},
        "classifier": {"name": "net"}, "au_detector": {"name": "made"}, "layer": "layer4.2",
        "method": "gradcam", "map_shape": [7, 7], "shard": 4, "batch": 2, "versions": {},
    }  # fmt: skip
    return [json.dumps(made).encode()]


def video_manifest_seeds() -> list[bytes]:
    made = json.loads(manifest_seeds()[0])
    made["dataset"]["video"] = {
        "clip": "c.mp4", "fps": 25.0, "every": 1, "per_second": None, "frames": 2, "measured": 2,
    }  # fmt: skip
    return [json.dumps(made).encode()]


def record_seeds() -> list[bytes]:
    record = {"shard": 0, "rows": 2, "faces": 1, "failed": [["b", "no"]], "sha256": "SHA256"}
    return [json.dumps(record).encode()]


def shard_seeds() -> list[bytes]:
    from xfera_nb.evidence.rows import Row, to_bytes

    face = {"box": np.arange(4), "landmarks": np.ones((68, 2)), "maps": np.ones((7, 7, 7))}
    face |= {name: np.full(7, 0.1) for name in ("probabilities", "peak", "mean_crop", "std_crop")}
    face |= {"mean_hull": np.ones(7), "std_hull": np.ones(7), "activation": np.ones((7, 68))}
    face |= {"intensities": np.ones(17)}
    return [to_bytes([Row(0, "a", "anger", **face), Row(1, "b", reason="no")], (7, 7))]


def video_shard_seeds() -> list[bytes]:
    from xfera_nb.evidence.rows import from_bytes, to_bytes, to_rows

    rows = list(to_rows(from_bytes(shard_seeds()[0], (7, 7)), (7, 7)))
    face = replace(rows[0], frame=0, time=0.0, track=1, score=1.0)
    none = replace(rows[1], frame=1, time=0.04)
    return [to_bytes([face, none], (7, 7), compact=True)]


@lru_cache
def clip_seeds() -> tuple[bytes, ...]:
    import cv2

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, code in (("a.mp4", "mp4v"), ("a.avi", "MJPG")):
            path = Path(folder, name)
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 10, (32, 24))
            for shade in range(6):
                writer.write(np.full((24, 32, 3), 40 * shade, np.uint8))
            writer.release()
            found.append(path.read_bytes())
    return tuple(found)


def beside_seeds() -> list[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from xfera_nb.facs.table2 import LANDMARK_AUS

    sink = io.BytesIO()
    drops = [[0.1] * len(LANDMARK_AUS)] * 2
    pq.write_table(pa.table({"number": [0, 1], "id": ["a", "b"], "drop": drops}), sink)
    return [sink.getvalue()]


def study_seeds() -> list[bytes]:
    item = {"id": "i01", "photo_name": "a.jpg", "kind": "random", "emotion": "anger",
            "has_positive_evidence": True,
            "predicted": "fear", "probabilities": [0.5, None, 0.5, 0, 0, 0, 0], "words": "Words.",
            "face": "a.jpg", "heatmap": "../b.jpg"}  # fmt: skip
    plan = {"format": 1, "items": [item], "conditions": ["words"], "seed": 1, "choice": "choose"}
    return [json.dumps(plan).encode(), json.dumps(plan | {"format": 2}).encode()]


@lru_cache
def small_photo(kind: str) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


def photo_seeds() -> list[bytes]:
    wide = io.BytesIO()
    Image.fromarray(np.array([[0, 9000], [65535, 1]], np.uint16)).save(wide, "TIFF")
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = io.BytesIO()
    Image.new("CMYK", (9, 6)).save(turned, "JPEG", exif=exif)
    return [*map(small_photo, FORMATS), wide.getvalue(), turned.getvalue()]


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
