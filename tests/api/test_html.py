"""The page and the notebook's piece of HTML: whole, safe, accessible, alone."""

import io
import os
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from PIL import Image

from xfera_nb.api import Result, Results
from xfera_nb.classifier import LEVELS
from xfera_nb.explanation import Draft
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.report import SaveError, explanation_html, page_html, save_file

VOID = {"meta", "img", "br", "hr", "rect", "circle", "path"}
EVIL = "<img src=x onerror=alert(1)>.jpg"


class Page(HTMLParser):
    """Collects tags with their attributes, the text, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


class FixedWriter:
    name = "openai"

    def __init__(self, text, model="a model"):
        self.text, self.model = text, model

    def write(self, facts, prompt):
        return Draft(self.text, self.name, self.model)


def named(result, name):
    """The same result for a photo of another name."""
    evidence = replace(result.evidence, face=replace(result.face, photo_name=name))
    return Result.from_evidence(evidence, result.params, writer=result.writer, card=result.card)


@pytest.fixture(scope="module")
def page(result):
    return page_html([result])


def test_the_page_is_whole_and_small(page):
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    parsed = Page(page)
    assert len(parsed.all("article")) == 1
    assert len(page.encode()) < 500_000


def test_the_page_needs_nothing_from_outside(page):
    parsed = Page(page)
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in parsed.tags}
    for _, attributes in parsed.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "srcset", "data", "action", "xlink:href"):
                assert value.startswith("data:image/")
    without_pictures = re.sub(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+", "", page)
    assert not re.search(r"https?://|//[a-z]|@import|url\(", without_pictures)
    assert "default-src 'none'" in page


def test_it_says_what_it_must(result, page):
    text = " ".join("".join(Page(page).words).split())
    assert "This explains what the model did, not what the person feels." in text
    for label in ("Predicted emotion", "Confidence level", "Matching AUs", "Missing AUs"):
        assert label in text
    for row in result.fusion.action_units:
        assert row.name in text
    salient = len(result.fusion.salient_landmarks)
    assert f"{salient} of 68 landmarks in the salient region" in text
    assert f"{68 - salient} outside it" in text
    assert "accuracy 0.812" in text and "3,000 images" in text
    assert "not measurable" in text and "k = -1" in text
    assert "lifting of the cheeks" in text
    assert "Presetcustom" in text and "present, attended" in text and "Share of the map" in text
    shares = result.evidence.region_shares(result.target)
    drops = result.evidence.occlusion.prob_drops(result.evidence.prediction, result.target)
    for region, share, drop in zip(FACE_REGIONS, shares, drops, strict=True):
        row = rf"{region}\s*{share:.0%}\s*{re.escape(f'{round(-100 * drop):+d}')} points"
        assert re.search(row, text)


def test_pictures_have_words_and_headers_a_scope(page):
    parsed = Page(page)
    images = parsed.all("img")
    assert len(images) == 3 and all(len(image["alt"]) > 20 for image in images)
    assert {header["scope"] for header in parsed.all("th")} == {"row", "col"}
    assert all(drawing["aria-hidden"] == "true" for drawing in parsed.all("svg"))
    assert parsed.all("html")[0]["lang"] == "en"


def test_a_file_name_is_text_not_markup(result):
    evil = named(result, EVIL)
    for text in (page_html([evil]), evil._repr_html_()):
        parsed = Page(text)
        assert all(image["src"].startswith("data:image/") for image in parsed.all("img"))
        assert not any("onerror" in attributes for _, attributes in parsed.tags)
        assert EVIL in "".join(parsed.words)
        assert EVIL in parsed.all("img")[2]["alt"]


def test_the_writers_text_is_text_not_markup(result):
    said = "<script>alert(1)</script> & the </article> \"cheeks' end.\x1b[0m"
    evil = result.with_params(writer=FixedWriter(said, model="<b>m</b>"))
    parsed = Page(evil._repr_html_())
    assert not {"script", "b"} & {tag for tag, _ in parsed.tags}
    words = "".join(parsed.words)
    assert "<script>alert(1)</script> & the </article>" in words and "<b>m</b>" in words
    assert "\x1b" not in words


def test_the_page_says_what_the_confidence_levels_are_worth_as_the_card_has_it(result):
    levels = {
        level: {"least": least, "images": 40, "accuracy": 0.625} for level, least in LEVELS.items()
    }
    card = {"figures": {"<h6>": {"levels": levels}}}
    page = Result.from_evidence(result.evidence, card=card)._repr_html_()
    line = "Low (below): right on 62% of 40 faces of &lt;h6&gt;"
    assert page.count(line) == 2 and "<h6>" not in page  # in the list, and as the level's title
    without = Result.from_evidence(result.evidence, card={})._repr_html_()
    assert "Confidence levels" not in without


def test_what_models_say_of_themselves_is_text_not_markup(result):
    evidence = replace(
        result.evidence,
        classifier={"name": "<i>net</i>", "restrictions": ["<u>none</u>"]},
        au_detector={"name": "<s>aus</s>"},
        action_units=replace(result.evidence.action_units, source="<q>q</q>", notes=("<p>",)),
    )
    card = {"figures": {"<h6>": {"accuracy": 0.5}}}
    parsed = Page(Result.from_evidence(evidence, card=card)._repr_html_())
    assert not {"i", "u", "s", "q", "h6"} & {tag for tag, _ in parsed.tags}
    assert "<i>net</i>" in "".join(parsed.words)


def test_unsupported_movements_are_marked_with_words(result):
    silent = result.with_params(min_intensity=5)  # nothing is present
    assert silent.fusion.active == ()
    told = silent.with_params(writer=FixedWriter("I saw the lifting of the cheeks. Nothing else."))
    parsed = Page(told._repr_html_())
    assert len(parsed.all("mark")) == 1
    assert "AU06 unsupported" in "".join(parsed.words)
    true = result.with_params(writer=FixedWriter("Nothing moved."))
    assert Page(true._repr_html_()).all("mark") == []


def test_the_piece_brings_its_style_and_the_page_has_it_once(result):
    assert explanation_html(result).count("<style>") == 1
    assert explanation_html(result, style=False).count("<style>") == 0
    assert page_html([result, result]).count("<style>") == 2  # the page's and the results'
    assert "prefers-color-scheme: dark" in page_html([result])


def test_the_page_is_unfolded_and_the_piece_is_not(result, page):
    assert all("open" in d for d in Page(page).all("details"))
    assert not any("open" in d for d in Page(result._repr_html_()).all("details"))


def test_saving(result, tmp_path):
    path = tmp_path / "page.html"
    result.save_html(path)
    assert Page(path.read_text("utf-8")).all("h2")
    Results([result, result]).save_html(path)
    assert len(Page(path.read_text("utf-8")).all("article")) == 2
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(SaveError, match="No space left on device"):
        save_file(path, "new")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["page.html"]


def test_a_link_keeps_pointing_and_permissions_stay(tmp_path):
    path, link = tmp_path / "page.html", tmp_path / "link.html"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    save_file(link, "new")
    assert link.is_symlink() and path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_follows_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        save_file(tmp_path / "page.html", "x")
    finally:
        os.umask(old)
    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("path", ["", "none/page.html", "a\0b"])
def test_places_that_cannot_be_written(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SaveError):
        save_file(path, "x")
    assert os.listdir(tmp_path) == []


def test_a_pipe_is_written_to_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        save_file(pipe, "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_file_without_a_name_is_not_saved():
    with pytest.raises(SaveError, match="has no name"):
        save_file("", "text")


def test_a_notebook_that_is_not_trusted_keeps_layout_and_meaning(result):
    """What renderers keep of an output: tables, widths and words, no style sheet and no drawing."""
    plain = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", result._repr_html_(), flags=re.S)
    parsed = Page(plain)
    assert all(int(image["width"]) <= 360 for image in parsed.all("img"))
    text = "".join(parsed.words)
    count = len(result.fusion.salient_landmarks)
    assert f"red discs: {count} of 68 landmarks" in text
    assert f"blue squares: {68 - count} outside it" in text
    grid = plain[plain.index('<table class="xf-grid"') : plain.index("<h3>Action Units</h3>")]
    assert grid.count("<td") >= 2 and "<figure>" in grid and "Probabilities" in grid
    with Image.open(io.BytesIO(result._repr_png_())) as picture:
        assert picture.format == "PNG" and picture.width == 448 < picture.height
