"""Every maker of HTML is fed markup in every string: none of it becomes an element or attribute.

The property: with hostile strings a page has the elements and attributes, one by one and in their
order, that it has with harmless ones. Sinks that would read a string as markup in the browser are
looked for in the front end's sources.
"""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import Any, Unicode

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble
from xfera_nb.explanation import Draft
from xfera_nb.faces import Face
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import action_units_figure, overlay_figure, probability_figure
from xfera_nb.fusion import FusionParams
from xfera_nb.report import (
    HandoutFace,
    Result,
    compare,
    evaluate,
    handout_html,
    page_html,
)
from xfera_nb.report.evaluation_report import evaluation_page_html
from xfera_nb.study.tables import Table
from xfera_nb.teaching.atlas import au_facts, emotion_facts
from xfera_nb.teaching.pages import AUPage, EmotionPage
from xfera_nb.widgets.explainer.panels.text import text_html
from xfera_nb.widgets.explainer.panels.writer import ablation_html
from xfera_nb.widgets.explainer.text_state import Subject, TextState
from xfera_nb.widgets.shared.photos import PhotoEntry

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FRONT = ROOT / "xfera_nb" / "widgets" / "front"
PAYLOADS = (
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "</article></p></td>", '"', "'",
    "\" onmouseover=\"alert(1)", "' onfocus='alert(1)' autofocus x='", "<svg onload=alert(1)>",
    "&lt;b&gt;", "&#60;b&#62;", "<!--", "-->", "]]>", "</style><style>*{display:none}", "</title>",
    "</script>", "javascript:alert(1)", "<a href='javascript:alert(1)'>x</a>", "{{7*7}}", "\x00",
    "\u202e", "<", ">", "&",
)  # fmt: skip
hostile = st.lists(st.sampled_from(PAYLOADS), min_size=1, max_size=3).map("".join)
HARMLESS = "words"


class Structure(HTMLParser):
    """Elements with the names of their attributes, in order, and what the page says."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, ...]] = []
        self.said: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.said += [value for _, value in attrs if value]

    def handle_endtag(self, tag):
        self.tags.append((f"/{tag}",))

    def handle_comment(self, data):
        self.tags.append(("!--",))

    def handle_data(self, data):
        self.said.append(data)


class FixedWriter:
    """A language model that says this."""

    name = "openai"

    def __init__(self, text: str) -> None:
        self.text = text

    def write(self, facts, prompt):
        return Draft(f"I saw {self.text} here.", self.name, self.text)


PHOTO = np.full((224, 224, 3), 128, np.uint8)
GRID = np.array([(12 + 22 * (i % 10), 20 + 28 * (i // 10)) for i in range(68)], np.float32)


def result_of(text: str, side: float = 1.0) -> Result:
    """A result in which every string from outside is this one."""
    maps = np.full((7, 1, 2), -1.0, np.float32)
    maps[EMOTIONS.index("happiness")] = [[1 - side, side]]
    chances = np.full(7, 0.05, np.float32)
    chances[EMOTIONS.index("happiness")] = 0.7
    units = ActionUnits(
        np.full(17, 2.0), np.full(17, 2.0), np.full(17, 1.0), sides_source=text, source=text,
        confidence=0.5, notes=(text, text),
    )  # fmt: skip
    card = {
        "name": text, "sha256": text, "restrictions": [text, text], text: text,
        "figures": {text: {"images": 3, "accuracy": 0.5}}, "version": text,
    }  # fmt: skip
    evidence = assemble(
        Face(PHOTO, (10, 10, 200, 200), GRID, PHOTO, np.eye(2, 3), text), Prediction(chances), maps,
        units, layer=text, method=text, classifier=card, au_detector=card,
    )  # fmt: skip
    params = FusionParams(k=0.0, coverage=0.5, scope="all")
    made = Result.from_evidence(evidence, params, writer=FixedWriter(text), card=card)
    return replace(made, note=text)


@pytest.fixture(scope="module")
def store_of(request, tmp_path_factory):
    """A store whose names, groups, models and problems are a text; each in a folder of its own."""
    path = request.config.rootpath / "tests" / "evaluation" / "made_store.py"
    made = SimpleNamespace(**runpy.run_path(str(path)))
    folder = tmp_path_factory.mktemp("stores")

    def make(text: str, number: int) -> Path:
        rows = [
            made.row(
                n, "fear 0.9" if n % 3 else "anger 0.6", emotion="fear", id=f"{text}{n}",
                person=f"{text}{n // 2}", angle="S" if n < 6 else text, session=text, label=text,
            )
            for n in range(12)
        ]  # fmt: skip
        rows.append(made.row(12, None, reason=text, emotion="sadness", angle=text, id=f"x{text}"))
        problems = [("misnamed", text, text), ("duplicate", text, text)]
        place = made.make_store(folder / str(number), rows, text, problems)
        manifest = json.loads((place / "manifest.json").read_text())
        manifest["classifier"] = {"name": text, "sha256": text, "temperature": 1.0, text: text}
        manifest["source"] = manifest["layer"] = manifest["method"] = text
        (place / "manifest.json").write_text(json.dumps(manifest))
        return place

    return make


class ShownText(TextState):
    """The part of an Explainer's state that its text is made of; a photo named "words" is shown."""

    fusion = Any()
    true_emotion = Unicode(None, allow_none=True)
    subject = Any()

    def __init__(self, about: str | None = None) -> None:
        super().__init__()
        self.subject = subject_of(HARMLESS)
        self._explained = self.subject if about is None else subject_of(about)


