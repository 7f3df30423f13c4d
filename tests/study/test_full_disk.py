"""A full disk: what was reported as saved is saved, and the rest can be sent again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xfera_nb.errors import FileBusyError
from xfera_nb.study import Answers

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# No file of this process may grow any more: writing fails as it does on a full disk.
NO_ROOM = """
import os, resource, signal, sys
from xfera_nb.study import Answers, Study
from xfera_nb.errors import FileBusyError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
study = Study.load(sys.argv[1])
with Answers(study) as answers:
    who = answers.enter("p1")
    answers.put(who, "i00", "trust", "1")
    size = os.path.getsize(f"{answers.path}-wal")
    most, never = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, never))
    for value in "23":
        try:
            answers.put(who, "i00", "trust", value)
            print("kept", value)
        except FileBusyError as error:
            print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, never))
    answers.put(who, "i01", "trust", "4")
"""


def test_what_a_full_disk_refused_is_told_and_what_comes_after_is_kept(study, sentence):
    command = [sys.executable, "-c", NO_ROOM, str(study.folder)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert len(said) == 2 and all("answers.sqlite cannot be used" in line for line in said)
    assert all(sentence(line) for line in said)
    with Answers(study, create=False) as answers:
        given = answers.given(answers.find("p1"))
    assert given == {("i00", "trust"): "1", ("i01", "trust"): "4"}


def test_no_room_in_the_midst_of_a_transaction_undoes_it_and_ends_it(answers, sentence):
    who = answers.enter("p1")
    # SQLite ends the transaction itself here.
    answers._db.one("PRAGMA max_page_count = 1")
    with (
        pytest.raises(FileBusyError, match="full.*has free space") as caught,
        answers.transaction(),
    ):
        answers.put(who, "i00", "trust", "1")
        for number in range(1000):
            answers.enter(f"q{number}")
    assert sentence(caught.value)
    assert [one.id for one in answers.participants()] == ["p1"] and len(answers) == 0
    answers._db.one("PRAGMA max_page_count = 100000")
    answers.put(who, "i00", "trust", "2")
    with Answers(answers.study, create=False) as others:
        assert others.given(who) == {("i00", "trust"): "2"}
