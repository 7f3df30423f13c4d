"""What a teacher tells a student: the loss by hand, who learns from it, and that runs resume."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.training.distillation import Distillation, Teacher, load_teacher, shrink
from xfera_nb.training.efficientnet_lite import EfficientNetLite, Outputs
from xfera_nb.training.labelled_faces import LabelledFaces
from xfera_nb.training.pretrained import load_pretrained
from xfera_nb.training.recipes import RECIPES
from xfera_nb.training.trainer import Trainer

pytestmark = pytest.mark.slow


def pair(*, share, weight):
    torch.manual_seed(2)
    student = ResNet50BAM()
    teacher = Teacher()
    with torch.no_grad():
        teacher._fc.weight.zero_()
        teacher._fc.bias.copy_(torch.arange(7.0))
    return student, Distillation(teacher, student, share=share, weight=weight)


def batch(side=96):
    torch.manual_seed(3)
    faces = torch.randn(4, 1, side, side).expand(-1, 3, -1, -1)
    return faces, F.one_hot(torch.tensor([0, 3, 3, 6]), 7).float()


def test_the_target_is_the_mixture_by_hand():
    student, distillation = pair(share=0.25, weight=0.0)
    faces, labels = batch()
    logits = student(shrink(faces, 32))
    probabilities = np.exp(np.arange(7.0)) / np.exp(np.arange(7.0)).sum()
    wanted = 0.75 * labels.numpy() + 0.25 * probabilities
    by_hand = -(wanted * torch.log_softmax(logits, 1).detach().numpy()).sum(1).mean()
    loss = distillation.loss(logits, faces, labels)
    assert float(loss.detach()) == pytest.approx(by_hand, rel=1e-5)


def test_hints_that_say_nothing_cost_the_teachers_own_spread(monkeypatch):
    student, distillation = pair(share=0.0, weight=1.0)
    faces, labels = batch()
    maps = [7 * torch.randn(4, 112, 6, 6) + 1, 0.1 * torch.randn(4, 320, 3, 3)]
    shown = Outputs(maps, torch.randn(4, 1280, 1, 1), torch.zeros(4, 7))
    monkeypatch.setattr(distillation.teacher, "outputs", lambda faces: shown)
    logits = student(faces)
    answer = distillation.loss(logits, faces, labels) - F.cross_entropy(logits, labels)
    # Three hints of zero against maps of mean square 1: the grids agree (6 and 3 cells at 96 px).
    assert float(answer.detach()) == pytest.approx(3.0, rel=1e-3)


def test_the_student_and_the_hints_learn_but_not_the_teacher():
    student, distillation = pair(share=0.5, weight=1.0)
    faces, labels = batch()
    distillation.loss(student(shrink(faces, 64)), faces, labels).backward()
    assert all(hint[1].weight.grad.abs().sum() > 0 for hint in distillation.hints.values())
    assert all(parameter.grad is None for parameter in distillation.teacher.parameters())
    # The hints start at zero and pass no gradient on at once; the answers do.
    assert student.layer1[0].conv1.weight.grad.abs().sum() > 0


def test_shrinking_keeps_the_mean_and_the_channels_equal():
    faces, _ = batch()
    small = shrink(faces, 48)
    assert small.shape == (4, 3, 48, 48) and torch.equal(small[:, 0], small[:, 2])
    assert torch.allclose(small.mean((2, 3)), faces.mean((2, 3)), atol=1e-2)
    assert shrink(faces, 96) is faces


def test_an_interrupted_distillation_equals_an_unbroken_one(tmp_path):
    draw = np.random.default_rng(0)
    labels = np.eye(7, dtype=np.float32)[draw.integers(0, 7, 16)]
    faces = LabelledFaces(draw.integers(0, 256, (16, 48, 48), dtype=np.uint8), labels)
    recipe = RECIPES["distilled"]
    phase = replace(recipe.phases[1], images=8, sizes=((32, 1.0),))
    recipe = replace(recipe, phases=(phase,) * 2, batch_size=4)

    def run(out, until=None):
        student, distillation = pair(share=recipe.teacher_share, weight=recipe.hints)
        trainer = Trainer(
            student, recipe, faces, faces, out=out, bf16=False, distillation=distillation
        )
        trainer.run(until=until, progress=False)

    run(tmp_path / "whole")
    run(tmp_path / "parts", until=1)
    run(tmp_path / "parts")
    whole, parts = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
        for name in ("whole", "parts")
    )
    for part in ("network", "hints"):
        assert all(torch.equal(value, parts[part][key]) for key, value in whole[part].items())
    assert whole["hints"]["last.1.weight"].abs().sum() > 0


def test_a_teachers_weights_come_back_and_others_are_refused(tmp_path):
    teacher = Teacher()
    save_file(teacher.state_dict(), tmp_path / "teacher.safetensors")
    again = load_teacher(tmp_path / "teacher.safetensors")
    assert torch.equal(again._fc.weight, teacher._fc.weight)
    imagenet = EfficientNetLite().state_dict()
    save_file(imagenet, tmp_path / "imagenet.safetensors")
    with pytest.raises(ModelError, match="no teacher"):
        load_teacher(tmp_path / "imagenet.safetensors")
    report = load_pretrained(tmp_path / "imagenet.safetensors", again)
    assert set(report.untouched) == {"_fc.weight", "_fc.bias"}
    assert torch.equal(again._conv_head.weight, imagenet["_conv_head.weight"])
