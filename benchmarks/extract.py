"""What an extraction costs: ``python benchmarks/extract.py [--photos N] [--memory N N] [--dask]``.

- Time against the bare work: dlib on each photo and the network's forward pass over batches of
  its crops, in one process and nothing else. The extraction also decodes, finds Action Units and
  maps, and writes. Both take turns; the median of the rounds is printed.
- Memory (on Linux): the peak of a process that extracts few and many generated photos (small
  ones, and the network at 64 pixels, so that thousands take minutes).
- Dask: one local worker process against two, each with one thread.

Photos are the sample faces on a 562x762 ground, each a little brighter than the last.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from xfera_nb.au_detectors import load_detector
from xfera_nb.classifier import Classifier, ResNet50BAM, load_classifier
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.datasets import read_folder_faces, samples_folder
from xfera_nb.evidence import extract
from xfera_nb.faces import find_faces, load_photo

BATCH = 32


def untrained(size: int = 224) -> Classifier:
    """The network with random weights: as quick as with trained ones."""
    torch.manual_seed(0)
    card = {"input": default_input_rule() | {"size": size}, "name": "untrained"}
    return Classifier(ResNet50BAM(), card)


def make_photos(folder: Path, count: int, size: tuple[int, int], face: int) -> None:
    """Write `count` different photos with a face `face` pixels wide."""
    samples = sorted(samples_folder().glob("*.jpg"))
    faces = [Image.open(path).convert("L").resize((face, face)) for path in samples]
    place = ((size[0] - face) // 2, (size[1] - face) // 2)
    for number in range(count):
        photo = Image.new("L", size, 100 + number % 50)
        photo.paste(faces[number % len(faces)], place)
        photo.putpixel((0, 0), number // 50 % 256)
        photo.save(folder / f"{number:05d}.jpg", quality=90)


def compare_time(count: int, rounds: int, classifier: Classifier) -> None:
    """Print the extraction's time against the bare work."""
    detector = load_detector("builtin")
    bare, whole, parts = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "photos")
        photos.mkdir()
        make_photos(photos, count, (562, 762), 520)
        data = read_folder_faces(photos, check=False)
        images = [load_photo(item.path) for item in data]
        for number in range(rounds + 1):
            start = time.perf_counter()
            crops = np.stack([find_faces(image)[0].crop for image in images])
            middle = time.perf_counter()
            with torch.inference_mode():
                for first in range(0, count, BATCH):
                    classifier.module(classifier.preprocess(crops[first : first + BATCH]))
            stop = time.perf_counter()
            out = Path(folder, f"store{number}")
            report = extract(
                data, out, classifier=classifier, au_detector=detector, batch=BATCH, progress=False
            )
            end = time.perf_counter()
            if number:  # the first round warms up
                bare.append(stop - start)
                parts.append((middle - start, stop - middle))
                whole.append(end - stop)
        size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    dlib, forward = np.median(parts, axis=0)
    print(f"{count} photos of 562x762, {report.faces} faces, {torch.get_num_threads()} threads")
    print(f"  dlib                   {1000 * dlib / count:8.1f} ms a photo")
    print(f"  bare forward, batched  {1000 * forward / count:8.1f} ms a photo")
    print(f"  extraction             {1000 * np.median(whole) / count:8.1f} ms a photo")
    print(f"  store                  {size / count / 1024:8.1f} kB a photo")
    ratio = np.median(np.array(bare) / np.array(whole))
    print(f"bare / extraction        {ratio:8.2f}   (aim: at least 0.85)")


def compare_memory(counts: list[int]) -> None:
    """Print the peak memory of processes that extract few and many photos."""
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            photos = Path(folder, f"photos{count}")
            photos.mkdir()
            make_photos(photos, count, (200, 200), 190)
            command = [sys.executable, __file__, "--peak-of", str(photos)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            before, peak, seconds = map(float, done.stdout.split())
            peaks.append(peak)
            print(
                f"{count:6} photos: {before:.0f} MB with the models loaded, at most {peak:.0f} MB, "
                f"{seconds:.0f} s"
            )
    print(f"peak of the last / of the first {peaks[-1] / peaks[0]:8.3f}   (aim: about 1)")


def print_peak(photos: Path) -> None:
    """In a process of its own: extract and print memory before, its peak, and the seconds."""
    data = read_folder_faces(photos, check=False)
    classifier, detector = untrained(64), load_detector("builtin")
    before = _memory("VmRSS")
    with tempfile.TemporaryDirectory() as out:
        report = extract(data, out, classifier=classifier, au_detector=detector, progress=False)
    print(before, _memory("VmHWM"), report.seconds)


def _memory(what: str) -> float:
    """Memory of this process in MB, from Linux: VmRSS is what it has now, VmHWM its peak.

    getrusage's peak would be that of the parent process if that was larger.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024


def compare_workers(count: int, classifier: Classifier) -> None:
    """Print the time of one and of two Dask workers."""
    from distributed import Client, LocalCluster

    detector = load_detector("builtin")
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "photos")
        photos.mkdir()
        make_photos(photos, count, (562, 762), 520)
        data = read_folder_faces(photos, check=False)
        models = {"classifier": classifier, "au_detector": detector}
        setup = {**models, "shard": BATCH, "progress": False}
        for workers in (1, 2):
            with (
                LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0
                ) as cluster,
                Client(cluster) as client,
            ):
                for turn in ("warm", "timed"):
                    out = Path(folder, f"{workers}{turn}")
                    report = extract(data, out, scheduler=client, **setup)
            seconds[workers] = report.seconds
            print(f"{workers} Dask worker(s): {1000 * report.seconds / count:.1f} ms a photo")
    print(
        f"one / two workers        {seconds[1] / seconds[2]:8.2f}   ({os.cpu_count()} cores; each "
        "worker also prepares in a second thread, which one worker alone has a free core for)"
    )


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=128, help="for the times")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, nargs="*", metavar="N", default=[2000, 8000])
    parser.add_argument("--dask", action="store_true", help="one worker against two")
    parser.add_argument("--untrained", action="store_true", help="random weights: no others needed")
    parser.add_argument("--peak-of", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak_of is not None:
        print_peak(options.peak_of)
        return
    classifier = untrained() if options.untrained else load_classifier()
    compare_time(options.photos, options.rounds, classifier)
    if options.memory:
        compare_memory(options.memory)
    if options.dask:
        compare_workers(options.photos, classifier)


if __name__ == "__main__":
    main()