def subject_of(photo: str) -> Subject:
    face = (PhotoEntry(photo, source=None), 0)
    return Subject(face, (), "bam3", "gradcam", "features", "happiness", FusionParams())


def written(text: str, *, about: str | None = None, stale: bool = True) -> str:
    """The panel with what a language model wrote, about what is shown or about another photo."""
    made = result_of(text)
    state = ShownText(about)
    state.fusion, state.note, state.stale = made.fusion, text, stale
    state.explanation = replace(made.explanation, draft=replace(made.explanation.draft, model=text))
    return text_html(state)


def half_written(text: str) -> str:
    state = ShownText()
    state.draft, state.writing = text, True
    return text_html(state)


MAKERS: dict[str, Callable[[str], str]] = {
    "page": lambda text: page_html([result_of(text)]),
    "pages": lambda text: page_html([result_of(text), result_of(text)], title=text),
    "handout": lambda text: handout_html([HandoutFace.from_result(result_of(text))]),
    "handout of several": lambda text: handout_html(
        map(HandoutFace.from_result, (result_of(text), result_of(HARMLESS, 0.0)))
    ),
    "notebook": lambda text: result_of(text)._repr_html_(),
    "comparison": lambda text: compare(
        result_of(text), result_of(text, 0.0), names=(text, text + "b")
    )._repr_html_(),
    "study table": lambda text: Table(
        text, (text, "b"), ((text, 1.0), (text, None)), True, note=text
    )._repr_html_(),
    "words": lambda text: written(text, stale=False),
    "stale words": written,
    "words about another face": lambda text: written(text, about=text),
    "words as they come": half_written,
    "ablation": lambda text: ablation_html(
        SimpleNamespace(
            busy=False, error="", stale=True,
            ablation=SimpleNamespace(
                summary=text, without=[SimpleNamespace(au=12, vanished=True, text=text)]
            ),
        )
    ),
    "ablation that failed": lambda text: ablation_html(
        SimpleNamespace(busy=False, error=text, stale=False, ablation=None)
    ),
    "atlas": lambda text: EmotionPage(
        emotion_facts("happiness"), {}, text, text
    )._repr_html_(),
    "atlas of a movement": lambda text: AUPage(
        au_facts(12), 0.9, (), text, None, text
    )._repr_html_(),
}  # fmt: skip


def alike(html: str, harmless: str) -> None:
    found, expected = Structure(html), Structure(harmless)
    assert found.tags == expected.tags
    assert not any(name.startswith("on") for tag in found.tags for name in tag[1:])


