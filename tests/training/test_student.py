"""The parts of the student's loss by hand, what it is shown, and that runs resume exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.training.augmentation import normalise
from xfera_nb.training.erasing import draw_masks, hide
from xfera_nb.training.guidance import active_landmarks, guidance_loss, landmark_maps
from xfera_nb.training.hiding import class_maps, hiding_loss
from xfera_nb.training.labelled_faces import LabelledFaces
from xfera_nb.training.marked_faces import MarkedFaces, read_marked_ferplus
from xfera_nb.training.student import StudentRecipe, StudentTraining, Teacher, control


class Tiny(nn.Module):
    """Sees each cell of 8 pixels alone, so that its logits are a sum over cells."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.shrink = nn.Identity()
        self.cells = nn.Conv2d(3, 12, 8, 8)
        self.norm = nn.BatchNorm2d(12)
        self.dropout = nn.Dropout(0.0)
        self.fc = nn.Linear(12, 7)

    def features(self, x):
        return torch.relu(self.norm(self.cells(x)))


def test_an_additive_network_has_no_hiding_loss_where_cells_vanish_whole():
    torch.manual_seed(0)
    features, weight = torch.rand(3, 12, 4, 4), torch.randn(7, 12)
    mask = torch.zeros(3, 1, 32, 32)
    mask[:, :, 8:16, 0:24] = 1  # three whole cells
    hidden = features * (1 - nn.functional.avg_pool2d(mask, 8))
    loss = hiding_loss(class_maps(features, weight), class_maps(hidden, weight), mask)
    assert float(loss) == pytest.approx(0, abs=1e-10)
    hidden[:, :, 3] += 1  # something else changes elsewhere
    loss = hiding_loss(class_maps(features, weight), class_maps(hidden, weight), mask)
    assert float(loss) > 0.1


def test_the_hiding_loss_by_hand():
    # One class, two cells, the first of which is hidden.
    maps, hidden = torch.tensor([[[[4.0, 1.0]]]]), torch.tensor([[[[0.0, 2.0]]]])
    mask = torch.tensor([[[[1.0, 0.0]]]])
    # said 4 / 2 = 2; fall 5 / 2 - 2 / 2 = 1.5; (0.5)^2 / (2.25 + 0.05)
    assert float(hiding_loss(maps, hidden, mask)) == pytest.approx(0.25 / 2.3)


def test_guidance_falls_as_the_map_turns_to_the_landmarks():
    landmarks = torch.full((2, 68, 2), torch.nan)
    landmarks[0] = 0.0
    landmarks[0, 48:] = torch.tensor([0.5, 0.5])
    active = torch.zeros(2, 68, dtype=torch.bool)
    active[:, 48:] = True
    wanted = landmark_maps(landmarks, active, 7)
    assert wanted.shape == (2, 7, 7) and (wanted[1] == 0).all()
    assert divmod(int(wanted[0].argmax()), 7) == (5, 5)
    labels = torch.tensor([3, 3])
    matching, other = torch.zeros(2, 7, 7, 7), torch.zeros(2, 7, 7, 7)
    matching[:, 3], other[:, 3] = wanted[0], wanted[0].flip(0)
    assert float(guidance_loss(matching, labels, wanted)) == pytest.approx(0, abs=1e-5)
    assert float(guidance_loss(other, labels, wanted)) > 0.5
    assert float(guidance_loss(other, labels, torch.zeros(2, 7, 7))) == 0


def test_the_landmarks_that_guide_are_those_of_the_present_units():
    from xfera_nb.facs.action_units import OPENFACE_AUS
    from xfera_nb.facs.table2 import au_landmarks

    intensities = np.zeros(17)
    both = active_landmarks("happiness", intensities)
    intensities[OPENFACE_AUS.index(12)] = 2.0
    smile = active_landmarks("happiness", intensities)
    assert set(np.flatnonzero(smile) + 1) == set(au_landmarks(12))
    assert smile.sum() < both.sum() and (both | ~smile).all()
    assert not active_landmarks("neutral", intensities).any()


