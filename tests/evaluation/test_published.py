"""Hit rates of people: each number has a source, and a table of your own is read strictly."""

import pytest

from xfera_nb.evaluation import NormsError, read_norms
from xfera_nb.evaluation.published import GOELEVEN, KDEF_HIT_RATES, KDEF_MEAN, NO_SOURCE
from xfera_nb.facs import EMOTIONS


def test_what_has_no_source_has_no_number():
    assert tuple(KDEF_HIT_RATES) == EMOTIONS
    for norm in KDEF_HIT_RATES.values():
        assert (norm.hit_rate, norm.source, norm.reason) == (None, GOELEVEN, NO_SOURCE)
    assert "second-hand" in KDEF_MEAN.reason


def test_a_table_of_ones_own(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("emotion,hit_rate,source\nHA,0.9,Table 2\nAfraid,0.4,\nsad,,\n")
    norms = read_norms(path)
    assert (norms["happiness"].hit_rate, norms["happiness"].source) == (0.9, "Table 2")
    assert norms["fear"].hit_rate == 0.4 and "mine.csv" in norms["fear"].source
    assert norms["sadness"] == norms["anger"] == KDEF_HIT_RATES["anger"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("emotion,rate\nfear,0.4\n", "lacks the columns"),
        ("emotion,hit_rate\nenvy,0.4\n", "line 2: 'envy' is none of"),
        ("emotion,hit_rate\nfear,0.4\nanger,43%\n", "line 3: write '43%' as a share"),
        ("emotion,hit_rate\nfear,43\n", "as a share from 0 to 1"),
        ("emotion,hit_rate\nfear,nan\n", "as a share from 0 to 1"),
    ],
)
def test_invalid_tables_are_refused(tmp_path, text, message):
    path = tmp_path / "norms.csv"
    path.write_text(text)
    with pytest.raises(NormsError, match=message):
        read_norms(path)


def test_no_file(tmp_path):
    with pytest.raises(NormsError):
        read_norms(tmp_path / "none.csv")