@pytest.mark.parametrize("maker", sorted(MAKERS))
@settings(max_examples=12, deadline=None, derandomize=True)
@given(text=hostile)
def test_no_string_becomes_markup(maker, text):
    alike(MAKERS[maker](text), _harmless(maker))


_KNOWN: dict[str, str] = {}


def _harmless(maker: str) -> str:
    if maker not in _KNOWN:
        _KNOWN[maker] = MAKERS[maker](HARMLESS)
    return _KNOWN[maker]


@pytest.mark.parametrize("maker", sorted(MAKERS))
def test_the_string_is_shown_as_it_is(maker):
    """A page without the string would pass the property, too."""
    text = "<b onclick='x'>&lt;"
    assert text in " ".join(Structure(MAKERS[maker](text)).said)


def test_the_check_sees_markup():
    with pytest.raises(AssertionError):
        alike("<p><b>x</b></p>", "<p>x</p>")
    with pytest.raises(AssertionError):
        alike('<p title="" onclick="x">x</p>', '<p title="x">x</p>')


def test_an_evaluation_shows_its_store_as_text(store_of):
    harmless = evaluate(store_of(HARMLESS, 0), resamples=100)
    texts = ["".join(PAYLOADS[:6]), "".join(PAYLOADS[6:14]), "".join(PAYLOADS[14:])]
    for number, text in enumerate(texts, start=1):
        made = evaluate(store_of(text, number), resamples=100)
        alike(made._repr_html_(), harmless._repr_html_())
        alike(evaluation_page_html(made), evaluation_page_html(harmless))
    assert PAYLOADS[0] in " ".join(Structure(made._repr_html_()).said) or PAYLOADS[14] in " ".join(
        Structure(made._repr_html_()).said
    )


def exported(text: str) -> str:
    """A notebook that shows a result, a comparison and a photo's name, as a page."""
    import nbformat
    from nbconvert import HTMLExporter

    result = result_of(text)
    shown = [
        nbformat.v4.new_output(
            "execute_result", {"text/plain": repr(one), "text/html": one._repr_html_()}
        )
        for one in (result, compare(result, result_of(text, 0.0), names=(text, f"{text}b")))
    ]
    shown.append(nbformat.v4.new_output("execute_result", {"text/plain": repr(text)}))
    shown.append(nbformat.v4.new_output("stream", name="stdout", text=str(result)))
    cell = nbformat.v4.new_code_cell("result", outputs=shown, execution_count=1)
    return HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0]


def test_an_exported_notebook_shows_them_as_text():
    text = "".join(PAYLOADS[:8])
    page = exported(text)
    assert Structure(page).tags == Structure(exported(HARMLESS)).tags
    assert PAYLOADS[0] in " ".join(Structure(page).said)


@pytest.mark.parametrize("draw", [overlay_figure, action_units_figure])
def test_plotly_is_given_no_markup_of_others(draw):
    """Plotly reads some elements in its texts, links among them."""
    text = "<a href='http://elsewhere/'>x</a><b>"
    said = json.dumps(draw(result_of(text).fusion).to_plotly_json(), default=str)
    assert "<a" not in said and "<b>" not in said and "&lt;a href" in said
    bars = probability_figure(result_of(text).fusion.evidence.prediction)
    assert "<a" not in json.dumps(bars.to_plotly_json(), default=str)


_SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|"
    r"srcdoc|\beval\(|new Function|setTimeout\(\s*[\"'`]|setAttribute\(\s*[\"'`]on"
)


@pytest.mark.parametrize("path", sorted(FRONT.glob("*.js")), ids=lambda path: path.name)
def test_the_front_end_never_reads_a_string_as_markup(path):
    assert not _SINKS.search(path.read_text("utf-8"))


def test_the_search_sees_the_sinks():
    for line in ("a.innerHTML = b", "el.insertAdjacentHTML('x', y)", "setAttribute('onclick', x)"):
        assert _SINKS.search(line)
    assert not _SINKS.search("cell.textContent = name; cell.setAttribute('aria-label', name)")
