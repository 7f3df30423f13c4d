"""Show the atlas of FACS: pages on Action Units and emotions, with sample faces.

A page holds the tables' facts (`xfera_nb.teaching.atlas`) and what a source of Action Units
measures on the samples (`xfera_nb.teaching.measured`). If the samples or the source's weights are
missing, a page has the facts alone and says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from markupsafe import Markup
from PIL import Image

from xfera_nb.au_detectors import AUDetector, load_detector
from xfera_nb.datasets import SAMPLES, found_samples
from xfera_nb.errors import XferaError
from xfera_nb.faces import Face, find_faces
from xfera_nb.facs import ACTION_UNITS, CAVEATS, OPENFACE_AUS, Prototype, au_name, intensity_letter
from xfera_nb.report.markup import picture_source, render
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

if TYPE_CHECKING:
    from xfera_nb.classifier import Classifier
    from xfera_nb.evidence import Evidence

_NEUTRAL_SAMPLE = "C01NE"
_FACES = 3  # sample faces on a page


@dataclass(frozen=True, eq=False)
class AUPage:
    """Hold the page of one Action Unit; it displays in a notebook, and prints.

    Attributes
    ----------
    facts : AUFacts
    reliability : float or None
        The source's Pearson r against OpenFace, -1 to 1; None where unknown.
    faces : tuple of MeasuredSample
        The samples with its highest intensities, the strongest first.
    weakest : tuple of MeasuredSample
        Samples on which it is absent, the weakest first.
    faces_reason : str or None
        Why there are none.
    backdrop : MeasuredSample or None
        The face on which the landmarks are drawn.
    source : str or None
        The AU source.
    """

    facts: AUFacts
    reliability: float | None
    faces: tuple[MeasuredSample, ...]
    faces_reason: str | None
    backdrop: MeasuredSample | None = field(repr=False)
    source: str | None
    weakest: tuple[MeasuredSample, ...] = ()

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return names and values, as plain text."""
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
            ("Expected for", ", ".join(facts.expected_for) or "no emotion (Table 2)"),
            ("In combinations", combinations or "in none"),
            ("Measured", facts.measured_as),
        ]
        if facts.unit.openface_intensity:
            rows.append(("Agreement with OpenFace", trust))
        rows += [
            ("Strongest on", self._strongest()),
            ("Landmarks", landmarks),
            ("Landmarks from", facts.landmark_source or "no source"),
        ]
        return tuple(rows)

    def _strongest(self) -> str:
        if not self.faces:
            return self.faces_reason or "no sample"
        number = self.facts.unit.number
        return ", ".join(
            f"{one.code} ({one.emotion}) {one.units.intensity(number):.2f}" for one in self.faces
        )

    def _repr_html_(self) -> str:
        unit = self.facts.unit
        picture = None
        if self.backdrop is not None and self.facts.landmarks:
            picture = picture_source(
                landmarks_image(
                    self.backdrop.crop, self.backdrop.crop_landmarks, self.facts.landmarks
                )
            )
        return render(
            "teaching/templates/action_unit.html",
            page=self,
            unit=unit,
            source=FACS_SOURCE,
            rows=[("Shows it most", self.faces), ("Shows it least", self.weakest)],
            show=lambda face: _measured_html(face, unit.number),
            picture=picture,
            landmarks=f"Landmarks of {unit.code}: {format_ranges(self.facts.landmarks)}",
        )

    def __str__(self) -> str:
        head = f"{self.facts.unit.code} {self.facts.unit.name}"
        return "\n".join([head, *(f"  {name}: {value}" for name, value in self.rows)])

    def __repr__(self) -> str:
        return f"<AUPage {self.facts.unit.code} {self.facts.unit.name}>"


