"""The quiz widget asks, marks the right answer, explains and counts."""

from __future__ import annotations

import asyncio
import json

import pytest
from made_results import evidence
from waiting import patiently_aside

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.facs import OPENFACE_AUS
from xfera_nb.teaching import TABLE_KINDS, FaceAtlas, draw_faces, make_quiz
from xfera_nb.widgets import Quiz

CODES = ("C01HA", "C01NE", "C02NE", "C03NE")


class Smiling:
    """A source that measures AU 12 at 3 where people smile, and nothing else."""

    name = "smiling in the quiz"

    def describe(self) -> dict:
        return {"name": self.name}

    def detect(self, image, landmarks, photo_name=None) -> ActionUnits:
        smile = 3.0 if "HA" in str(photo_name).rsplit("/", 1)[-1] else 0.0
        return ActionUnits(
            [smile if au == 12 else 0.0 for au in OPENFACE_AUS], source="a <stand-in>"
        )


@pytest.fixture(scope="module")
def folder(request, tmp_path_factory):
    here = tmp_path_factory.mktemp("samples")
    for code in CODES:
        photo = request.config.rootpath / "data" / "samples" / f"{code}.jpg"
        (here / photo.name).write_bytes(photo.read_bytes())
    return here


@pytest.fixture
def atlas(folder, classifier):
    return FaceAtlas(Smiling(), folder, classifier)


@pytest.fixture
def quiz():
    return Quiz(5, count=2, kinds=TABLE_KINDS)


def wrong(question):
    return (question.answer + 1) % 4


def send(quiz, **message):
    """As the page does."""
    quiz._on_message(quiz, {"number": quiz.page.get("number"), **message}, [])


def test_it_asks_the_first_question_of_its_seed(quiz):
    first = make_quiz(5, 2, kinds=TABLE_KINDS)[0]
    page = quiz.page
    assert (page["kind"], page["number"], page["count"], page["score"]) == ("question", 1, 2, 0)
    assert page["text"] == first.text and page["seed"] == 5
    assert [choice["text"] for choice in page["choices"]] == [c.text for c in first.choices]
    assert not page["answered"] and "answer" not in page  # nothing gives it away
    json.dumps(page, allow_nan=False)


def test_a_right_answer_is_marked_explained_and_counted(quiz):
    first = quiz.run.questions[0]
    send(quiz, do="answer", choice=first.answer)
    page = quiz.page
    assert page["answered"] and page["correct"] and page["answer"] == page["taken"] == first.answer
    assert page["feedback"] == f"Right. {first.explanation}" and page["source"] == first.source
    assert page["score"] == 1 and page["marks"] == [True]


def test_a_wrong_answer_marks_the_right_one_and_cannot_be_taken_back(quiz):
    first = quiz.run.questions[0]
    send(quiz, do="answer", choice=wrong(first))
    page = quiz.page
    assert (page["correct"], page["answer"], page["taken"]) == (False, first.answer, wrong(first))
    assert page["feedback"] == f"No. {first.choices[wrong(first)].remark} {first.explanation}"
    send(quiz, do="answer", choice=first.answer)
    quiz.answer(first.answer)
    assert quiz.run.answers == [wrong(first)] and quiz.run.score == 0


def test_what_does_not_fit_does_nothing(quiz):
    before = quiz.page
    for message in (
        {"do": "answer", "choice": 4}, {"do": "answer", "choice": -1}, {"do": "answer"},
        {"do": "answer", "choice": "0"}, {"do": "answer", "choice": 0, "number": 7},
        {"do": "next"}, {"do": "restart"}, {"do": "sing"},
    ):  # fmt: skip
        send(quiz, **message)
    quiz._on_message(quiz, "answer", [])
    assert quiz.page == before and quiz.run.answers == []
    with pytest.raises(ValueError, match="choices are 0 to 3"):
        quiz.answer(4)


def test_after_the_last_question_comes_the_score_and_another_quiz(quiz):
    asked = [question.text for question in quiz.run.questions]
    send(quiz, do="answer", choice=quiz.run.questions[0].answer)
    send(quiz, do="next")
    assert quiz.page["number"] == 2 and not quiz.page["answered"]
    send(quiz, do="answer", choice=wrong(quiz.run.questions[1]))
    assert quiz.page["kind"] == "question"
    send(quiz, do="next")
    page = quiz.page
    assert (page["kind"], page["score"], page["marks"]) == ("score", 1, [True, False])
    assert page["asked"] == asked and page["advice"].startswith("Worth repeating: the movements")
    send(quiz, do="restart")
    assert quiz.run.answers == [] and quiz.page["kind"] == "question"
    assert quiz.page["seed"] == quiz.seed


