"""Train ResNet50 with and without its attention modules and print what they give.

Run from the repository: ``python benchmarks/bam.py --ferplus FILE --out FOLDER``. For each seed the
two networks start from the same random numbers wherever they share a parameter and see the same
faces in the same order by the same recipe. Measured are their averaged weights on the whole of
PublicTest (majority of seven classes, ties left out); PrivateTest is not read. The runs are
printed, then the mean of the differences (with minus without) and their standard deviation over
the seeds. The defaults suit two CPU cores: short runs at 48 px, the size of the training faces. A
longer run at 224 px is a matter of ``--images``, ``--size`` and ``--device``. A stopped run goes
on.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.evaluation.metrics import classification_metrics
from xfera_nb.training.labelled_faces import LabelledFaces, read_ferplus
from xfera_nb.training.recipes import Phase, Recipe
from xfera_nb.training.trainer import Trainer, predict_logits

MEASURES = ("accuracy", "macro_f1")


def recipe_of(images: int, size: int) -> Recipe:
    """`images` faces at `size` px: the rate rises to 0.001 in a tenth of them, then falls to 0."""
    first = images // 10
    phases = (
        Phase(first, ((size, 1.0),), (0.0, 1e-3), averaging=0.98),
        Phase(images - first, ((size, 1.0),), (1e-3, 0.0), averaging=0.98),
    )
    return Recipe("adamw", phases, batch_size=32, class_power=0.3, weight_decay=0.02, dropout=0.1)


def networks(seed: int) -> dict[bool, ResNet50BAM]:
    """The network with BAM and the one without, equal wherever they share a parameter."""
    torch.manual_seed(seed)
    both = {bam: ResNet50BAM(bam=bam, dropout=0.1) for bam in (True, False)}
    shared = both[False].state_dict().keys()
    both[False].load_state_dict({k: v for k, v in both[True].state_dict().items() if k in shared})
    return both


def figures_of(folder: Path, faces: LabelledFaces, *, bam: bool, size: int, device: str) -> dict:
    """Accuracy and macro F1 (0-1) of the weights that a run kept."""
    network = ResNet50BAM(bam=bam)
    network.load_state_dict(load_file(folder / "best.safetensors"))
    logits = predict_logits(network.to(device), faces, size, device=device)
    figures = classification_metrics(logits.numpy(), faces.majority, 1.0)
    return {name: figures[name] for name in MEASURES}


def main(arguments: list[str] | None = None) -> None:
    """Print a table, and write it to OUT/bam.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ferplus", type=Path, required=True, help="FER+ pack (.npz)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--images", type=int, default=19_200, help="faces seen by each network")
    parser.add_argument("--size", type=int, default=48, help="input side, pixels")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    train = read_ferplus(options.ferplus, "Training", min_votes=2)
    check = read_ferplus(options.ferplus, "PublicTest")
    check = check[~check.tied]
    rows = []
    for seed in range(1, options.seeds + 1):
        row: dict[str, object] = {"seed": seed}
        for bam, network in networks(seed).items():
            folder = options.out / f"{'with' if bam else 'without'}-{seed}"
            Trainer(
                network,
                recipe_of(options.images, options.size),
                train,
                check,
                out=folder,
                seed=seed,
                device=options.device,
            ).run()
            row["with" if bam else "without"] = figures_of(
                folder, check, bam=bam, size=options.size, device=options.device
            )
        rows.append(row)
        print(json.dumps(row))
    summary = {name: differences(rows, name) for name in MEASURES}
    for name, (mean, spread) in summary.items():
        print(f"{name}: {mean:+.4f} with BAM, sd {spread:.4f} over {len(rows)} seeds")
    said = {"faces": len(check), **vars(options), "runs": rows, "difference": summary}
    (options.out / "bam.json").write_text(json.dumps(said, indent=2, default=str) + "\n")


def differences(rows: list[dict], name: str) -> tuple[float, float]:
    """Mean and standard deviation (n - 1; NaN for one seed) of a measure, with minus without."""
    each = [row["with"][name] - row["without"][name] for row in rows]
    return float(np.mean(each)), statistics.stdev(each) if len(each) > 1 else float("nan")


if __name__ == "__main__":
    main()
