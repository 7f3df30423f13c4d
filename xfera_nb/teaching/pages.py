"""The atlas of FACS: pages on action units and emotions, with sample faces, as HTML and as text.

A page holds the tables' facts (`xfera_nb.teaching.atlas`) and what a source of action units
measures on the samples (`xfera_nb.teaching.measured`). Where the samples or the source's weights
are missing, the facts are there all the same and the page says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from PIL import Image

from xfera_nb.au_detectors import AUDetector, load_detector
from xfera_nb.datasets import SAMPLES
from xfera_nb.errors import XferaError
from xfera_nb.facs import ACTION_UNITS, CAVEATS, OPENFACE_AUS, Prototype, au_name, intensity_letter
from xfera_nb.figures import data_uri, to_jpeg
from xfera_nb.report.markup import bar, escape, pairs, stylesheet
from xfera_nb.teaching.atlas import (
    FACS_SOURCE,
    TABLE2_SOURCE,
    AUFacts,
    EmotionFacts,
    au_facts,
    describe_combination,
    emotion_facts,
    format_aus,
    format_ranges,
    sources_of,
)
from xfera_nb.teaching.measured import MeasuredSample, MeasuredSamples, measure_samples
from xfera_nb.teaching.pictures import landmarks_image

NOT_A_FEELING = (
    "A movement is not a feeling: FACS codes what moves, and the toolkit explains what a model "
    "did, not what a person feels."
)
_PLAIN_FACE = "C01NE"
_FACES = 3  # sample faces on a page


@dataclass(frozen=True, eq=False)
class AUPage:
    """One action unit; it shows itself in a notebook, and prints.

    Attributes
    ----------
    facts : AUFacts
    reliability : float or None
        The source's Pearson r against OpenFace, -1 to 1; None where unknown.
    faces : tuple of MeasuredSample
        The samples that show it most, the strongest first.
    faces_reason : str or None
        Why there are none.
    backdrop : MeasuredSample or None
        The face on which the landmarks are drawn.
    source : str or None
        What measured.
    """

    facts: AUFacts
    reliability: float | None
    faces: tuple[MeasuredSample, ...]
    faces_reason: str | None
    backdrop: MeasuredSample | None = field(repr=False)
    source: str | None

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Names and values, as plain text."""
        facts = self.facts
        where = ", ".join(facts.regions)
        landmarks = (
            f"{format_ranges(facts.landmarks)} ({where})"
            if facts.landmarks
            else "none in any table"
        )
        named: dict[str, list[str]] = {}
        for one in facts.combinations:
            named.setdefault(one.emotion, []).append(one.notation)
        combinations = "; ".join(f"{emotion}: {', '.join(n)}" for emotion, n in named.items())
        trust = "unknown" if self.reliability is None else f"r = {self.reliability:.2f} (of 1)"
        rows = [
            ("Movement", f"the {facts.unit.words}"),
            ("Muscle", facts.unit.muscle),
            ("Where", facts.unit.region),
            ("Landmarks", landmarks),
            ("Landmarks from", facts.landmark_source or "nobody"),
            ("Expected for", ", ".join(facts.expected_for) or "no emotion (Table 2)"),
            ("In combinations", combinations or "in none"),
            ("Measured", facts.measured_as),
        ]
        if facts.unit.openface_intensity:
            rows.append(("Agreement with OpenFace", trust))
        rows.append(("Seen most on", self._seen()))
        return tuple(rows)

    def _seen(self) -> str:
        if not self.faces:
            return self.faces_reason or "no sample"
        number = self.facts.unit.number
        return ", ".join(
            f"{one.code} ({one.emotion}) {one.units.intensity(number):.2f}" for one in self.faces
        )

    def _repr_html_(self) -> str:
        unit = self.facts.unit
        landmarks = ""
        if self.backdrop is not None and self.facts.landmarks:
            picture = landmarks_image(
                self.backdrop.crop, self.backdrop.crop_landmarks, self.facts.landmarks
            )
            said = f"Landmarks of {unit.code}: {format_ranges(self.facts.landmarks)}"
            landmarks = _figure(data_uri(to_jpeg(picture)), said, f"{said}, on a face", 400)
        return _article(
            f"{unit.code} {unit.name}",
            f'<div class="xf-grid"><div>{pairs((k, escape(v)) for k, v in self.rows)}'
            f'<p class="xf-quiet">Names and muscles: {FACS_SOURCE}.</p>'
            f"{faces_html(self.faces, unit.number)}</div><div>{landmarks}</div></div>",
        )

    def __str__(self) -> str:
        head = f"{self.facts.unit.code} {self.facts.unit.name}"
        return "\n".join([head, *(f"  {name}: {value}" for name, value in self.rows)])

    def __repr__(self) -> str:
        return f"<AUPage {self.facts.unit.code} {self.facts.unit.name}>"


