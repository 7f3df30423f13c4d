"""``xfera train``: train the classifier with one of the recipes, resumably."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.cli.options import add_command, whole_number
from xfera_nb.cli.output import USAGE_ERROR, print_error

if TYPE_CHECKING:
    from torch import nn

    from xfera_nb.training.distillation import Distillation
    from xfera_nb.training.labelled_faces import LabelledFaces
    from xfera_nb.training.recipes import Recipe

_EXAMPLES = """\
examples:
  xfera train --recipe paper --data RAF-DB/ --start vggface2.pt --device cuda --out run
  xfera train --recipe teacher --ferplus f.npz --crops faces/ --start lite0.pth --out teacher
  xfera train --recipe distilled --ferplus f.npz --crops faces/ --start resnet50.safetensors \\
      --teacher teacher/best.safetensors --out plain
  xfera train --recipe distilled_half --ferplus f.npz --crops faces/ \\
      --start plain/best.safetensors --teacher teacher/best.safetensors --out half
  xfera train --recipe mobilenet --ferplus f.npz --crops faces/ --start faceres-deep.json --out m
  xfera train --recipe student --ferplus f.npz --crops faces/ --landmarks landmarks.npz \\
      --start half/best.safetensors --teacher m/best.safetensors --out student
  xfera train --recipe student ... --control "no hiding" --out control
  xfera train --recipe student_longer ... --start student/average.safetensors --out longer

Run the same command again to resume an interrupted run. With --ferplus, the final weights are
evaluated and written to OUT/resnet50_bam.safetensors with their card.
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "train",
        help="train the classifier",
        description="Trains the emotion classifier with one of the recipes.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "--recipe",
        default="cpu",
        help="paper; cpu_mixed, then cpu; teacher, distilled and distilled_half in this order; or "
        "mobilenet, then student and student_longer",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--ferplus", type=Path, metavar="FILE", help="FER+ pack (.npz)")
    source.add_argument(
        "--data",
        "--folder",
        dest="folder",
        type=Path,
        metavar="FOLDER",
        help="folder with train/EMOTION/*.jpg and val/EMOTION/*.jpg",
    )
    parser.add_argument(
        "--crops", type=Path, help="additional folder of face crops with a faces.csv"
    )
    parser.add_argument("--start", type=Path, metavar="FILE", help="initial weights (state dict)")
    parser.add_argument(
        "--teacher",
        type=Path,
        metavar="FILE",
        help="weights of the recipe teacher, or of mobilenet for the recipe student",
    )
    parser.add_argument(
        "--landmarks",
        type=Path,
        metavar="FILE",
        help="landmarks and intensities of FER+ Training (.npz), for the recipe student",
    )
    parser.add_argument(
        "--control",
        choices=("no hiding", "no guidance", "neither"),
        help="leave a part of the student's loss out, on the same faces in the same order",
    )
    parser.add_argument(
        "--images", type=whole_number(1), metavar="N", help="faces that the student sees"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the training run")
    parser.add_argument(
        "--validation", type=whole_number(1), metavar="N", help="validate on the first N faces"
    )
    parser.add_argument("--seed", type=whole_number(0), default=0, help="random seed (default 0)")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="default cpu")
    parser.add_argument(
        "--threads", type=whole_number(1, 1024), metavar="N", help="CPU threads (default: all)"
    )
    parser.add_argument(
        "--bf16",
        action=argparse.BooleanOptionalAction,
        help="compute in bfloat16, or not (default: where the hardware supports it natively)",
    )
    parser.add_argument("--notes", help="a note for the card")
    parser.add_argument("--until", type=whole_number(1), metavar="N", help="stop after phase N")


def run(options: argparse.Namespace) -> int:
    """Train; return the exit code."""
    import torch

    from xfera_nb.training.recipes import RECIPES
    from xfera_nb.training.student import STUDENT_RECIPES

    if options.device == "cuda" and not torch.cuda.is_available():
        print_error("This PyTorch sees no CUDA device; leave out --device cuda.")
        return USAGE_ERROR
    if options.recipe in STUDENT_RECIPES:
        return _train_student(options)
    if options.recipe not in RECIPES:
        names = " and ".join((*RECIPES, *STUDENT_RECIPES))
        print_error(f"{options.recipe!r} is no recipe; there are {names}.")
        return USAGE_ERROR
    student_only = (options.landmarks, options.control, options.images)
    if any(value is not None for value in student_only):
        print_error("--landmarks, --control and --images are for the student's recipes only.")
        return USAGE_ERROR
    recipe = RECIPES[options.recipe]
    if recipe.needs_teacher != bool(options.teacher):
        needs = "needs" if recipe.needs_teacher else "takes no"
        print_error(f"Recipe {options.recipe} {needs} --teacher; see xfera train --help.")
        return USAGE_ERROR
    from xfera_nb.training.labelled_faces import read_crops, read_ferplus, read_folder
    from xfera_nb.training.pretrained import load_pretrained
    from xfera_nb.training.trainer import Trainer

    if options.threads:
        torch.set_num_threads(options.threads)
    if options.ferplus:
        train = read_ferplus(options.ferplus, "Training", min_votes=2)
        validation = read_ferplus(options.ferplus, "PublicTest")
    else:
        train, validation = (read_folder(options.folder, name) for name in ("train", "val"))
    torch.manual_seed(options.seed)
    network = _network(recipe)
    if options.start and options.start.suffix == ".json":
        if recipe.network != "mobilenet_v1":
            print_error("A .json start is for the recipe mobilenet; give a state dict.")
            return USAGE_ERROR
        _start_mobilenet(options.start, network, train, options.seed)
    elif options.start:
        print(f"{options.start.name}: {load_pretrained(options.start, network)}")
    trainer = Trainer(
        network,
        recipe,
        train,
        validation[: options.validation],
        extra=read_crops(options.crops, "train") if options.crops else None,
        out=options.out,
        seed=options.seed,
        device=options.device,
        bf16=options.bf16,
        distillation=_distillation(options.teacher, network, recipe) if options.teacher else None,
    )
    row = trainer.run(until=options.until)
    if row:
        print(f"Phase {row['phase']}: accuracy {row['accuracy']:.4f}, loss {row['loss']:.4f}")
    if trainer.done == len(recipe.phases) and options.ferplus and recipe.network == "resnet50_bam":
        _finish(options)
    return 0


