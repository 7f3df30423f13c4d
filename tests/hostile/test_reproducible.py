"""The same photo gives the same numbers: on each run, in each process, in each batch.

Tolerances
    In one batch size and number of threads: none, the numbers are equal bit by bit. Between batch
    sizes, or numbers of threads: `TOLERANCE` of a probability (0-1) and of a map's peak. Measured
    with the shipped weights on 16 samples: 3e-7.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import xfera_nb as xf
from xfera_nb.cli import main
from xfera_nb.datasets import open_dataset, samples_folder
from xfera_nb.evidence import EvidenceStore, extract
from xfera_nb.faces import find_faces
from xfera_nb.saliency import gradcam_all_classes

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TOLERANCE = 1e-5
CODES = ("C01AF", "C01AN", "C01DI", "C01HA", "C01NE", "C01SA", "C01SU", "C02AF")


@pytest.fixture(scope="module")
def photos():
    return [samples_folder() / f"{code}.jpg" for code in CODES]


@pytest.fixture(scope="module")
def crops(photos):
    return np.stack([find_faces(path)[0].crop for path in photos])


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def measured(crops, batch):
    """Probabilities (N, 7) and maps (N, 7, h, w), measured in batches."""
    network = xf.load_classifier()
    starts = range(0, len(crops), batch)
    parts = [gradcam_all_classes(network, crops[i : i + batch]) for i in starts]
    chances = [one.probabilities for predictions, _ in parts for one in predictions]
    return np.array(chances), np.concatenate([maps for _, maps in parts])


def alike(one, other):
    chances, maps = (np.abs(a - b).max() for a, b in zip(one, other, strict=True))
    assert chances <= TOLERANCE
    assert maps <= TOLERANCE * np.abs(one[1]).max()


@pytest.mark.parametrize("batch", [2, 3, 8])
def test_each_batch_size_gives_the_same_numbers(crops, threads, batch):
    threads(1)
    alike(measured(crops, 1), measured(crops, batch))


def test_the_number_of_threads_changes_nothing_to_speak_of(crops, threads):
    threads(1)
    one = measured(crops, 4)
    threads(2)
    alike(one, measured(crops, 4))


def test_neighbours_in_a_batch_do_not_matter(crops, threads):
    threads(1)
    chances, maps = measured(crops, 4)
    turned_chances, turned_maps = measured(crops[::-1], 4)
    alike((chances, maps), (turned_chances[::-1], turned_maps[::-1]))


def test_each_run_gives_equal_numbers(photos):
    first, second = (xf.explain(photos[3]) for _ in range(2))
    assert first.to_dict() == second.to_dict()
    np.testing.assert_array_equal(first.face.landmarks, second.face.landmarks)
    np.testing.assert_array_equal(first.evidence.activation, second.evidence.activation)


def test_another_process_prints_the_same_line(photos, capsys):
    """Of the same number of threads; whatever Python's hashes are seeded with."""
    line = ["explain", "--json", str(photos[3]), str(photos[6])]
    code = "import sys, torch; torch.set_num_threads(1); from xfera_nb.cli import main; "
    code += "sys.exit(main(sys.argv[1:]))"
    printed = []
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code, *line], capture_output=True, text=True, env=env, check=True
        )
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    assert main(line) == 0
    torch.set_num_threads(before)
    assert [json.loads(one) for one in capsys.readouterr().out.splitlines()] == [
        json.loads(one) for one in printed[0].splitlines()
    ]


@pytest.fixture(scope="module")
def stores(tmp_path_factory, photos):
    """The same eight photos: twice in batches of 3, once in batches of 8."""
    folder = tmp_path_factory.mktemp("stores")
    (folder / "photos").mkdir()
    for path in photos:
        (folder / "photos" / path.name).write_bytes(path.read_bytes())
    data = open_dataset(folder / "photos")
    for name, batch in (("one", 3), ("again", 3), ("other", 8)):
        extract(data, folder / name, batch=batch, shard=4, progress=False)
    return {name: EvidenceStore.open(folder / name) for name in ("one", "again", "other")}


def test_two_extractions_are_equal_byte_by_byte(stores):
    one, again = (
        [(record.shard, record.sha256) for record in stores[name].records]
        for name in ("one", "again")
    )
    assert one == again and len(one) == 2


def test_a_store_of_another_batch_size_holds_the_same_numbers(stores):
    one, other = (list(stores[name].rows()) for name in ("one", "other"))
    alike(*((np.stack([r.probabilities for r in rows]), np.stack([r.maps for r in rows]))
            for rows in (one, other)))  # fmt: skip
    for a, b in zip(one, other, strict=True):
        assert a.id == b.id
        np.testing.assert_array_equal(a.landmarks, b.landmarks)
        np.testing.assert_array_equal(a.intensities, b.intensities)
        np.testing.assert_allclose(a.activation, b.activation, atol=TOLERANCE * np.ptp(a.maps))


def test_a_store_records_what_made_it(stores):
    said = stores["one"].manifest
    network, detector = xf.load_classifier(), xf.load_detector("builtin")
    assert said["classifier"] == json.loads(json.dumps(network.describe()))
    assert len(said["classifier"]["sha256"]) == len(said["au_detector"]["sha256"]) == 64
    assert said["au_detector"]["sha256"] == detector.describe()["sha256"]
    assert (said["layer"], said["method"], said["batch"]) == ("layer4.2", "gradcam", 3)
    assert said["versions"]["xfera_nb"] == xf.__version__
    assert said["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert {"python", "dlib-bin", "opencv-python", "numpy", "pillow"} <= set(said["versions"])
    assert said["dataset"]["photos"] == 8 and len(said["dataset"]["fingerprint"]) == 64
    assert set(said["crop"]) == {"size", "side", "chin", "faces"}


def test_the_tolerance_would_be_missed():
    """By a probability that differs in its fifth place, or a map by its hundred-thousandth."""
    chances, maps = np.full((2, 7), 1 / 7), np.ones((2, 7, 7, 7))
    with pytest.raises(AssertionError):
        alike((chances, maps), (chances + 3e-5, maps))
    with pytest.raises(AssertionError):
        alike((chances, maps), (chances, maps + 3e-5))
