"""Reading a clip's frames by number, whole and damaged."""

from __future__ import annotations

import numpy as np
import pytest
from clips import SIZE, damage, draw, read_number, write_clip

from xfera_nb.datasets.clip import (
    Clip,
    FrameReader,
    file_of,
    open_clip,
    sample_frames,
    split_reference,
)
from xfera_nb.errors import DatasetError, InputError, PhotoError
from xfera_nb.faces import load_photo

COUNT = 90


def pictures():
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        picture = draw([], (60, 100, 150))
        picture[60:200, 40:360] = rng.integers(0, 255, (140, 320, 3)) if number % 9 == 0 else 90
        yield picture


@pytest.fixture(scope="module", params=["clip.mp4", "clip.avi"])
def path(request, tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clip") / request.param, pictures(), fps=25)


def test_a_clip_says_what_it_is(path):
    clip = open_clip(path)
    assert (clip.fps, clip.frames, clip.width, clip.height) == (25, COUNT, *SIZE)
    assert clip.name == path.name and clip.seconds == pytest.approx(3.6)
    assert clip.time(50) == 2.0


def test_frames_in_any_order_are_those_of_their_number(path):
    reader = FrameReader(open_clip(path))
    for number in [*range(12), 80, 3, 3, 4, 89, 0, 60, 61, 59]:
        frame = reader.read(number)
        assert frame.number == number == read_number(frame.image)
        assert frame.time == pytest.approx(number / 25)
    with pytest.raises(PhotoError, match="no frame 90"):
        reader.read(90)


def test_a_frame_is_a_photo_by_reference(path):
    image = load_photo(f"{path}#37")
    assert read_number(image) == 37 and image.shape == (SIZE[1], SIZE[0], 3)
    assert image.dtype == np.uint8
    with pytest.raises(PhotoError, match="no frame 500"):
        load_photo(f"{path}#500")
    with pytest.raises(PhotoError, match="no video gone.mp4"):
        load_photo(path.with_name("gone.mp4#3"))


def test_a_photo_whose_name_looks_like_a_reference_is_itself(tmp_path):
    from PIL import Image

    Image.new("RGB", (8, 8), (10, 20, 30)).save(tmp_path / "a.png")
    odd = tmp_path / "clip.mp4#3"
    (tmp_path / "a.png").rename(odd)
    assert load_photo(odd)[0, 0].tolist() == [10, 20, 30]
    assert file_of(odd) == odd and file_of(tmp_path / "clip.mp4#4") == tmp_path / "clip.mp4"


def test_references():
    assert split_reference("a/clip.MP4#12") == ("a/clip.MP4", 12)
    assert split_reference("a#1.mp4#2") == ("a#1.mp4", 2)
    for other in ("clip.mp4", "photo.jpg#3", "clip.mp4#", "clip.mp4#x", "clip.mp4#-1"):
        assert split_reference(other) is None


def test_frames_after_a_damaged_part_keep_their_numbers(tmp_path):
    path = damage(write_clip(tmp_path / "clip.mp4", pictures(), fps=25), 0.4, 0.5)
    reader, lost, shown = FrameReader(open_clip(path)), [], []
    for number in range(COUNT):
        try:
            frame = reader.read(number)
        except PhotoError as error:
            assert f"at {number / 25:.3f} s (frame {number})" in str(error)
            lost.append(number)
        else:
            # The decoder conceals the first broken picture by the one before it.
            assert abs(read_number(frame.image) - number) <= 1
            assert frame.time == pytest.approx(number / 25)
            shown.append(number)
    assert lost and shown[-1] == COUNT - 1
    assert lost == list(range(lost[0], lost[-1] + 1))


def test_a_file_that_ends_early_is_read_to_its_end(tmp_path):
    path = write_clip(tmp_path / "clip.avi", pictures(), fps=25)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    clip = Clip(str(path), 25.0, COUNT, *SIZE)
    reader, shown = FrameReader(clip), []
    for number in range(COUNT):
        try:
            shown.append(read_number(reader.read(number).image))
        except PhotoError:
            break
    assert 20 < len(shown) < COUNT and shown[:-1] == list(range(len(shown) - 1))
    with pytest.raises(PhotoError, match="no readable picture"):
        reader.read(COUNT - 1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, list(range(10))),
        ({"every": 4}, [0, 4, 8]),
        ({"per_second": 10}, [0, 2, 5, 8]),
        ({"per_second": 100}, list(range(10))),
        ({"per_second": 0.5}, [0]),
    ],
)
def test_frames_that_are_looked_at(options, expected):
    assert sample_frames(Clip("c.mp4", 25.0, 10, *SIZE), **options) == expected


@pytest.mark.parametrize("options", [{"every": 0}, {"per_second": 0}, {"per_second": float("nan")},
                                     {"every": 2, "per_second": 3}])  # fmt: skip
def test_choices_of_frames_that_make_no_sense(options):
    with pytest.raises(InputError):
        sample_frames(Clip("c.mp4", 25.0, 10, *SIZE), **options)


def test_what_is_no_clip(tmp_path):
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    with pytest.raises(DatasetError, match="cannot be read as a video"):
        open_clip(text)
    with pytest.raises(DatasetError, match="no video"):
        open_clip(tmp_path / "gone.mp4")
    with pytest.raises(DatasetError, match="is a URL"):
        open_clip("https://example.org/clip.mp4")


@pytest.mark.parametrize("name", ["clip.mp4", "clip.m3u8"])
def test_a_playlist_leads_to_no_other_machine(tmp_path, name):
    """FFmpeg tells formats by their content, and would follow a playlist's addresses."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1.0)
        port = server.getsockname()[1]
        playlist = tmp_path / name
        playlist.write_text(
            "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n"
            f"http://127.0.0.1:{port}/part.ts\n#EXT-X-ENDLIST\n"
        )
        with pytest.raises(DatasetError):
            open_clip(playlist)
        with pytest.raises(TimeoutError):
            server.accept()
