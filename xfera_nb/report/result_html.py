"""Render results as HTML: an article for a notebook's output, or a page that stands alone.

A page works offline, in light and dark, and on paper, without scripts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from xfera_nb.classifier import describe_levels
from xfera_nb.evaluation import analyse_error
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, LANDMARK_GROUPS, MAX_INTENSITY, OPENFACE_AUS
from xfera_nb.figures import (
    NOT_SALIENT,
    SALIENT,
    data_uri,
    map_strength,
    overlay_image,
    photo_image,
    scale_image,
    to_png,
)
from xfera_nb.report.markup import format_number, picture_source, render, stylesheet
from xfera_nb.report.opinion_html import second_opinion_html
from xfera_nb.report.record import heatmap_record, region_rows
from xfera_nb.report.text_html import PAPER_WIDTH, mark_sentence, shorten_for_paper, width
from xfera_nb.saliency import describe_map
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion
    from xfera_nb.report.result import Result

_SHA_DIGITS = 12
_LONG = 600  # characters above which the text is printed smaller, and smaller again above twice


def page_html(results: Iterable[Result], title: str | None = None) -> str:
    """Return a page with one article for each result.

    Parameters
    ----------
    results : iterable of Result
    title : str, optional
        By default made of the photo's name, or of how many faces there are.
    """
    results = list(results)
    if title is None and len(results) == 1:
        title = f"XFERa explanation of {results[0].name}"
    return assemble_page([page_article(result) for result in results], title)


def page_article(result: Result) -> str:
    """Return a result as `assemble_page` takes it; small, where a result holds its whole photo."""
    return explanation_html(result, style=False, is_open=True, paper=True)


def assemble_page(articles: Iterable[str], title: str | None = None) -> str:
    """Return a page around articles, which are HTML already."""
    whole = [Markup(article) for article in articles]  # noqa: S704 (HTML by contract)
    title = title or f"XFERa explanation of {count_of(len(whole), 'face')}"
    return render("report/templates/page.html", articles=whole, title=title)


def explanation_html(
    result: Result, *, style: bool = True, is_open: bool = False, paper: bool = False
) -> str:
    """Return a result as an ``<article>``.

    Parameters
    ----------
    result : Result
    style : bool
        Put the style sheet before it; a page has it once for all.
    is_open : bool
        Unfold all tables.
    paper : bool
        Shorten the text where it is printed, with a sentence that says so, if it is longer than
        two A4 sides hold. The page's style sheet is needed for it.
    """
    fusion = result.fusion
    summary = result.explanation.summary
    rows = fusion.action_units
    why = explain_error(result)
    return render(
        "report/templates/result.html",
        sheet=stylesheet("style.css") if style else "",
        opened=Markup(" open") if is_open else "",
        result=result,
        fusion=fusion,
        params=fusion.params,
        target=fusion.target,
        levels=describe_levels(result.card),
        heatmap=fusion.evidence.heatmap(fusion.target),
        seen=_describe_map(fusion),
        salient=len(fusion.salient_landmarks),
        colours=(SALIENT, NOT_SALIENT),
        scale=data_uri(to_png(scale_image(fusion.threshold))),
        strength=map_strength(fusion),
        overlay=picture_source(overlay_image(fusion, legend=False)),
        photo=picture_source(photo_image(result.face), quality=80),
        why=why,
        second_opinion=second_opinion_html(result.explanation.second_opinion),
        sentences=_sentences(result, paper, why),
        long=len(result.text) > _LONG,
        longer=len(result.text) > 2 * _LONG,
        summary=[*summary.rows, *(("Note", note) for note in summary.notes[1:])],
        probabilities=list(zip(EMOTIONS, fusion.probabilities.tolist(), strict=True)),
        regions=region_rows(result),
        occlusion=result.evidence.occlusion is not None,
        units=ACTION_UNITS,
        max_intensity=MAX_INTENSITY,
        expected=[row for row in rows if row.expected],
        others=[row for row in rows if not row.expected],
        settings=describe_settings(result),
    )


def explain_error(result: Result) -> tuple[str, ...]:
    """Return three lines that say why a prediction is not the label; none where it is."""
    if result.label is None:
        return ()
    why = analyse_error(result.evidence, result.label, result.params)
    return why.lines if why.is_wrong else ()


def _describe_map(fusion: Fusion) -> str:
    """Say where the landmarks in the salient region lie."""
    if fusion.threshold is None:
        return "No part of the face speaks for it."
    counts = {
        region: sum(bool(fusion.salient[n - 1]) for n in numbers)
        for region, numbers in LANDMARK_GROUPS.items()
    }
    most = sorted((r for r in counts if counts[r]), key=lambda r: -counts[r])[:3]
    where = f", most of them on: {', '.join(most)}" if most else ""
    return f"{len(fusion.salient_landmarks)} of 68 landmarks are in the salient region{where}."


def _sentences(result: Result, paper: bool, why: Sequence[str]) -> Markup:
    sentences = result.explanation.check.sentences
    if not paper:
        # A number and its percent sign stay on one line.
        return Markup(" ").join(map(mark_sentence, sentences)).replace(" %", "\u00a0%")
    beside = (
        result.explanation.byline,
        result.explanation.check.summary,
        result.note or "",
        2 * result.name,
        *why,
    )
    return shorten_for_paper(sentences, PAPER_WIDTH - sum(map(width, beside)))


def describe_settings(result: Result, *, of_face: bool = True) -> list[tuple[str, str]]:
    """List parameters, models and sources as names and values.

    Parameters
    ----------
    result : Result
    of_face : bool
        With what each face has its own of: the value of the threshold, the AU source's confidence.
    """
    fusion, units = result.fusion, result.evidence.action_units
    p = fusion.params
    threshold = "none" if fusion.threshold is None else f"{fusion.threshold:.3f} of the peak"
    rule = f"mean + k SD, k = {p.k:g}"
    rows = [
        ("Preset", p.preset_name),
        ("Saliency threshold", f"{threshold}: {rule}" if of_face else rule),
        ("Mean and SD over", {"crop": "the whole crop", "hull": "the face hull"}[p.region]),
        ("Minimum AU intensity", f"{p.min_intensity:g} of 5"),
        ("Minimum coverage", f"{p.coverage:.0%}"),
        ("Saliency weight", f"{p.saliency_weight:g}"),
        ("Action Units", {"typical": "those expected for the target class", "all": "all"}[p.scope]),
        ("Heatmap", describe_map(**heatmap_record(fusion))),
        ("Classifier", describe_model(result.evidence.classifier)),
        *((f"… on {name}", text) for name, text in _figures(result.card.get("figures") or {})),
        *((("Confidence levels", levels),) if (levels := describe_levels(result.card)) else ()),
        ("AU source", f"{units.source}; {describe_model(result.evidence.au_detector)}"),
        ("… agreement", _agreement(fusion)),
        ("Left / right (the person's)", units.sides_source or "not measured by this source"),
        ("Neutral face", "subtracted" if units.neutral_calibrated else "not subtracted"),
    ]
    if of_face and units.confidence is not None:
        rows.append(("Source's confidence", f"{units.confidence:.2f}"))
    rows += [("Note", note) for note in units.notes]
    return rows + [("Use", line) for line in _restrictions(result)]


def _restrictions(result: Result) -> list[str]:
    """List what the models may be used for, each sentence once."""
    lines: dict[str, None] = {}
    for given in (result.card, result.evidence.classifier, result.evidence.au_detector):
        found = given.get("restrictions") or ()
        lines |= dict.fromkeys([found] if isinstance(found, str) else map(str, found))
    return list(lines)


def describe_model(facts: Mapping[str, Any]) -> str:
    """Return name, version and the like of a model in one line, with its checksum shortened."""
    parts = []
    for name, value in facts.items():
        if value is None or isinstance(value, Mapping | list | tuple):
            continue
        if isinstance(value, float):
            value = f"{value:g}"
        elif isinstance(value, int) and not isinstance(value, bool):
            value = f"{value:,}"
        value = str(value)
        value = value[:_SHA_DIGITS] if name == "sha256" else value
        parts.append(value if name == "name" else f"{name.replace('_', ' ')} {value}")
    return ", ".join(parts) or "unknown"


def _figures(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List a classifier's measured figures, one line for each data set."""
    known = (("accuracy", "accuracy"), ("macro_f1", "macro F1"), ("ece", "calibration error"))
    lines = []
    for name, values in figures.items():
        if not isinstance(values, Mapping):
            continue
        parts = [f"{label} {values[k]:.3f}" for k, label in known if _is_number(values.get(k))]
        if _is_number(values.get("images")):
            parts.append(f"{values['images']:,} images")
        if parts:
            lines.append((str(name), ", ".join(parts)))
    return lines


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _agreement(fusion: Fusion) -> str:
    units = fusion.evidence.action_units
    known = np.array([units.reliability_of(au) for au in OPENFACE_AUS])
    known = known[~np.isnan(known)]
    mean = float(known.mean()) if known.size else None
    return f"mean r {format_number(mean)} with OpenFace over {known.size} AUs"
