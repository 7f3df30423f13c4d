"""A study made by hand, without a model."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from xfera_nb.facs import EMOTIONS
from xfera_nb.study import KINDS, Answers, Study, StudyItem


def probabilities(emotion: str, share: float = 0.7) -> tuple[float, ...]:
    rest = (1 - share) / 6
    return tuple(share if e == emotion else rest for e in EMOTIONS)


@pytest.fixture(scope="session")
def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="session")
def make_item():
    def make(number: int, **changes) -> StudyItem:
        label, answer = EMOTIONS[number % 7], EMOTIONS[(number + (number % 3 == 0)) % 7]
        values = {
            "id": f"i{number:02d}",
            "photo_name": f"photo{number}.jpg",
            "kind": KINDS[number % 3],
            "emotion": label,
            "predicted": answer,
            "probabilities": probabilities(answer),
            "has_positive_evidence": True,
            "text": f"I looked at face {number}.",
            "face": f"i{number:02d}_face.jpg",
            "heatmap": f"i{number:02d}_heatmap.jpg",
        }
        return StudyItem(**values | changes)

    return make


@pytest.fixture
def make_study(tmp_path, make_item, picture):
    """Save a study with so many items, or with those."""

    def make(count: int = 9, name: str = "study", items=(), **rest) -> Study:
        items = tuple(items) or tuple(make_item(number) for number in range(count))
        pictures = {file: picture for item in items for file in (item.face, item.heatmap)}
        return Study(items=items, **{"seed": 4} | rest).save(tmp_path / name, pictures)

    return make


@pytest.fixture
def study(make_study):
    return make_study()


@pytest.fixture
def answers(study):
    with Answers(study) as opened:
        yield opened


@pytest.fixture
def sentence():
    """Whether an error is one clear sentence."""

    def check(error: Exception) -> bool:
        text = str(error)
        return "\n" not in text and text.endswith((".", ")")) and len(text) < 400

    return check
