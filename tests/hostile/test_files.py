"""Files beside the photos, as users bring them: pipes, odd names, stores pointing elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from growth import growth
from hostile_photos import SAMPLE, encoded, face

from xfera_nb.au_detectors import load_detector
from xfera_nb.au_detectors.openface_files import read as read_openface
from xfera_nb.cli import main
from xfera_nb.datasets import open_dataset
from xfera_nb.errors import PhotoError, XferaError
from xfera_nb.evidence import EvidenceStore, StoreError
from xfera_nb.evidence.rows import Row
from xfera_nb.evidence.storage import Storage, resolve_photo
from xfera_nb.evidence.store import write_shard
from xfera_nb.widgets.shared.thumbnails import PhotoFinder

pytestmark = pytest.mark.slow

ODD = [b"caf\xe9.jpg", "😀 x.jpg".encode(), b"<b>bold.jpg", b"new\nline.jpg"]


@pytest.fixture
def pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.fixture
def run(capfd):
    """Run a command: exit code, stdout, lines on stderr."""

    def call(*arguments):
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err.splitlines()

    return call


@pytest.mark.parametrize(
    "command",
    [
        ("explain", SAMPLE, "--params", "PIPE"),
        ("explain", SAMPLE, "--classifier", "PIPE"),
        ("extract", "PIPE", "--out", "OUT"),
        ("video", "PIPE", "--out", "OUT"),
        ("extract", "PIPE", "--kind", "csv", "--out", "OUT"),
        ("extract", "PIPE", "--kind", "ferplus", "--out", "OUT"),
        ("extract", SAMPLE.parent, "--out", "OUT", "--no-check", "--au", "openface-files",
         "--openface-files", "PIPE"),
        ("evaluate", "PIPE"),
        ("evaluate", "OUT", "--norms", "PIPE"),
        ("evaluate", "--ferplus", "PIPE"),
        ("evaluate", "--crops", "PIPE"),
        ("train", "--ferplus", "PIPE", "--out", "OUT"),
        ("train", "--folder", "PIPE", "--out", "OUT"),
        ("study", "build", SAMPLE.parent, "--out", "OUT", "--texts", "PIPE"),
        ("study", "build", SAMPLE.parent, "--out", "OUT", "--params", "PIPE"),
        ("study", "analyse", "PIPE"),
    ],
    ids=lambda command: " ".join(str(part) for part in command if part != SAMPLE)[:50],
)  # fmt: skip
def test_a_pipe_in_place_of_a_file_is_refused_at_once(run, pipe, tmp_path, command):
    places = {"PIPE": pipe, "OUT": tmp_path / "out"}
    code, _, errors = run(*(places.get(part, part) for part in command))
    assert code == 2 and len(errors) == 1 and errors[0].startswith("xfera: ")


def test_what_has_no_end_is_left(run, monkeypatch, tmp_path):
    monkeypatch.setattr("xfera_nb.cli.check.MOST_FACTS", 10_000)
    code, _, errors = run("check", "--facts", "/dev/zero", "The lip corners are pulled.")
    assert code == 2 and "is longer than 10,000 characters" in errors[0]
    monkeypatch.undo()
    (tmp_path / "facts.json").write_text(run("explain", SAMPLE, "--json")[1])
    endless = SimpleNamespace(isatty=lambda: False, read=lambda count: "A smile. " * count)
    monkeypatch.setattr("sys.stdin", endless)
    code, _, errors = run("check", "--facts", tmp_path / "facts.json")
    assert code == 2 and "is longer than 100,000 characters" in errors[0]
    with pytest.raises(XferaError, match="cannot be read"):
        load_detector("builtin", weights="/dev/zero")


@pytest.mark.parametrize("path", ["/", ".", "", "x" * 5000, "a\0b", "\udce9", "/dev/zero"])
def test_what_is_no_path_of_weights(run, path):
    code, _, errors = run("explain", SAMPLE, "--classifier", path or ".")
    assert code == 2 and len(errors) == 1 and len(errors[0]) < 6000
    assert "weights" in errors[0]


def test_pipes_inside_folders_are_refused_at_once(tmp_path):
    for name in ("manifest.json", "study.json", "of.csv", "net.json"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "net.safetensors").touch()
    from xfera_nb.classifier import load_card
    from xfera_nb.study import Study

    for opened in (
        lambda: EvidenceStore.open(tmp_path),
        lambda: Study.load(tmp_path),
        lambda: read_openface(tmp_path / "of.csv"),
        lambda: load_card(tmp_path / "net.safetensors"),
    ):
        with pytest.raises(XferaError):
            opened()


@pytest.fixture
def odd_names(tmp_path):
    folder = tmp_path / "photos" / "happy"
    folder.mkdir(parents=True)
    for number, name in enumerate(ODD):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(
            encoded(face(200 + number), "JPEG")
        )
    for name in ("one.jpg", "two.jpg"):  # as long as each other: compared by their content
        os.mkfifo(folder / name)
    (folder / "esc\x1b[31m.jpg").touch()  # empty, so that it is named in the report
    return folder.parent


def test_odd_names_and_pipes_among_the_photos(run, odd_names, tmp_path):
    code, out, errors = run("extract", odd_names, "--out", tmp_path / "store", "--quiet")
    assert (code, errors) == (0, [])
    assert "\x1b" not in out and "esc?[31m.jpg" in out
    assert "2 photos that are not there" in out and "one.jpg: not a regular file" in out
    store = EvidenceStore.open(tmp_path / "store")
    rows = {row.id: row for row in store.rows()}
    assert sum(row.has_face for row in rows.values()) == len(ODD)
    assert "happy/caf\\udce9.jpg" in rows and "happy/😀 x.jpg" in rows
    # The same command again finds the same data set, although Parquet holds another name.
    assert run("extract", odd_names, "--out", tmp_path / "store", "--quiet")[0] == 0
    assert run("evaluate", tmp_path / "store", "--html", tmp_path / "page.html")[0] == 0


@pytest.mark.parametrize("name", [
    "../secret.png", "a/../../secret.png", "/etc/hostname", "a\0b.png", "..", "a/../..",
])  # fmt: skip
def test_a_stores_photos_do_not_lead_out_of_its_folder(tmp_path, name):
    (tmp_path / "secret.png").write_bytes(encoded(face(100), "PNG"))
    root = tmp_path / "photos"
    root.mkdir()
    with pytest.raises(StoreError, match="leads out of"):
        resolve_photo(root, name)
    with pytest.raises(PhotoError, match="leads out of"):
        PhotoFinder(str(root)).read("x", name)
    small = PhotoFinder(str(root)).thumbnail("x", name, None)
    assert small.data == b"" and "leads out of" in small.reason


def test_a_stores_photos_are_found_below_its_folder(tmp_path):
    photo = tmp_path / "a b" / "c.png"
    photo.parent.mkdir()
    photo.write_bytes(encoded(face(100), "PNG"))
    assert resolve_photo(tmp_path, "a b/c.png") == photo
    assert resolve_photo(tmp_path, "x/../a b/c.png") == photo
    assert resolve_photo(tmp_path, str(photo)) == photo
    assert PhotoFinder(str(tmp_path)).read("x", "a b/c.png").shape == (100, 100, 3)
    # An absolute name of another computer is looked for by its last part.
    assert PhotoFinder("/nowhere", photo.parent).read("x", "/elsewhere/c.png").shape[0] == 100
    with pytest.raises(StoreError, match="leads out of /"):
        resolve_photo("/", "etc/hostname")


def test_a_study_from_an_untrusted_store_reads_nothing_outside(run, tmp_path):
    """A store whose root is the photos' folder, but whose rows name a photo above it."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "secret.png").write_bytes(encoded(face(), "PNG"))
    found = np.full(7, 0.1, np.float32)
    found[3] = 0.4
    landmarks = np.random.default_rng(0).uniform(50, 250, (68, 2)).astype(np.float32)
    arrays = {name: np.ones(7) for name in ("mean_crop", "std_crop", "mean_hull", "std_hull")}
    row = Row(
        0, "a", "anger", photo_path="../secret.png", box=np.array([0, 0, 99, 99], np.int32),
        landmarks=landmarks, probabilities=found, maps=np.ones((7, 7, 7), np.float32),
        activation=np.ones((7, 68)), peak=np.ones(7), intensities=np.ones(17, np.float32), **arrays,
    )  # fmt: skip
    store = tmp_path / "store"
    manifest = {
        "format": 2, "source": str(tmp_path / "photos"), "layer": "layer4.2", "method": "gradcam",
        "dataset": {"kind": "folder", "photos": 1, "chosen": []}, "map_shape": [7, 7], "shard": 4,
        "batch": 2, "classifier": {"name": "net"}, "au_detector": {"name": "made"}, "versions": {},
    }  # fmt: skip
    place = Storage(store)
    place.write("manifest.json", json.dumps(manifest).encode())
    write_shard(place, 0, [row], (7, 7))
    code, out, errors = run(
        "study", "build", store, "--out", tmp_path / "study", "--conditions", "none", "--quiet",
        "--misclassified", "1",
    )  # fmt: skip
    assert (code, out) == (2, "") and "leads out of" in errors[0]
    assert not list(tmp_path.glob("study/**/*.jpg"))