def test_what_is_hidden_changes_and_the_rest_does_not():
    torch.manual_seed(2)
    faces = torch.rand(6, 1, 64, 64) * 255
    masks = draw_masks(torch.full((6, 68, 2), torch.nan), 64)
    assert masks.min() >= 0 and masks.max() <= 1 and (masks.mean((1, 2, 3)) > 0.01).all()
    hidden = hide(faces, masks)
    clear = masks == 0
    torch.testing.assert_close(hidden[clear], faces[clear])
    assert (hidden - faces)[masks == 1].abs().mean() > 30


def faces(count=24):
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (count, 48, 48), dtype=np.uint8)
    labels = np.eye(7, dtype=np.float32)[rng.integers(0, 7, count)]
    landmarks = rng.uniform(-0.8, 0.8, (count, 68, 2)).astype(np.float32)
    landmarks[::4] = np.nan
    return MarkedFaces(LabelledFaces(images, labels), landmarks, rng.random((count, 68)) < 0.2)


RECIPE = StudentRecipe(images=24, batch=4, sizes=((32, 0.5), (40, 0.5)), rate=(0.02, 0.001))


def training(out, recipe=RECIPE, **options):
    torch.manual_seed(9)
    teacher = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 7))
    return StudentTraining(
        Tiny(),
        recipe,
        faces(),
        extra=faces(10),
        out=out,
        teachers=[Teacher(teacher, 64)],
        **options,
    )


def test_a_resumed_run_ends_in_the_identical_state(tmp_path):
    assert training(tmp_path / "whole").run(progress=False) == 6
    assert training(tmp_path / "parts").run(until=2, progress=False) == 2
    training(tmp_path / "parts").run(progress=False)
    whole, parts = (
        torch.load(tmp_path / name / "student.pt", weights_only=True) for name in ("whole", "parts")
    )
    for part in ("network", "average"):
        assert all(torch.equal(value, parts[part][key]) for key, value in whole[part].items())
    momenta = [state["optimizer"]["state"][0]["momentum_buffer"] for state in (whole, parts)]
    assert torch.equal(*momenta) and whole["step"] == parts["step"] == 6


def test_controls_see_the_same_faces_in_the_same_order(tmp_path):
    runs = [training(tmp_path, RECIPE)]
    runs += [
        training(tmp_path, control(RECIPE, name))
        for name in ("no hiding", "no guidance", "neither")
    ]
    assert (runs[3].recipe.hide, runs[3].recipe.guide) == (0.0, 0.0)
    for step in (0, 5):
        first, *others = (run.draw(step) for run in runs)
        for other in others:
            assert all(
                torch.equal(torch.as_tensor(a).nan_to_num(9), torch.as_tensor(b).nan_to_num(9))
                for a, b in zip(first, other, strict=True)
            )


def test_a_weight_of_zero_leaves_its_part_out(tmp_path):
    results = {}
    for name, recipe in (("all", RECIPE), ("none", control(RECIPE, "neither"))):
        run = training(tmp_path / name, replace(recipe, images=4))
        run.run(progress=False)
        results[name] = run.network.state_dict()["fc.weight"]
    assert not torch.equal(results["all"], results["none"])


def test_landmarks_follow_the_picture(tmp_path):
    # A bright spot at each of two landmarks: after the variation it is where they are.
    data = faces(8)
    data.faces.images[:] = 40
    data.landmarks[:] = 0.25
    data.faces.images[:, 29:31, 29:31] = 250
    torch.manual_seed(0)
    run = StudentTraining(Tiny(), RECIPE, data, out=tmp_path)
    batch = run.draw(1)
    for picture, points in zip(batch.varied[:, 0], batch.landmarks, strict=True):
        row, column = divmod(int(picture.argmax()), 128)
        place = (points[0] + 1) / 2 * 128 - 0.5
        assert abs(float(place[0]) - column) < 6 and abs(float(place[1]) - row) < 6


