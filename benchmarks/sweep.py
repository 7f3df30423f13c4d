"""Time the fusion of many faces and many settings: ``python benchmarks/sweep.py [--rounds N]``.

Faces are made at random, with sides: RAF-DB's number of them for one setting, the XFERa paper's 490
for a grid. Medians of several rounds are printed beside the project's aims, which hold for one core
of an idle machine; the exit code is 1 where one is not met. Set OMP_NUM_THREADS=1 to measure one
core.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np

from xfera_nb.evidence import StoreArrays
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS
from xfera_nb.fusion import FusionParams, fuse_many, sweep

MANY, MANY_LIMIT = 15_339, 0.025
GRID_FACES, GRID, GRID_LIMIT = 490, (100, 20, 20), 1.5


def made(n: int, seed: int = 0) -> StoreArrays:
    """Random faces: half of the landmarks warm, intensities 0 to 3, AU10 not measured."""
    random = np.random.default_rng(seed)
    classes = len(EMOTIONS)
    activation = np.maximum(random.normal(0.1, 0.3, (n, classes, 68)), 0)
    intensities, left, right = (3 * random.random((3, n, len(OPENFACE_AUS)))).astype(np.float32)
    intensities[:, OPENFACE_AUS.index(10)] = np.nan
    mean, std = random.random((2, n, classes)) * 0.2
    return StoreArrays(
        number=np.arange(n),
        ids=np.arange(n).astype(str),
        true=random.integers(0, classes, n),
        probabilities=random.dirichlet(np.ones(classes), n).astype(np.float32),
        activation=activation,
        mean={"crop": mean, "hull": mean},
        std={"crop": std, "hull": std},
        peak=activation.max(axis=2) * 1.1,
        intensities=intensities,
        left=left,
        right=right,
    )


def median(step: Callable[[], object], rounds: int) -> float:
    """Median seconds of a step, the first time left out."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return float(np.median(times[1:]))


def main(arguments: list[str] | None = None) -> int:
    """Time both and print them; 1 where an aim is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--many", type=int, default=MANY, help="faces at one setting")
    parser.add_argument("--faces", type=int, default=GRID_FACES, help="faces of the grid")
    parser.add_argument("--grid", type=int, nargs=3, default=GRID, metavar=("K", "AU", "COVER"))
    parser.add_argument("--slack", type=float, default=1.0, help="factor of both limits")
    options = parser.parse_args(arguments)
    inputs = made(options.many).inputs()
    one = {name: values[:1] for name, values in inputs.items()}
    params = FusionParams()
    single = median(lambda: fuse_many(**one, params=params), 200)
    many = median(lambda: fuse_many(**inputs, params=params), options.rounds)
    faces = made(options.faces)
    k, cutoffs, coverages = options.grid
    axes = {
        "k": np.linspace(0, 3, k),
        "min_intensity": np.linspace(0.1, 2, cutoffs),
        "coverage": np.linspace(0.05, 1, coverages),
    }
    grid = median(lambda: sweep(faces, **axes), max(1, options.rounds // 3))
    settings = k * cutoffs * coverages
    print(f"  {'one face, one setting':44}{1000 * single:10.3f} ms")
    print(f"  {f'{options.many:,} faces, one setting':44}{1000 * many:10.1f} ms")
    shape = f"{k} k x {cutoffs} minimum intensities x {coverages} coverages"
    print(f"  {f'{options.faces:,} faces, {shape}':44}{1000 * grid:10.1f} ms")
    fused = many / options.many * options.faces * settings
    print(f"one by one / {options.many:,} at once{single * options.many / many:14.1f}")
    print(f"each setting fused / the sweep {fused / grid:14.1f}")
    met = True
    for name, seconds, limit in (("fuse_many", many, MANY_LIMIT), ("sweep", grid, GRID_LIMIT)):
        ratio = seconds / (limit * options.slack)
        met &= ratio <= 1
        aim = f"{1000 * limit * options.slack:g} ms"
        print(f"{name} / {aim:22}{ratio:14.2f}   (aim: at most 1)")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
