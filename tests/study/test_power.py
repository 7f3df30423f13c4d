"""The rank tests of a study: against scipy, and by simulated studies."""

import numpy as np
import pytest
from scipy.stats import wilcoxon

from xfera_nb.errors import StudyError
from xfera_nb.study import power_table, simulate_power
from xfera_nb.study.rank_tests import are_significant, compare_all, compare_pairs


@pytest.mark.parametrize("conditions", [2, 3])
def test_studies_without_an_effect_are_significant_as_often_as_the_level_says(conditions):
    assert 0.03 <= simulate_power(22, 0.0, conditions=conditions, studies=1000) <= 0.07


@pytest.mark.parametrize("conditions", [2, 3])
def test_with_22_people_an_effect_of_0_3_points_is_mostly_found(conditions):
    assert simulate_power(22, 0.3, conditions=conditions, studies=1000) >= 0.6


@pytest.mark.parametrize("people", [4, 9, 10, 22])
def test_pairs_are_scipys(people):
    rng = np.random.default_rng(people)
    first, second = rng.integers(1, 6, (2, people)) / 2
    found = compare_pairs(first, second)
    if people > 9:
        ties = wilcoxon(second - first, correction=False, method="asymptotic").pvalue
        assert found.p == pytest.approx(ties)
    else:
        exact = wilcoxon(np.arange(1, people + 1.0), method="exact").pvalue
        assert compare_pairs(np.zeros(people), np.arange(1, people + 1)).p == pytest.approx(exact)
    assert found.effect == pytest.approx(-compare_pairs(second, first).effect)
    # Matched-pairs rank-biserial (Kerby 2014), the long way.
    difference = (second - first)[second != first]
    ranks = [sum(abs(b) < abs(a) for b in difference)
             + (sum(abs(b) == abs(a) for b in difference) + 1) / 2 for a in difference]  # fmt: skip
    signed = sum(r * np.sign(d) for r, d in zip(ranks, difference, strict=True))
    assert found.effect == pytest.approx(signed / sum(ranks))


@pytest.mark.parametrize("conditions", [2, 3])
def test_many_studies_at_once_are_tested_as_one_is(conditions):
    values = np.random.default_rng(1).integers(1, 6, (conditions, 40, 12)) / 3
    one = compare_pairs if conditions == 2 else lambda *some: compare_all(some)
    each = [one(*values[:, study]).p < 0.05 for study in range(40)]
    assert are_significant(values).tolist() == each


def test_the_table_has_a_row_for_each_number_of_people():
    table = power_table((5, 22), (0.0, 1.0), studies=20, photos=2)
    assert [row[0] for row in table.rows] == [5, 22] and table.rows[1][2] == 1.0
    with pytest.raises(StudyError, match="people is 2: give at least 3"):
        power_table((2,), studies=5)
