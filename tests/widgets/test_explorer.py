"""The Explorer without a screen: a store made by hand, and a KDEF-shaped tree's."""

from __future__ import annotations

import runpy
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from traitlets import TraitError

from xfera_nb.errors import ParamsError
from xfera_nb.evaluation.au_states import measure_disagreement
from xfera_nb.evaluation.error_analysis import analyse_error
from xfera_nb.evaluation.error_groups import ERROR_GROUPS
from xfera_nb.evidence import EvidenceStore, Row
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.storage import Storage
from xfera_nb.evidence.store import write_shard
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS, au_landmarks
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionParams, fuse_many
from xfera_nb.widgets import ExplorerState
from xfera_nb.widgets.explorer.selection import LABELS, UNLABELLED
from xfera_nb.widgets.shared import thumbnails

ROOT = Path(__file__).parents[2]
BENCHMARK = ROOT / "benchmarks" / "explorer.py"
made = runpy.run_path(str(BENCHMARK))


def face(number, true, predicted, confidence, margin, *, hot=(), moving=(), peak=1.0, **known):
    """Make a row: its prediction, the salient landmarks (0.8, threshold 0.3), present AUs (2.0)."""
    others = (1 - 2 * confidence + margin) / 5
    chances = np.full(7, others, np.float32)
    chances[EMOTIONS.index(predicted)] = confidence
    chances[(EMOTIONS.index(predicted) + 1) % 7] = confidence - margin
    activation = np.full((7, 68), 0.1)
    for au in hot:
        activation[:, np.array(au_landmarks(au)) - 1] = 0.8
    units = np.zeros(17, np.float32)
    units[[OPENFACE_AUS.index(au) for au in moving]] = 2
    seven = np.ones(7)
    return Row(
        number, f"P{number}", emotion=true, photo_path=f"P{number}.png",
        box=np.array([0, 0, 100, 100], np.int32), landmarks=np.zeros((68, 2), np.float32),
        probabilities=chances, maps=np.ones((7, 7, 7), np.float32), activation=activation,
        mean_crop=0.2 * seven, std_crop=0.1 * seven, mean_hull=0.2 * seven, std_hull=0.1 * seven,
        peak=peak * seven, intensities=units, **known,
    )  # fmt: skip


ROWS = [
    face(0, "fear", "surprise", 0.60, 0.30, hot=(1,), moving=(1, 2), person="F01", angle="S"),
    face(1, "fear", "surprise", 0.80, 0.70, hot=(26,), moving=(1, 26), person="F02", angle="S"),
    face(2, "fear", "fear", 0.40, 0.10, moving=(1,), person="F01", angle="HL"),
    face(3, "happiness", "happiness", 0.90, 0.85, hot=(12,), moving=(12,), person="M01"),
    face(4, None, "happiness", 0.50, 0.20, hot=(12,), moving=(6,), person="M01"),
    face(5, "neutral", "neutral", 0.55, 0.25, hot=(12,), moving=(12,), person="F02"),
    face(6, "anger", "disgust", 0.70, 0.50, moving=(9,), peak=0.0, person="F02"),
    Row(7, "P7", emotion="anger", person="F01", photo_path="P7.png", reason="No face was found."),
    face(8, "sadness", "anger", 0.46, 0.05, person="M01", reason="AU source failed."),
]


@pytest.fixture(scope="module")
def made_store(tmp_path_factory):
    """`ROWS` in two shards, their photos beside."""
    folder = tmp_path_factory.mktemp("made")
    photos = folder / "photos"
    photos.mkdir()
    for row in ROWS:
        Image.new("RGB", (120, 100), (number := 20 * row.number, number, 90)).save(
            photos / row.photo_path
        )
    place = Storage(folder / "store")
    manifests.write(place, made["manifest"](len(ROWS), 5, str(photos)))
    write_shard(place, 0, ROWS[:5], (7, 7))
    write_shard(place, 1, ROWS[5:], (7, 7))
    return folder / "store"


@pytest.fixture
def state(made_store):
    return ExplorerState(made_store, show="all")


def shown(state):
    return state.faces.number[state.selection.rows].tolist()


