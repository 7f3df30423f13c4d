"""Handouts: one face fills at most two A4 sides, and the browser that prints is confined."""

import os
import re
import stat
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import sync_playwright
from printed import count_pages, page_sizes
from processes import has_ended
from waiting import patiently

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble
from xfera_nb.explanation import Draft
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.report import Result, page_html
from xfera_nb.report.pdf import PdfError, find_browser, print_pdf

pytestmark = pytest.mark.slow

A4 = (595, 842)  # points
CODES = ("C01AN", "C02DI", "C03AF", "C04HA", "C05NE", "C06SA", "C07SU")
CARD = {
    "figures": {
        "FER+ PrivateTest": {"images": 3333, "accuracy": 0.753, "macro_f1": 0.558, "ece": 0.018},
        "face crops, val": {"images": 759, "accuracy": 0.816, "macro_f1": 0.421, "ece": 0.047},
    },
    "restrictions": "Research use only: trained on photographs that may not be redistributed. " * 3,
}
SENTENCE = (
    "I focused on the lifting of the cheeks and the pulling of the lip corners, and to a lesser "
    "degree on the raising of the upper lip, which often comes with them. "
)


class FixedWriter:
    name = "openai"

    def __init__(self, text):
        self.text = text

    def write(self, facts, prompt):
        return Draft(self.text, self.name, "a-language-model-of-a-long-name-2026-11")


def explained(path, emotion, seed, name=None, **params):
    """A sample with a made map that has its peak somewhere on the face."""
    rng = np.random.default_rng(seed)
    (face,) = find_faces(path)
    face = replace(face, photo_name=name or face.photo_name)
    probabilities = np.full(7, 0.05, np.float32)
    probabilities[EMOTIONS.index(emotion)] = 0.7
    maps = rng.normal(0.2, 1, (7, 7, 7)).astype(np.float32)
    aus = rng.uniform(0, 4, 17)
    units = ActionUnits(
        aus, aus * 1.1 % 5, aus * 0.9, "landmark asymmetry (estimate)",
        reliability=np.full(17, 0.75), source="builtin network (imitates OpenFace)",
    )  # fmt: skip
    named = {"name": "builtin", "version": 1, "sha256": "104b" * 16, "weights": 1_041_960}
    evidence = assemble(
        face, Prediction(probabilities), maps, units, layer="layer4.2",
        classifier={"name": "ResNet50-BAM, FER+", "sha256": "735e" * 16, "temperature": 0.8058},
        au_detector=named | {"restrictions": ["Not for judging what a person feels."] * 3},
    )  # fmt: skip
    return Result.from_evidence(evidence, card=CARD).with_params(**params)


@pytest.fixture(scope="module")
def samples_folder(request):
    """The sample faces."""
    return request.config.rootpath / "data" / "samples"


@pytest.fixture(scope="module")
def results(samples_folder):
    """Name -> result: seven samples, and the longest that there is."""
    folder = samples_folder
    found = {}
    for seed, (code, emotion) in enumerate(zip(CODES, EMOTIONS, strict=True)):
        found[code] = explained(folder / f"{code}.jpg", emotion, seed)
    for emotion in ("anger", "fear", "sadness"):
        wide = found["C01AN"].with_params(target=emotion, k=-1, scope="all")
        told = wide.with_params(writer=FixedWriter(SENTENCE * 7))
        note = "The server at http://localhost:11434/v1 did not answer. These are other words."
        found[f"{emotion}, all, long"] = replace(told, note=note)
    return found


@pytest.mark.browser
def test_every_face_prints_on_two_a4_sides(results, chromium):
    counts, sizes = {}, set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        for name, result in results.items():
            page.set_content(page_html([result]))
            data = page.pdf(prefer_css_page_size=True)
            counts[name] = count_pages(data)
            sizes |= page_sizes(data)
        browser.close()
    assert max(counts.values()) <= 2, counts
    assert sizes == {A4}


INVENTED = (
    "The nose wrinkler, the chin raiser, the lip stretcher, the dimpler, the brow lowerer and the "
    "jaw drop moved strongly on the left side, which is sadness, fear, disgust or surprise. "
)
TEXTS = {
    "1,700 characters": (SENTENCE * 20)[:1700],
    "30,000 characters": SENTENCE * 136,
    "one sentence without an end": "the cheeks and the lips and " * 200,
    "one word": "W" * 6_000,
    "wide letters": "\u8138\u988a\u4e0a\u626c\u3002" * 800,
    "lines": "I saw it.\n\n" * 900,
    "invented movements": INVENTED * 30,
}


