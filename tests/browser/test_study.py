"""A study's page in a real browser: two people at once, a server that is killed, keys, hostile
texts, and nothing cut off on a wide and on a narrow screen."""

from __future__ import annotations

import io
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from pages import Watched, eventually
from PIL import Image
from playwright.sync_api import expect
from processes import LOOPBACK, free_port, kill_family, wait_until_served

from xfera_nb.study import Answers, Study, StudyItem

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}
HOSTILE = "<img src=x onerror=\"document.title='bad'\"> & <script>document.title='bad'</script>"
QUESTIONS = ("trust", "clear", "coherent", "helpful")
CUT_OFF = """() => {
    const seen = (e) => e.getClientRects().length;
    return [...document.querySelectorAll('.xf-study :is(button, select, input, label, img, p, h1)')]
        .filter((e) => seen(e) && (e.getBoundingClientRect().right > innerWidth + 1
            || e.getBoundingClientRect().left < -1 || e.scrollWidth > e.clientWidth + 1))
        .filter((e) => getComputedStyle(e).display !== 'inline')
        .map((e) => e.outerHTML.slice(0, 120));
}"""
NAMELESS = """() => [...document.querySelectorAll('.xf-study :is(button, select, input)')]
    .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim()
        || (e.labels && e.labels.length && e.labels[0].textContent.trim())))
    .map((e) => e.outerHTML.slice(0, 120))"""


def jpeg(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "JPEG")
    return file.getvalue()


def build(folder: Path, *, choice: str = "choose", texts: dict[str, str] | None = None) -> Study:
    """A study of four coloured squares; no model is needed for its page."""
    items = tuple(
        StudyItem(
            f"i{n}", f"photo{n}.jpg", kind, "fear", "anger", (0.6, 0.1, 0.3, 0, 0, 0, 0), True,
            f"I saw {HOSTILE}.", f"i{n}_face.jpg", f"i{n}_heatmap.jpg",
        )
        for n, kind in enumerate(("misclassified", "misclassified", "ambiguous", "random"))
    )  # fmt: skip
    pictures = {name: jpeg("#a06040") for item in items for name in (item.face, item.heatmap)}
    plain = Study(items, seed=5, choice=choice)
    return Study.from_dict(plain.to_dict() | {"texts": texts or {}}).save(folder, pictures)


class Server:
    """``xfera study serve`` on one port, to be killed and started again."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder, self.log = folder, log
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}/"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "xfera_nb.cli", "study", "serve", str(self.folder)]
        command += ["--port", str(self.port), "--no-browser"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        wait_until_served(self.process, f"{self.url}voila/static/voila.js", self.log)

    @property
    def token(self) -> str:
        """What the page's address needs."""
        return (self.folder / "address.token").read_text()

    def kill(self) -> None:
        """SIGKILL the command, Voila and every kernel, without a warning to any of them."""
        kill_family(self.process)


@pytest.fixture
def serve(tmp_path):
    """Start a server for a folder."""
    servers = []

    def start(folder: Path) -> Server:
        server = Server(folder, tmp_path / "serve.log")
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        if server.process is not None:
            server.kill()


@pytest.fixture
def visitor(browser):
    """Somebody new at a server's page, in a window of a size."""
    people = []

    def come(server: Server, size: str, name: str) -> Person:
        people.append(Person(browser, server, size, name))
        return people[-1]

    yield come
    for person in people:
        person.context.close()


