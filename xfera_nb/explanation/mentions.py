"""Finds the movements that a sentence names, with the everyday words of the vocabulary.

Units
    Distances are in words; a comma counts `_COMMA`, "and" and "or" count `_AND`, because what they
    part belongs together less.
How
    1. The sentence is cut into words; clause marks part it where nothing is linked across.
    2. Codes ("AU06"), phrases, parts of the face and actions are found, the longest match first;
       a word serves one match.
    3. Actions and parts that have a rule are linked, the nearest first. A part or an action that
       is taken already is taken again only in a row: "raised and drawn-together eyebrows". An
       action in a clause without any part may take one of the clause before.
       A part that is put in only to be denied ("the lips, not the brows, are raised") has the
       actions of the part beside it (`ContrastiveNegations`).
    4. A movement is negated by a negation shortly before it, within it, or shortly after it.
    5. Words of side and strength are given to the movement that they stand in or beside.
Limits
    No grammar: a sentence that tells movements in long nested clauses may be read wrongly.
Source
    Ours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xfera_nb.explanation.qualifiers import Qualifiers, find_qualifiers
from xfera_nb.explanation.tokens import Span, Tokens, find_spans, tokenize
from xfera_nb.explanation.vocabulary import (
    LONGEST_TWIST,
    RULES,
    VAGUE_ACTIONS,
    VOCABULARIES,
    Meanings,
)

MAX_DISTANCE = 8
MAX_DISTANCE_IN_ROW = 5
LONGEST_ROW = 16
NEGATION_BEFORE = 5
NEGATION_AFTER = 5
_COMMA, _AND = 3, 2
_AND_WORDS = frozenset({"and", "e", "ed", "y", "und", "sowie", "plus", "&", "+", "/"})


@dataclass(frozen=True, slots=True)
class _Found:
    """First and last word, the clause of its action, the meaning, and where its part begins."""

    first: int
    last: int
    clause: int
    meanings: Meanings
    part: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A movement that a sentence names.

    Parameters
    ----------
    meanings : Meanings
        The AUs that the words may mean.
    start, end : int
        Where the words are in the sentence, as a slice.
    negated : bool
        Whether the sentence says that it is not there.
    claim : Qualifiers
        What it says of side and strength.
    """

    meanings: Meanings
    start: int
    end: int
    negated: bool
    claim: Qualifiers

    @property
    def aus(self) -> tuple[int, ...]:
        """All AUs that the words may mean, the most usual first."""
        return self.meanings.aus

    def named(self, active: Collection[int]) -> tuple[int, ...]:
        """What the words name on a face: of their meanings the first that is active, or none."""
        there = ([au for au in group if au in active] for group in self.meanings.groups)
        return tuple(next(filter(None, there), ()))

    @property
    def usual(self) -> tuple[int, ...]:
        """What the words name on a face where nothing that they may mean is active."""
        return self.meanings.otherwise

    def denied(self, active: Collection[int]) -> tuple[int, ...]:
        """What the words deny, where they do: their most usual meaning, active or not."""
        there = [au for au in self.meanings.groups[0] if au in active]
        return tuple(dict.fromkeys([*there, *self.usual]))


def find_mentions(sentence: str, language: str = "en") -> tuple[Mention, ...]:
    """The movements that one sentence names, in the order of its words."""
    tokens = tokenize(sentence, VOCABULARIES[language])
    spans = sorted(find_spans(tokens), key=lambda span: span.first)
    found = [
        _Found(span.first, span.last, tokens.words[span.first].clause, meanings, span.first)
        for span in spans
        if span.kind == "aus"
        for meanings in span.names
    ]
    put_in = find_contrastive_negations(tokens, spans)
    found += _link(tokens, spans, put_in)
    found.sort(key=lambda one: (one.first, one.last))
    negated = _negated(tokens, found, spans, put_in)
    said = find_qualifiers(tokens, [(one.first, one.last) for one in found])
    words = tokens.words
    return tuple(
        Mention(one.meanings, words[one.first].start, words[one.last].end, no, claim)
        for one, no, claim in zip(found, negated, said, strict=True)
    )


def _ordered(a: Span, b: Span) -> tuple[Span, Span]:
    return (a, b) if a.first <= b.first else (b, a)


def _between(tokens: Tokens, a: Span, b: Span) -> list[str]:
    low, high = _ordered(a, b)
    return tokens.between(low.last, high.first)


def _distance(tokens: Tokens, a: Span, b: Span) -> int:
    between = _between(tokens, a, b)
    return sum(_COMMA if t == "," else _AND if tokens.joins(t) else 1 for t in between)


def _only_row_words(tokens: Tokens, a: Span, b: Span) -> bool:
    words = tokens.vocabulary.row_words
    return all(tokens.joins(text) or text in words for text in _between(tokens, a, b))