@dataclass(frozen=True, eq=False)
class EmotionPage:
    """One emotion; it shows itself in a notebook, and prints.

    Attributes
    ----------
    facts : EmotionFacts
    shares : dict of int to float or None
        Action unit -> share, 0 to 1, of the emotion's samples on which it reaches 1; empty where
        nothing could be measured.
    shares_reason : str or None
        Why it is empty.
    source : str or None
        What measured.
    """

    facts: EmotionFacts
    shares: dict[int, float | None]
    shares_reason: str | None
    source: str | None

    def _repr_html_(self) -> str:
        facts = self.facts
        parts = [
            f"<p><b>Expected</b> by {TABLE2_SOURCE}: {escape(format_aus(facts.expected))}.</p>",
            _combinations("Combinations", facts.prototypes),
        ]
        if facts.variants:
            table = _combinations("Major variants", facts.variants)
            count = f"{len(facts.variants)} major variants"
            parts.append(f"<details><summary>{count}</summary>{table}</details>")
        if facts.disagreements:
            rows = "".join(
                f'<tr><th scope="row">{one.notation}</th><td>{escape(one.source)}</td>'
                f"<td>{escape(one.remark)}</td></tr>"
                for one in facts.disagreements
            )
            parts.append(_table("Where sources disagree", ("Gives", "Source", "Differs"), rows))
        parts.append(self._shares_html())
        caveat = CAVEATS[0]
        parts.append(f'<p class="xf-quiet">{escape(caveat.text)} ({escape(caveat.source)})</p>')
        return _article(facts.emotion.capitalize(), "".join(parts))

    def _shares_html(self) -> str:
        if not self.shares:
            return f'<p class="xf-note">{escape(self.shares_reason or "")}</p>'
        rows = []
        for au in self.facts.named:
            share = self.shares.get(au)
            said = "not measurable" if share is None else f"{share:.0%}"
            mark = "yes" if au in self.facts.expected else ""
            name = f"{au_name(au)} {ACTION_UNITS[au].name}"
            rows.append(
                f'<tr><th scope="row">{name}</th><td>{mark}</td>'
                f'<td class="xf-num">{said}{bar(share, 1, on=bool(mark))}</td></tr>'
            )
        note = (
            f'<p class="xf-quiet">How many of the {self.facts.emotion} samples show it (1 or more '
            f"of 5), as measured by the {escape(self.source)}.</p>"
        )
        heads = ("Movement", "Expected", "Share of the samples")
        return _table("On the samples", heads, "".join(rows)) + note

    def __str__(self) -> str:
        facts = self.facts
        lines = [facts.emotion, f"  Expected (Table 2): {format_aus(facts.expected)}"]
        lines += [f"  {one.kind} {one.notation} [{', '.join(one.sources)}]" for one in
                  (*facts.prototypes, *facts.variants)]  # fmt: skip
        lines += [f"  {one.source}: {one.notation}. {one.remark}" for one in facts.disagreements]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<EmotionPage {self.facts.emotion}>"


