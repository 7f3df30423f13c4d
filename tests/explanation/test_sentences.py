"""The grounding check on sentences that were labelled by hand; the README beside them has more.

``benchmarks/grounding_eval.py`` prints the figures. The bounds lie a little below what was reached.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from xfera_nb.explanation import LANGUAGES

BENCHMARKS = str(Path(__file__).parents[2] / "benchmarks")
sys.path.insert(0, BENCHMARKS)
try:
    import grounding_eval
finally:
    sys.path.remove(BENCHMARKS)

FOLDER = Path(__file__).parent / "sentences"
HALVES = ("tuned", "held_out")


@pytest.fixture(scope="module", params=HALVES)
def half(request):
    return grounding_eval.load_cases(FOLDER, request.param)


def test_each_half_is_large_and_holds_every_kind(half):
    assert len(half) >= 60
    assert {case.language for case in half} == set(LANGUAGES)
    for language in LANGUAGES:
        statuses = {status for case in half if case.language == language for _, status in case.aus}
        assert statuses == {"supported", "unsupported", "contradicted", "negated"}
        assert any(case.flags for case in half if case.language == language)


def test_no_sentence_is_in_both_halves():
    halves = [{case.text for case in grounding_eval.load_cases(FOLDER, name)} for name in HALVES]
    assert not halves[0] & halves[1]


def test_movements_are_read_rightly(half):
    movements, flags = grounding_eval.score(half)
    assert movements.precision >= 0.97
    assert movements.recall >= 0.96
    assert flags.precision >= 0.95
    assert flags.recall >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_is_left_behind(half, language):
    movements, _ = grounding_eval.score(case for case in half if case.language == language)
    assert movements.precision >= 0.95
    assert movements.recall >= 0.95


@pytest.fixture(scope="module", params=HALVES)
def paragraphs(request):
    return grounding_eval.load_cases(FOLDER, f"paragraphs_{request.param}")


def test_each_half_of_the_paragraphs_holds_each_kind_in_each_language(paragraphs):
    assert len(paragraphs) == 40
    kinds = {case.kind for case in paragraphs}
    assert len(kinds) == 10
    assert {(case.kind, case.language) for case in paragraphs} == {
        (kind, language) for kind in kinds for language in LANGUAGES
    }


def test_paragraphs_are_read_rightly(paragraphs):
    movements, flags = grounding_eval.score(paragraphs)
    assert movements.precision >= 0.95
    assert movements.recall >= 0.90
    assert flags.right == flags.found == flags.labelled


def test_the_score_counts_what_is_wrong(tmp_path):
    (tmp_path / "faces.json").write_text(
        '{"one": {"emotion": "happiness", "active": [[12, 4.0, null]]}}'
    )
    rows = [
        ("The lip corners are pulled up.", "12:supported", ""),
        ("The lip corners are pulled up and the nose is wrinkled.", "12:supported", "feeling"),
        ("Nothing is named here.", "4:negated", ""),
        ("She is sad.", "", "feeling"),
    ]
    with (tmp_path / "made.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(["language", "face", "aus", "flags", "text"])
        writer.writerows(["en", "one", aus, flags, text] for text, aus, flags in rows)
    movements, flags = grounding_eval.score(grounding_eval.load_cases(tmp_path, "made"))
    assert (movements.cases, movements.right, movements.found, movements.labelled) == (4, 2, 3, 3)
    assert movements.precision == movements.recall == pytest.approx(2 / 3)
    # Found: feeling and sadness in the last sentence; labelled: feeling in two.
    assert (flags.right, flags.found, flags.labelled) == (1, 2, 2)
    assert grounding_eval.score([])[0].precision is None
