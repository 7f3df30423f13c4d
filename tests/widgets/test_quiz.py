"""The quiz widget asks, checks once, explains and counts."""

from __future__ import annotations

import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.facs import OPENFACE_AUS
from xfera_nb.teaching import FaceAtlas, make_quiz
from xfera_nb.widgets import Quiz


def wrong(question):
    return (question.answer + 1) % 4


@pytest.fixture
def quiz():
    return Quiz(5, count=2)


def test_it_asks_the_first_question_of_its_seed(quiz):
    first = make_quiz(5, 2)[0]
    assert first.text in quiz.question.value
    assert [text for text, _ in quiz.choices.options] == [c.text for c in first.choices]
    assert quiz.choices.value is None and quiz.check.disabled and quiz.next.disabled
    assert quiz.restart.layout.display == "none"
    assert "0 of 2 answered, 0 right. Quiz number 5" in quiz.progress.value


def test_a_right_answer_is_explained_and_counted(quiz):
    first = quiz.run.questions[0]
    quiz.choices.value = first.answer
    assert not quiz.check.disabled
    quiz.check.click()
    assert "✓ Right." in quiz.feedback.value and "Source: " in quiz.feedback.value
    assert "1 of 2 answered, 1 right" in quiz.progress.value
    assert quiz.check.disabled and quiz.choices.disabled and not quiz.next.disabled


def test_a_wrong_answer_names_the_right_one_and_cannot_be_taken_back(quiz):
    first = quiz.run.questions[0]
    quiz.choices.value = wrong(first)
    quiz.check.click()
    assert f"✗ No. {first.choices[wrong(first)].remark}" in quiz.feedback.value
    assert f"The answer is {first.right.text}." in quiz.feedback.value
    quiz.choices.value = first.answer
    quiz.check.click()
    assert quiz.run.answers == [wrong(first)] and quiz.run.score == 0


def test_check_without_a_choice_does_nothing(quiz):
    quiz.check.click()
    assert quiz.run.answers == []


def test_after_the_last_question_the_score_is_shown_and_another_quiz_offered(quiz):
    for question in quiz.run.questions:
        quiz.choices.value = question.answer
        quiz.check.click()
        if quiz.run.finished:
            assert quiz.next.description == "See the score"
        quiz.next.click()
    assert "2 of 2 right." in quiz.question.value
    assert quiz.choices.layout.display == quiz.check.layout.display == "none"
    assert quiz.restart.layout.display == ""
    quiz.restart.click()
    assert quiz.run.answers == [] and quiz.choices.layout.display == ""
    assert quiz.next.description == "Next"
    assert quiz.feedback.value == '<div role="status"></div>'
    assert f"Quiz number {quiz.seed}" in quiz.progress.value


def test_the_next_question_starts_afresh(quiz):
    quiz.choices.value = 0
    quiz.check.click()
    quiz.next.click()
    assert quiz.run.questions[1].text in quiz.question.value
    assert quiz.choices.value is None and not quiz.choices.disabled and quiz.check.disabled


def test_without_a_seed_one_is_drawn_and_shown():
    quiz = Quiz(count=1)
    assert quiz.run.questions == make_quiz(quiz.seed, 1)
    assert f"Quiz number {quiz.seed}" in quiz.progress.value


class Smiling:
    name = "smiling in the quiz"

    def describe(self) -> dict:
        return {"name": self.name}

    def detect(self, image, landmarks, photo_name=None) -> ActionUnits:
        return ActionUnits([3.0 if au == 12 else 0.0 for au in OPENFACE_AUS], source="stand-in")


def test_a_question_on_a_face_shows_it_and_not_its_emotion(request, tmp_path):
    photo = request.config.rootpath / "data" / "samples" / "C01HA.jpg"
    (tmp_path / photo.name).write_bytes(photo.read_bytes())
    quiz = Quiz(1, count=1, kinds=["spot"], atlas=FaceAtlas(Smiling(), tmp_path))
    assert quiz.question.value.count("<img") == 1
    assert "happiness" not in quiz.question.value and "C01HA" not in quiz.question.value
    quiz.choices.value = quiz.run.questions[0].answer
    quiz.check.click()
    assert "measured at 3.00 of 5" in quiz.feedback.value


def test_questions_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="1 to 75"):
        Quiz(1, count=99)