def _network(recipe: Recipe) -> nn.Module:
    from xfera_nb.classifier.resnet50_bam import ResNet50BAM
    from xfera_nb.training.distillation import Teacher

    if recipe.network == "efficientnet_lite0":
        return Teacher(recipe.dropout)
    if recipe.network == "mobilenet_v1":
        from xfera_nb.training.mobilenet import MobileNetTeacher

        return MobileNetTeacher(recipe.dropout)
    return ResNet50BAM(half_resolution=recipe.half_resolution, dropout=recipe.dropout)


def _start_mobilenet(path: Path, network: nn.Module, faces: LabelledFaces, seed: int) -> None:
    """Fill the network from the published one, its norms with the statistics of some faces."""
    import numpy as np
    import torch

    from xfera_nb.training.augmentation import PLAIN, augment
    from xfera_nb.training.mobilenet import load_tfjs, restore_norms

    published = load_tfjs(path)
    rows = np.random.default_rng(seed).permutation(len(faces))[:256]
    pictures = torch.from_numpy(faces.images[rows]).unsqueeze(1)
    restore_norms(published, augment(pictures, 112, PLAIN, faces.zoom))
    known = published.state_dict()
    own = network.state_dict()
    network.load_state_dict({**known, "fc.weight": own["fc.weight"], "fc.bias": own["fc.bias"]})


def _train_student(options: argparse.Namespace) -> int:
    if options.ferplus is None or options.start is None or options.teacher is None:
        print_error(
            f"Recipe {options.recipe} needs --ferplus, --start and --teacher; "
            "see xfera train --help."
        )
        return USAGE_ERROR
    from dataclasses import replace

    import torch

    from xfera_nb.classifier.resnet50_bam import ResNet50BAM
    from xfera_nb.training.marked_faces import read_marked_crops, read_marked_ferplus
    from xfera_nb.training.mobilenet import MobileNetTeacher
    from xfera_nb.training.pretrained import load_pretrained
    from xfera_nb.training.student import STUDENT_RECIPES, StudentTraining, Teacher, control

    if options.threads:
        torch.set_num_threads(options.threads)
    recipe = STUDENT_RECIPES[options.recipe]
    if options.images:
        recipe = replace(recipe, images=options.images)
    if options.control:
        recipe = control(recipe, options.control)
    network = ResNet50BAM(half_resolution=True)
    print(f"{options.start.name}: {load_pretrained(options.start, network)}")
    teacher = MobileNetTeacher()
    load_pretrained(options.teacher, teacher)
    training = StudentTraining(
        network,
        recipe,
        read_marked_ferplus(options.ferplus, options.landmarks),
        out=options.out,
        teachers=[Teacher(teacher, side) for side in (128, 144)],
        extra=read_marked_crops(options.crops) if options.crops else None,
        seed=options.seed,
        device=options.device,
    )
    step = training.run(until=options.until)
    name = "final" if step == recipe.steps else "average"
    print(f"{step} of {recipe.steps} steps; weights in {options.out / name}.safetensors")
    return 0


def _distillation(path: Path, student: nn.Module, recipe: Recipe) -> Distillation:
    from xfera_nb.training.distillation import Distillation, load_teacher

    teacher = load_teacher(path)
    return Distillation(teacher, student, share=recipe.teacher_share, weight=recipe.hints)


def _finish(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from safetensors.torch import load_file

    from xfera_nb.classifier.resnet50_bam import ResNet50BAM
    from xfera_nb.evaluation import export_weights
    from xfera_nb.training.recipes import RECIPES

    network = ResNet50BAM(half_resolution=RECIPES[options.recipe].half_resolution)
    network.load_state_dict(load_file(options.out / "best.safetensors"))
    data = ["FER+ Training (Barsoum et al. 2016): soft labels of votes, lone votes dropped"]
    if options.crops:
        data.append("train split of face crops from press photographs and film stills")
    card = export_weights(
        network,
        options.out / "resnet50_bam.safetensors",
        {
            "name": "ResNet50-BAM, FER+",
            "architecture": "ResNet50 with a BAM after each of the first three stages"
            + (", half resolution" if network.half_resolution else ""),
            "training_data": data,
            "recipe": {
                "name": options.recipe,
                "seed": options.seed,
                "start": options.start.name if options.start else None,
                "teacher": options.teacher.name if options.teacher else None,
                **asdict(RECIPES[options.recipe]),
            },
            "notes": options.notes,
        },
        ferplus=options.ferplus,
        crops=options.crops,
        device=options.device,
    )
    print(json.dumps({name: values["accuracy"] for name, values in card["figures"].items()}))
