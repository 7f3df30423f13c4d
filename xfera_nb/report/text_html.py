"""Render an explanation as HTML, mark unsupported AUs, and shorten it for paper.

`width` counts characters: wide ones (capitals, m and w, scripts beyond Latin, Greek and Cyrillic,
emoji) as two, all others as one. `PAPER_WIDTH` is measured: the longest tables, a note and a text
of this width fit on two A4 sides, which a test prints. Of a longer text, whole sentences are
printed as far as they fit, or a part of the first, and then how much that is. A screen shows all.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from xfera_nb.explanation.grounding import CONTRADICTED, UNSUPPORTED, Finding, Sentence
from xfera_nb.report.plain import clean

PAPER_WIDTH = 1_700
"""Width of text, byline, check, note and twice the photo's name that fits on paper."""
_LEAST = 300
_WIDE = "mw@%&"
_CYRILLIC = "\u052f"  # the last of the letters that are about as wide as Latin ones
_DASHES = "\u2010\u2011\u2012\u2013\u2018\u2019\u201c\u201d\u201e\u2022\u2026"
_TAG = 4  # a tag's frame and the blanks around it
WHERE = "The whole text is on the HTML page (xfera explain --html) and in --json."


def width(text: str) -> int:
    """Count characters, wide ones as two."""
    return len(text) + sum(map(_is_wide, text))


def mark_sentence(sentence: Sentence, start: int = 0, end: int | None = None) -> Markup:
    """Mark the movements of a sentence that the fusion does not have, or has otherwise.

    Parameters
    ----------
    sentence : Sentence
    start, end : int
        Only this part of it; neither may lie within a movement that is marked.
    """
    end = len(sentence.text) if end is None else end
    html, at = Markup(), start
    for finding in _flagged(sentence):
        if start <= finding.start and finding.end <= end:
            html += _cleaned(sentence.text[at : finding.start])
            html += Markup('<mark>{}</mark> <span class="xf-tag">{}</span>').format(
                _cleaned(sentence.text[finding.start : finding.end]), _tag(finding)
            )
            at = finding.end
    return html + _cleaned(sentence.text[at:end])


def shorten_for_paper(sentences: Sequence[Sentence], space: int) -> Markup:
    """Return all sentences for a screen, and for paper as many as there is space for.

    Parameters
    ----------
    sentences : sequence of Sentence
    space : int
        Width; at least `_LEAST` is used.
    """
    space = max(space, _LEAST)
    joined = Markup(" ").join
    if sum(_width(one, len(one.text)) + 1 for one in sentences) <= space:
        return joined(map(mark_sentence, sentences))
    kept, used = 0, 0
    for one in sentences:
        used += _width(one, len(one.text)) + 1
        if used > space:
            break
        kept += 1
    rest = joined(map(mark_sentence, sentences[max(kept, 1) :]))
    if kept:
        shown, rest = joined(map(mark_sentence, sentences[:kept])), " " + rest
        note = f"Shortened to fit on paper: the first {kept} of {len(sentences)} sentences."
    else:
        cut = _cut(sentences[0], space)
        shown = mark_sentence(sentences[0], 0, cut)
        rest = mark_sentence(sentences[0], cut) + " " + rest
        share = f"{cut:,} of {sum(len(one.text) for one in sentences):,}"
        note = f"… Shortened to fit on paper: the first {share} characters."
    return Markup(
        '{}<span class="xf-rest">{}</span><span class="xf-shortened"> {} {}</span>'
    ).format(shown, rest, note, WHERE)


def shorten(sentences: Sequence[Sentence], space: int) -> Markup:
    """Return the sentences that there is space for, or a part of the first; "…" for the rest.

    Parameters
    ----------
    sentences : sequence of Sentence
    space : int
        Width, at least 1.
    """
    kept, used = 0, 0
    for one in sentences:
        used += _width(one, len(one.text)) + 1
        if used > space:
            break
        kept += 1
    parts = [mark_sentence(one) for one in sentences[:kept]]
    if sentences and not kept:
        parts = [mark_sentence(sentences[0], 0, _cut(sentences[0], space))]
    if kept < len(sentences):
        parts.append(Markup("…"))
    return Markup(" ").join(parts).replace(" %", "\u00a0%")


def _cleaned(text: str) -> str:
    return clean(text, keep="\n\t")


def _is_wide(c: str) -> bool:
    return c in _WIDE or c.isupper() or (c > _CYRILLIC and c not in _DASHES)


def _flagged(sentence: Sentence) -> list[Finding]:
    """List what is marked, in order and without overlaps."""
    found: list[Finding] = []
    for finding in sorted(sentence.findings, key=lambda f: f.start):
        if finding.status in (UNSUPPORTED, CONTRADICTED) and (
            not found or finding.start >= found[-1].end
        ):
            found.append(finding)
    return found


def _tag(finding: Finding) -> str:
    return f"AU{finding.au:02d} {finding.status}"


def _width(sentence: Sentence, end: int) -> int:
    """Measure a sentence up to a place, with the tags in it."""
    tags = [_tag(f) for f in _flagged(sentence) if f.end <= end]
    return width(sentence.text[:end]) + sum(len(tag) + _TAG for tag in tags)


def _cut(sentence: Sentence, space: int) -> int:
    """Find the place up to which a sentence is printed: between two words, if there are any."""
    end = min(len(sentence.text), space)
    while _width(sentence, end) > space:
        end -= 1
    blank = sentence.text.rfind(" ", end // 2, end)
    end = blank if blank > 0 else end
    inside = [f.start for f in _flagged(sentence) if f.start < end < f.end]
    return inside[0] if inside else end
