"""The fuzzing targets on a short corpus: good files, the same damaged by a seed, what was found.

Longer runs are made with ``python tests/hostile/fuzz_run.py`` (see there).
"""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from fuzz_seeds import damaged
from fuzz_targets import TARGETS

pytestmark = pytest.mark.slow


def pack_with(header: bytes) -> bytes:
    """An .npz whose arrays all have this header."""
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("split", "images", "votes", "classes"):
            archive.writestr(f"{name}.npy", array)
    return buffer.getvalue()


DAMAGED = 40
"""Damaged files for each good one."""
FOUND = [
    # What fuzzing found, before it was repaired: (target, file, words of the refusal or None).
    ("params", b'{"k": ' + b"9" * 400 + b"}", "k is a huge number"),
    ("params", b'{"' + b"k" * 5000 + b'": 1}', "There is no parameter"),
    ("openface_csv", b"," * 300_000 + b"\n", "lacks all columns"),
    ("openface_pts", b"b" * 900 + b"\n{\n1 2\n", "cut short in its block 'bbb"),
    ("openface_pts", b"au intensities:\n{\n" + b"A" * 900 + b" x\n}\n", "is 'x' and not a number"),
    ("photo_list", b"path,label\na\0b.jpg,sad\n", None),
    ("photo_list", b"path,label,path\na.jpg,sad,b.jpg\n", "the column 'path' twice"),
    ("norms", b"emotion,hit_rate,Emotion\nsad,1,fear\n", "the column 'emotion' twice"),
    ("crop_list", b"split,emotion\ntrain,anger\n", "'file'"),
    ("crop_list", b"split,emotion,file\ntrain,anger\n", "faces.csv cannot be read"),
    ("ferplus_pack", b"PK\x05\x06" + bytes(18), "cannot be read"),
    ("ferplus_pack", pack_with(b"{'descr': '|u1', 'shape': (2, \n"), "cannot be read"),
    ("ferplus_pack", pack_with(b"{'descr': '|u1', 'fortran_order': False, 'shape': (10**15,)}\n"),
     "cannot be read"),
    ("ferplus_pack", pack_with(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n"),
     "cannot be read"),
    ("torch_file", b"PK\x05\x06" + bytes(18), "cannot be read as a PyTorch file"),
    ("rafdb_list", b"x" * 5000, "holds no photo of RAF-DB"),
    ("manifest", b"[" * 5000, "is damaged"),
    ("manifest", b'{"format": 2}', "is damaged"),
    ("shard_record", b"[" * 5000, "is damaged"),
    ("shard_record", b'{"shard": 0, "rows": 1e999, "faces": 0, "failed": []}', "is damaged"),
    ("shard_record",
     b'{"shard": 0, "faces": 0, "failed": [], "sha256": "", "rows": ' + b"1" * 78 + b"}",
     "is damaged"),
    ("shard", b"PAR1" + bytes(40) + b"PAR1", "holds no rows of a store"),
    ("faithfulness", b"PAR1" + bytes(40) + b"PAR1", "faithfulness.parquet of"),
    ("classifier_card", b"[" * 5000, "is damaged"),
    ("au_card", b"[" * 5000, "is not valid"),
]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_whatever_the_damage_it_is_read_or_refused_in_a_sentence(name):
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds()):
        target(seed)
        for turn in range(DAMAGED):
            rng = np.random.default_rng([number, turn])
            data = damaged(seed, rng)
            target(damaged(data, rng) if turn % 3 == 0 else data)


@pytest.mark.parametrize(("name", "data", "said"), FOUND, ids=lambda value: str(value)[:24])
def test_what_was_found_stays_repaired(name, data, said):
    told = TARGETS[name](data)
    assert told is None if said is None else said in told


def test_the_damage_is_the_same_on_each_run():
    data = bytes(range(200))
    made = [damaged(data, np.random.default_rng(turn)) for turn in range(30)]
    assert made == [damaged(data, np.random.default_rng(turn)) for turn in range(30)]
    assert len(set(made)) > 25 and data not in made


def test_a_target_that_lets_another_error_through_is_told():
    from fuzz_targets import Target

    def broken(data: bytes) -> None:
        raise KeyError("source")

    with pytest.raises(KeyError):
        Target(broken, list)(b"")
