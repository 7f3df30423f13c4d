"""Show a study's page to one participant: a view of a `StudySession`, which keeps the answers.

It loads no model and no picture library, so that a page opens quickly and several can be open. All
texts go to the front end as text and are put into the page as text.

The front end holds an answer in the browser until this side says that it is kept (on the disk),
and sends it again when the page is loaded again: an answer that was given while the server was gone
is not lost either. An answer that comes twice is kept once, by participant, item and question.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import anywidget
import traitlets

from xfera_nb.errors import FileBusyError, XferaError
from xfera_nb.study import Answers, Study, StudyItem, StudySession
from xfera_nb.study.checks import ID
from xfera_nb.study.run import CHOOSE, CONSENT, DONE, RANK, RATE
from xfera_nb.study.texts import TEXTS
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.front import read_script, read_style

VARIABLE = "XFERA_STUDY"
"""Environment variable: the folder of the study that is served."""
PROBLEM = "problem"


class StudyPage(TextFallback, anywidget.AnyWidget):
    """Show the page of a participant.

    Parameters
    ----------
    study : Study or path
        Its folder.
    preview : bool
        Keep nothing; the page says so.
    code : str, optional
        Of a participant who comes back.
    address : bool
        The page is a browser page of its own: the participant's code goes into its address.

    Attributes
    ----------
    run : StudySession or None
        None where the study or its answers cannot be used: the page says why.
    page : dict
        What is shown.
    """

    _esm = read_script("study")
    _css = read_style("study")
    texts = traitlets.Dict().tag(sync=True)
    page = traitlets.Dict().tag(sync=True)
    study = traitlets.Unicode("").tag(sync=True)
    participant = traitlets.Unicode("").tag(sync=True)
    address = traitlets.Bool(False).tag(sync=True)
    preview = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        study: Study | str | os.PathLike[str],
        *,
        preview: bool = False,
        code: str | None = None,
        address: bool = False,
    ) -> None:
        super().__init__(texts=dict(TEXTS), preview=preview, address=address)
        self.add_class("xf-live")
        self.run: StudySession | None = None
        self._code = code or ""
        try:
            plan = study if isinstance(study, Study) else Study.load(study)
            self.texts, self.study = dict(plan.texts), plan.fingerprint[:16]
            self.run = StudySession(Answers(plan, memory=preview), code)
            self._show(self.run, greet=self.run.came_back)
        except XferaError as error:
            self.page = {"kind": PROBLEM, "heading": self.texts["title"], "note": str(error)}
        self.on_msg(self._on_message)

    def __repr__(self) -> str:
        return f"StudyPage: {self.texts['title']}."

    @classmethod
    def served(cls) -> StudyPage:
        """Return the page of the study that is served, for the visitor of the address."""
        asked = parse_qs(os.environ.get("QUERY_STRING", "")).get("id", [""])[0]
        code = asked if ID.fullmatch(asked) else None
        return cls(os.environ.get(VARIABLE, ""), code=code, address=True)

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        """Do what the page asks for, and answer it."""
        if self.run is None or not isinstance(message, Mapping):
            return
        said = {"stamp": message.get("stamp")}
        try:
            self._do(self.run, message)
        except XferaError as error:
            # Kept in the browser where it may work later, as on a disk that was full.
            self.send(said | {"why": str(error), "later": isinstance(error, FileBusyError)})
        else:
            self.send(said | {"kept": message.get("do") == "answer"})

    def _do(self, run: StudySession, message: Mapping[str, Any]) -> None:
        what = message.get("do")
        if what == "begin":
            code, age = message.get("code"), message.get("age")
            run.begin(
                code if isinstance(code, str) else None,
                age if isinstance(age, str) else None,
                agreed=message.get("agreed") is True,
            )
            self._show(run, greet=run.came_back)
        elif what == "answer":
            values: list[Any] = [message.get(n) for n in ("item", "question", "value", "seconds")]
            run.answer(*values)
        elif what == "forward":
            # Pressed twice, the second message is about a page that is gone.
            item = run.page.item
            if item is not None and item.id == message.get("item"):
                run.forward()
            self._show(run)

    def _show(self, run: StudySession, *, greet: bool = False) -> None:
        who = run.participant
        shown = page_content(run, self._code, greet=greet)
        with self.hold_sync():
            self.participant = "" if who is None else who.id
            self.page = shown


def page_content(run: StudySession, code: str = "", *, greet: bool = False) -> dict[str, Any]:
    """Return what a page shows, as JSON takes it; pictures are data URIs.

    Parameters
    ----------
    run : StudySession
    code : str
        Stands in the field for the code already.
    greet : bool
        Welcome somebody back.
    """
    study, page = run.answers.study, run.page
    texts, who, item = study.texts, run.participant, page.item
    if who is None:
        ages = list(study.age_bands)
        return {"kind": CONSENT, "heading": texts["title"], "code": code, "ages": ages}
    if item is None:
        return {"kind": DONE, "heading": texts["title"], "code": who.id}
    first_page = page.kind != RATE and page.number == 1 and not page.given
    notes = [texts["welcome_back"]] if greet else []
    notes += [texts["code"].replace("{id}", who.id)] if first_page else []
    shown = {
        "kind": page.kind,
        "heading": texts["section2" if page.kind == RATE else "section1"],
        "note": " ".join(notes),
        "item": item.id,
        "number": page.number,
        "count": page.count,
        "questions": [{"name": q, "text": texts.get(q, "")} for q in page.questions],
        "given": dict(page.given),
        "face": _uri(study, item.face),
    }
    if page.kind in (CHOOSE, RANK):
        options = [{"value": e, "label": study.labels[e]} for e in who.order.options]
        return shown | {"options": options}
    return shown | _answer(study, item, page.condition)


def _answer(study: Study, item: StudyItem, condition: str | None) -> dict[str, Any]:
    """Return the prediction, and as much of an explanation as the condition has."""
    texts = study.texts
    shown = {"answer": texts["answer"].replace("{emotion}", study.labels[item.predicted])}
    if condition in ("heatmap", "text"):
        shown["heat"] = _uri(study, item.heatmap)
        shown["heat_text"] = texts["heatmap" if item.has_positive_evidence else "no_heatmap"]
    if condition == "text":
        shown["text"] = item.text
    return shown


def _uri(study: Study, name: str) -> str:
    kind = "png" if name.endswith(".png") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(study.picture(name)).decode('ascii')}"
