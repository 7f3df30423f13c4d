"""A clip with two faces, a cut and an unreadable part, measured into a store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from clips import FPS, damage, draw, make_talk, read_number, write_clip

from xfera_nb.datasets.clip_dataset import ClipDataset
from xfera_nb.evidence import Evidence, EvidenceStore, StoreError, explain_video, extract
from xfera_nb.evidence import tracks as tracks_module
from xfera_nb.evidence.regions import round_maps
from xfera_nb.evidence.rows import Row, from_bytes, to_bytes, to_rows
from xfera_nb.faces import load_photo
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionParams, fuse, fuse_many

BLUE = (60, 100, 150)


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """Thirty seconds, with a cut after 15 and a damaged part after about 20."""
    path = make_talk(tmp_path_factory.mktemp("clip") / "talk.mp4")
    return damage(path, 0.65, 0.69)


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return make_talk(tmp_path_factory.mktemp("clip") / "short.mp4", seconds=2)


def measure(clip, out, stand_in, **options):
    return explain_video(
        clip, out, classifier=stand_in.classifier(),
        au_detector=stand_in.StandInDetector("none"), progress=False, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(talk, stand_in, tmp_path_factory):
    out = tmp_path_factory.mktemp("video") / "store"
    return out, measure(talk, out, stand_in, batch=16, shard=64)


def rows_of(out):
    return list(EvidenceStore.open(out).rows())


@pytest.mark.slow
def test_numbers_stay_until_the_cut_and_beyond_the_damage(whole):
    rows = rows_of(whole[0])
    frames = {track: [r.frame for r in rows if r.track == track] for track in (1, 2, 3, 4)}
    assert {row.track for row in rows} == {None, 1, 2, 3, 4}
    for track in (1, 2):
        assert frames[track] == list(range(150))
    lost = [row.frame for row in rows if row.track is None]
    assert lost and lost == list(range(lost[0], lost[-1] + 1)) and lost[0] > 150
    for track in (3, 4):
        assert frames[track] == [n for n in range(150, 300) if n not in lost]
    for row in rows:
        if row.track is not None:  # the odd numbers were found on the left
            middle = row.landmarks[30, 0]
            assert (middle < 200) == (row.track % 2 == 1)


@pytest.mark.slow
def test_times_are_those_of_the_frames(whole, talk):
    store = EvidenceStore.open(whole[0])
    rows = list(store.rows())
    assert [row.frame for row in rows] == sorted(row.frame for row in rows)
    assert {row.frame for row in rows} == set(range(300))
    for row in rows:
        assert abs(row.time - row.frame / FPS) < 1 / FPS
    for row in [r for r in rows if r.has_face][::29]:
        assert row.photo_path == f"talk.mp4#{row.frame}"
        shown = read_number(load_photo(Path(store.source) / row.photo_path))
        assert abs(shown - row.frame) <= 1


@pytest.mark.slow
def test_frames_that_cannot_be_read_are_rows_with_a_reason(whole):
    out, report = whole
    lost = [row for row in rows_of(out) if not row.has_face]
    assert all("no readable picture at" in row.reason for row in lost)
    assert len(report.failed) == len(lost)
    assert report.frames == 300 and report.tracks == 4
    assert report.photos == report.faces + len(lost) == 2 * 300 - len(lost)
    assert "300 frames" in report.text() and f"{len(lost)} rows" in report.text()


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_with_the_same_rows(
    whole, talk, stand_in, tmp_path, monkeypatch
):
    out = tmp_path / "store"
    script = (
        "import stand_in, sys\n"
        "from xfera_nb.evidence import explain_video\n"
        "explain_video(sys.argv[1], sys.argv[2], classifier=stand_in.classifier(), batch=16, "
        "shard=64, au_detector=stand_in.StandInDetector('none'), progress=False)\n"
    )
    folders = [str(Path(stand_in.__file__).parent), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(talk), str(out)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(folders)},
    )
    end = time.monotonic() + 300
    while len(list(out.glob("done/*.json"))) < 2 and time.monotonic() < end:
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert 0 < len(EvidenceStore.open(out)) < whole[1].photos
    report = measure(talk, out, stand_in, batch=16, shard=64)
    assert 0 < report.resumed < report.photos
    for file in sorted(whole[0].glob("rows/*.parquet")):
        assert (out / "rows" / file.name).read_bytes() == file.read_bytes()
    assert not (out / "tracks").exists()


def test_a_complete_store_is_not_measured_again(short, stand_in, tmp_path, monkeypatch):
    first = measure(short, tmp_path / "store", stand_in)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.parquet")}

    def fail(*_):
        raise AssertionError("tracked again")

    monkeypatch.setattr("xfera_nb.evidence.video.track_segment", fail)
    again = measure(short, tmp_path / "store", stand_in)
    assert again.resumed == again.photos == first.photos and again.tracks == first.tracks
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.parquet")} == before


def test_tracking_goes_on_with_the_segment_that_is_missing(
    short, stand_in, tmp_path, monkeypatch
):
    from xfera_nb.evidence import video

    monkeypatch.setattr(tracks_module, "SEGMENT", 4)
    whole = measure(short, tmp_path / "whole", stand_in)
    done = []

    def until(most):
        def track(url, clip, segment):
            if segment.number >= most:
                raise KeyboardInterrupt
            done.append(segment.number)
            return tracks_module.track_segment(url, clip, segment)

        return track

    monkeypatch.setattr(video, "track_segment", until(2))
    with pytest.raises(KeyboardInterrupt):
        measure(short, tmp_path / "store", stand_in)
    assert sorted(done) == [0, 1] and len(list((tmp_path / "store/tracks").iterdir())) == 2
    # A torn file is not taken for a segment.
    (tmp_path / "store" / "tracks" / "00001.parquet").write_bytes(b"PAR1")
    done.clear()
    monkeypatch.setattr(video, "track_segment", until(99))
    assert measure(short, tmp_path / "store", stand_in).tracks == whole.tracks
    assert sorted(done) == [1, 2, 3, 4]
    for file in (tmp_path / "whole" / "rows").iterdir():
        assert (tmp_path / "store" / "rows" / file.name).read_bytes() == file.read_bytes()


def test_segments_join_where_their_faces_lie(short, stand_in, tmp_path, monkeypatch):
    one = measure(short, tmp_path / "one", stand_in)
    monkeypatch.setattr(tracks_module, "SEGMENT", 4)
    monkeypatch.setattr(tracks_module, "OVERLAP", 2)
    many = measure(short, tmp_path / "many", stand_in)
    assert one.tracks == many.tracks == 4
    numbers = [(row.frame, row.track) for row in rows_of(tmp_path / "one")]
    assert numbers == [(row.frame, row.track) for row in rows_of(tmp_path / "many")]
    assert len(numbers) == 40


def test_some_frames_a_second(short, stand_in, tmp_path):
    report = measure(short, tmp_path / "store", stand_in, per_second=2)
    rows = rows_of(tmp_path / "store")
    assert report.frames == 4 and sorted({row.frame for row in rows}) == [0, 5, 10, 15]
    assert [row.time for row in rows if row.track == 1] == [0.0, 0.5]
    assert report.tracks == 4


def test_the_store_is_read_as_one_of_photos(short, stand_in, tmp_path):
    measure(short, tmp_path / "store", stand_in)
    store = EvidenceStore.open(tmp_path / "store")
    arrays = store.arrays(regions=True)
    assert len(arrays) == 40 and not np.isnan(arrays.activation).all(axis=(1, 2)).any()
    together = fuse_many(**arrays.inputs(), params=FusionParams())
    columns = pq.read_schema(tmp_path / "store" / "rows" / "00000.parquet").names
    assert "activation" not in columns and {"frame", "time", "track", "score"} <= set(columns)
    for index in (0, 17, 39):
        row = store.row(index)
        image = load_photo(Path(store.source) / row.photo_path)
        evidence = Evidence.from_row(row, image, store.manifest)
        np.testing.assert_array_equal(evidence.activation, arrays.activation[index])
        np.testing.assert_array_equal(evidence.peak, arrays.peak[index])
        assert fuse(evidence).active == tuple(
            au for au, on in zip(LANDMARK_AUS, together.active[index, 0], strict=True) if on
        )


def test_openface_files_are_matched_by_the_frame(short, stand_in, tmp_path):
    from xfera_nb.au_detectors import load_detector
    from xfera_nb.report import save_openface_csv

    measure(short, tmp_path / "store", stand_in)
    (tmp_path / "processed").mkdir()
    save_openface_csv(tmp_path / "store", tmp_path / "processed" / "short.csv")
    explain_video(
        short, tmp_path / "again", every=3, classifier=stand_in.classifier(), progress=False,
        au_detector=load_detector("openface-files", files=tmp_path / "processed"),
    )  # fmt: skip
    wanted = {(row.frame, row.track): row for row in rows_of(tmp_path / "store")}
    rows = rows_of(tmp_path / "again")
    assert len(rows) == 14 and all(row.reason is None for row in rows)
    for row in rows:
        # Which of the two faces has which number is the same here and there.
        other = wanted[row.frame, row.track]
        np.testing.assert_allclose(row.intensities, other.intensities, atol=1e-4)


@pytest.mark.slow
def test_a_shard_in_a_damaged_part_is_the_same_alone(talk, stand_in, tmp_path):
    """What a decoder makes of damage depends on where it began: always at the shard's start."""
    options = {"every": 2, "batch": 8, "shard": 8}
    measure(talk, tmp_path / "one", stand_in, **options)
    measure(talk, tmp_path / "two", stand_in, **options)
    names = sorted(path.name for path in (tmp_path / "one" / "rows").iterdir())
    for name in names[1::2]:
        (tmp_path / "two" / "rows" / name).unlink()
    measure(talk, tmp_path / "two", stand_in, **options)
    for name in names:
        found = [(tmp_path / store / "rows" / name).read_bytes() for store in ("one", "two")]
        assert found[0] == found[1], name


