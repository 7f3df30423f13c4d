"""The Tuner: its state against `sweep` and `compare_settings`, its views by messages."""

from __future__ import annotations

import asyncio
import json
import runpy
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from traitlets import TraitError
from waiting import patiently_aside

import xfera_nb as xf
from xfera_nb.errors import ParamsError
from xfera_nb.evidence import EvidenceStore, Row
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.storage import Storage
from xfera_nb.evidence.store import write_shard
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import AXES, MEASURES, FusionParams, compare_settings, sweep
from xfera_nb.report.save import SaveError
from xfera_nb.widgets import Tuner, TunerState
from xfera_nb.widgets.tuner import state as tuner_state
from xfera_nb.widgets.tuner.views import LABELS, count_changes

ROOT = Path(__file__).parents[2]
made = runpy.run_path(str(ROOT / "benchmarks" / "explorer.py"))
GRID = {
    "k": [0, 0.5, 1, 2], "coverage": [0.2, 0.5, 0.7], "min_intensity": [0.3, 1],
    "saliency_weight": [1],
}  # fmt: skip

ALGORITHM1 = FusionParams.preset("algorithm1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A made-up store of 150 photos, labelled and of known people."""
    path = tmp_path_factory.mktemp("tuned")
    made["make_store"](path, 150)
    return path


@pytest.fixture
def state(folder):
    return TunerState(folder, grid=GRID, params=ALGORITHM1)


@pytest.fixture
def tuner(folder):
    return Tuner(folder, grid=GRID, params=ALGORITHM1)


def test_the_table_and_the_lines_are_the_sweeps(state, folder):
    found = sweep(EvidenceStore.open(folder), **GRID, base=ALGORITHM1)
    assert state.chosen == state.params == ALGORITHM1
    assert np.array_equal(state.table, found.take("explained", "coverage", "k", at=ALGORITHM1))
    state.set_trait("measure", "f1")
    state.emotion = "fear"
    state.rows = "min_intensity"
    state.choose(coverage=0.2)
    at = ALGORITHM1.replace(coverage=0.2)
    shown = found.take("f1", "min_intensity", "k", at=at, emotion="fear")
    assert np.array_equal(state.table, shown)
    assert state.value == pytest.approx(found.figures(at, "fear")["f1"])
    assert list(state.lines) == ["all", *EMOTIONS]
    assert np.array_equal(state.lines["anger"], found.take("f1", "k", at=at, emotion="anger"),
                          equal_nan=True)  # fmt: skip


def test_what_changes_is_what_changed_says(state, folder):
    assert len(state.changes) == 0
    state.choose(k=0, coverage=0.5)
    after = ALGORITHM1.replace(k=0, coverage=0.5)
    expected = compare_settings(EvidenceStore.open(folder), ALGORITHM1, after)
    assert state.chosen == after
    assert [c.number for c in state.changes] == [c.number for c in expected] and len(expected)
    assert state.shown[0] == expected[0]
    assert state.faces.ids[state.row(state.shown[0])] == expected[0].id
    state.adopt()
    assert state.params == after and len(state.changes) == 0
    state.choose(k=1)
    assert len(state.changes) == len(compare_settings(folder, after, after.replace(k=1)))


def test_the_nearest_setting_of_the_grid_is_chosen(state):
    state.choose(k=0.6, coverage=0.99)
    assert state.chosen == ALGORITHM1.replace(k=0.5, coverage=0.7)
    with pytest.raises(ParamsError, match="no parameter 'region'"):
        state.choose(region=1)
    with pytest.raises(ParamsError, match="not on the grid"):
        state.chosen = ALGORITHM1.replace(k=0.6)
    assert state.chosen == ALGORITHM1.replace(k=0.5, coverage=0.7)


def test_the_best_is_the_sweeps(state):
    state.measure = "recall"
    state.best({"stability": 0.1})
    assert state.chosen == state.sweep.best("recall", {"stability": 0.1})
    before = state.chosen
    state.measure = "excess_drop"  # nobody has measured it
    assert state.value is None and np.isnan(state.table).all()
    state.best()
    assert state.chosen == before
    assert "No setting of the grid has a value of excess_drop" in state.error
    state.measure = "f1"
    state.best()
    assert state.error == ""
    assert state.note == state.sweep.edge_note(state.chosen)


def test_a_best_setting_at_the_edge_is_said_until_another_is_looked_at(state):
    view = Tuner(state)
    state.sweep.measures["explained"].setflags(write=True)
    state.sweep.measures["explained"][:] = 0
    state.sweep.measures["explained"][-1] = 1  # the greatest k
    state.best()
    assert "edge of the grid (k 2" in state.note and state.note in view.status.value
    state.choose(k=1)
    assert state.note == "" and "edge of the grid" not in view.status.value


def test_rows_and_columns_change_places(state):
    seen = []
    state.observe(lambda change: seen.append((state.rows, state.columns)), ["rows", "columns"])
    state.rows = "k"
    assert (state.rows, state.columns) == ("k", "coverage")
    assert state.table.shape == (4, 3)
    assert all(rows != columns for rows, columns in seen)
    state.columns = "k"
    assert (state.rows, state.columns) == ("coverage", "k")
    state.rows = "saliency_weight"
    assert state.table.shape == (1, 4)


def test_another_scope_sweeps_anew_and_keeps_the_setting(state, folder):
    state.choose(k=0.5, coverage=0.2)
    first = state.sweep
    state.scope = "all"
    assert state.sweep is not first and state.sweep.base.scope == "all"
    assert state.chosen == ALGORITHM1.replace(k=0.5, coverage=0.2, scope="all")
    state.target = "true"
    found = sweep(folder, **GRID, base=ALGORITHM1.replace(scope="all"), target="true")
    assert np.array_equal(state.sweep["f1"], found["f1"])
    expected = compare_settings(folder, ALGORITHM1, state.chosen, target="true")
    assert len(state.changes) == len(expected)


def test_what_cannot_be_swept_goes_back(tmp_path):
    place = Storage(tmp_path)
    rows = [row for row in made["_rows"](np.random.default_rng(1), 0, 8) if row.has_face]
    rows = [Row(**{**vars(row), "emotion": None, "person": None, "number": i})
            for i, row in enumerate(rows)]  # fmt: skip
    manifests.write(place, made["manifest"](len(rows), 8))
    write_shard(place, 0, rows, (7, 7))
    state = TunerState(tmp_path, grid=GRID, params=ALGORITHM1)
    state.target = "true"
    assert (state.target, state.sweep.target) == ("predicted", "predicted")
    assert "No face has a label" in state.error
    state.neutral = True
    assert state.neutral is False and state.error.endswith(".")
    state.scope = "all"
    assert state.error == "" and state.sweep.base.scope == "all"
    with pytest.raises(ParamsError, match="No face has a label"):
        TunerState(tmp_path, grid=GRID, target="true")
    with pytest.raises(ParamsError, match="did you mean 'columns'"):
        Tuner(tmp_path, grid=GRID, column="k")


def test_the_usual_grid_holds_the_present_setting(folder, monkeypatch):
    small = {name: values[:2] for name, values in tuner_state.GRID.items()}
    monkeypatch.setattr(tuner_state, "GRID", small)
    params = ALGORITHM1.replace(k=1.23, coverage=0.55, region="hull", scope="all")
    state = TunerState(folder, params=params)
    assert state.chosen == params and len(state.changes) == 0
    assert state.sweep.axes["k"].tolist() == [0.0, 0.2, 1.23]


def test_a_file_and_code_of_the_setting(state, folder, tmp_path, monkeypatch):
    state.choose(k=0.5, coverage=0.2)
    (tmp_path / "p.json").write_text(state.to_json())
    assert FusionParams.load(tmp_path / "p.json") == state.chosen
    assert state.to_code().splitlines() == [
        "import xfera_nb as xf",
        "",
        "params = xf.FusionParams(k=0.5, min_intensity=0.3, coverage=0.2, scope='typical')",
        f"explorer = xf.widgets.Explorer({str(folder)!r}, params=params)",
    ]
    monkeypatch.chdir(folder.parent)
    assert f"Explorer({folder.name!r}, " in state.to_code()


def test_aside_the_kernel_is_free_and_the_last_wish_counts(state):
    async def use():
        with state.in_background():
            state.scope = "all"
            state.region = "hull"
            assert state.busy and state.sweep.base == ALGORITHM1
        await patiently_aside(lambda: not state.busy, "the sweep")

    asyncio.run(use())
    assert (state.sweep.base.scope, state.sweep.base.region) == ("all", "hull")


def test_wrong_words_are_refused(state):
    for name, value in (("measure", "beauty"), ("rows", "region"), ("emotion", "joy")):
        with pytest.raises(TraitError):
            setattr(state, name, value)


# Views


def says(widget, content):
    widget._handle_custom_msg(content, [])


def test_every_measure_and_parameter_has_words():
    assert set(LABELS) == {*AXES, *MEASURES}
    assert xf.widgets.Tuner is Tuner


def test_the_heat_table_shows_the_table(tuner):
    facts, state = tuner.table.facts, tuner.state
    assert facts["rows"] == ["0.2", "0.5", "0.7"] and facts["columns"] == ["0", "0.5", "1", "2"]
    assert np.allclose(facts["values"], state.table, atol=1e-4)
    assert (facts["low"], facts["high"]) == (state.table.min(), state.table.max())
    assert tuner.table.chosen == tuner.table.current == [2, 2]
    assert facts["title"] == "Share explained (minimum AU intensity 0.3, saliency weight 1)"


def test_a_cell_is_chosen_and_the_rest_follows(tuner):
    says(tuner.table, {"cell": [0, 1]})
    state = tuner.state
    assert state.chosen == ALGORITHM1.replace(k=0.5, coverage=0.2)
    assert tuner.table.chosen == [0, 1] and tuner.table.current == [2, 2]
    assert (tuner.sliders["k"].value, tuner.sliders["coverage"].value) == (0.5, 0.2)
    assert tuner.lines.facts["x"] == 0.5
    assert tuner.changed.status == count_changes(state)
    assert f"{len(state.changes)} of" in count_changes(state)
    first = state.shown[0]
    assert tuner.changed.tiles[0]["label"].startswith(f"{first.id}: ")
    assert "before" in tuner.changed.tiles[0]["label"]
    tuner.adopt.click()
    assert tuner.table.current == [0, 1] and tuner.changed.tiles == []
    assert "None of" in tuner.changed.status


def test_the_present_setting_is_not_marked_in_another_slice(tuner):
    tuner.sliders["min_intensity"].value = 1.0
    assert tuner.state.chosen.min_intensity == 1.0 and tuner.table.current == []
    assert "minimum AU intensity 1," in tuner.table.facts["title"]


@pytest.mark.parametrize(
    "content", [None, {}, {"cell": [0]}, {"cell": [9, 9]}, {"cell": [-1, 0]}, {"cell": ["a", 0]}]
)
def test_a_message_that_makes_no_sense_changes_nothing(tuner, content):
    before = tuner.state.trait_values()
    says(tuner.table, content)
    says(tuner.changed, content)
    assert tuner.state.trait_values() == before


def test_the_menus_go_both_ways(tuner):
    state = tuner.state
    tuner.choices["measure"].value = "mean_active"
    tuner.choices["emotion"].value = "anger"
    assert (state.measure, state.emotion) == ("mean_active", "anger")
    assert tuner.table.facts["title"].startswith("Mean active AUs, faces of anger")
    assert "Mean number of active AUs" in tuner.about.value
    tuner.choices["emotion"].value = ""
    assert state.emotion is None and tuner.choices["emotion"].label == "all"
    tuner.choices["rows"].value = "k"
    assert tuner.choices["columns"].value == "coverage" == state.columns
    tuner.choices["scope"].value = "all"
    assert state.sweep.base.scope == "all"
    state.target = "true"
    assert tuner.choices["target"].value == "true"


def test_undefined_values_are_no_zeros(tuner):
    tuner.state.measure = "excess_drop"
    assert tuner.table.facts["values"] == [[None] * 4] * 3
    assert "undefined" in tuner.status.value
    assert all(values == [None] * 4 for _, values in tuner.lines.facts["series"])
    tuner.best.click()
    assert "xf-stale" in tuner.status.value


def test_photos_that_are_gone_are_said(tuner):
    says(tuner.table, {"cell": [0, 0]})
    pictures = list(tuner.changed.pictures.values())
    assert pictures and all("any more" in picture["reason"] for picture in pictures)
    says(tuner.changed, {"pick": tuner.changed.tiles[1]["number"]})
    assert tuner.changed.picked == tuner.changed.tiles[1]["number"]
    assert tuner.changed.status.endswith(f"{tuner.changed.tiles[1]['label']}.")
    says(tuner.changed, {"page": 1})
    assert tuner.state.page == min(1, tuner.state.pages - 1)


def test_the_setting_is_saved_from_python_and_from_the_page(tuner, tmp_path):
    says(tuner.table, {"cell": [1, 0]})
    tuner.save(tmp_path / "one.json")
    assert FusionParams.load(tmp_path / "one.json") == ALGORITHM1.replace(k=0, coverage=0.5)
    with pytest.raises(SaveError):
        tuner.save(tmp_path / "no" / "one.json")
    sent = []
    tuner.export.send = lambda content, buffers=None: sent.append((content, buffers))
    says(tuner.export, {"make": "json"})
    (content, buffers) = sent[0]
    assert content["name"] == "xfera-params.json"
    assert json.loads(buffers[0]) == tuner.state.chosen.to_dict()
    says(tuner.export, {"make": "code"})
    assert sent[1][0]["text"] == tuner.state.to_code()


def test_what_is_saved_holds_no_face(tuner):
    bundle = tuner._repr_mimebundle_()
    assert bundle["text/plain"].startswith("Tuner of <Sweep of 4 k x 2 min_intensity")
    picture = Image.open(BytesIO(tuner.static_image()))
    assert picture.size == (104 + 4 * 48 + 8, 26 * 5 + 8)
