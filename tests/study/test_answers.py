"""The file of answers: each once, whatever is killed, and never real beside simulated ones."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from xfera_nb.errors import StudyError
from xfera_nb.study import Answers, simulate

ROOT = Path(__file__).parents[2]
WRITER = """
import sys, time
from xfera_nb.study import Answers, Study
study = Study.load(sys.argv[1])
with Answers(study) as answers:
    who = answers.enter(sys.argv[2])
    for score in range(int(sys.argv[3])):
        for item in study.items:
            for question in study.questions:
                answers.put(who, item.id, question, str(score % 5 + 1), 1.5)
                print(item.id, question, score % 5 + 1, flush=True)
"""


def write(study, code, rounds) -> subprocess.Popen:
    """Another process that answers everything, several times over."""
    command = [sys.executable, "-c", WRITER, str(study.folder), code, str(rounds)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def edit(path: Path, statement: str) -> None:
    """Change a file behind the toolkit's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(statement)


def test_an_answer_that_is_given_again_replaces_the_first(answers):
    who = answers.enter("p1", "30-44")
    for value in ("3", "3", "5"):
        answers.put(who, "i02", "trust", value, 2.5)
    assert answers.given(who) == {("i02", "trust"): "5"}
    (row,) = answers.rows()
    condition, place = who.condition_of("i02")
    assert (row["participant"], row["age"], row["simulated"]) == ("p1", "30-44", 0)
    assert (row["part"], row["condition"], row["place"], row["seconds"]) == (
        2,
        condition,
        place,
        2.5,
    )
    assert row["changes"] == 1


def test_it_is_on_the_disk_when_put_returns(answers, study):
    who = answers.enter()
    answers.put(who, "i00", "emotion", "fear")
    with closing(sqlite3.connect(study.folder / "answers.sqlite")) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("SELECT value FROM answers").fetchall() == [("fear",)]
    assert answers._db.one("PRAGMA synchronous") == (2,)  # FULL


def test_people_are_numbered_as_they_come_and_come_back(answers):
    first, second = answers.enter("a"), answers.enter()
    assert (first.number, second.number) == (0, 1)
    assert len(second.id) == 6
    again = answers.enter("a", "18-29")
    assert (again.number, again.age) == (0, None)  # age is asked once
    assert again.order == first.order
    assert answers.find("nobody") is None
    assert [who.id for who in answers.participants()] == ["a", second.id]


@pytest.mark.parametrize("code", ["", "a b", "<b>", "x" * 41, "\u00e9", "a\n", "simulated-001"])
def test_a_code_that_is_none_is_refused(answers, code, sentence):
    with pytest.raises(StudyError, match="[Cc]ode") as caught:
        answers.enter(code)
    assert sentence(caught.value)
    assert answers.participants() == ()


def test_an_age_that_is_not_on_offer_is_refused(answers):
    with pytest.raises(StudyError, match="age group"):
        answers.enter("a", "12")


@pytest.mark.parametrize(
    ("item", "question", "value"),
    [
        ("i99", "trust", "3"),
        (["i00"], "trust", "3"),
        ("i00", "age", "3"),
        ("i00", ["trust"], "3"),
        ("i00", "trust", "6"),
        ("i00", "trust", 3),
        ("i00", "trust", None),
        ("i00", "emotion", "contempt"),
        ("i00", "emotion", "fear>anger"),
        ("i00", "emotion", ["fear"]),
        ("i00", "emotion", ""),
    ],
)
def test_what_is_no_answer_is_refused_in_a_sentence(answers, sentence, item, question, value):
    who = answers.enter("a")
    with pytest.raises(StudyError) as caught:
        answers.put(who, item, question, value)
    assert sentence(caught.value)
    assert len(answers) == 0


def test_a_ranking_is_an_answer_where_it_is_asked_for(make_study):
    with Answers(make_study(choice="rank")) as answers:
        who = answers.enter("a")
        answers.put(who, "i00", "emotion", "fear>anger>neutral")
        for bad in ("fear>fear", "fear>", ">fear", "fear>joy"):
            with pytest.raises(StudyError, match="no answer"):
                answers.put(who, "i00", "emotion", bad)
        assert answers.given(who) == {("i00", "emotion"): "fear>anger>neutral"}


def test_several_processes_write_at_once_from_the_very_beginning(study):
    writers = [write(study, f"p{n}", 2) for n in range(4)]
    assert [(writer.communicate()[0].count("\n"), writer.returncode) for writer in writers] == [
        (2 * 9 * 4, 0)
    ] * 4
    with Answers(study, create=False) as answers:
        assert len(answers) == 4 * 9 * 4
        people = answers.participants()
        assert sorted(who.number for who in people) == [0, 1, 2, 3]
        assert {value for who in people for value in answers.given(who).values()} == {"2"}


def test_a_process_that_is_killed_leaves_every_answer_it_had_given(study):
    writer = write(study, "p", 100_000)
    said = [writer.stdout.readline() for _ in range(60)]
    os.kill(writer.pid, signal.SIGKILL)
    said += writer.stdout.readlines()
    writer.wait(timeout=20)
    told = {tuple(line.split()[:2]): line.split()[2] for line in said if line.count(" ") == 2}
    assert len(told) == 9 * 4
    with Answers(study, create=False) as answers:
        given = answers.given(answers.find("p"))
    different = [one for one in given if given[one] != told[one]]
    assert given.keys() == told.keys()
    assert len(different) <= 1  # one may have been kept and not been said any more


