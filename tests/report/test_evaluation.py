"""`xf.evaluate`: the notebook's view, the page, the text and the files."""

import json
import re
import runpy
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import xfera_nb as xf
from xfera_nb.facs import EMOTIONS
from xfera_nb.report import SaveError

EVIL = "<img src=x onerror=alert(1)>"
VOID = {"meta", "rect", "circle", "path"}


class Page(HTMLParser):
    """Tags, words, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def store(request, tmp_path_factory):
    """Twelve faces of six people in two angles, one photo without a face, names that are markup."""
    path = request.config.rootpath / "tests" / "evaluation" / "made_store.py"
    made = SimpleNamespace(**runpy.run_path(str(path)))
    rows = [
        made.row(
            number, "fear 0.9" if number % 3 else "anger 0.6", emotion="fear", id=f"{EVIL}{number}",
            person=f"p{number // 2}", angle="S" if number < 6 else EVIL, session="A",
        )
        for number in range(12)
    ]  # fmt: skip
    known = {"id": "gone", "emotion": "sadness", "angle": "S", "session": "A"}
    rows.append(made.row(12, None, reason=f"Bad {EVIL}", **known))
    problems = [("misnamed", EVIL, "what is this"), ("duplicate", "b", "the same content as a")]
    folder = tmp_path_factory.mktemp("store") / "store"
    return made.make_store(folder, rows, "kdef", problems)


@pytest.fixture(scope="module")
def report(store):
    return xf.evaluate(store, resamples=200)


def test_it_is_frozen_and_holds_figures(report):
    assert report.accuracy.value == pytest.approx(8 / 12)
    assert repr(report) == "<EvaluationReport of 'store': 12 faces, accuracy 0.667>"
    assert report.units == "person" and report.unit_count == 6
    with pytest.raises(AttributeError):
        report.seed = 3
    with pytest.raises(ValueError):
        report.confusion[0, 0] = 9
    assert report.to_frame().loc["fear", "recall"] == pytest.approx(8 / 12)


def test_the_notebooks_view_is_whole_and_escaped(report):
    html = report._repr_html_()
    page = Page(html)
    assert EVIL not in html and not any(name == "img" for name, _ in page.tags)
    said = " ".join(page.words)
    assert f"Bad {EVIL}" in said and "gone" in said and f"angle {EVIL}"[:20] in said
    assert sum(name == "svg" for name, _ in page.tags) == 4
    assert html.startswith("<style>") and "made &lt;up&gt;" in html


def test_the_page_stands_alone(report, tmp_path):
    report.save_html(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text("utf-8")
    page = Page(text)
    assert text.startswith("<!doctype html>") and "default-src 'none'" in text
    assert not {"script", "link", "iframe", "img"} & {name for name, _ in page.tags}
    for _, attributes in page.tags:
        assert not any(name.startswith("on") or name in ("src", "href") for name in attributes)
    said = " ".join(page.words)
    for part in ("misnamed", "the same content as a", "All photos are of session A", "0.72"):
        assert part in said
    assert all("open" in attributes for name, attributes in page.tags if name == "details")
    assert "not what the person feels" in said
    assert len(report.why) == 4
    for lines in report.why.values():
        assert len(lines) == 3 and all(line in page.words for line in lines)


def test_tables_have_heads_for_rows_and_columns(report):
    page = Page(report._repr_html_())
    scopes = [a.get("scope") for name, a in page.tags if name == "th"]
    assert scopes.count("row") > 7 and None in scopes  # one empty corner
    assert scopes.count(None) == 1


def test_the_text_is_table_1_and_names_the_rest(report):
    text = str(report)
    fear = next(line for line in text.splitlines() if line.strip().startswith("fear"))
    assert re.match(r"  fear +1\.00 +0\.67 \[\d", fear) and fear.endswith("0.77  0.69  0.73")
    assert "6 persons with all their photos" in text
    assert "gone: Bad" in text and "b: the same content as a" in text
    assert f"angle {EVIL}"[:20] in text
    assert "no source available" in text


def test_the_text_has_no_control_characters(report, store, tmp_path):
    from dataclasses import replace

    shown = str(replace(report, store="/home/me/a\x1b[31mb", kind="k\nk"))
    assert "\x1b" not in shown and "a?[31mb" in shown and "k?k" in shown
    assert "/home/me" not in shown


def test_files(report, tmp_path):
    written = report.save(tmp_path / "out")
    assert sorted(path.name for path in written) == [
        "calibration.csv", "classes.csv", "confusion.csv", "confusion_shares.csv",
        "evaluation.json", "groups.csv", "human.csv", "overall.csv", "photos.csv", "problems.csv",
    ]  # fmt: skip
    told = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert told == json.loads(json.dumps(report.to_dict()))
    confusion = pd.read_csv(tmp_path / "out" / "confusion.csv", index_col="true")
    assert list(confusion.index) == list(confusion.columns) == list(EMOTIONS)
    assert np.array_equal(confusion.to_numpy(), report.confusion)
    photos = pd.read_csv(tmp_path / "out" / "photos.csv")
    assert photos["outcome"].value_counts().to_dict() == {"right": 8, "wrong": 4, "no face": 1}
    classes = pd.read_csv(tmp_path / "out" / "classes.csv", index_col="emotion")
    assert classes["no_face"].to_dict()["sadness"] == 1
    assert report.save(tmp_path / "out") == written  # over what is there


def test_a_place_that_cannot_be_written(report, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SaveError, match="choose another path"):
        report.save(tmp_path / "file")
    with pytest.raises(SaveError):
        report.save_html(tmp_path / "none" / "page.html")


def test_a_store_that_is_open_already(store, report):
    again = xf.evaluate(xf.EvidenceStore.open(store), resamples=200)
    assert again.to_dict() == report.to_dict()