def test_the_matrix_counts_faces_with_and_without_a_label(state):
    expected = np.zeros((8, 7), int)
    for true, predicted in (
        ("fear", "surprise"), ("fear", "surprise"), ("fear", "fear"), ("happiness", "happiness"),
        (UNLABELLED, "happiness"), ("neutral", "neutral"), ("anger", "disgust"),
        ("sadness", "anger"),
    ):  # fmt: skip
        expected[LABELS.index(true), EMOTIONS.index(predicted)] += 1
    assert np.array_equal(state.selection.matrix, expected)
    assert len(state.selection) == 8 and state.count("failed") == {True: 2}


def test_a_cell_a_row_and_a_column(state):
    before = state.selection.matrix
    state.choose_cell("fear", "surprise")
    assert shown(state) == [1, 0]  # the surest first
    assert np.array_equal(state.selection.matrix, before)
    state.choose_cell("fear", None)
    assert shown(state) == [1, 0, 2]
    state.choose_cell(None, "happiness")
    assert shown(state) == [3, 4]
    state.choose_cell(UNLABELLED, None)
    assert shown(state) == [4]
    state.choose_cell(None, None)
    assert len(state.selection) == 8


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"correctness": "wrong"}, [1, 6, 0, 8]),
        ({"correctness": "correct"}, [3, 5, 2]),
        ({"person": "F01"}, [0, 2]),
        ({"person": "nobody"}, []),
        ({"angle": "S", "person": "F02"}, [1]),
        ({"session": "A"}, []),  # the data set knows no session
        ({"level": "High"}, [3, 1]),
        ({"level": "Medium"}, [6, 0, 5, 4, 8]),
        ({"level": "Low"}, [2]),
        ({"margin_low": 0.09, "margin_high": 0.31}, [0, 5, 4, 2]),
        ({"margin_high": 0.06}, [8]),
        ({"active_au": 1}, [0]),
        ({"active_au": 12}, [3, 5]),
        ({"active_au": 12, "params": FusionParams(scope="typical")}, [3]),  # not of neutral
        ({"no_evidence": True}, [6]),
        # 0: AU01 of fear, with the brows salient; 1: AU26, with the mouth; 6 and 8: nothing.
        ({"error_group": "evidence outweighed"}, [1, 0]),
        ({"error_group": "no evidence"}, [6, 8]),
        ({"error_group": "no evidence", "correctness": "correct"}, []),
        ({"failed": True}, [8, 7]),
        ({"failed": True, "person": "F01"}, [7]),
        ({"failed": True, "level": "Medium"}, [8]),
        ({"failed": True, "true": "anger"}, [7]),
        ({"true": "fear", "correctness": "wrong", "person": "F02", "level": "High"}, [1]),
    ],
)
def test_a_filter_leaves(state, choices, expected):
    state.set(**choices)
    assert shown(state) == expected
    state.clear()
    assert len(state.selection) == 8


def test_it_opens_on_errors(made_store, tmp_path):
    state = ExplorerState(made_store)
    assert (state.correctness, shown(state)) == ("wrong", [1, 6, 0, 8])
    state.clear()
    assert len(state.selection) == 8
    with pytest.raises(ParamsError, match="'mistakes'"):
        ExplorerState(made_store, show="mistakes")
    manifests.write(Storage(tmp_path), made["manifest"](2, 4))
    rows = [replace(ROWS[3], number=0), replace(ROWS[4], number=1)]
    write_shard(Storage(tmp_path), 0, rows, (7, 7))
    state = ExplorerState(tmp_path)  # one is right, one has no label
    assert (state.correctness, len(state.selection)) == (None, 2)


def test_a_cell_removes_the_filter_that_it_contradicts(made_store):
    state = ExplorerState(made_store)
    state.choose_cell("fear", None)
    assert (state.correctness, shown(state)) == ("wrong", [1, 0])
    state.choose_cell("fear", "fear")
    assert (state.correctness, shown(state)) == (None, [2])
    state.set(correctness="wrong")
    state.choose_cell("fear", "surprise")
    assert (state.correctness, shown(state)) == ("wrong", [1, 0])
    state.choose_cell(UNLABELLED, None)
    assert (state.correctness, shown(state)) == (None, [4])


