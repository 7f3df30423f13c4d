"""Simulated answers, for trying a study and its analysis before anybody has taken part.

They are saved in a file of their own and are labelled as simulated there and in every output.
Their effects are built in: finding them shows that the analysis works, and nothing about people.

How they are made
    Part 1: each simulated person draws an emotion from a mixture of the label (weight `_LABEL`;
    without one the model's prediction), the model's probabilities (`_MODEL`) and chance. A ranking
    goes on drawing, without repeating, up to three emotions. Part 2: a score is 3.0, plus the
    person's own leniency (standard deviation 0.5), plus the condition's effect (`EFFECTS`), plus
    0.3 where the model's prediction is the person's own and minus 0.3 where it is not, plus noise
    (standard deviation 0.7), rounded into 1 to 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np

from xfera_nb.errors import StudyError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.study.answers import EMOTION, RANKED, Answers
from xfera_nb.study.items import StudyItem
from xfera_nb.study.plan import Study
from xfera_nb.study.run import StudySession

PEOPLE = 22
"""As many as took part in the XFERa paper's study."""
EFFECTS: Mapping[str, float] = MappingProxyType({"none": 0.0, "heatmap": 0.5, "text": 1.2})
"""Condition -> what it adds to a score."""
BASE, LENIENCY_SD, AGREEMENT, NOISE_SD = 3.0, 0.5, 0.3, 0.7
"""Of a score: its middle, the spread of people, what agreeing adds, the spread of answers."""
_LABEL, _MODEL = 0.5, 0.3
_START = datetime(2000, 1, 1, tzinfo=UTC)


def simulate(study: Study, people: int = PEOPLE, *, seed: int = 0) -> Answers:
    """Fill the study's file of simulated answers, in place of any that were there.

    Parameters
    ----------
    study : Study
    people : int
        How many, from 1 to 1000; each answers everything.
    seed : int
        The same study, number and seed give the same answers.

    Returns
    -------
    Answers
        Open.

    Raises
    ------
    StudyError
        If the file cannot be written, or `people` is out of range.
    """
    if not 1 <= people <= 1000:
        raise StudyError(f"{people} people cannot be simulated; give a number from 1 to 1000.")
    clock = _Clock()
    answers = Answers(study, simulated=True, now=clock)
    try:
        with answers.transaction():
            answers.clear()
            for number in range(people):
                rng = np.random.default_rng([seed, number])
                run = StudySession(answers)
                ages = study.age_bands
                run.begin(age=str(rng.choice(ages)) if ages else None, agreed=True)
                _answer_all(run, rng, clock)
    except StudyError:
        answers.close()
        raise
    return answers


class _Clock:
    """Tell an obviously invented time that advances with the answers."""

    def __init__(self) -> None:
        self.time = _START

    def __call__(self) -> datetime:
        return self.time


def _answer_all(run: StudySession, rng: np.random.Generator, clock: _Clock) -> None:
    leniency = rng.normal(0, LENIENCY_SD)
    own: dict[str, str] = {}
    while (item := (page := run.page).item) is not None:
        effect = 0.0 if page.condition is None else EFFECTS[page.condition]
        for question in page.questions:
            seconds = round(float(rng.gamma(4, 2)), 1)
            clock.time += timedelta(seconds=seconds)
            if question == EMOTION:
                value = _emotions(item, page.kind, rng)
                own[item.id] = value.split(RANKED)[0]
            else:
                agrees = AGREEMENT if own[item.id] == item.predicted else -AGREEMENT
                score = BASE + leniency + effect + agrees + rng.normal(0, NOISE_SD)
                value = str(int(np.clip(round(score), 1, 5)))
            run.answer(item.id, question, value, seconds)
        run.forward()


def _emotions(item: StudyItem, kind: str, rng: np.random.Generator) -> str:
    shares = np.full(len(EMOTIONS), (1 - _LABEL - _MODEL) / len(EMOTIONS))
    shares[EMOTIONS.index(item.emotion or item.predicted)] += _LABEL
    model = np.array([p or 0.0 for p in item.probabilities])
    shares += _MODEL * model / model.sum()
    count = int(rng.integers(1, 4)) if kind == "rank" else 1
    drawn = rng.choice(len(EMOTIONS), size=count, replace=False, p=shares / shares.sum())
    return RANKED.join(EMOTIONS[index] for index in drawn)
