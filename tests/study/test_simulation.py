"""Invented answers: the same by the seed, and labelled wherever they show."""

import csv
import io
import json
from collections import Counter

import pytest

from xfera_nb.errors import StudyError
from xfera_nb.study import Answers, Collected, analyse, csv_text, export_csv, simulate
from xfera_nb.study.simulation import EFFECTS
from xfera_nb.study.tables import MARK


def test_the_seed_decides(study):
    def values(seed):
        with simulate(study, 3, seed=seed) as answers:
            return [(row["participant"], row["item"], row["value"]) for row in answers.rows()]

    assert values(1) == values(1) != values(2)


def test_everybody_answers_everything_and_an_old_simulation_is_gone(study):
    simulate(study, 5).close()
    with simulate(study, 3) as answers:
        assert len(answers) == 3 * 9 * 5
        people = answers.participants()
        assert [who.id for who in people] == ["simulated-001", "simulated-002", "simulated-003"]
        assert all(who.finished for who in people)
        assert all(row["given"].startswith("2000-01-01") for row in answers.rows())
    assert not (study.folder / "answers.sqlite").exists()


@pytest.mark.slow
def test_what_is_put_in_comes_out(study):
    with simulate(study, 60, seed=1) as answers:
        found = analyse(answers)
    means = {one.condition: one.mean for one in found.ratings if one.question == "trust"}
    for condition, effect in EFFECTS.items():
        assert means[condition] - means["none"] == pytest.approx(effect, abs=0.25)
    assert Counter(a.majority == a.item.emotion for a in found.items)[True] >= 7


def test_rankings_are_simulated_where_they_are_asked_for(make_study):
    with simulate(make_study(choice="rank"), 10) as answers:
        lengths = {len(one.ranking) for one in Collected.of(answers).emotions}
    assert lengths == {1, 2, 3}


@pytest.mark.parametrize("people", [0, 1001])
def test_numbers_that_are_out_of_range_are_refused(study, people):
    with pytest.raises(StudyError, match="1 to 1000"):
        simulate(study, people)


@pytest.mark.slow
def test_everything_that_comes_from_them_says_so(study, tmp_path):
    with simulate(study, 4) as answers:
        found = analyse(answers, mixed=True)
        rows = list(csv.DictReader(io.StringIO(csv_text(answers))))
        assert export_csv(answers, tmp_path / "out.csv") == len(rows) == 4 * 9 * 5
    assert {row["answers"] for row in rows} == {"simulated"}
    assert all(row["participant"].startswith("simulated-") for row in rows)
    assert set(found.collected.frame()["answers"]) == {"simulated"}
    assert found.simulated and found.to_dict()["answers"] == "simulated"
    assert found.summary.startswith(MARK)
    assert set(found.tables) == {
        "photos", "distribution", "model", "agreement", "scores", "shares", "right", "paper",
        "overall", "conditions", "mixed",
    }  # fmt: skip
    for table in found.tables.values():
        assert len(set(table.columns)) == len(table.columns)
        assert str(table).splitlines()[0].startswith(MARK)
        assert f"<caption>{MARK}" in table._repr_html_()
        assert set(table.frame()["answers"]) == {"simulated"}
    for part in found.text().split("\n\n"):
        assert part.startswith(MARK)
    for rows in found.to_dict()["tables"].values():
        assert {row["answers"] for row in rows} == {"simulated"}
    json.dumps(found.to_dict(), allow_nan=False)


def test_trust_in_right_and_in_wrong_answers(answers, study):
    """Item i01 is answered rightly by the model, i00 and i03 are not."""
    who = answers.enter("a")
    for item, score in (("i00", "5"), ("i01", "2"), ("i03", "4")):
        answers.put(who, item, "trust", score)
    table = analyse(answers).tables["right"].frame()
    assert (table["right"].sum(), table["wrong"].sum()) == (1, 2)
    total = (table["wrong"] * table["mean of wrong"]).sum()
    assert total == 9 and (table["right"] * table["mean"]).sum() == 2


def test_real_answers_are_not_called_simulated(answers, study):
    who = answers.enter("a")
    answers.put(who, "i00", "emotion", "fear")
    found = analyse(answers)
    assert MARK not in found.text() and found.to_dict()["answers"] == "real"
    assert set(found.tables["photos"].frame()["answers"]) == {"real"}
    assert csv_text(answers).splitlines()[1].startswith("real,a,0,")


def test_nothing_answered_yet_is_undefined_and_not_nought(study):
    with Answers(study) as answers:
        found = analyse(answers, mixed=True)
    photos = found.tables["photos"].frame()
    assert photos["people"].sum() == 0 and photos["entropy"].isna().all()
    assert "0 people took part" in found.summary and "-" in str(found.tables["photos"])
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(make_study):
    study = make_study(age_bands=("=1+1", "18-29"))
    with Answers(study) as answers:
        answers.put(answers.enter("-1", "=1+1"), "i00", "trust", "3")
        (row,) = csv.DictReader(io.StringIO(csv_text(answers)))
    assert (row["age"], row["participant"], row["value"]) == ("'=1+1", "'-1", "3")


def test_an_export_that_cannot_be_written_is_told(answers, tmp_path):
    with pytest.raises(StudyError, match="cannot be written"):
        export_csv(answers, tmp_path / "no" / "folder.csv")
