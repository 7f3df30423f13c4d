"""Lay out results as a handout: one face on one A4 page, several as cards in a grid.

The settings stand once, at the end; a setting that is not the same for all faces names the faces.
A page has a fixed height on paper, so that no text makes it two: longer texts are shortened, with a
mark, and the weakest of many Action Units are listed by their codes alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from xfera_nb.explanation.grounding import Sentence
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, MAX_INTENSITY
from xfera_nb.figures import NOT_SALIENT, SALIENT, overlay_image
from xfera_nb.report.markup import picture_source, render
from xfera_nb.report.pdf import print_pdf
from xfera_nb.report.plain import clean
from xfera_nb.report.record import region_rows
from xfera_nb.report.result_html import describe_settings
from xfera_nb.report.save import SaveError, check_writable, save_file
from xfera_nb.report.text_html import shorten, width

if TYPE_CHECKING:
    from xfera_nb.fusion import AUResult
    from xfera_nb.report.result import Result

FORMATS = (".pdf", ".html")
"""Endings of a handout's file."""
CARD_SENTENCES = 3
_CARD_WIDTH, _PAGE_WIDTH = 430, 1_100  # of a text, as `text_html.width` counts
_LINE = 110  # what a note's own lines take of it
_CARD_ROWS, _PAGE_ROWS = 6, 17  # Action Units in a list or table
_SMALL, _LARGE = 4, 6  # cards on a page: up to four faces are shown larger
_NAME, _NOTE, _VALUE = 40, 160, 240  # characters of a photo's name, a note, a setting
_LEFT_OUT = ("…", "Left / right")  # what a handout shows nothing of


@dataclass(frozen=True)
class HandoutFace:
    """Hold what a handout shows of a face; small, where a result holds its whole photo.

    Attributes
    ----------
    name : str
        The photo's file name, with the face's number where the photo has several.
    predicted, target, level : str
    probability : float
        Of the predicted class, 0-1.
    probabilities : tuple of (str, float)
        Class and probability, 0-1; NaN where the classifier has no such class.
    overlay : Markup
        Data URI of the face with map and landmarks.
    salient : int
        How many of the 68 landmarks are in the salient region.
    no_evidence : str or None
        Why there is no map.
    regions : tuple of (str, float)
        Face region and its share of the map, 0-1; empty without a map.
    sentences : tuple of Sentence
    rows : tuple of AUResult
        The Action Units that are present, the strongest first.
    missing : str
        The expected ones that are absent, or cannot be measured; "" without any.
    min_intensity : float
        0-5.
    check : str
        The check of the text, in a sentence.
    notes : tuple of str
        What to know about the text, the photo or the target class.
    settings : tuple of (str, str)
    """

    name: str
    predicted: str
    target: str
    level: str
    probability: float
    probabilities: tuple[tuple[str, float], ...]
    overlay: Markup = field(repr=False)
    salient: int
    no_evidence: str | None
    regions: tuple[tuple[str, float], ...]
    sentences: tuple[Sentence, ...] = field(repr=False)
    rows: tuple[AUResult, ...] = field(repr=False)
    missing: str
    min_intensity: float
    check: str
    notes: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = field(repr=False)

    @classmethod
    def from_result(cls, result: Result) -> HandoutFace:
        """Take from a result what a handout shows of it."""
        fusion = result.fusion
        name = _cut(clean(result.name), _NAME)
        present = [row for row in fusion.action_units if row.present]
        writer = result.explanation.model or f"{result.explanation.writer} writer"
        return cls(
            name=f"{name}, face {result.index + 1}" if result.is_one_of_several else name,
            predicted=fusion.predicted,
            target=fusion.target,
            level=fusion.confidence_level,
            probability=result.predicted_probability,
            probabilities=tuple(zip(EMOTIONS, fusion.probabilities.tolist(), strict=True)),
            overlay=picture_source(overlay_image(fusion, legend=False)),
            salient=len(fusion.salient_landmarks),
            no_evidence=None if fusion.has_positive_evidence else fusion.no_evidence_reason,
            regions=tuple(
                (row["region"], row["share"])
                for row in region_rows(result)
                if row["share"] == row["share"]
            ),
            sentences=result.explanation.check.sentences,
            rows=tuple(sorted(present, key=lambda row: -(row.intensity or 0.0))),
            missing=_describe_missing(fusion.action_units),
            min_intensity=fusion.params.min_intensity,
            check=result.explanation.check.summary,
            notes=tuple(_cut(clean(n), _NOTE) for n in (*_notes(result), *result.face.notes)),
            settings=(*_choose_settings(result), ("Text", writer)),
        )

    @property
    def shown(self) -> str:
        """Describe the picture in a sentence, for those who cannot see it."""
        if self.no_evidence is not None:
            return f"The face in grey. {self.no_evidence}"
        most = sorted(self.regions, key=lambda row: -row[1])[:2]
        where = " and ".join(f"{region} ({share:.0%})" for region, share in most)
        return f"The face in grey with the model's map for {self.target}, most of it on {where}."

    def tell(self, *, on_card: bool) -> Markup:
        """Return the text as it fits on a card or on a page, marked where the check objects."""
        notes = sum(width(note) + _LINE for note in self.notes)
        if on_card:
            return shorten(self.sentences[:CARD_SENTENCES], _CARD_WIDTH - notes)
        return shorten(self.sentences, _PAGE_WIDTH - notes)

    def listed(self, *, on_card: bool) -> tuple[tuple[AUResult, ...], str]:
        """Return the Action Units of the table, and the weaker ones as a list of codes."""
        most = _CARD_ROWS if on_card else _PAGE_ROWS
        return self.rows[:most], ", ".join(row.name for row in self.rows[most:])