class Person:
    """Somebody at the page, who remembers what they answered: (part, number, question) -> value."""

    def __init__(self, browser, server: Server, size: str, name: str) -> None:
        width, height = SIZES[size]
        self.context = browser.new_context(viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.watched = Watched(self.page, f"study-{name}-{size}", server.log)
        self.said: dict[tuple[int, int, str], str] = {}
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{server.url}?token={server.token}")
        self.page.wait_for_selector(".xf-study h1")

    def begin(self, code: str) -> None:
        self.page.get_by_label("Your code").fill(code)
        self.page.locator(".xf-study-agree input").check()
        self.page.get_by_role("button", name="Begin").click()
        self.page.wait_for_selector(".xf-study fieldset")
        expect(self.page).to_have_url(re.compile(f"&id={code}$"))

    @property
    def where(self) -> tuple[int, int]:
        """Part and number of the page."""
        part = 1 if self.page.locator(".xf-study-choose").count() else 2
        said = self.page.locator(".xf-study-where").text_content()
        return part, int(re.search(r"Face (\d+) of", said)[1])

    def pick(self, question: str, place: int, *, wait: bool = True) -> None:
        """Click an option by its place and remember it; `wait` until it is said to be saved."""
        options = self.page.locator(f"fieldset[data-question={question}] input")
        options.nth(place).check()
        self.said[(*self.where, question)] = options.nth(place).get_attribute("value")
        if wait:
            self.saved()

    def saved(self) -> None:
        """Wait until the page says that all is kept; a click takes the word back at once."""
        expect(self.page.locator(".xf-study-status")).to_have_text("Saved.")

    def questions(self) -> tuple[str, ...]:
        return ("emotion",) if self.where[0] == 1 else QUESTIONS

    def next(self) -> None:
        before = self.page.locator(".xf-study-main").text_content()
        self.page.get_by_role("button", name="Next").click()
        self.page.wait_for_function(
            "(before) => document.querySelector('.xf-study-main').textContent !== before",
            arg=before,
        )

    def answer_page(self, seed: int) -> None:
        for n, question in enumerate(self.questions()):
            self.pick(question, (seed + n) % 5)
        self.next()

    def again(self) -> None:
        """Press the button that appears once the server does not answer, until it does."""
        self.page.locator(".xf-study-status").get_by_text("does not answer").wait_for()
        self.picture("lost")
        self.page.evaluate("() => { window.before = true; }")
        self.page.get_by_role("button", name="Connect again").click()
        self.page.wait_for_function(
            "() => !window.before && document.querySelector('.xf-study fieldset')"
        )

    def picture(self, what: str) -> None:
        self.watched.picture(f"-{what}")

    def by_item(self, answers: Answers, code: str) -> dict[tuple[str, str], str]:
        """What they said, by item and question, after the order in which items came to them."""
        order = answers.find(code).order
        ways = {1: order.first, 2: tuple(item for item, _ in order.second)}
        return {(ways[part][n - 1], q): value for (part, n, q), value in self.said.items()}


def test_two_people_at_once_and_a_server_that_is_killed_lose_nothing(visitor, serve, tmp_path):
    study = build(tmp_path / "study")
    server = serve(study.folder)
    one, two = visitor(server, "wide", "one"), visitor(server, "narrow", "two")
    one.begin("p-1")
    two.begin("p-2")
    for step in range(3):  # in turn, page by page
        one.answer_page(step)
        two.answer_page(step + 2)
    one.answer_page(3)
    one.pick("trust", 4)
    one.pick("clear", 1)

    one.pick("coherent", 2, wait=False)  # nobody knows whether this one still gets through
    server.kill()
    one.pick("helpful", 0, wait=False)  # these two certainly don't
    two.pick("emotion", 6, wait=False)
    server.start()

    for person in (one, two):
        place = person.where
        person.again()
        assert person.where == place
        person.saved()
    expect(one.page.locator("fieldset[data-question=coherent] :checked")).to_have_value("3")
    one.pick("clear", 3)  # thought better of
    one.next()
    two.next()
    for person in (one, two):
        while person.page.locator(".xf-study fieldset").count():
            person.answer_page(1)
        person.page.get_by_text("Thank you.").wait_for()
        assert person.watched.outside == []
    server.kill()

    expected = len(study.items) * (1 + len(QUESTIONS))
    with Answers(study, create=False) as answers:
        for person, code in ((one, "p-1"), (two, "p-2")):
            given = answers.given(answers.find(code))
            assert len(given) == expected
            assert given == person.by_item(answers, code)
        assert len(answers) == 2 * expected
        assert [(who.number, who.finished) for who in answers.participants()] == [
            (0, True), (1, True),
        ]  # fmt: skip
    with sqlite3.connect(study.folder / "answers.sqlite") as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        twice = file.execute(
            "SELECT COUNT(*) FROM (SELECT 1 FROM answers GROUP BY participant, item, question "
            "HAVING COUNT(*) > 1)"
        )
        assert twice.fetchone() == (0,)


@pytest.mark.parametrize("size", SIZES)
def test_by_keyboard_alone_with_hostile_texts_nothing_cut_off(visitor, serve, tmp_path, size):
    texts = {"title": f"A study {HOSTILE}", "trust": HOSTILE, "consent": HOSTILE}
    study = build(tmp_path / "study", texts=texts)
    person = visitor(serve(study.folder), size, "keys")
    page, keys = person.page, person.page.keyboard

    def look(what: str) -> None:
        person.picture(what)
        eventually(page, CUT_OFF, [])
        eventually(page, NAMELESS, [])
        expect(page.locator(".xf-study :is(script, img[src=x])")).to_have_count(0)
        assert page.title() != "bad"

    expect(page.locator("h1")).to_have_text(f"A study {HOSTILE}")
    look("consent")
    page.get_by_role("button", name="Begin").click()
    page.locator(".xf-study-status").get_by_text("Please tick that you agree").wait_for()
    page.locator("h1").focus()
    for _ in range(3):  # code, age, consent
        keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    page.wait_for_selector(".xf-study-choose")
    look("choose")
    for number in range(1, 5):
        assert person.where == (1, number)
        keys.press("7")
        person.saved()
        keys.press("Enter")
        page.wait_for_function(
            "(n) => !document.querySelector('.xf-study-where').textContent.includes(`Face ${n} `)",
            arg=number,
        )
    seen = set()
    for number in range(1, 5):
        assert person.where == (2, number)
        pictures, text = page.locator("figure").count(), page.locator(".xf-study-text").count()
        seen.add((pictures, text))
        look(f"rate-{pictures}-{text}")
        if text:
            expect(page.locator(".xf-study-text")).to_have_text(f"I saw {HOSTILE}.")
        for key in "5432":
            keys.press(key)
        person.saved()
        keys.press("Enter")
        if number < 4:
            page.get_by_text(f"Face {number + 1} of 4").wait_for()
    page.get_by_text("Thank you.").wait_for()
    look("done")
    assert seen == {(1, 0), (2, 0), (2, 1)}
    code = re.search(r"id=(\w+)", page.url)[1]
    with Answers(study, create=False) as answers:
        who = answers.find(code)
        given = answers.given(who)
        assert {given[item, "emotion"] for item in who.order.first} == {who.order.options[6]}
        for item in who.order.first:
            assert [given[item, q] for q in QUESTIONS] == ["5", "4", "3", "2"]
    assert person.errors == [] or all("jupyter-notebook" in error for error in person.errors)


def test_ranking_by_keys_and_coming_back_by_the_address(visitor, serve, tmp_path):
    study = build(tmp_path / "study", choice="rank")
    person = visitor(serve(study.folder), "narrow", "rank")
    person.begin("r-1")
    page = person.page
    for key in "3153":  # the third is taken, and then taken back
        page.keyboard.press(key)
    expect(page.locator(".xf-study-choose button[aria-pressed=true]")).to_have_count(2)
    person.saved()
    person.picture("rank")
    eventually(page, CUT_OFF, [])
    with Answers(study, create=False) as answers:
        who = answers.find("r-1")
        options = who.order.options
        assert answers.given(who) == {(who.order.first[0], "emotion"): f"{options[0]}>{options[4]}"}
    page.reload()
    page.get_by_text("Welcome back").wait_for()
    assert person.where == (1, 2)
    page.keyboard.press("2")  # though the focus is on nothing yet
    page.locator(".xf-study-status").get_by_text("Saved.").wait_for()
    assert page.locator(".xf-study-choose button[aria-pressed=true]").count() == 1
