"""Stores of samples that stand-in models measured: quick, and the same in each run."""

from __future__ import annotations

import runpy
from collections.abc import Iterable
from pathlib import Path

from xfera_nb.datasets import Dataset, read_folder_faces
from xfera_nb.evidence import extract

ROOT = Path(__file__).parents[2]


def sample_store(root: Path, labelled: Iterable[tuple[str, str]]) -> Path:
    """A store of samples (code, label) under `root`, beside their photos in folders by label."""
    for code, label in labelled:
        folder = root / "photos" / label
        folder.mkdir(parents=True, exist_ok=True)
        photo = ROOT / "data" / "samples" / f"{code}.jpg"
        (folder / photo.name).write_bytes(photo.read_bytes())
    return made_store(read_folder_faces(root / "photos"), root / "store")


def made_store(faces: Dataset, out: Path) -> Path:
    """A store of these faces at `out`."""
    stand_in = runpy.run_path(str(ROOT / "tests" / "evidence" / "stand_in.py"))
    classifier, au = stand_in["classifier"](), stand_in["StandInDetector"]()
    extract(faces, out, classifier=classifier, au_detector=au, progress=False)
    return out