@dataclass(frozen=True, eq=False)
class EmotionPage:
    """Hold the page of one emotion; it displays in a notebook, and prints.

    Attributes
    ----------
    facts : EmotionFacts
    shares : dict of int to float or None
        Action Unit -> share, 0 to 1, of the emotion's samples on which it reaches 1; empty where
        nothing could be measured.
    shares_reason : str or None
        Why it is empty.
    source : str or None
        The AU source.
    """

    facts: EmotionFacts
    shares: dict[int, float | None]
    shares_reason: str | None
    source: str | None

    def _repr_html_(self) -> str:
        facts = self.facts
        return render(
            "teaching/templates/emotion.html",
            page=self,
            facts=facts,
            table2=TABLE2_SOURCE,
            expected=format_aus(facts.expected),
            shares=[
                (f"{au_name(au)} {ACTION_UNITS[au].name}", au in facts.expected, share)
                for au, share in ((au, self.shares.get(au)) for au in facts.named)
            ],
            caveat=CAVEATS[0],
            describe_combination=describe_combination,
            sources_of=sources_of,
            hidden=_unmeasured,
        )

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
    """Look up facts on each Action Unit and emotion, with the sample faces measured once.

    Parameters
    ----------
    detector : str or AUDetector
        The source of Action Units; a name is loaded when it is first needed.
    folder : path, optional
        The sample faces; `xfera_nb.datasets.samples_folder()` by default.
    classifier : Classifier, optional
        For questions about the model; the shipped one is loaded when it is first needed.
    """

    def __init__(
        self,
        detector: str | AUDetector = "builtin",
        folder: str | Path | None = None,
        classifier: Classifier | None = None,
    ) -> None:
        self._given, self._folder, self._classifier = detector, folder, classifier
        self._measured: MeasuredSamples | None = None
        self._evidence: dict[str, Evidence] = {}
        self._lock = Lock()  # the views measure in threads

    @cached_property
    def detector(self) -> AUDetector:
        """Return the source of Action Units.

        Raises
        ------
        ModelError, DetectorError
            If it cannot be loaded.
        """
        return load_detector(self._given) if isinstance(self._given, str) else self._given

    @property
    def is_measured(self) -> bool:
        """Return whether the samples were measured already."""
        return self._measured is not None

    def measure(self, progress: Callable[[int, int], None] | None = None) -> MeasuredSamples:
        """Return the samples, measured at the first call: about ten seconds.

        Parameters
        ----------
        progress : callable, optional
            Called with how many faces are done and how many there are.

        Raises
        ------
        SamplesError
            If there are none.
        ModelError, DetectorError
            If the source of Action Units cannot be loaded or run.
        """
        with self._lock:
            if self._measured is None:
                self._measured = measure_samples(self.detector, self._folder, progress=progress)
            return self._measured

    def resting_face(self) -> Face:
        """Return a sample face at rest, or the first sample there is, to point at.

        Raises
        ------
        SamplesError
            If there are no samples.
        PhotoError
            If no face is found on it.
        """
        found = found_samples(self._folder)
        return find_faces(found.get(_NEUTRAL_SAMPLE) or next(iter(found.values())))[0]

    def gather(
        self, codes: Iterable[str], progress: Callable[[int, int], None] | None = None
    ) -> dict[str, Evidence]:
        """Return the classifier's evidence of some samples, each gathered once.

        Parameters
        ----------
        codes : iterable of str
            Such as "C01HA"; those on which no face can be found are left out.
        progress : callable, optional
            Called with how many faces are done and how many there are.

        Raises
        ------
        SamplesError
            If there are no samples.
        ModelError, DetectorError
            If the classifier or the source of Action Units cannot be loaded or run.
        """
        from xfera_nb.classifier import load_classifier
        from xfera_nb.evidence import gather

        wanted = list(codes)
        found, measured = found_samples(self._folder), self.measure()
        with self._lock:
            self._classifier = self._classifier or load_classifier()
            for done, code in enumerate(wanted, 1):
                if code not in self._evidence and code in found and code not in measured.skipped:
                    face = find_faces(found[code])[0]
                    self._evidence[code] = gather(face, self._classifier, self.detector)
                if progress is not None:
                    progress(done, len(wanted))
        return {code: self._evidence[code] for code in wanted if code in self._evidence}

    def au(self, au: int | str, *, faces: int = _FACES, measure: bool = True) -> AUPage:
        """Return the page of an Action Unit.

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
            If the catalogue has no such Action Unit.
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
        backdrop = shown[0] if shown else _neutral_face(measured)
        trust = measured.reliability(number)
        weakest = measured.lacking(number, faces) if shown else ()
        return AUPage(facts, trust, shown, reason, backdrop, measured.source, weakest)

    def emotion(self, emotion: str, *, measure: bool = True) -> EmotionPage:
        """Return the page of an emotion.

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


def face_html(face: MeasuredSample, caption: str, alt: str) -> Markup:
    """Return one sample face, grey, as a ``<figure>``."""
    grey = Image.fromarray(face.crop).convert("L").convert("RGB")
    html = render(
        "teaching/templates/face.html", picture=picture_source(grey), caption=caption, alt=alt
    )
    return Markup(html)  # noqa: S704 (escaped by the template)


def _measured_html(face: MeasuredSample, au: int) -> Markup:
    value = face.units.intensity(au)
    letter = intensity_letter(value)
    caption = f"{face.code}, {SAMPLES[face.code].emotion}: {value:.2f}"
    caption += f" ({letter})" if letter else ""
    return face_html(face, caption, f"Sample face {caption}")


def _neutral_face(measured: MeasuredSamples) -> MeasuredSample:
    """Return a neutral face to draw landmarks on, or the first there is."""
    known = {face.code: face for face in measured.faces}
    return known.get(_NEUTRAL_SAMPLE, measured.faces[0])


def _unmeasured(combination: Prototype) -> str:
    hidden = tuple(au for au in combination.aus if au not in OPENFACE_AUS)
    return format_aus(hidden) if hidden else ""
