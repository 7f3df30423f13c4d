"""``xfera check``: facts and a text in, a check as JSON out."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from xfera_nb.cli import main

HEAVY = {"torch", "pandas", "openai", "cv2", "plotly", "dlib", "captum", "pyarrow", "sklearn"}


def action_unit(au, intensity, *, active=True, left=None, right=None):
    def side(is_on):
        return None if is_on is None else {"active": is_on, "coverage": 1.0}

    return {
        "au": au, "intensity": intensity, "coverage": 1.0, "saliency": 0.5, "score": intensity,
        "active": active, "state": "present, attended" if active else "absent, attended",
        "reason": "", "left": side(left), "right": side(right),
    }  # fmt: skip


@pytest.fixture
def record():
    """A line of ``xfera explain --json``: AU12 strong on both sides, AU06 faint on the left."""
    return {
        "photo": "a.jpg",
        "predicted": "happiness",
        "target": "happiness",
        "probabilities": {"happiness": 0.9, "surprise": 0.1},
        "confidence_level": "High",
        "threshold": 0.4,
        "action_units": [
            action_unit("AU04", 0.1, active=False, left=False, right=False),
            action_unit("AU06", 1.2, left=True, right=False),
            action_unit("AU12", 4.2, left=True, right=True),
        ],
        "matching": ["AU06", "AU12"],
        "missing": [],
        "not_measurable": [],
        "params": {"min_intensity": 0.3},
    }


@pytest.fixture
def facts(record, tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(record))
    return path


@pytest.fixture
def ask(capsys, monkeypatch):
    """Run ``xfera check``: (exit code, stdout, stderr)."""

    def run(*arguments, stdin=None):
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = main(["check", *map(str, arguments)])
        done = capsys.readouterr()
        assert "Traceback" not in done.err
        return code, done.out, done.err

    return run


def checked(ask, *arguments, **rest):
    code, out, err = ask(*arguments, **rest)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_each_sentence_with_its_movements(ask, facts):
    text = (
        "The lip corners are pulled up and the left cheek is lifted. "
        "The right cheek is lifted. A faint smile. The nose is wrinkled, the brows are not "
        "lowered. She is happy, not sad."
    )
    found = checked(ask, "--facts", facts, text)
    assert [sentence["aus"] for sentence in found["sentences"]] == [
        [{"au": "AU12", "status": "supported"}, {"au": "AU06", "status": "supported"}],
        [{"au": "AU06", "status": "contradicted"}],
        [{"au": "AU12", "status": "contradicted"}],
        [{"au": "AU09", "status": "unsupported"}, {"au": "AU04", "status": "negated"}],
        [],
    ]
    assert " ".join(sentence["text"] for sentence in found["sentences"]) == text
    assert (found["precision"], found["recall"], found["left_out"]) == (0.0, 1.0, [])
    assert [(flag["kind"], flag["word"]) for flag in found["flags"]] == [
        ("emotion", "sad"), ("feeling", "She is happy"),
    ]  # fmt: skip


def test_what_is_left_out(ask, facts):
    found = checked(ask, "--facts", facts, "AU12 was active.")
    assert (found["precision"], found["recall"], found["left_out"]) == (1.0, 0.5, ["AU06"])
    found = checked(ask, "--facts", facts, "Nothing to see.")
    assert (found["precision"], found["recall"]) == (None, 0.0)


def test_the_text_may_come_on_standard_input(ask, facts):
    found = checked(ask, "--facts", facts, stdin="Action Unit 12.\n\nA wrinkled nose.\n")
    assert [s["aus"][0]["status"] for s in found["sentences"]] == ["supported", "unsupported"]


def test_a_line_of_several(ask, record, tmp_path):
    path = tmp_path / "results.jsonl"
    other = record | {"action_units": [action_unit("AU09", 3.0)], "matching": []}
    path.write_text(f"{json.dumps(record)}\n\n{json.dumps(other)}\n", encoding="utf-8-sig")
    first = checked(ask, "--facts", path, "--line", "1", "A wrinkled nose.")
    second = checked(ask, "--facts", path, "--line", "2", "A wrinkled nose.")
    assert (first["precision"], second["precision"]) == (0.0, 1.0)
    several = "holds 2 faces; choose one with --line"
    for given, told in (((), several), (("--line", 3), "no line 3")):
        code, out, err = ask("--facts", path, *given, "A wrinkled nose.")
        assert (code, out) == (2, "") and told in err


def test_a_file_of_one_line_needs_no_number(ask, record, tmp_path):
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(record) + "\n")
    assert checked(ask, "--facts", path, "A smile.")["precision"] == 1.0
    path.write_text(json.dumps(record, indent=2))
    assert checked(ask, "--facts", path, "A smile.")["precision"] == 1.0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Gli angoli della bocca sono sollevati e il naso è arricciato.", "it"),
        ("Las comisuras de los labios se elevan y la nariz está arrugada.", "es"),
        ("Die Mundwinkel sind hochgezogen und die Nase ist gerümpft.", "de"),
    ],
)
def test_other_languages_are_guessed_or_told(ask, facts, text, language):
    for given in ((), ("--language", language)):
        found = checked(ask, "--facts", facts, *given, text)
        assert found["language"] == language
        assert [one["status"] for one in found["sentences"][0]["aus"]] == [
            "supported", "unsupported",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no JSON"),
        ("{", "holds no JSON"),
        ("not json\nat all", "holds no JSON"),
        ("[" * 100_000, "holds no JSON"),
        ("[]", "one JSON object"),
        ("3", "one JSON object"),
        ("{}", "lack 'target'"),
        ('{"target": "joy", "action_units": []}', "none of the seven"),
    ],
)
def test_facts_that_cannot_be_read(ask, tmp_path, content, told):
    path = tmp_path / "facts.json"
    path.write_text(content)
    code, out, err = ask("--facts", path, "A smile.")
    assert (code, out) == (2, "")
    assert told in err and len(err.splitlines()) == 1


def test_a_facts_file_that_is_not_there_or_not_text(ask, tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        code, out, err = ask("--facts", path, "A smile.")
        assert (code, out) == (2, "") and "cannot be read" in err and len(err.splitlines()) == 1
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    assert "it is not text" in ask("--facts", tmp_path / "bytes.json", "A smile.")[2]


def test_without_a_text(ask, facts, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert "as an argument or on standard input" in ask("--facts", facts)[2]
    assert "text is empty" in ask("--facts", facts, " \n")[2]


def test_usage(ask, facts):
    for arguments in ((), ("--facts", facts, "--line", "0", "A."), ("--facts", facts, "-x", "A.")):
        code, out, err = ask(*arguments)
        assert (code, out) == (2, "") and len(err.splitlines()) == 1


def test_bytes_that_are_no_text(facts):
    command = [sys.executable, "-m", "xfera_nb.cli", "check", "--facts", str(facts)]
    done = subprocess.run(command, input=b"\xff\xfe smile", capture_output=True)
    assert done.returncode == 2 and b"UTF-8" in done.stderr and b"Traceback" not in done.stderr


def test_umlauts_and_accents_come_through(facts):
    command = [sys.executable, "-m", "xfera_nb.cli", "check", "--facts", str(facts)]
    done = subprocess.run(
        command, input="Die Nase ist gerümpft.".encode(), capture_output=True, check=True
    )
    assert "gerümpft" in done.stdout.decode("utf-8")


def test_it_loads_nothing_heavy(facts):
    code = (
        "import sys; from xfera_nb.cli import main;"
        f"main(['check', '--facts', {str(facts)!r}, 'A smile.']);"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.split())