def test_a_label_lets_the_store_be_evaluated(short, stand_in, tmp_path):
    from xfera_nb.evaluation import evaluate_store

    measure(short, tmp_path / "store", stand_in, every=5, label="joy")
    found = evaluate_store(EvidenceStore.open(tmp_path / "store"))
    assert {photo.true for photo in found.photos} == {"happiness"}
    assert len(found.photos) == 8
    with pytest.raises(StoreError, match="label happiness there, None now"):
        measure(short, tmp_path / "store", stand_in, every=5)


def test_another_clip_or_choice_of_frames_is_refused(short, kdef, stand_in, tmp_path):
    measure(short, tmp_path / "store", stand_in, every=5)
    with pytest.raises(StoreError, match="every 5 there, 1 now"):
        measure(short, tmp_path / "store", stand_in)
    other = write_clip(tmp_path / "short.mp4", [draw([], BLUE)] * 3)
    with pytest.raises(StoreError, match="another clip"):
        measure(other, tmp_path / "store", stand_in, every=5)
    photos = tmp_path / "photos"
    setup = {"classifier": stand_in.classifier(), "au_detector": stand_in.StandInDetector()}
    extract(kdef, photos, progress=False, **setup)
    with pytest.raises(StoreError, match="holds photos"):
        measure(short, photos, stand_in)