class FaceAtlas:
    """The atlas: facts on each action unit and emotion, with the sample faces measured once.

    Parameters
    ----------
    detector : str or AUDetector
        The source of action units; a name is loaded when it is first needed.
    folder : path, optional
        The sample faces; `xfera_nb.datasets.samples_folder()` by default.
    """

    def __init__(
        self, detector: str | AUDetector = "builtin", folder: str | Path | None = None
    ) -> None:
        self._given, self._folder = detector, folder
        self._measured: MeasuredSamples | None = None

    @cached_property
    def detector(self) -> AUDetector:
        """The source of action units.

        Raises
        ------
        ModelError, DetectorError
            If it cannot be loaded.
        """
        return load_detector(self._given) if isinstance(self._given, str) else self._given

    @property
    def is_measured(self) -> bool:
        """Whether the samples were measured already."""
        return self._measured is not None

    def measure(self, progress: Callable[[int, int], None] | None = None) -> MeasuredSamples:
        """The samples, measured when first asked for: about ten seconds.

        Parameters
        ----------
        progress : callable, optional
            Called with how many faces are done and how many there are.

        Raises
        ------
        SamplesError
            If there are none.
        ModelError, DetectorError
            If the source of action units cannot be loaded or run.
        """
        if self._measured is None:
            self._measured = measure_samples(self.detector, self._folder, progress=progress)
        return self._measured

    def au(self, au: int | str, *, faces: int = _FACES, measure: bool = True) -> AUPage:
        """The page of an action unit.

        Parameters
        ----------
        au : int or str
            12, "12" or "AU12".
        faces : int
            How many sample faces at most.
        measure : bool
            Measure the samples if that was not done; otherwise the page goes without.

        Raises
        ------
        ValueError
            If the catalogue has no such action unit.
        """
        facts = au_facts(au)
        number = facts.unit.number
        measured, reason = self._try(measure)
        if measured is None:
            return AUPage(facts, None, (), reason, None, None)
        shown = measured.showing(number, faces)
        if number not in OPENFACE_AUS:
            reason = "no sample can be ranked, since it is not measured"
        elif not shown:
            reason = "no sample: it reaches 1 of 5 on none"
        backdrop = shown[0] if shown else _plain(measured)
        trust = measured.reliability(number)
        return AUPage(facts, trust, shown, reason, backdrop, measured.source)

    def emotion(self, emotion: str, *, measure: bool = True) -> EmotionPage:
        """The page of an emotion.

        Parameters
        ----------
        emotion : str
        measure : bool
            As in `au`.

        Raises
        ------
        ValueError
            If it is none of the seven.
        """
        facts = emotion_facts(emotion)
        measured, reason = self._try(measure)
        if measured is None:
            return EmotionPage(facts, {}, reason, None)
        return EmotionPage(facts, measured.shares(emotion), None, measured.source)

    def _try(self, measure: bool) -> tuple[MeasuredSamples | None, str | None]:
        if not measure and not self.is_measured:
            return None, "the samples are not measured yet"
        try:
            return self.measure(), None
        except XferaError as error:
            return None, str(error)


def faces_html(faces: tuple[MeasuredSample, ...], au: int | None = None) -> str:
    """Sample faces in a row, each with the measured intensity of an action unit."""
    figures = []
    for face in faces:
        said = f"{face.code}, {SAMPLES[face.code].emotion}"
        if au is not None:
            value = face.units.intensity(au)
            letter = intensity_letter(value)
            said += f": {value:.2f}" + (f" ({letter})" if letter else "")
        figures.append(face_html(face, said, f"Sample face {said}"))
    if not figures:
        return ""
    style = "display:grid;grid-template-columns:repeat(auto-fill,minmax(120px,1fr));gap:10px"
    return f'<div style="{style}">{"".join(figures)}</div>'


def face_html(face: MeasuredSample, caption: str, alt: str) -> str:
    """One sample face, grey."""
    grey = Image.fromarray(face.crop).convert("L").convert("RGB")
    return _figure(data_uri(to_jpeg(grey)), caption, alt, 224)


def _plain(measured: MeasuredSamples) -> MeasuredSample:
    """A neutral face to draw landmarks on, or the first there is."""
    known = {face.code: face for face in measured.faces}
    return known.get(_PLAIN_FACE, measured.faces[0])


def _figure(source: str, caption: str, alt: str, width: int) -> str:
    return (
        f'<figure><img src="{source}" alt="{escape(alt)}" style="max-width:{width}px">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _combinations(caption: str, combinations: tuple[Prototype, ...]) -> str:
    if not combinations:
        return "<p>No combination is given for it: its face is the one at rest.</p>"
    rows = []
    for one in combinations:
        hidden = tuple(au for au in one.aus if au not in OPENFACE_AUS)
        rows.append(
            f'<tr><th scope="row">{one.notation}</th><td>{one.kind}</td>'
            f"<td>{escape(describe_combination(one.notation))}</td>"
            f"<td>{escape(format_aus(hidden)) if hidden else ''}</td>"
            f"<td>{escape(sources_of(one))}</td></tr>"
        )
    heads = ("Combination", "Kind", "In words", "Not measurable", "Source")
    return _table(caption, heads, "".join(rows))


def _table(caption: str, heads: tuple[str, ...], rows: str) -> str:
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return (
        f"<h3>{escape(caption)}</h3><table><thead><tr>{cells}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _article(title: str, body: str) -> str:
    return (
        f'{stylesheet("style.css")}<article class="xfera"><div class="xf-head">'
        f"<h2>{escape(title)}</h2></div>{body}"
        f'<p class="xf-foot">{NOT_A_FEELING}</p></article>'
    )