def test_counts_are_those_of_the_other_filters(state):
    state.set(correctness="wrong", person="F02")
    assert shown(state) == [1, 6]
    assert state.count("person") == {"F01": 1, "F02": 2, "M01": 1}
    assert state.count("correctness") == {"wrong": 2, "correct": 1}
    assert {name: n for name, n in state.count("true").items() if n} == {"fear": 1, "anger": 1}
    assert state.count("level") == {"High": 1, "Medium": 1, "Low": 0}
    assert state.count("error_group")["evidence outweighed"] == 1
    assert state.count("active_au")[26] == 1 == state.count("no_evidence")[True]
    with pytest.raises(ParamsError, match="margin"):
        state.count("margin_low")


def test_every_count_is_what_a_loop_over_the_choices_selects(tmp_path):
    made["make_store"](tmp_path, 400, shard=64)
    state = ExplorerState(tmp_path, params=FusionParams(k=0.4, coverage=0.3))
    state.set(gender="F", margin_low=0.1)
    for name in ("correctness", "error_group", "level", "true", "predicted", "angle", "gender",
                 "active_au", "no_evidence"):  # fmt: skip
        counts, before = state.count(name), getattr(state, name)
        found = {}
        for value in counts:
            state.set(**{name: value})
            found[value] = len(state.selection)
        state.set(**{name: before})
        assert found == counts and sum(counts.values()) > 0, name


def group_of(units):
    """The definition of the groups, for one face: states of the label's expected AUs."""
    states = {unit.state for unit in units}
    if not states:
        return "no AU expected"
    for state, group in (
        ("present, attended", "evidence outweighed"),
        ("present, not attended", "evidence not attended"),
        ("not measurable", "not measurable"),
        ("absent, attended", "attended, but absent"),
    ):
        if state in states:
            return group
    return "no evidence"


def test_groups_of_errors_are_those_of_each_face_by_itself(tmp_path):
    made["make_store"](tmp_path, 300, shard=64)
    state = ExplorerState(tmp_path)
    found = {}
    other = FusionParams(k=0.2, coverage=0.2, min_intensity=2, region="hull")
    for params in (FusionParams(), other):
        state.params = params
        codes = state.fused.error_group
        for row in state.store.rows():
            wrong = row.has_face and row.emotion not in (None, row.predicted)
            if not wrong:
                assert codes[row.number] == -1
                continue
            why = analyse_error(row, params=params)
            group = list(ERROR_GROUPS)[codes[row.number]]
            assert group == group_of(why.for_true) == why.group
            found[group] = found.get(group, 0) + 1
    assert len(found) == 5  # the made-up source measures everything


def test_the_matrix_follows_the_other_filters(state):
    state.set(person="F01", true="fear", correctness="wrong")
    assert shown(state) == [0]
    assert state.selection.matrix.sum() == 2  # 0 and 2: neither label nor correctness counts
    assert state.count("failed") == {True: 0}
    state.set(true=None, correctness=None)
    assert state.count("failed") == {True: 1}  # 7


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"sort": "order", "descending": False}, [0, 1, 2, 3, 4, 5, 6, 8]),
        ({"sort": "order"}, [8, 6, 5, 4, 3, 2, 1, 0]),
        ({"descending": False}, [2, 8, 4, 5, 0, 6, 1, 3]),
        ({"sort": "margin"}, [3, 1, 6, 0, 5, 4, 2, 8]),
        # 2, 4: nothing in common (1), 1: M = {1, 26}, H = {26} (1/3), 0 and 3: 0; the rest has
        # no expected movement, no evidence, or nothing of either. They come last both ways.
        ({"sort": "disagreement"}, [2, 4, 1, 0, 3, 5, 6, 8]),
        ({"sort": "disagreement", "descending": False}, [0, 3, 1, 2, 4, 5, 6, 8]),
    ],
)
def test_the_order(state, choices, expected):
    state.set(**choices)
    assert shown(state) == expected


def test_disagreement_is_told_or_not_defined(state):
    assert state.tile(1).disagreement is None  # not fused yet
    state.fuse()
    assert state.tile(1).disagreement == pytest.approx(1 / 3)
    assert state.tile(5).disagreement is None
    tile = state.tile(7)
    assert (tile.confidence, tile.predicted, tile.reason) == (None, None, "No face was found.")
    assert (tile.number, tile.id, tile.true) == (7, "P7", "anger")


def test_pages(state):
    state.page_size = 3
    assert (state.pages, state.page) == (3, 0)
    state.page = 2
    assert state.faces.number[state.shown].tolist() == [8, 2]
    state.params = FusionParams(k=0.5)
    assert state.page == 2
    state.level = "High"
    assert (state.pages, state.page) == (1, 0)
    state.person = "nobody"
    assert (state.pages, state.shown.tolist()) == (1, [])


