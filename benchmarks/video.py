"""What a video costs: ``python benchmarks/video.py [--seconds N] [--faces N] [--threads N]``.

A clip of 960x540 pixels and 30 frames a second, made from the sample faces, is measured into a
store by the shipped models. Printed are

- frames a second by the clock, and by the processor's time on the given number of cores: the rate
  of a machine on which nothing else runs;
- where the time goes: following the faces, the network (plain and with merged normalisations);
- the store's megabytes for an hour at 30 frames a second with as many faces.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch

from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.datasets import samples_folder
from xfera_nb.evidence import explain_video

SIZE, FACE, FPS, BATCH = (960, 540), 240, 30, 16


def make_clip(path: Path, seconds: float, faces: int) -> None:
    """Write a clip of faces that move a little and change their expression."""
    folder = samples_folder()
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, SIZE)
    for number in range(round(seconds * FPS)):
        picture = np.full((SIZE[1], SIZE[0], 3), (60, 90, 140), np.uint8)
        for face in range(faces):
            phase = (number / FPS / 3 + face / 2) % 3
            shown = ("NE", "HA", "SU", "NE")[int(phase) : int(phase) + 2]
            one, next_one = (
                cv2.imread(str(folder / f"C{face + 1:02d}{code}.jpg")) for code in shown
            )
            mixed = cv2.addWeighted(one, 1 - phase % 1, next_one, phase % 1, 0)
            left = round((face + 0.5) * SIZE[0] / faces - FACE / 2 + 20 * np.sin(number / FPS))
            picture[150 : 150 + FACE, left : left + FACE] = cv2.resize(mixed, (FACE, FACE))
        writer.write(picture)
    writer.release()


def time_network(classifier: Classifier) -> float:
    """Return the milliseconds that one face of a batch takes; the best of some runs."""
    crops = np.zeros((BATCH, 224, 224, 3), np.uint8)
    best = float("inf")
    for _ in range(8):
        start = time.perf_counter()
        classifier.logits(crops)
        best = min(best, time.perf_counter() - start)
    return 1000 * best / BATCH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--faces", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    classifier = load_classifier(device="cpu")
    print(f"network, a face of {BATCH}  {time_network(classifier):6.1f} ms plain, "
          f"{time_network(classifier.fused()):.1f} ms merged")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        clip, out = Path(folder, "clip.mp4"), Path(folder, "store")
        make_clip(clip, options.seconds, options.faces)
        begun = time.process_time()
        report = explain_video(clip, out, classifier=classifier, batch=BATCH, progress=False)
        spent = time.process_time() - begun
        size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    print(f"{report.frames:,} frames, {report.faces:,} faces, {report.tracks} tracked")
    print(f"following the faces   {1000 * report.tracking_seconds / report.frames:6.1f} ms a frame")
    print(f"measuring             {1000 * report.seconds / report.frames:6.1f} ms a frame")
    print(f"by the clock          {report.rate:6.1f} frames a second   (aim: at least 20)")
    print(f"by processor time     {report.frames * options.threads / spent:6.1f} frames a second "
          f"on {options.threads} cores")  # fmt: skip
    hour = size / report.frames * FPS * 3600 / 1e6
    print(f"store                 {size / max(report.faces, 1):6,.0f} bytes a face, {hour:.0f} MB "
          "an hour   (aim: less than 200)")  # fmt: skip


if __name__ == "__main__":
    main()
