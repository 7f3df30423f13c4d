"""Find the movements that words name, with the everyday words of the vocabulary.

Units
    Distances are in words; a comma counts `_COMMA`, "and" and "or" count `_AND`, because what they
    separate belongs together less.
How
    1. The sentence is tokenized; nothing is linked across clauses.
    2. Codes ("AU06"), phrases, parts of the face and actions are found, the longest match first;
       a word belongs to one match.
    3. Actions and parts that have a rule are linked, the nearest first. A part or an action that
       is linked already is linked again only in a row: "raised and drawn-together eyebrows". An
       action in a clause without any part may take one of the clause before.
       A part that is named only to deny it ("the lips, not the brows, are raised") has the
       actions of the part beside it (`ContrastiveNegations`).
    4. A movement is negated by a negation shortly before it, within it, or shortly after it.
    5. Words of side and strength belong to the movement that they are in or beside.
Limits
    No grammar. `xfera_nb.explanation.statements` parts a sentence into statements beforehand.
Source
    Ours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xfera_nb.explanation.qualifiers import Qualifiers, find_qualifiers
from xfera_nb.explanation.tokens import Span, Tokens, find_spans
from xfera_nb.explanation.vocabulary import (
    MAX_GAP,
    RULES,
    VAGUE_ACTIONS,
    Meanings,
)

STATED, POSSIBLE, SUPPOSED = "stated", "possible", "supposed"

MAX_DISTANCE = 8
MAX_DISTANCE_IN_ROW = 5
LONGEST_ROW = 16
NEGATION_BEFORE = 5
NEGATION_AFTER = 5
_COMMA, _AND = 3, 2
_AND_WORDS = frozenset({"and", "e", "ed", "y", "und", "sowie", "plus", "&", "+", "/"})


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold first and last word, the action's clause, the meaning, and where the part begins.

    `is_name` is true of codes and whole phrases, which have no part and action of their own.
    """

    first: int
    last: int
    clause: int
    meanings: Meanings
    part: int
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """Hold a movement that a sentence names.

    Parameters
    ----------
    meanings : Meanings
        The AUs that the words may mean.
    start, end : int
        Where the words are in the sentence, as a slice.
    negated : bool
        Whether the sentence says that it is absent.
    qualifiers : Qualifiers
        What it says of side and strength.
    mood : {"stated", "possible", "supposed"}
        Whether the sentence states it, says that it may be so, or only supposes it.
    reading : int or None
        Number of the reading that it belongs to, where a pronoun may mean several parts.
    """

    meanings: Meanings
    start: int
    end: int
    negated: bool
    qualifiers: Qualifiers
    mood: str = STATED
    reading: int | None = None

    @property
    def aus(self) -> tuple[int, ...]:
        """Return all AUs that the words may mean, the most usual first."""
        return self.meanings.aus

    def resolve(self, active: Collection[int]) -> tuple[int, ...]:
        """Return the AUs that the words name on a face: of their meanings the first active ones."""
        present = ([au for au in group if au in active] for group in self.meanings.groups)
        return tuple(next(filter(None, present), ()))

    @property
    def usual(self) -> tuple[int, ...]:
        """Return the AUs that the words name where none that they may mean is active."""
        return self.meanings.default

    def resolve_negated(self, active: Collection[int]) -> tuple[int, ...]:
        """Return the AUs that the words deny: their most usual meaning, active or not."""
        present = [au for au in self.meanings.groups[0] if au in active]
        return tuple(dict.fromkeys([*present, *self.usual]))


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold the movements that some words name, and the actions that belong to no part.

    Parameters
    ----------
    mentions : tuple of Mention
    places : tuple of (int, int)
        Their first and last words.
    parts : tuple of Span
    loose : tuple of Span
        Actions of no part.
    """

    mentions: tuple[Mention, ...]
    places: tuple[tuple[int, int], ...]
    parts: tuple[Span, ...]
    loose: tuple[Span, ...]


def read_movements(tokens: Tokens) -> Reading:
    """Find the movements that words name, in their order, whatever stands around them."""
    spans = sorted(find_spans(tokens), key=lambda span: span.first)
    found = [
        _Found(span.first, span.last, tokens.words[span.first].clause, meanings, span.first, True)
        for span in spans
        if span.kind == "aus"
        for meanings in span.names
    ]
    contrasts = find_contrastive_negations(tokens, spans)
    linked, loose = _link(tokens, spans, contrasts)
    found += linked
    found.sort(key=lambda one: (one.first, one.last))
    negated = _negated(tokens, found, spans, contrasts)
    qualifiers = find_qualifiers(tokens, [(one.first, one.last) for one in found])
    words = tokens.words
    mentions = tuple(
        Mention(one.meanings, words[one.first].start, words[one.last].end, is_negated, own)
        for one, is_negated, own in zip(found, negated, qualifiers, strict=True)
    )
    return Reading(
        mentions,
        tuple((one.first, one.last) for one in found),
        tuple(span for span in spans if span.kind == "part"),
        loose,
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
    words = tokens.vocabulary.linking_words
    return all(tokens.joins(text) or text in words for text in _between(tokens, a, b))


def _link(
    tokens: Tokens, spans: Sequence[Span], contrasts: ContrastiveNegations
) -> tuple[list[_Found], tuple[Span, ...]]:
    """Return the movements that parts and actions make, and the actions of no part."""
    tokens = replace(tokens, skippable=tokens.skippable | contrasts.words)
    parts = [span for span in spans if span.kind == "part" and span not in contrasts.hosts]
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
    linked += [(part, of_host.get(host, [])) for part, host in contrasts.hosts.items()]
    found = [
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
    return found, tuple(a for n, a in enumerate(actions) if not parts_of.get(n))


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
    """Return what an action of a part means; nothing if it is vague and a clearer one is near."""
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
    return len(between) <= MAX_GAP and not any(map(tokens.joins, between))


@dataclass(frozen=True, slots=True)
class ContrastiveNegations:
    """Hold the parts of the face that are named only to be denied: "the lips, not the brows".

    What is said of the part beside such a part, its host, is denied of it. The host may come first
    ("the lips, but not the brows, are raised") or, behind a word such as "but", second ("not the
    brows but the lips are raised").

    Parameters
    ----------
    aims : mapping of int to int
        Word of a negation -> first word of the part right behind it, contrasted or not.
    hosts : mapping of Span to Span
        A denied part -> its host.
    words : frozenset of int
        The words of all of them, across which other words are linked.
    """

    aims: Mapping[int, int]
    hosts: Mapping[Span, Span] = field(default_factory=dict)
    words: frozenset[int] = frozenset()


def find_contrastive_negations(tokens: Tokens, spans: Sequence[Span]) -> ContrastiveNegations:
    """Find the parts that are named only to be denied; `spans` in the order of their words."""
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
    """Return whether a part can be the host of a denied one.

    It is not denied itself, and between the words `low` and `high` are only joining and linking
    words and as many clause breaks as `clauses` allows.
    """
    apart = tokens.words[high].clause - tokens.words[low].clause
    small = tokens.vocabulary.linking_words
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
            index in tokens.skippable or tokens.words[index].text in tokens.vocabulary.linking_words
        ):
            if index in parts:
                break
            index += 1
        if index in parts:
            aims |= dict.fromkeys(range(span.first, span.last + 1), index)
    return aims


def _negated(
    tokens: Tokens, found: Sequence[_Found], spans: Sequence[Span], contrasts: ContrastiveNegations
) -> list[bool]:
    negations = [span for span in spans if span.kind == "negation"]
    aimed = contrasts.aims
    denied_parts = {part.first for part in contrasts.hosts}
    anywhere = {i for span in negations for i in range(span.first, span.last + 1)}
    around = {
        i for span in negations if "around" in span.names for i in range(span.first, span.last + 1)
    }
    starts = {one.first for one in found}
    results: list[bool] = []
    is_behind: list[bool] = []
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
        if one.part in denied_parts:
            denying, in_list = {one.part}, False
        elif denying:
            # "no A, B": the next is denied as well. "A is not there, B": it is not.
            in_list = not denying <= around
        is_negated = bool(denying)
        is_behind.append(bool(denying) and min(denying) > last)
        if not is_negated and number and results[-1]:
            is_negated = _goes_on(tokens, found, number, in_list)
        results.append(is_negated)
    # "AU06 and AU12 are absent": what stands behind two names denies both.
    for number in range(len(found) - 1, 0, -1):
        earlier, later = found[number - 1], found[number]
        if results[number] and is_behind[number] and earlier.is_name and later.is_name:
            results[number - 1] |= _is_row(tokens, earlier, later)
    return results


def _is_row(tokens: Tokens, one: _Found, after: _Found) -> bool:
    between = tokens.between(one.last, after.first)
    same = tokens.words[one.last].clause == tokens.words[after.first].clause
    words = tokens.vocabulary.linking_words
    return same and all(tokens.joins(text) or text in words for text in between)


def _until_break(
    tokens: Tokens, indices: range, clause: int, most: int, denying: Collection[int] = ()
) -> list[int]:
    """Return indices up to the end of the clause or a joining word, at most `most` that count.

    A joining word that denies ("nor") is the last one.
    """
    kept: list[int] = []
    for index in indices:
        word = tokens.words[index]
        if word.clause != clause:
            break
        if tokens.joins(word.text):
            return [*kept, index] if index in denying else kept
        if index not in tokens.skippable:
            most -= 1
        if most < 0:
            break
        kept.append(index)
    return kept


def _goes_on(tokens: Tokens, found: Sequence[_Found], number: int, in_list: bool) -> bool:
    """Return whether a negation covers the next movement too: "no A, B", "not A, B or C"."""
    for after in range(number, len(found)):
        last, first = found[after - 1].last, found[after].first
        between = set(tokens.between(last, first))
        same = last < first and tokens.words[last].clause == tokens.words[first].clause
        linking_words = tokens.vocabulary.linking_words
        row_only = all(tokens.joins(text) or text in linking_words for text in between)
        if not (same and row_only) or between & _AND_WORDS:
            return False
        if between - tokens.vocabulary.linking_words - {","}:
            return True
        if "," not in between:
            return False
        if in_list:
            return True
    return False