def test_a_state_of_another_network_is_refused(tmp_path):
    torch.save({"network": {}}, tmp_path / "student.pt")
    with pytest.raises(ModelError, match="another network"):
        training(tmp_path).run(progress=False)


def test_marks_that_do_not_fit_the_pack_are_refused(tmp_path):
    from xfera_nb.errors import PhotoError

    classes = [*EMOTIONS, "contempt", "unknown", "NF"]
    pack, marks = tmp_path / "pack.npz", tmp_path / "marks.npz"
    votes = np.zeros((2, 10), np.uint8)
    votes[:, 3] = 8
    np.savez(pack, images=np.zeros((2, 48, 48), np.uint8), votes=votes,
             classes=np.array(classes), split=np.array(["Training"] * 2))  # fmt: skip
    assert np.isnan(read_marked_ferplus(pack, None).landmarks).all()
    points = np.full((2, 68, 2), 23.5, np.float16)
    np.savez(marks, landmarks=points, intensities=np.zeros((2, 17), np.float16))
    marked = read_marked_ferplus(pack, marks)
    assert (marked.landmarks == 0).all() and marked.active.any(1).all()
    np.savez(marks, landmarks=points[:1], intensities=np.zeros((1, 17), np.float16))
    with pytest.raises(PhotoError, match="does not fit"):
        read_marked_ferplus(pack, marks)


def test_the_last_norms_lie_halfway_to_those_of_whole_faces(tmp_path):
    run = training(tmp_path)
    run.run(progress=False)
    final, average = (
        load_file(tmp_path / name) for name in ("final.safetensors", "average.safetensors")
    )
    moved = {key for key in final if not torch.equal(final[key], average[key])}
    assert moved == {"norm.running_mean", "norm.running_var"}
    # The network as trained, on whole faces alone: the other half of the mean.
    cells = nn.Conv2d(3, 12, 8, 8)
    cells.load_state_dict({"weight": average["cells.weight"], "bias": average["cells.bias"]})
    means = []
    with torch.no_grad():
        for step in range(6, 66):
            batch = run.draw(step)
            shown = nn.functional.interpolate(
                batch.varied, size=batch.size, mode="bilinear", antialias=True
            )
            means.append(cells(normalise(shown)).mean((0, 2, 3)))
    whole = torch.stack(means).mean(0)
    torch.testing.assert_close(
        final["norm.running_mean"], (average["norm.running_mean"] + whole) / 2
    )
    assert run.network.norm.momentum == 0.1


def test_the_copy_is_judged_by_the_teachers_on_the_copy(tmp_path):
    run = training(tmp_path, replace(RECIPE, teacher_share=0.0, hidden_share=1.0))
    batch = run.draw(0)
    target = run._target(torch.cat([batch.varied, batch.hidden]), batch.targets)
    torch.testing.assert_close(target[:4], batch.targets)
    teacher, side = run.teachers[0]
    hidden = nn.functional.interpolate(batch.hidden, size=side, mode="bilinear")
    torch.testing.assert_close(target[4:], torch.softmax(teacher(normalise(hidden)), 1))


def test_a_hidden_feature_covers_its_landmarks():
    torch.manual_seed(0)
    points = torch.rand(300, 68, 2) * 2 - 1
    points[:, 48:] = 0.5 + torch.rand(300, 20, 2) * 0.1  # the mouth: pixels 48 to 51 of 64
    masks = draw_masks(points, 64)[:, 0]
    inside = masks[:, 48:51, 48:51].amin((1, 2)) > 0.5
    mouths = inside & (masks.flatten(1).gt(0).sum(1) < 14**2)
    assert 10 < int(mouths.sum()) < 50  # one in fourteen
    assert (masks.flatten(1).amax(1) > 0.5).all()
