"""One participant's pages."""

import subprocess
import sys

import pytest

from xfera_nb.errors import StudyError
from xfera_nb.study import Answers, StudySession


@pytest.fixture
def run(answers):
    begun = StudySession(answers)
    begun.begin("p1", agreed=True)
    return begun


def fill(run):
    for question in run.page.questions:
        run.answer(run.page.item.id, question, "fear" if question == "emotion" else "4", 3.0)


def test_nothing_begins_without_consent(answers):
    run = StudySession(answers)
    assert run.page.kind == "consent"
    run.forward()
    assert run.page.kind == "consent"
    with pytest.raises(StudyError, match="agree"):
        run.begin("p1", agreed=False)
    with pytest.raises(StudyError, match="Nobody has entered"):
        run.answer("i00", "emotion", "fear")
    assert answers.participants() == ()


def test_the_pages_come_in_order_and_end(run, answers):
    seen = []
    while run.page.kind != "done":
        page = run.page
        seen.append((page.kind, page.number, page.count, page.item.id, page.condition))
        assert not page.complete
        fill(run)
        assert run.page.complete
        run.forward()
    order = run.participant.order
    assert seen[:9] == [("choose", n + 1, 9, item, None) for n, item in enumerate(order.first)]
    assert seen[9:] == [
        ("rate", n + 1, 9, i, condition) for n, (i, condition) in enumerate(order.second)
    ]
    assert len(answers) == 9 + 9 * 4
    assert answers.find("p1").finished
    run.forward()
    assert run.page.kind == "done"


def test_a_page_that_is_not_answered_in_full_stays(run):
    with pytest.raises(StudyError, match="everything on this page"):
        run.forward()
    for _ in range(9):
        fill(run)
        run.forward()
    item = run.page.item.id
    for question in ("trust", "clear", "helpful"):
        run.answer(item, question, "2")
    with pytest.raises(StudyError, match="everything on this page"):
        run.forward()
    assert run.page.given == {"trust": "2", "clear": "2", "helpful": "2"}


@pytest.mark.parametrize("answered", [0, 1, 9, 10, 12, 18])
def test_a_returning_participant_continues(run, answers, answered):
    for _ in range(answered):
        fill(run)
        run.forward()
    again = StudySession(answers, "p1")
    assert again.page == run.page
    assert again.came_back == (answered > 0)


def test_a_half_answered_page_is_shown_with_its_answers(run, answers):
    for _ in range(9):
        fill(run)
        run.forward()
    run.answer(run.page.item.id, "trust", "1")
    again = StudySession(answers, "p1")
    assert again.page.given == {"trust": "1"} and again.page.item == run.page.item


def test_an_unknown_code_comes_to_the_consent_page(answers):
    assert StudySession(answers, "unknown").page.kind == "consent"
    assert answers.participants() == ()


def test_earlier_pages_may_be_answered_again_and_later_ones_not_yet(run, answers):
    fill(run)
    run.forward()
    first, second, third = run.participant.order.first[:3]
    run.answer(first, "emotion", "anger")  # as a page does that was cut off
    run.answer(second, "emotion", "anger")
    for item, question in ((third, "emotion"), (first, "trust")):
        with pytest.raises(StudyError, match="not open yet"):
            run.answer(item, question, "anger")
    assert set(answers.given(run.participant).values()) == {"anger"}


def test_two_tabs_of_one_person_go_on_together(run, answers):
    other = StudySession(answers, "p1")
    first = run.page.item.id
    for _ in range(3):
        fill(run)
        run.forward()
    other.answer(first, "emotion", "anger")  # part 1 may still be changed
    other.forward()
    assert other.page == run.page and other.page.number == 4
    while run.page.kind != "rate":
        fill(run)
        run.forward()
    run.answer(run.page.item.id, "trust", "5")
    before = answers.given(run.participant)
    with pytest.raises(StudyError, match="part 1 is closed: load the page again"):
        other.answer(first, "emotion", "sadness")
    other.answer(first, "emotion", "anger")  # what is sent twice is no change
    assert answers.given(run.participant) == before and before[first, "emotion"] == "anger"
    fill(other)
    other.forward()
    assert other.page.kind == "rate" and other.page == run.page
    fill(other)
    assert {row["changes"] for row in answers.rows() if row["part"] == 2} == {0, 1}
    assert len(answers) == 9 + 4


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(2.34567, 2.346), (None, None), ("3", None), (True, None), (-1, None), (float("nan"), None),
     (1e9, None), ([1], None)],
)  # fmt: skip
def test_seconds_are_taken_as_far_as_they_can_be(run, answers, sent, kept):
    run.answer(run.page.item.id, "emotion", "fear", sent)
    assert answers.rows()[0]["seconds"] == kept


def test_what_a_page_needs_loads_no_model_and_no_tables():
    code = (
        "import sys; from xfera_nb.study import Answers, Study, StudySession; "
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "pandas", "cv2", "scipy", "statsmodels", "PIL"} & set(done.stdout.split())


def test_a_study_without_ages_asks_none(make_study):
    with Answers(make_study(age_bands=())) as answers:
        run = StudySession(answers)
        run.begin("", "", agreed=True)
        assert run.participant.age is None