def handout_html(faces: Iterable[HandoutFace]) -> str:
    """Return a handout as a page that stands alone.

    Parameters
    ----------
    faces : iterable of HandoutFace
        At least one.

    Raises
    ------
    SaveError
        If there is none.
    """
    faces = list(faces)
    if not faces:
        raise SaveError("There is no face to put on a handout: explain a photo first.")
    single = len(faces) == 1
    size = 1 if single else _SMALL if len(faces) <= _SMALL else _LARGE
    numbered = list(enumerate(faces, 1))
    has_cell = size == _SMALL and len(faces) % 2 == 1  # an empty cell takes the settings
    what = faces[0].name if single else f"{len(faces)} faces"
    return render(
        "report/templates/handout.html",
        title=f"XFERa handout: {what}",
        sheets=[numbered[at : at + size] for at in range(0, len(numbered), size)],
        size=size,
        single=single,
        has_cell=has_cell,
        units=ACTION_UNITS,
        max_intensity=MAX_INTENSITY,
        colours=(SALIENT, NOT_SALIENT),
        settings=_merge_settings(faces),
    )


def save_handout(faces: Iterable[HandoutFace], path: str | Path) -> None:
    """Write a handout as PDF or HTML, by the ending of the file's name.

    Raises
    ------
    SaveError
        If there is no face, the name ends otherwise, or the file cannot be written.
    PdfError
        If no browser is there to print a PDF, or it does not print.
    """
    is_pdf = check_format(path) == ".pdf"
    check_writable(path)
    page = handout_html(faces)
    save_file(path, print_pdf(page) if is_pdf else page)


def check_format(path: str | Path) -> str:
    """Return the ending of a handout's file, in lower case.

    Raises
    ------
    SaveError
        If it is none of `FORMATS`.
    """
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise SaveError(f"A handout is a PDF or an HTML page: let {path} end in .pdf or .html.")
    return ending


def _notes(result: Result) -> list[str]:
    notes = [result.note] if result.note else []
    draft = result.explanation.draft
    if draft.sent_to is not None:
        notes.append(f"The picture was sent to {draft.model} at {draft.sent_to}.")
    if result.target != result.predicted:
        share = result.fusion.confidence
        known = f" ({share:.0%})" if share == share else ""
        notes.append(f"Explained is {result.target}{known}, which is not the prediction.")
    return notes


def _choose_settings(result: Result) -> list[tuple[str, str]]:
    rows = describe_settings(result, of_face=False)
    return [row for row in rows if not row[0].startswith(_LEFT_OUT) or "agreement" in row[0]]


def _describe_missing(rows: Iterable[AUResult]) -> str:
    expected = [row for row in rows if row.expected and not row.present]
    kinds = (
        ("absent", [row.name for row in expected if row.present is False]),
        ("not measurable", [row.name for row in expected if row.present is None]),
    )
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds if names)


def _merge_settings(faces: Sequence[HandoutFace]) -> list[tuple[str, str]]:
    """List each setting once; a value that only some faces have names them by their numbers."""
    found: dict[str, dict[str, list[int]]] = {}
    for number, face in enumerate(faces, 1):
        joined: dict[str, list[str]] = {}
        for name, value in face.settings:
            joined.setdefault(name, []).append(value)
        for name, values in joined.items():
            text = _cut(clean(" ".join(values)), _VALUE)
            found.setdefault(name, {}).setdefault(text, []).append(number)
    return [(name, _tell_value(values, len(faces))) for name, values in found.items()]


def _tell_value(values: dict[str, list[int]], count: int) -> str:
    parts = [
        text if len(numbers) == count else f"{text} ({_tell_faces(numbers)})"
        for text, numbers in values.items()
    ]
    return _cut("; ".join(parts), 2 * _VALUE)


def _tell_faces(numbers: Sequence[int]) -> str:
    return f"{'face' if len(numbers) == 1 else 'faces'} {', '.join(map(str, numbers))}"


def _cut(text: str, most: int) -> str:
    """Cut a text behind a sentence, or else behind a word, if one ends in its second half."""
    if len(text) <= most:
        return text
    half = most // 2
    for mark, kept in ((". ", 1), (" ", 0)):
        at = text.rfind(mark, half, most - 2)
        if at > 0:
            return f"{text[: at + kept]} …"
    return f"{text[: most - 1]}…"
