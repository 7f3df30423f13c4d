"""Finds the movements that a sentence names, with the everyday words of the vocabulary.

Units
    Distances are in words; a comma counts `_COMMA`, "and" and "or" count `_AND`, because what they
    part belongs together less.
How
    1. The sentence is cut into words; clause marks part it where nothing is linked across.
    2. Codes ("AU06"), phrases, parts of the face and actions are found, the longest match first;
       a word serves one match.
    3. Actions and parts that have a rule are linked, the nearest first. A part or an action that
       is taken already is taken again only in a row: "raised and drawn-together eyebrows".
    4. A movement is negated by a negation shortly before it, within it, or shortly after it.
Limits
    No grammar: a sentence that tells movements in long nested clauses may be read wrongly.
Source
    Ours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from xfera_nb.explanation import vocabulary as words
from xfera_nb.explanation.spans import JOINING, Span, Word, cut, find_spans, fits, parse
from xfera_nb.explanation.vocabulary import Meanings

MAX_DISTANCE = 8
MAX_DISTANCE_IN_ROW = 5
NEGATION_BEFORE = 5
NEGATION_AFTER = 5
_COMMA, _AND = 3, 2

_ROW_WORDS = JOINING | {"the", "a", "an", "any", "both", "as", "well"}


_Found = tuple[int, int, Meanings]
"""First word, last word, and what they mean."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A movement that a sentence names.

    Parameters
    ----------
    meanings : tuple of tuple of int
        The AUs that the words may mean, the most usual first; those in one inner tuple equally.
    start, end : int
        Where the words are in the sentence, as a slice.
    negated : bool
        Whether the sentence says that it is not there.
    """

    meanings: Meanings
    start: int
    end: int
    negated: bool

    @property
    def aus(self) -> tuple[int, ...]:
        """All AUs that the words may mean, the most usual first."""
        return tuple(au for meaning in self.meanings for au in meaning)

    def named(self, active: Collection[int]) -> tuple[int, ...]:
        """What the words name on a face: of their meanings the first that is active, or none."""
        there = ([au for au in meaning if au in active] for meaning in self.meanings)
        return tuple(next(filter(None, there), ()))


def find_mentions(sentence: str) -> tuple[Mention, ...]:
    """The movements that one sentence names, in the order of its words."""
    row = cut(sentence)
    spans = sorted(find_spans(row), key=lambda span: span.first)
    found = [
        (span.first, span.last, meanings)
        for span in spans
        if span.kind == "aus"
        for meanings in span.names
    ]
    found += _link(row, spans)
    found.sort()
    negated = _negated(row, found, [span for span in spans if span.kind == "negation"])
    return tuple(
        Mention(meanings, row[first].start, row[last].end, no)
        for (first, last, meanings), no in zip(found, negated, strict=True)
    )


def find_emotion_words(sentence: str) -> tuple[tuple[str, str], ...]:
    """The emotion words of one sentence, as (word, emotion)."""
    found = []
    for word in cut(sentence):
        for emotion, patterns in words.EMOTION_WORDS.items():
            if any(fits(parse(pattern)[0], word.text) for pattern in patterns):
                found.append((word.text, emotion))
    return tuple(found)


def _distance(row: Sequence[Word], a: Span, b: Span) -> int:
    low, high = sorted((a, b), key=lambda span: span.first)
    between = (row[index].text for index in range(low.last + 1, high.first))
    return sum(_COMMA if t == "," else _AND if t in JOINING else 1 for t in between)


def _only_row_words(row: Sequence[Word], a: Span, b: Span) -> bool:
    low, high = sorted((a, b), key=lambda span: span.first)
    return all(row[index].text in _ROW_WORDS for index in range(low.last + 1, high.first))


def _link(row: Sequence[Word], spans: Sequence[Span]) -> list[_Found]:
    parts = [span for span in spans if span.kind == "part"]
    actions = [span for span in spans if span.kind == "action"]
    # Only what can be near enough is compared, so that a very long sentence takes linear time.
    starts = [part.first for part in parts]
    pairs = sorted(
        (distance, n_action, n_part)
        for n_action, action in enumerate(actions)
        for n_part in range(
            bisect_left(starts, action.first - 2 * MAX_DISTANCE),
            bisect_left(starts, action.last + 2 * MAX_DISTANCE),
        )
        if (distance := _distance(row, action, parts[n_part])) <= MAX_DISTANCE
        and row[action.first].clause == row[parts[n_part].first].clause
        and _rules(parts[n_part], action)
    )
    parts_of: dict[int, list[Span]] = {}
    actions_of: dict[int, list[Span]] = {}
    for distance, n_action, n_part in pairs:
        action, part = actions[n_action], parts[n_part]
        its_parts = parts_of.setdefault(n_action, [])
        its_actions = actions_of.setdefault(n_part, [])
        if its_parts and its_actions:
            continue
        if its_actions and distance > MAX_DISTANCE_IN_ROW:
            continue
        neighbours = parts[max(n_part - 1, 0) : n_part + 2]
        if its_actions and _anything_between(neighbours, action, part):
            continue
        if its_parts and not any(
            (other.first < action.first) == (part.first < action.first)
            and _only_row_words(row, other, part)
            for other in its_parts
        ):
            continue
        its_parts.append(part)
        its_actions.append(action)
    return [
        (min(action.first, part.first), max(action.last, part.last), meanings)
        for n_part, its_actions in actions_of.items()
        for part, action in ((parts[n_part], action) for action in its_actions)
        for meanings in _meanings(row, action, part, its_actions)
    ]


def _anything_between(spans: Sequence[Span], a: Span, b: Span) -> bool:
    low, high = sorted((a, b), key=lambda span: span.first)
    return any(low.last < span.first < high.first for span in spans)


def _rules(part: Span, action: Span) -> list[str]:
    return [name for name in action.names if (part.names[0], name) in words.RULES]


def _meanings(
    row: Sequence[Word], action: Span, part: Span, its_actions: Sequence[Span]
) -> list[Meanings]:
    """What an action of a part means; nothing if it is vague and a clearer one stands beside it."""
    names = _rules(part, action)
    if set(names) <= words.VAGUE_ACTIONS and any(
        other is not action and _is_beside(row, action, other) for other in its_actions
    ):
        return []
    return [words.RULES[part.names[0], names[0]]]


def _is_beside(row: Sequence[Word], a: Span, b: Span) -> bool:
    low, high = sorted((a, b), key=lambda span: span.first)
    between = [row[index].text for index in range(low.last + 1, high.first)]
    return len(between) <= words.LONGEST_TWIST and not JOINING.intersection(between)


def _negated(
    row: Sequence[Word], found: Sequence[_Found], negations: Sequence[Span]
) -> list[bool]:
    anywhere = {i for span in negations for i in range(span.first, span.last + 1)}
    around = {
        i for span in negations if "around" in span.names for i in range(span.first, span.last + 1)
    }
    starts = {first for first, _, _ in found}
    answers: list[bool] = []
    for number, (first, last, _) in enumerate(found):
        clause = row[first].clause
        before = _until_break(row, range(first - 1, first - 1 - NEGATION_BEFORE, -1), clause)
        after = _until_break(row, range(last + 1, last + 1 + NEGATION_AFTER), clause)
        stop = next((n for n, index in enumerate(after) if index in starts), len(after))
        answer = not (
            anywhere.isdisjoint([*before, *range(first, last + 1)])
            and around.isdisjoint(after[:stop])
        )
        if not answer and number and answers[-1]:
            answer = _goes_on(row, found[number - 1][1], first)
        answers.append(answer)
    return answers


def _until_break(row: Sequence[Word], indices: range, clause: int) -> list[int]:
    kept = []
    for index in indices:
        inside = 0 <= index < len(row) and row[index].clause == clause
        if not inside or row[index].text in JOINING:
            break
        kept.append(index)
    return kept


def _goes_on(row: Sequence[Word], last: int, first: int) -> bool:
    """Whether a negation goes on to the next movement: "no A, B or C"."""
    between = {row[index].text for index in range(last + 1, first)}
    same = last < first and row[last].clause == row[first].clause
    return same and bool(between) and between <= {",", "or", "nor", "the", "a", "an", "any"}
