"""Select the photos of a study: three kinds, balanced over the emotions as far as possible.

Kinds
    misclassified: labelled, and the model's prediction is not the label.
    ambiguous: not misclassified, and the margin between the model's two highest probabilities is
    below a limit (0-1, `MARGIN` by default). The limit is ours; the XFERa paper asked about
    misclassified images alone, "focusing on whether these images appeared ambiguous even to a
    human observer".
    random: any other photo with a face.
    A photo is selected once, for the first kind above that draws it.
Balance
    Within a kind the next photo is of the emotion that has been drawn least for this kind, then
    least for the whole study, then of the person drawn least; ties are broken by the seed. A
    photo's emotion is its label, or the model's prediction where it has none. Where a kind has too
    few photos, all are selected, and the plan says how many were requested and found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from xfera_nb.errors import InputError
from xfera_nb.study.items import KINDS

MARGIN = 0.5


@dataclass(frozen=True)
class Candidate:
    """Describe a photo that may be selected for a study.

    Attributes
    ----------
    number : int
        Its place in the data set.
    emotion : str or None
        Its label.
    predicted : str
        The model's prediction.
    margin : float
        Highest minus second highest probability, 0-1.
    person : str or None
        Who is on it.
    """

    number: int
    emotion: str | None
    predicted: str
    margin: float
    person: str | None = None

    @property
    def misclassified(self) -> bool:
        """Whether its label is known and is not the model's prediction."""
        return self.emotion is not None and self.emotion != self.predicted

    @property
    def shows(self) -> str:
        """The emotion for which it counts."""
        return self.emotion or self.predicted


@dataclass(frozen=True)
class Selection:
    """Hold the photos selected for a study.

    Attributes
    ----------
    picked : tuple of (Candidate, str)
        Photo and kind, in the order in which they were drawn.
    asked, found : mapping of str to int
        Kind -> photos wanted, and photos that there were to draw from.
    """

    picked: tuple[tuple[Candidate, str], ...]
    asked: Mapping[str, int]
    found: Mapping[str, int]


def select_photos(
    candidates: Sequence[Candidate],
    counts: Mapping[str, int],
    *,
    seed: int = 0,
    margin: float = MARGIN,
) -> Selection:
    """Select the photos of a study.

    Parameters
    ----------
    candidates : sequence of Candidate
    counts : mapping of str to int
        Kind -> photos wanted, 0 if it is not named.
    seed : int
        The same candidates, counts and seed give the same photos.
    margin : float
        Below it a photo is ambiguous.

    Raises
    ------
    InputError
        If a kind is unknown, a count negative, or the margin not from 0 to 1.
    """
    unknown = set(counts) - set(KINDS)
    if unknown or any(count < 0 for count in counts.values()):
        raise InputError(f"counts gives a number from 0 for some of {', '.join(KINDS)}.")
    if not 0 <= margin <= 1:
        raise InputError(f"margin is {margin}, not from 0 to 1.")
    rng = Random(f"{seed} photos")
    left = list(candidates)
    rng.shuffle(left)
    suits: dict[str, Callable[[Candidate], bool]] = {
        "misclassified": lambda one: one.misclassified,
        "ambiguous": lambda one: not one.misclassified and one.margin < margin,
        "random": lambda one: True,
    }
    picked: list[tuple[Candidate, str]] = []
    found = {}
    for kind in KINDS:
        pool = [one for one in left if suits[kind](one)]
        found[kind] = len(pool)
        drawn = _balanced(pool, counts.get(kind, 0), [one for one, _ in picked])
        picked += [(one, kind) for one in drawn]
        left = [one for one in left if one not in drawn]
    return Selection(tuple(picked), {kind: counts.get(kind, 0) for kind in KINDS}, found)


def _balanced(pool: list[Candidate], count: int, before: list[Candidate]) -> list[Candidate]:
    drawn: list[Candidate] = []
    emotions = Counter(one.shows for one in before)
    people: Counter[str | None] = Counter(one.person for one in before if one.person is not None)
    here: Counter[str | None] = Counter()
    pool = list(pool)
    while pool and len(drawn) < count:
        # min takes the first of equals, and the pool is shuffled.
        one = min(pool, key=lambda c: (here[c.shows], emotions[c.shows], people[c.person]))
        pool.remove(one)
        drawn.append(one)
        here[one.shows] += 1
        emotions[one.shows] += 1
        if one.person is not None:
            people[one.person] += 1
    return drawn