def test_several_choices_select_once(state):
    seen = []
    state.observe(lambda change: seen.append(len(change["new"])), "selection")
    state.set(true="fear", person="F01", sort="margin")
    assert seen == [2]
    with pytest.raises(ParamsError, match="no choice 'colour'"):
        state.set(colour="red")
    for name, value in (("true", "joy"), ("margin_low", float("nan")), ("active_au", 3)):
        with pytest.raises(TraitError):
            state.set(**{name: value})
    assert shown(state) == [0, 2]


def test_what_the_data_set_knows_is_offered(state):
    assert state.groups == {"person": ("F01", "F02", "M01"), "angle": ("HL", "S")}


def test_filters_agree_with_a_loop_over_the_rows(tmp_path):
    made["make_store"](tmp_path, 400, shard=64)
    store = EvidenceStore.open(tmp_path)
    state = ExplorerState(store, show="all")
    params = FusionParams(k=0.5, coverage=0.4)
    state.set(true="fear", gender="F", margin_low=0.1, active_au=5, params=params, sort="order")
    arrays = store.arrays()
    fused = fuse_many(**arrays.inputs(), params=params)
    active = {int(n): fused.active[i, 0] for i, n in enumerate(arrays.number)}
    expected = [
        row.number
        for row in store.rows()
        if row.has_face
        and (row.emotion, row.gender) == ("fear", "F")
        and np.diff(np.sort(row.probabilities.astype(float))[-2:])[0] >= 0.1
        and active[row.number][LANDMARK_AUS.index(5)]
    ]
    assert shown(state)[::-1] == expected and expected
    state.clear()
    state.set(sort="disagreement")
    apart = dict(zip(arrays.number.tolist(), measure_disagreement(fused), strict=True))
    values = [apart[number] for number in shown(state)]
    known = [value for value in values if not np.isnan(value)]
    assert known == sorted(known, reverse=True)
    assert np.isnan(values[len(known) :]).all()
    assert 0 < len(known) < len(values) == len(arrays)


def test_a_class_that_the_model_lacks_is_never_the_prediction(tmp_path):
    row = face(0, "fear", "surprise", 0.60, 0.30, hot=(1,), moving=(1,))
    row.probabilities[EMOTIONS.index("disgust")] = np.nan
    manifests.write(Storage(tmp_path), made["manifest"](1, 4))
    write_shard(Storage(tmp_path), 0, [row], (7, 7))
    state = ExplorerState(tmp_path)
    tile = state.tile(0)
    assert (tile.predicted, round(tile.confidence, 3)) == ("surprise", 0.6)
    assert tile.margin == pytest.approx(0.3, abs=1e-6)


def test_a_small_picture_is_the_face_and_is_kept(state, made_store, monkeypatch):
    monkeypatch.setattr(thumbnails, "CACHED", 2)
    first = state.thumbnail(0)
    picture = Image.open(BytesIO(first.data))
    # The box of 100 and 15 % on each side, within the photo: 115 x 100 of 120 x 100.
    assert picture.format == "JPEG" and picture.size == (96, 83)
    assert state.thumbnail(0) is first
    state.thumbnail(1)
    state.thumbnail(2)
    assert state.thumbnail(2) is state.thumbnail(2)
    assert state.thumbnail(0) is not first


def test_a_store_without_a_face_can_be_opened(tmp_path):
    place = Storage(tmp_path)
    manifests.write(place, made["manifest"](3, 4))
    write_shard(place, 0, [Row(n, f"p{n}", reason="dark") for n in range(2)], (7, 7))
    state = ExplorerState(tmp_path)
    assert (len(state.selection), state.count("failed")) == (0, {True: 2})
    assert state.correctness is None
    state.failed = True
    assert shown(state) == [0, 1]


@pytest.mark.slow
def test_the_benchmark_runs_small():
    command = [sys.executable, str(BENCHMARK), "--faces", "300", "--faces", "40", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("300 photos, 29") and "\n40 photos, " in done.stdout
    assert done.stdout.count("aim: at most 300 ms") == 2 * len(made["STEPS"])
    assert done.stdout.count("aim: at most 500 ms") == 2