def _link(tokens: Tokens, spans: Sequence[Span], put_in: ContrastiveNegations) -> list[_Found]:
    tokens = replace(tokens, light=tokens.light | put_in.words)
    parts = [span for span in spans if span.kind == "part" and span not in put_in.hosts]
    actions = [span for span in spans if span.kind == "action"]
    with_part = {tokens.words[part.first].clause for part in parts}
    # Only what can be near enough is compared, so that a very long sentence takes linear time.
    starts = [part.first for part in parts]
    reach = 4 * MAX_DISTANCE
    pairs = sorted(
        (distance, n_action, n_part)
        for n_action, action in enumerate(actions)
        for n_part in range(
            bisect_left(starts, action.first - reach), bisect_left(starts, action.last + reach)
        )
        if (distance := _distance(tokens, action, parts[n_part])) <= LONGEST_ROW
        and _may_link(tokens, action, parts[n_part], with_part)
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
        near = distance <= (MAX_DISTANCE_IN_ROW if its_actions else MAX_DISTANCE)
        if not near and not any(_only_row_words(tokens, other, action) for other in its_actions):
            continue
        neighbours = parts[max(n_part - 1, 0) : n_part + 2]
        if its_actions and _anything_between(neighbours, action, part):
            continue
        if its_parts and not any(
            (other.first < action.first) == (part.first < action.first)
            and _only_row_words(tokens, other, part)
            for other in its_parts
        ):
            continue
        its_parts.append(part)
        its_actions.append(action)
    linked = [(parts[n_part], its_actions) for n_part, its_actions in actions_of.items()]
    of_host = dict(linked)
    linked += [(part, of_host.get(host, [])) for part, host in put_in.hosts.items()]
    return [
        _Found(
            min(action.first, part.first),
            max(action.last, part.last),
            tokens.words[action.first].clause,
            meanings,
            part.first,
        )
        for part, its_actions in linked
        for action in its_actions
        for meanings in _meanings(tokens, action, part, its_actions)
    ]


def _may_link(tokens: Tokens, action: Span, part: Span, with_part: Collection[int]) -> bool:
    here, there = tokens.words[action.first].clause, tokens.words[part.first].clause
    return here == there or (here == there + 1 and here not in with_part)


def _anything_between(spans: Iterable[Span], a: Span, b: Span) -> bool:
    low, high = _ordered(a, b)
    return any(low.last < span.first < high.first for span in spans)


def _rules(part: Span, action: Span) -> list[str]:
    return [name for name in action.names if (part.names[0], name) in RULES]


def _meanings(
    tokens: Tokens, action: Span, part: Span, its_actions: Sequence[Span]
) -> list[Meanings]:
    """What an action of a part means; nothing if it is vague and a clearer one stands beside it."""
    names = _rules(part, action)
    if not names:
        return []
    if set(names) <= VAGUE_ACTIONS and any(
        other is not action and _is_beside(tokens, action, other) for other in its_actions
    ):
        return []
    return [RULES[part.names[0], names[0]]]


def _is_beside(tokens: Tokens, a: Span, b: Span) -> bool:
    between = _between(tokens, a, b)
    return len(between) <= LONGEST_TWIST and not any(map(tokens.joins, between))


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


def _negated(
    tokens: Tokens, found: Sequence[_Found], spans: Sequence[Span], put_in: ContrastiveNegations
) -> list[bool]:
    negations = [span for span in spans if span.kind == "negation"]
    aimed = put_in.aims
    parts_put_in = {part.first for part in put_in.hosts}
    anywhere = {i for span in negations for i in range(span.first, span.last + 1)}
    around = {
        i for span in negations if "around" in span.names for i in range(span.first, span.last + 1)
    }
    starts = {one.first for one in found}
    answers: list[bool] = []
    in_list = False
    for number, one in enumerate(found):
        first, last = one.first, one.last
        begin = tokens.words[first].clause
        inside = [i for i in range(first, last + 1) if tokens.words[i].clause == one.clause]
        if begin == one.clause:
            back = range(first - 1, -1, -1)
            inside += _until_break(tokens, back, begin, NEGATION_BEFORE, anywhere)
        end = tokens.words[last].clause
        after = _until_break(tokens, range(last + 1, len(tokens.words)), end, NEGATION_AFTER)
        stop = next((n for n, index in enumerate(after) if index in starts), len(after))
        denying = anywhere.intersection(inside) | around.intersection(after[:stop])
        denying = {index for index in denying if aimed.get(index, one.part) == one.part}
        if one.part in parts_put_in:
            denying, in_list = {one.part}, False
        elif denying:
            # "no A, B": the next is denied as well. "A is not there, B": it is not.
            in_list = not denying <= around
        answer = bool(denying)
        if not answer and number and answers[-1]:
            answer = _goes_on(tokens, found, number, in_list)
        answers.append(answer)
    return answers


def _until_break(
    tokens: Tokens, indices: range, clause: int, most: int, denying: Collection[int] = ()
) -> list[int]:
    """Indices as far as the clause goes and no word joins, at most so many that count.

    A joining word that denies ("nor") is the last one.
    """
    kept: list[int] = []
    for index in indices:
        word = tokens.words[index]
        if word.clause != clause:
            break
        if tokens.joins(word.text):
            return [*kept, index] if index in denying else kept
        if index not in tokens.light:
            most -= 1
        if most < 0:
            break
        kept.append(index)
    return kept


def _goes_on(tokens: Tokens, found: Sequence[_Found], number: int, in_list: bool) -> bool:
    """Whether a negation goes on to the next movement: "no A, B", "not A, B or C"."""
    for after in range(number, len(found)):
        last, first = found[after - 1].last, found[after].first
        between = set(tokens.between(last, first))
        same = last < first and tokens.words[last].clause == tokens.words[first].clause
        row_words = tokens.vocabulary.row_words
        row_only = all(tokens.joins(text) or text in row_words for text in between)
        if not (same and row_only) or between & _AND_WORDS:
            return False
        if between - tokens.vocabulary.row_words - {","}:
            return True
        if "," not in between:
            return False
        if in_list:
            return True
    return False
