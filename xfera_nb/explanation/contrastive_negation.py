"""Parts of the face that are put in only to be denied: "the lips, not the brows, are raised".

What is said of the part beside it, its host, is denied of the part that is put in. The host may
come first ("the lips, but not the brows, are raised") or, behind a word such as "but", second ("not
the brows but the lips are raised"). Source: ours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from xfera_nb.explanation.tokens import Span, Tokens


@dataclass(frozen=True, slots=True)
class ContrastiveNegations:
    """What is put in.

    Parameters
    ----------
    aims : mapping of int to int
        Word of a negation -> first word of the part right behind it, whether it is put in or not.
    hosts : mapping of Span to Span
        A part that is put in -> its host.
    words : frozenset of int
        The words of all of them, which part nothing.
    """

    aims: Mapping[int, int]
    hosts: Mapping[Span, Span] = field(default_factory=dict)
    words: frozenset[int] = frozenset()


def find_contrastive_negations(tokens: Tokens, spans: Sequence[Span]) -> ContrastiveNegations:
    """The parts that are put in; `spans` in the order of their words."""
    parts = [span for span in spans if span.kind == "part"]
    negations = [span for span in spans if span.kind == "negation"]
    aims = _aimed(tokens, negations, {part.first for part in parts})
    starts: dict[int, int] = {}
    for index, part_at in aims.items():
        starts[part_at] = min(index, starts.get(part_at, index))
    hosts: dict[Span, Span] = {}
    words: set[int] = set()
    for number, part in enumerate(parts):
        if part.first not in starts:
            continue
        start = starts[part.first]
        before = parts[number - 1] if number else None
        after = parts[number + 1] if number + 1 < len(parts) else None
        if before and _may_host(tokens, starts, before, before.last, start, (0, 1)):
            hosts[part], start = before, before.last + 1
        elif after and _may_host(tokens, starts, after, part.last, after.first, (1,)):
            hosts[part] = after
        else:
            continue
        end = part.last + 1
        if end < len(tokens.words) and tokens.words[end].text == ",":
            end += 1
        words |= set(range(start, end))
    return ContrastiveNegations(aims, hosts, frozenset(words))


def _may_host(
    tokens: Tokens,
    denied: Collection[int],
    host: Span,
    low: int,
    high: int,
    clauses: Collection[int],
) -> bool:
    """Whether it is not denied itself, and between two words are only joining and small words and
    so many breaks of a clause."""
    apart = tokens.words[high].clause - tokens.words[low].clause
    small = tokens.vocabulary.row_words
    return (
        host.first not in denied
        and apart in clauses
        and all(tokens.joins(text) or text in small for text in tokens.between(low, high))
    )


def _aimed(tokens: Tokens, negations: Sequence[Span], parts: Collection[int]) -> dict[int, int]:
    aims: dict[int, int] = {}
    for span in negations:
        index = span.last + 1
        while index < len(tokens.words) and (
            index in tokens.light or tokens.words[index].text in tokens.vocabulary.row_words
        ):
            if index in parts:
                break
            index += 1
        if index in parts:
            aims |= dict.fromkeys(range(span.first, span.last + 1), index)
    return aims