def test_a_next_that_is_sent_twice_skips_nothing(quiz):
    send(quiz, do="answer", choice=0)
    quiz._on_message(quiz, {"do": "next", "number": 1}, [])
    quiz._on_message(quiz, {"do": "next", "number": 1}, [])
    assert quiz.page["number"] == 2


def test_without_a_seed_one_is_drawn_and_shown():
    quiz = Quiz(count=1, kinds=TABLE_KINDS)
    assert quiz.run.questions == make_quiz(quiz.seed, 1, kinds=TABLE_KINDS)
    assert quiz.page["seed"] == quiz.seed


def test_a_question_on_a_face_shows_it_and_not_its_emotion(atlas):
    quiz = Quiz(1, count=1, kinds=["present"], atlas=atlas)
    page = quiz.page
    assert page["picture"].startswith("data:image/jpeg") and page["picture_alt"]
    assert "happiness" not in json.dumps(page) and "C01HA" not in json.dumps(page)
    quiz.answer(quiz.run.questions[0].answer)
    assert "measured at 3.00 of 5" in quiz.page["feedback"]
    assert "a <stand-in>" in quiz.page["source"]  # as text: the page escapes it


def test_faces_can_be_the_choices(atlas):
    quiz = Quiz(1, count=1, kinds=["shows"], atlas=atlas)
    choices = quiz.page["choices"]
    assert len({choice["picture"] for choice in choices}) == 4 and quiz.page["picture"] == ""
    assert [choice["text"] for choice in choices] == ["Face A", "Face B", "Face C", "Face D"]
    assert not any(code in json.dumps(quiz.page) for code in CODES)
    assert quiz.run.questions[0].right.sample == "C01HA"


def test_questions_on_the_model_are_of_drawn_faces(atlas, sample_face, monkeypatch):
    asked = []

    def gather(codes, progress):
        asked.extend(codes)
        return {"C01HA": evidence(1.0, 1.0, shown=sample_face)}  # a flat map: most on the cheeks

    monkeypatch.setattr(atlas, "gather", gather)
    quiz = Quiz(1, count=1, kinds=["attended"], atlas=atlas)
    assert tuple(asked) == draw_faces(1)
    assert quiz.run.questions[0].right.text == "cheeks"
    assert "map" in quiz.page["picture_alt"]
    plain = Quiz(1, count=1, kinds=["present"], atlas=atlas).page["picture"]
    assert quiz.page["picture"] != plain  # the map is drawn on it


def test_a_kind_that_has_no_question_is_told(atlas, monkeypatch):
    monkeypatch.setattr(atlas, "gather", lambda codes, progress: {"C01HA": evidence(-1.0, -1.0)})
    quiz = Quiz(1, count=1, kinds=["attended"], atlas=atlas)
    assert quiz.page == {
        "kind": "problem", "note": "There are 1 to 0 different questions of these kinds, not 1."
    }  # fmt: skip


def test_too_few_questions_on_faces_are_filled_up_from_the_tables(atlas):
    quiz = Quiz(1, count=10, atlas=atlas)
    kinds = {question.kind for question in quiz.run.questions}
    assert {"shows", "present", "movement"} <= kinds and len(quiz.run.questions) == 10
    assert "different questions" in Quiz(1, count=99, atlas=atlas).page["note"]


def test_without_samples_it_asks_about_the_tables_and_says_why(tmp_path):
    quiz = Quiz(1, count=3, atlas=FaceAtlas(Smiling(), tmp_path / "none"))
    assert {question.kind for question in quiz.run.questions} == set(TABLE_KINDS)
    assert "holds no sample faces" in quiz.page["note"]
    asked = Quiz(1, kinds=["shows"], atlas=FaceAtlas(Smiling(), tmp_path / "none"))
    assert asked.run is None and asked.page["kind"] == "problem"
    assert "holds no sample faces" in asked.page["note"]


def test_in_a_notebook_it_waits_for_its_faces(folder):
    class Slow(Smiling):
        name = "slow in the quiz"

    async def notebook():
        quiz = Quiz(1, count=1, kinds=["shows"], atlas=FaceAtlas(Slow(), folder))
        first = quiz.page
        await patiently_aside(lambda: quiz.page["kind"] == "question", "the first question")
        return first

    first = asyncio.run(notebook())
    assert first == {"kind": "waiting", "note": "Measuring the sample faces …"}


def test_questions_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="1 to 53"):
        Quiz(1, count=99, kinds=TABLE_KINDS)
    with pytest.raises(ValueError, match="not \\['riddle'\\]"):
        Quiz(1, kinds=["riddle"])
