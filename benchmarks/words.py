"""Print how well the grounding check reads the hand-made sentences, on each half and language.

Run from the repository: ``python benchmarks/words.py``. What the measures mean stands in
`xfera_nb.explanation.trial`; how the sentences were made, in tests/explanation/sentences/README.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xfera_nb.explanation import LANGUAGES
from xfera_nb.explanation.trial import Case, load_cases, score

FOLDER = Path(__file__).parents[1] / "tests" / "explanation" / "sentences"
HALVES = {"tuned": "used for the vocabulary", "held_out": "held out"}


def main() -> None:
    """Print a table."""
    head = ("half", "language", "sentences", "precision", "recall", "precision of flags", "recall")
    print("{:24}{:8}  {}  {}  {}  {}  {}".format(*head))
    for name, words in HALVES.items():
        cases = load_cases(FOLDER, name)
        for language in LANGUAGES:
            print(_line("", language, [case for case in cases if case.language == language]))
        print(_line(words, "all", cases))


def _line(words: str, language: str, cases: Sequence[Case]) -> str:
    movements, flags = score(cases)
    return (
        f"{words:24}{language:8}  {len(cases):9}  {_share(movements.precision):>9}  "
        f"{_share(movements.recall):>6}  {_share(flags.precision):>17}  {_share(flags.recall):>6}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
