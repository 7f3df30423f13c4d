"""The words as HTML, with what the facts do not support marked; and as much of them as paper holds.

Units
    `width` counts characters: wide ones (capitals, m and w, scripts beyond Latin, Greek and
    Cyrillic, emoji) as two, all others as one.
    `ROOM` is measured: the longest tables, a note and a text of this width still leave two A4
    sides with some lines to spare, and a test prints them.
On paper
    Of a longer text whole sentences are printed as far as there is room, or a part of the first
    one, and then how much that is and where the rest can be read. On a screen all of it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from xfera_nb.explanation.grounding import CONTRADICTED, UNSUPPORTED, Finding, Sentence
from xfera_nb.report.markup import escape

ROOM = 1_700
"""Width of words, byline, check, note and twice the photo's name that fits on paper."""
_LEAST = 300
_WIDE = "mw@%&"
_CYRILLIC = "\u052f"  # the last of the letters that are about as wide as Latin ones
_DASHES = "\u2010\u2011\u2012\u2013\u2018\u2019\u201c\u201d\u201e\u2022\u2026"
_TAG = 4  # a tag's frame and the blanks around it
WHERE = "The whole text is on the HTML page (xfera explain --html) and in --json."


def width(text: str) -> int:
    """Characters, with wide ones counted as two."""
    return len(text) + sum(map(_is_wide, text))


def marked(sentence: Sentence, start: int = 0, end: int | None = None) -> str:
    """A sentence with the movements marked that the fusion does not have, or has otherwise.

    Parameters
    ----------
    sentence : Sentence
    start, end : int
        Only this part of it; neither may lie within a movement that is marked.
    """
    end = len(sentence.text) if end is None else end
    parts, at = [], start
    for finding in _flagged(sentence):
        if start <= finding.start and finding.end <= end:
            parts.append(escape(sentence.text[at : finding.start]))
            named = escape(sentence.text[finding.start : finding.end])
            parts.append(f'<mark>{named}</mark> <span class="xf-tag">{_tag(finding)}</span>')
            at = finding.end
    return "".join(parts) + escape(sentence.text[at:end])


def paper_words(sentences: Sequence[Sentence], room: int) -> str:
    """All sentences for a screen, and for paper as many as there is room for.

    Parameters
    ----------
    sentences : sequence of Sentence
    room : int
        Width; at least `_LEAST` is used.
    """
    room = max(room, _LEAST)
    if sum(_width(one, len(one.text)) + 1 for one in sentences) <= room:
        return " ".join(map(marked, sentences))
    kept, used = 0, 0
    for one in sentences:
        used += _width(one, len(one.text)) + 1
        if used > room:
            break
        kept += 1
    rest = " ".join(map(marked, sentences[max(kept, 1) :]))
    if kept:
        shown, said = " ".join(map(marked, sentences[:kept])), f"{kept} of {len(sentences)}"
        said = f"Shortened to fit on paper: the first {said} sentences."
        rest = f" {rest}"
    else:
        cut = _cut(sentences[0], room)
        shown = marked(sentences[0], 0, cut)
        rest = f"{marked(sentences[0], cut)} {rest}"
        share = f"{cut:,} of {sum(len(one.text) for one in sentences):,}"
        said = f"… Shortened to fit on paper: the first {share} characters."
    return (
        f'{shown}<span class="xf-rest">{rest}</span>'
        f'<span class="xf-shortened"> {said} {WHERE}</span>'
    )


def _is_wide(c: str) -> bool:
    return c in _WIDE or c.isupper() or (c > _CYRILLIC and c not in _DASHES)


def _flagged(sentence: Sentence) -> list[Finding]:
    """What is marked, in order and without overlaps."""
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
    """Of a sentence up to a place, with the tags in it."""
    tags = [_tag(f) for f in _flagged(sentence) if f.end <= end]
    return width(sentence.text[:end]) + sum(len(tag) + _TAG for tag in tags)


def _cut(sentence: Sentence, room: int) -> int:
    """The place up to which a sentence is printed: between two words, if there are any."""
    end = min(len(sentence.text), room)
    while _width(sentence, end) > room:
        end -= 1
    blank = sentence.text.rfind(" ", end // 2, end)
    end = blank if blank > 0 else end
    inside = [f.start for f in _flagged(sentence) if f.start < end < f.end]
    return inside[0] if inside else end
