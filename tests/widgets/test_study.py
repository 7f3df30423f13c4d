"""The study's page without a browser: what it shows, and what it does with messages."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys

import pytest
from PIL import Image

from xfera_nb.study import Answers, Study, StudyItem
from xfera_nb.widgets import StudyPage
from xfera_nb.widgets.study import PROBLEM

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def study(tmp_path):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(file, "JPEG")
    items = tuple(
        StudyItem(
            f"i{n}", f"p{n}.jpg", "random", "fear", "anger", (0.6, 0, 0.4, 0, 0, 0, 0), n != 0,
            HOSTILE, f"i{n}_face.jpg", f"i{n}_heatmap.jpg",
        )
        for n in range(3)
    )  # fmt: skip
    pictures = {
        name: file.getvalue() + name.encode() for i in items for name in (i.face, i.heatmap)
    }
    return Study(items=items).save(tmp_path / "study", pictures)


@pytest.fixture
def sent(monkeypatch):
    """Messages that went to the front end."""
    messages = []
    monkeypatch.setattr(
        StudyPage, "send", lambda self, content, buffers=None: messages.append(content)
    )
    return messages


def tell(page, **message):
    page._on_message(page, {"stamp": "s1", **message}, [])


def begin(page, code="p1"):
    tell(page, do="begin", code=code, age="18-29", agreed=True)


def answer_page(page, value="4"):
    for question in page.page["questions"]:
        said = "fear" if question["name"] == "emotion" else value
        tell(page, do="answer", item=page.page["item"], question=question["name"], value=said)
    tell(page, do="forward", item=page.page["item"])


def test_first_the_consent(study, sent):
    page = StudyPage(study)
    assert page.page["kind"] == "consent" and page.participant == ""
    assert page.page["ages"] == list(study.age_bands)
    assert page.texts["consent"] == study.texts["consent"]
    tell(page, do="begin", code="p1", age="", agreed=False)
    assert "agree" in sent[-1]["why"] and sent[-1]["stamp"] == "s1"
    begin(page)
    assert page.page["kind"] == "choose" and page.participant == "p1"
    assert page.run.participant.age == "18-29"


def test_an_answer_is_kept_and_said_to_be(study, sent):
    page = StudyPage(study)
    begin(page)
    item = page.page["item"]
    tell(page, do="answer", item=item, question="emotion", value="fear", seconds=2.0)
    assert sent[-1] == {"stamp": "s1", "kept": True}
    with Answers(study, create=False) as answers:
        assert answers.given(answers.find("p1")) == {(item, "emotion"): "fear"}
    tell(page, do="answer", item=item, question="emotion", value="joy")
    assert "no answer" in sent[-1]["why"] and "kept" not in sent[-1]


def test_what_cannot_be_kept_now_stays_in_the_browser(study, sent):
    page = StudyPage(study)
    begin(page)
    item = page.page["item"]
    page.run.answers._db.one("PRAGMA query_only = ON")  # as a disk that takes nothing
    tell(page, do="answer", item=item, question="emotion", value="fear")
    assert sent[-1]["later"] is True and "answers.sqlite cannot be used" in sent[-1]["why"]
    page.run.answers._db.one("PRAGMA query_only = OFF")
    tell(page, do="answer", item=item, question="emotion", value="fear")
    assert sent[-1] == {"stamp": "s1", "kept": True}
    tell(page, do="answer", item=item, question="emotion", value="joy")
    assert sent[-1]["later"] is False


def test_forward_twice_goes_on_once(study, sent):
    page = StudyPage(study)
    begin(page)
    item = page.page["item"]
    tell(page, do="answer", item=item, question="emotion", value="fear")
    tell(page, do="forward", item=item)
    tell(page, do="forward", item=item)
    assert page.page["number"] == 2
    assert sent[-1] == {"stamp": "s1", "kept": False}


def test_part_1_shows_no_answer_of_the_model(study, sent):
    page = StudyPage(study)
    begin(page)
    shown = page.page
    assert set(shown) == {
        "kind", "heading", "note", "item", "number", "count", "questions", "given", "face",
        "options",
    }  # fmt: skip
    assert [one["value"] for one in shown["options"]] == list(page.run.participant.order.options)
    picture = base64.b64decode(shown["face"].partition(",")[2])
    assert picture.endswith(f"{shown['item']}_face.jpg".encode())


def test_each_condition_shows_what_it_is(study, sent):
    page = StudyPage(study)
    begin(page)
    for _ in range(3):
        answer_page(page)
    seen = {}
    for _ in range(3):
        shown, condition = page.page, page.run.page.condition
        assert shown["kind"] == "rate" and "options" not in shown
        assert shown["answer"] == "The model's prediction: anger"
        seen[condition] = (set(shown) & {"heat", "heat_text", "text"}, shown)
        answer_page(page)
    assert seen["none"][0] == set()
    assert seen["heatmap"][0] == {"heat", "heat_text"}
    assert seen["text"][0] == {"heat", "heat_text", "text"}
    assert seen["text"][1]["text"] == HOSTILE  # as text; the front end puts it in as text
    for condition in ("heatmap", "text"):
        shown = seen[condition][1]
        text = "no_heatmap" if shown["item"] == "i0" else "heatmap"
        assert shown["heat_text"] == study.texts[text]
    assert page.page["kind"] == "done" and page.page["code"] == "p1"


def test_coming_back_by_the_address(study, sent, monkeypatch):
    monkeypatch.setenv("XFERA_STUDY", str(study.folder))
    page = StudyPage(study)
    begin(page)
    answer_page(page)
    monkeypatch.setenv("QUERY_STRING", "id=p1&x=2")
    again = StudyPage.served()
    assert again.address and again.participant == "p1" and again.page["number"] == 2
    assert "Welcome back" in again.page["note"]
    answer_page(again)
    assert "Welcome back" not in again.page["note"]
    for query, code in (("id=new-1", "new-1"), ("id=<b>", ""), ("", ""), ("id=%00", "")):
        monkeypatch.setenv("QUERY_STRING", query)
        other_page = StudyPage.served()
        assert (other_page.page["kind"], other_page.page["code"]) == ("consent", code)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "begin",
        [],
        {},
        {"do": "run", "code": "print(1)"},
        {"do": "answer"},
        {"do": "answer", "item": {}, "question": [], "value": 7, "seconds": "x"},
        {"do": "answer", "item": "i0", "question": "emotion", "value": None},
        {"do": "forward"},
        {"do": "forward", "item": ["i0"]},
        {"do": "begin", "code": 3, "age": [], "agreed": "yes"},
    ],
)
@pytest.mark.parametrize("entered", [False, True])
def test_nonsense_changes_nothing(study, sent, message, entered):
    page = StudyPage(study)
    if entered:
        begin(page)
    before = dict(page.page)
    page._on_message(page, message, [])
    if not (entered and isinstance(message, dict) and message.get("do") == "begin"):
        assert dict(page.page) == before
    assert len(page.run.answers) == 0


def test_a_preview_keeps_nothing_and_says_so(study, sent):
    page = StudyPage(study, preview=True)
    begin(page)
    answer_page(page)
    assert page.preview and page.page["number"] == 2
    assert not (study.folder / "answers.sqlite").exists()


@pytest.mark.parametrize("damage", ["plan", "answers", "missing"])
def test_what_cannot_be_used_is_one_sentence_on_the_page(study, sent, damage):
    if damage == "plan":
        (study.folder / "study.json").write_text("{")
    elif damage == "answers":
        (study.folder / "answers.sqlite").write_bytes(b"nothing " * 200)
    folder = study.folder if damage != "missing" else study.folder / "x"
    page = StudyPage(folder)
    assert page.page["kind"] == PROBLEM and page.run is None
    assert page.page["note"].endswith(".") and "\n" not in page.page["note"]
    tell(page, do="begin", agreed=True)
    assert sent == []


def test_the_state_is_json(study, sent):
    page = StudyPage(study)
    begin(page)
    state = page.get_state(["page", "texts", "study", "participant", "address", "preview"])
    json.dumps(state)


def test_a_page_loads_no_model():
    code = (
        "import sys; from xfera_nb.widgets import StudyPage; "
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "pandas", "cv2", "plotly", "scipy"} & set(done.stdout.split())