def test_a_writer_waits_for_another(study, answers):
    who = answers.enter("a")
    other = write(study, "b", 20)
    assert other.stdout.readline()  # it is at work
    with answers.transaction():
        answers.put(who, "i00", "trust", "1")
        time.sleep(0.5)
    assert other.communicate()[0].count("\n") == 20 * 36 - 1
    assert len(answers) == 37


def test_threads_take_turns(study, answers):
    def answer_all(code):
        who = answers.enter(code)
        for item in study.items:
            for question in study.questions:
                answers.put(who, item.id, question, "4")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(answer_all, "abcd"))
    assert len(answers) == 4 * 9 * 4
    assert sorted(who.number for who in answers.participants()) == [0, 1, 2, 3]


def test_together_means_all_or_none(answers):
    who = answers.enter("a")
    with pytest.raises(StudyError, match="no item"), answers.transaction():
        answers.put(who, "i00", "trust", "1")
        answers.put(who, "i99", "trust", "1")
    assert len(answers) == 0


def test_someone_whose_answers_were_deleted_is_told(study, answers, sentence):
    who = answers.enter("a")
    edit(study.folder / "answers.sqlite", "DELETE FROM participants")
    with pytest.raises(StudyError, match="load the page again") as caught:
        answers.put(who, "i00", "trust", "1")
    assert sentence(caught.value)


def test_one_participant_is_forgotten_without_a_trace(study, answers, sentence):
    for code in ("gone-person", "p2"):
        who = answers.enter(code, "30-44")
        answers.put(who, "i00", "trust", "1")
        answers.put(who, "i01", "clear", "2")
    assert answers.forget("gone-person") == 2
    assert [who.id for who in answers.participants()] == ["p2"] and len(answers) == 2
    left = b"".join(path.read_bytes() for path in study.folder.glob("answers.sqlite*"))
    assert b"gone-person" not in left and b"p2" in left
    with pytest.raises(StudyError, match="No participant has the code 'gone-person'") as caught:
        answers.forget("gone-person")
    assert sentence(caught.value)
    assert answers.enter("p3").number == 2  # no other's


def test_a_preview_keeps_nothing(study):
    with Answers(study, memory=True) as answers:
        answers.put(answers.enter("a"), "i00", "trust", "1")
        assert len(answers) == 1
    assert not (study.folder / "answers.sqlite").exists()


def test_answers_of_another_study_are_refused(study, make_study, answers, sentence):
    other = make_study(name="other", seed=9)
    answers.close()
    (study.folder / "answers.sqlite").rename(other.folder / "answers.sqlite")
    with pytest.raises(StudyError, match="another version of this study") as caught:
        Answers(other)
    assert sentence(caught.value)


def test_real_and_simulated_answers_are_never_mixed(study, answers, sentence):
    answers.put(answers.enter("a"), "i00", "trust", "1")
    answers.close()
    simulate(study, 2).close()
    real, invented = study.folder / "answers.sqlite", study.folder / "simulated.sqlite"
    edit(
        real,
        "INSERT INTO participants "
        "SELECT 'simulated-001', number + 5, 1, age, way, begun, finished FROM participants",
    )
    with pytest.raises(StudyError, match="never mixed") as caught:
        Answers(study)
    assert sentence(caught.value)
    real.write_bytes(invented.read_bytes())
    with pytest.raises(StudyError, match="should hold real answers"):
        Answers(study)


def test_real_answers_are_not_cleared(answers):
    with pytest.raises(StudyError, match="not cleared"):
        answers.clear()


def test_without_answers_it_says_what_to_do(study, sentence):
    for simulated, todo in ((False, "serve the study"), (True, "xfera study simulate")):
        with pytest.raises(StudyError, match=todo) as caught:
            Answers(study, simulated=simulated, create=False)
        assert sentence(caught.value)
    assert not (study.folder / "answers.sqlite").exists()


def damaged_header(path: Path) -> None:
    path.write_bytes(b"This is not a data base. " * 100)


def damaged_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 4] = b"\xff" * 4096 * 3
    path.write_bytes(data)


def damaged_way(path: Path) -> None:
    edit(path, "UPDATE participants SET way = '[1'")


def another_data_base(path: Path) -> None:
    path.unlink()
    edit(path, "CREATE TABLE photos (id)")


@pytest.mark.parametrize("damage", [damaged_header, damaged_middle, damaged_way, another_data_base])
def test_a_damaged_file_is_told_in_a_sentence(study, sentence, damage):
    with Answers(study) as answers:
        who = answers.enter("a")
        for item in study.items:
            for question in study.questions:
                answers.put(who, item.id, question, "1")
    damage(study.folder / "answers.sqlite")
    with pytest.raises(StudyError, match="answers.sqlite is damaged") as caught:
        Answers(study).participants()
    assert sentence(caught.value)


def test_a_place_that_cannot_be_written_is_told(study, sentence):
    (study.folder / "answers.sqlite").mkdir()
    with pytest.raises(StudyError, match="answers.sqlite cannot be used") as caught:
        Answers(study)
    assert sentence(caught.value)