def test_a_name_that_no_file_can_have_is_a_missing_photo(tmp_path):
    lines = (b"path,label", b"a\0b.jpg,sad", b"x" * 5000 + b".jpg,sad")
    (tmp_path / "faces.csv").write_bytes(b"\n".join(lines))
    data = open_dataset(tmp_path / "faces.csv")
    assert [p.kind for p in data.report.problems] == ["missing"] * 2
    assert "null byte" in data.report.problems[0].detail


def test_a_header_of_a_million_columns_is_read_in_time(tmp_path):
    def read(count):
        path = tmp_path / "wide.csv"
        path.write_text(",".join(f"c{n}" for n in range(count)) + "\n")
        with pytest.raises(XferaError, match="lacks all columns"):
            read_openface(path)

    # Four times the columns: 4 if each is read once, 16 if beside each other.
    assert growth(read, 125_000, 500_000) < 10


def test_blank_columns_do_not_shift_the_others(tmp_path):
    from fuzz_targets import TARGETS

    header, row = TARGETS["openface_csv"].seeds()[0].decode().splitlines()
    path = tmp_path / "of.csv"
    path.write_text(f"{header},,\n{row},,\n")
    (read,) = read_openface(path)
    assert read.intensities.tolist() == [1.25] * 17
    path.write_text(f"{header},,\n{row}\n")
    with pytest.raises(XferaError, match="cut short or damaged at line 2: 173 values for 175"):
        read_openface(path)