def test_a_clip_without_a_face_is_rows_with_reasons(stand_in, tmp_path):
    clip = write_clip(tmp_path / "empty.mp4", [draw([], BLUE)] * 3)
    report = measure(clip, tmp_path / "store", stand_in)
    assert report.faces == 0 and report.photos == 3 and report.tracks == 0
    assert [row.reason for row in rows_of(tmp_path / "store")] == [
        f"No face was found at {n / 10:.3f} s (frame {n})." for n in range(3)
    ]
    assert [row.id for row in rows_of(tmp_path / "store")] == [f"empty.mp4#{n}" for n in range(3)]


def test_an_hour_needs_less_than_200_megabytes(stand_in, tmp_path):
    """At the shipped network's map of 7 x 7 cells and 30 frames a second, by numbers as real."""
    rng = np.random.default_rng(0)

    def row(number):
        maps = round_maps(rng.normal(size=(7, 7, 7)).astype(np.float32))
        points = (np.rint((rng.normal(size=(68, 2)) * 60 + 300) * 16) / 16).astype(np.float32)
        values = {name: rng.random(7) for name in ("mean_crop", "std_crop", "mean_hull",
                                                   "std_hull", "peak")}  # fmt: skip
        units = {name: rng.random(17).astype(np.float32) for name in ("intensities", "left",
                                                                      "right")}  # fmt: skip
        return Row(
            number, f"clip.mp4#{number}:1", photo_path=f"clip.mp4#{number}", frame=number,
            time=number / 30, track=1, score=1.5, box=np.array([1, 2, 300, 400], np.int32),
            landmarks=points, probabilities=rng.random(7).astype(np.float32), maps=maps,
            activation=np.zeros((7, 68)), **values, **units,
        )  # fmt: skip

    data = to_bytes([row(n) for n in range(256)], (7, 7), compact=True)
    assert len(data) / 256 * 30 * 3600 < 200e6


def test_rounded_maps_are_near_and_compress():
    maps = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    maps[:4] = [0.0, np.nan, 1e-30, -3.0]
    rounded = round_maps(maps)
    assert np.isnan(rounded[1]) and rounded[0] == 0 and rounded[3] == -3 and rounded[2] > 0
    known = ~np.isnan(maps)
    np.testing.assert_allclose(rounded[known], maps[known], rtol=2**-8)
    np.testing.assert_array_equal(round_maps(rounded), rounded)
    assert (rounded.view(np.uint32) & 0xFFFF == 0)[known].all()


def test_a_compact_shard_without_faces_has_no_activation():
    rows = [Row(0, "c.mp4#0", reason="dark", frame=0, time=0.0)]
    table = from_bytes(to_bytes(rows, (7, 7), compact=True), (7, 7))
    (read,) = to_rows(table, (7, 7))
    assert read.activation is None and read.frame == 0 and read.reason == "dark"


def test_rows_of_photos_have_no_frame(unbroken):
    assert all(row.frame is None and row.track is None for row in rows_of(unbroken[0]))


def test_items_of_a_clip():
    from xfera_nb.datasets.clip import Clip
    from xfera_nb.datasets.clip_dataset import make_clip_dataset
    from xfera_nb.datasets.dataset import FrameFace

    clip = Clip("/videos/a.mp4", 25.0, 10, 100, 100)
    found = [FrameFace(3, 0.12, 2, 1.0, np.zeros(4, np.int32), np.zeros((68, 2), np.float32)),
             FrameFace(4, 0.16, reason="No face.")]  # fmt: skip
    data = make_clip_dataset(clip, found, {"stamp": 1})
    assert isinstance(data, ClipDataset) and [item.id for item in data] == ["a.mp4#3:2", "a.mp4#4"]
    assert [data.path_of(item) for item in data] == ["a.mp4#3", "a.mp4#4"]
    assert [item.person for item in data] == ["face 2", None]
    other = make_clip_dataset(clip, found, {"stamp": 2})
    assert data.fingerprint != other.fingerprint
