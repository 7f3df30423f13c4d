"""One result as a piece of HTML, for a notebook's output or a page.

No script and nothing from outside: pictures are data URIs, bars are drawings. Ink and ground are
inherited, so a notebook's light or dark theme holds. What came from a file name, a model or a
writer is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.facs import OPENFACE_AUS, REGIONS
from xfera_nb.figures import data_uri, overlay_image, photo_image, to_jpeg
from xfera_nb.report.markup import escape, key, number, pairs, ramp, stylesheet
from xfera_nb.report.tables import au_table, probability_table, prototype_table
from xfera_nb.report.text_html import ROOM, marked, paper_words, width

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion
    from xfera_nb.report.result import Result

NOT_THE_PERSON = "This explains what the model did, not what the person feels."
_SHORT = 12  # digits of a sha256 that are shown
_LONG = 600  # characters above which the words are printed smaller, and smaller again above twice


def explanation_html(
    result: Result, *, style: bool = True, is_open: bool = False, paper: bool = False
) -> str:
    """The result as an ``<article>``.

    Parameters
    ----------
    result : Result
    style : bool
        Put the style sheet before it; a page has it once for all.
    is_open : bool
        Unfold all tables.
    paper : bool
        Shorten the words where they are printed, with a sentence that says so, if they are longer
        than two A4 sides hold. The page's style sheet is needed for it.
    """
    fusion = result.fusion
    opened = " open" if is_open else ""
    parts = [
        _head(result),
        '<div class="xf-grid"><div>',
        _pictures(result),
        "</div><div>",
        _words(result, paper),
        f'<h3>In short</h3><div class="xf-block">{_summary(result)}</div>',
        f"<h3>Probabilities</h3>{probability_table(fusion)}",
        "</div></div>",
        f"<h3>Movements</h3>{au_table(fusion, is_open=is_open)}",
    ]
    combinations = prototype_table(fusion)
    if combinations:
        summary = f"<summary>Combinations of {fusion.target}</summary>"
        parts.append(f'<details class="xf-combos"{opened}>{summary}{combinations}</details>')
    summary = "<summary>Settings and sources</summary>"
    parts.append(f'<details class="xf-settings"{opened}>{summary}{_settings(result)}')
    parts.append(f'</details><p class="xf-foot">{NOT_THE_PERSON}</p>')
    sheet = stylesheet("style.css") if style else ""
    return f'{sheet}<article class="xfera">{"".join(parts)}</article>'


def _head(result: Result) -> str:
    fusion = result.fusion
    face = f", face {result.index + 1}" if result.is_one_of_several else ""
    level = f"{fusion.confidence_level} confidence, {result.predicted_probability:.0%}"
    about = ""
    if fusion.target != fusion.predicted:
        share = "" if np.isnan(fusion.confidence) else f" ({fusion.confidence:.0%})"
        about = (
            f'<p class="xf-note">Explained here: {fusion.target}{share}, which is not the '
            "model's answer.</p>"
        )
    return (
        f'<div class="xf-head"><h2>{fusion.predicted.capitalize()}</h2>'
        f'<span class="xf-level">{level}</span>'
        f'<span class="xf-quiet">{escape(result.name)}{face}</span></div>{about}'
    )


def _pictures(result: Result) -> str:
    fusion, face = result.fusion, result.face
    heatmap = fusion.evidence.heatmap(fusion.target)
    hot = len(fusion.hot_landmarks)
    overlay = data_uri(to_jpeg(overlay_image(fusion, legend=False)))
    photo = data_uri(to_jpeg(photo_image(face), quality=80))
    if fusion.threshold is None:
        scale = f'<p class="xf-note">{escape(fusion.no_evidence_reason or "")}</p>'
        seen = "No part of the face speaks for it."
    else:
        scale = ramp(fusion.threshold, heatmap.peak)
        seen = f"{hot} of 68 landmarks are hot{_regions(fusion)}."
    name = escape(result.name)
    return (
        f'<figure><img src="{overlay}" width="672" height="672" alt="The face in grey with the '
        f'model&#x27;s map for {fusion.target}. {seen}"><figcaption>{escape(heatmap.title)}'
        f"{key(hot, 68 - hot)}{scale}</figcaption></figure>"
        f'<figure class="xf-photo"><img src="{photo}" alt="The photo {name} with the explained '
        f'face framed"><figcaption class="xf-quiet">{name}; the frame is what the model saw'
        "</figcaption></figure>"
    )


def _regions(fusion: Fusion) -> str:
    """Where most of the hot landmarks lie, in words."""
    counts = {
        region: sum(bool(fusion.hot[n - 1]) for n in numbers) for region, numbers in REGIONS.items()
    }
    most = sorted((r for r in counts if counts[r]), key=lambda r: -counts[r])[:3]
    return f", most of them on: {', '.join(most)}" if most else ""


def _words(result: Result, paper: bool) -> str:
    check, byline = result.explanation.check, result.explanation.byline
    note = f'<p class="xf-note">{escape(result.note)}</p>' if result.note else ""
    if paper:
        around = sum(map(width, (byline, check.summary, result.note or "", 2 * result.name)))
        sentences = paper_words(check.sentences, ROOM - around)
    else:
        sentences = " ".join(map(marked, check.sentences))
    length = len(result.text)
    kind = "xf-words" + " xf-long" * (length > _LONG) + " xf-longer" * (length > 2 * _LONG)
    return (
        f'{note}<p class="{kind}">{sentences}</p><p class="xf-quiet">'
        f"{escape(byline)} Check: {escape(check.summary)}</p>"
    )


def _summary(result: Result) -> str:
    summary = result.explanation.summary
    rows = [*summary.rows, *(("Note", note) for note in summary.notes[1:])]
    return pairs((label, escape(value)) for label, value in rows)


def _settings(result: Result) -> str:
    fusion, units = result.fusion, result.evidence.action_units
    p = fusion.params
    threshold = "none" if fusion.threshold is None else f"{fusion.threshold:.3f} of the peak"
    rows = [
        ("Hot threshold", f"{threshold}: mean + k · standard deviation, k = {p.k:g}"),
        ("Facial region", {"crop": "the whole crop", "hull": "the hull of the face"}[p.region]),
        ("Intensity cut-off", f"{p.au_cutoff:g} of 5"),
        ("Least coverage", f"{p.coverage:.0%}"),
        ("Weight of heat", f"{p.heat_weight:g}"),
        ("Movements", {"emotion": "those expected for the emotion", "all": "all"}[p.scope]),
        ("Classifier", described(result.evidence.classifier)),
        *(
            (f"… on {escape(name)}", text)
            for name, text in figure_lines(result.card.get("figures") or {})
        ),
        ("AU source", f"{escape(units.source)}; {described(result.evidence.au_detector)}"),
        ("… agreement", _agreement(fusion)),
        ("Sides", escape(units.sides_source or "not told apart by this source")),
        ("Person's neutral", "subtracted" if units.neutral_calibrated else "not subtracted"),
    ]
    if units.confidence is not None:
        rows.append(("Source's confidence", f"{units.confidence:.2f}"))
    rows += [("Note", escape(note)) for note in units.notes]
    rows += [("Use", escape(line)) for line in _restrictions(result)]
    return pairs(rows, grouped=True)


def _restrictions(result: Result) -> list[str]:
    """What the models may be used for, each sentence once."""
    lines: dict[str, None] = {}
    for given in (result.card, result.evidence.classifier, result.evidence.au_detector):
        said = given.get("restrictions") or ()
        lines |= dict.fromkeys([said] if isinstance(said, str) else map(str, said))
    return list(lines)


def described(facts: Mapping[str, Any]) -> str:
    """Name, version and the like of a model in one line, checksums shortened; HTML."""
    parts = []
    for name, value in facts.items():
        if value is None or isinstance(value, Mapping | list | tuple):
            continue
        if isinstance(value, float):
            value = f"{value:g}"
        elif isinstance(value, int) and not isinstance(value, bool):
            value = f"{value:,}"
        value = str(value)
        value = value[:_SHORT] if name == "sha256" else value
        parts.append(value if name == "name" else f"{name.replace('_', ' ')} {value}")
    return escape(", ".join(parts) or "unknown")


def figure_lines(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Measured figures of a classifier, one line a data set; HTML."""
    known = (("accuracy", "accuracy"), ("macro_f1", "macro F1"), ("ece", "calibration error"))
    lines = []
    for name, values in figures.items():
        if not isinstance(values, Mapping):
            continue
        parts = [f"{said} {values[k]:.3f}" for k, said in known if _is_number(values.get(k))]
        if _is_number(values.get("images")):
            parts.append(f"{values['images']:,} images")
        if parts:
            lines.append((str(name), escape(", ".join(parts))))
    return lines


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _agreement(fusion: Fusion) -> str:
    units = fusion.evidence.action_units
    known = np.array([units.reliability_of(au) for au in OPENFACE_AUS])
    known = known[~np.isnan(known)]
    mean = float(known.mean()) if known.size else None
    return f"mean r {number(mean)} with OpenFace over {known.size} AUs"