@pytest.mark.browser
def test_any_text_prints_on_two_sides_and_says_where_the_rest_is(samples_folder, chromium):
    path = samples_folder / f"{CODES[0]}.jpg"
    widest = explained(path, "anger", 0, name="photo_" * 40 + ".jpg", k=-1, scope="all")
    note = "The server at http://localhost:11434/v1 did not answer. These are other words."
    counts, shown = {}, {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        for name, text in TEXTS.items():
            told = replace(widest.with_params(writer=FixedWriter(text)), note=note)
            page.set_content(page_html([told]))
            shown[name] = {}
            for medium in ("screen", "print"):
                page.emulate_media(media=medium)
                shown[name][medium] = page.locator(".xf-words").inner_text()
            counts[name] = count_pages(page.pdf(prefer_css_page_size=True))
        browser.close()
    assert max(counts.values()) <= 2, counts
    for name, text in TEXTS.items():
        screen, paper = shown[name]["screen"], shown[name]["print"]
        assert "Shortened" not in screen and len(screen) >= 0.9 * len(text.strip())
        assert paper.endswith("The whole text is on the HTML page (xfera explain --html) and in "
                              "--json.")  # fmt: skip
        assert "Shortened to fit on paper: the first " in paper and len(paper) < 1_900
        assert paper[:200] == screen[:200]


@pytest.mark.browser
def test_the_browser_of_this_machine_prints(results, chromium, tmp_path, monkeypatch):
    result = results["C04HA"]
    path = tmp_path / "handout.pdf"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    result.save_pdf(path)
    assert count_pages(path.read_bytes()) <= 2
    assert os.listdir(tmp_path / "temporary") == []


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a shell script in the place of Chromium: `fake(lines)`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(lines, name="google-chrome"):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def test_without_a_browser_one_sentence_says_what_to_do(fake):
    with pytest.raises(PdfError, match="none was found: install one, or save HTML"):
        find_browser()


@pytest.mark.parametrize("name", ["chromium", "google-chrome", "msedge"])
def test_browsers_are_found_by_their_names(fake, name):
    path = fake("exit 0", name)
    assert find_browser() == str(path)


PRINT = """\
for argument in "$@"; do
  case "$argument" in
    --print-to-pdf=*) echo '%PDF-1.4 made' > "${argument#--print-to-pdf=}" ;;
  esac
done
echo "$@" > LOG"""


@pytest.mark.parametrize(("user", "has_sandbox"), [(0, False), (1000, True)])
def test_it_gets_a_profile_of_its_own_no_host_and_a_sandbox(
    fake, tmp_path, monkeypatch, user, has_sandbox
):
    log = tmp_path / "log"
    fake(PRINT.replace("LOG", str(log)))
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert print_pdf("<p>page</p>").startswith(b"%PDF-1.4 made")
    said = log.read_text()
    assert ("--no-sandbox" not in said) is has_sandbox
    assert "--headless" in said and "--host-resolver-rules=MAP * ~NOTFOUND" in said
    profile = re.search(r"--user-data-dir=(\S+)", said)[1]
    assert not os.path.exists(profile)
    assert said.rstrip().endswith("/page.html") and "file://" in said


def test_one_that_prints_nothing_is_told(fake):
    fake("exit 3")
    with pytest.raises(PdfError, match="google-chrome printed nothing"):
        print_pdf("<p>page</p>")


def test_one_that_hangs_is_ended_with_all_it_started(fake, tmp_path):
    log = tmp_path / "child"
    fake(f"/bin/sleep 1000 &\necho $!. > {log}\nwait")
    for timeout in (0.5, 5, 50):  # until it has started its child in time
        with pytest.raises(PdfError, match=re.escape(f"did not print within {timeout:g} s")):
            print_pdf("<p>page</p>", timeout=timeout)
        if log.exists() and log.read_text().endswith(".\n"):
            break
    child = int(log.read_text()[:-2])
    patiently(lambda: has_ended(child), "the child's end")
