"""``xfera sweep``: best settings, tables, a params file that goes back, and what is refused."""

from __future__ import annotations

import csv
import json

import numpy as np
import pandas as pd
import pytest

from xfera_nb.evidence import EvidenceStore, Row
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.storage import Storage
from xfera_nb.evidence.store import write_shard
from xfera_nb.facs import EMOTIONS, LANDMARK_AUS, au_landmarks
from xfera_nb.fusion import AXES, MEASURES, FusionParams

AU12, COLUMN12 = 8, LANDMARK_AUS.index(12)
MOUTH = np.array(au_landmarks(12)) - 1


def row(number, label, predicted, person, hot, au12):
    """A face of which `hot` mouth landmarks are at 1 and the rest of the map at 0.1."""
    activation = np.full((7, 68), 0.1)
    activation[:, MOUTH[:hot]] = 1
    ones = np.ones(7)
    intensities = np.zeros(17, np.float32)
    intensities[AU12] = au12
    return Row(
        number=number, id=f"photo{number}", emotion=label, label=label, person=person,
        box=np.arange(4, dtype=np.int32), landmarks=np.zeros((68, 2), np.float32),
        probabilities=np.eye(7, dtype=np.float32)[EMOTIONS.index(predicted)],
        maps=np.zeros((7, 2, 2), np.float32), activation=activation, mean_crop=ones * 0.2,
        std_crop=ones * 0.1, mean_hull=ones * 0.2, std_hull=ones * 0.1, peak=ones,
        intensities=intensities, left=intensities, right=intensities,
    )  # fmt: skip


ROWS = (
    row(0, "happiness", "happiness", "P1", 20, 3.0),
    row(1, "happiness", "happiness", "P2", 10, 2.0),
    row(2, "neutral", "happiness", "P1", 16, 1.0),
    row(3, "sadness", "happiness", "P2", 16, 2.0),
    Row(number=4, id="photo4", reason="No face was found."),
)


@pytest.fixture
def store(tmp_path):
    return make_store(tmp_path / "made.store", len(ROWS))


def make_store(path, photos):
    place = Storage(path)
    manifests.write(place, {
        "format": 2, "source": "made", "dataset": {"kind": "folder", "photos": photos},
        "map_shape": [2, 2], "shard": 10, "batch": 2, "layer": "layer4", "method": "gradcam",
        "classifier": {"name": "made"}, "au_detector": {"name": "made"},
    })  # fmt: skip
    write_shard(place, 0, ROWS, (2, 2))
    return path



@pytest.fixture
def paper(tmp_path):
    """A file with the parameters of Algorithm 1."""
    path = tmp_path / "algorithm1.json"
    FusionParams.preset("algorithm1").save(path)
    return path


def test_the_best_setting_is_printed_first(xfera, store, paper):
    """Coverage 0.8 keeps AU12 on photos 0, 2 and 3; of them 0 and 1 are labelled happy.

    AU06 is measured as 0 on all, and never active. At coverage 0.5: right 2, wrong 1 (photo 3),
    missed 2 x AU06 and 3 AUs of sadness: f1 = 2*2/(2*2+1+5). At 0.8: right 1, wrong 1, missed 6;
    at 0.9: right 1, wrong 0, missed 6.
    """
    grid = ("--coverage", "0.9,0.5,0.8", "--top", 2)
    code, out, err = xfera("sweep", store, "--params", paper, *grid)
    assert (code, err) == (0, "")
    head, table, emotions = out.split("\n\n")
    assert "4 faces, explained by the prediction; maps: gradcam at layer4" in head
    assert "3 settings: 3 coverage; k 1.0, min_intensity 0.3, saliency_weight 1.0" in head
    lines = [line.split() for line in table.splitlines()]
    assert lines[1][:5] == ["coverage", "f1", "precision", "recall", "explained"]
    assert lines[2][:5] == ["0.5", "0.400", "0.667", "0.286", "1.000"]
    assert lines[3][:5] == ["0.9", f"{2 / 8:.3f}", "1.000", "0.143", "0.250"]
    assert lines[4][0] == "0.7" and lines[4][-2:] == ["(as", "given)"]
    assert table.splitlines()[-1] == (
        "The best setting lies at the edge of the grid (coverage 0.5): a wider grid may hold a "
        "better one."
    )
    rows = {line.split()[0]: line.split()[1:] for line in emotions.splitlines()[2:]}
    assert rows["happiness"][:2] == ["2", "0.667"] and rows["neutral"][:2] == ["1", "-"]
    assert rows["neutral"][4:6] == ["1.000", "1.000"]  # shared of it explained, all wrongly


def test_json_says_all_that_is_printed(xfera, store):
    code, out, err = xfera("sweep", store, "--json", "--by", "recall", "--at-least", "explained=1")
    told = json.loads(out)
    assert (code, err) == (0, "") and len(out.splitlines()) == 1
    assert told["settings"] == 31 * 20 * 10 and told["at_least"] == {"explained": 1.0}
    best = told["best"][0]
    assert set(best["figures"]) == set(MEASURES) and best["figures"]["excess_drop"] is None
    assert best["figures"]["recall"] == pytest.approx(2 / 7)
    assert FusionParams.from_dict(best["params"]).coverage <= 0.5
    assert told["faces"]["all"] == 4 and set(told["per_emotion"]) == set(EMOTIONS)
    assert told["given"]["params"] == FusionParams().to_dict()
    assert told["axes"]["k"][:3] == [0.0, 0.1, 0.2]
    assert set(told["at_edge"]) <= {"k", "min_intensity", "coverage", "saliency_weight"}


def test_the_params_file_goes_back(xfera, store, sample, tmp_path):
    file, base = tmp_path / "best.json", tmp_path / "base.json"
    FusionParams(region="hull", coverage=0.9, k=2).save(base)
    code, _, _ = xfera(
        "sweep", store, "--k=-1:1:3", "--params", base, "--scope", "all", "--save-params", file
    )
    best = FusionParams.load(file)
    assert code == 0
    assert best == FusionParams(k=best.k, coverage=0.9, region="hull", scope="all")
    assert best.k in (-1, 0, 1)
    code, out, _ = xfera("explain", sample, "--params", file, "--json")
    assert code == 0 and json.loads(out)["params"] == best.to_dict()
    code, out, _ = xfera("sweep", store, "--coverage", "0.1", "--params", file, "--json")
    assert json.loads(out)["given"]["params"] == best.to_dict()


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json", "CSV"])
def test_the_table_holds_every_setting(xfera, store, tmp_path, suffix):
    path = tmp_path / f"table.{suffix}"
    code, _, _ = xfera("sweep", store, "--k", "0,1", "--coverage", "0.5:0.9:3", "--out", path)
    assert code == 0
    read = {"parquet": pd.read_parquet, "json": pd.read_json}.get(suffix, pd.read_csv)
    frame = read(path)
    assert list(frame.columns) == ["emotion", *AXES, *MEASURES] and len(frame) == 6
    one = frame[(frame.k == 1) & (frame.coverage == 0.5)].iloc[0]
    assert one.f1 == pytest.approx(0.4) and np.isnan(one["excess_drop"])


def test_the_table_may_hold_emotions(xfera, store, tmp_path):
    xfera("sweep", store, "--k", "0,1", "--out", tmp_path / "t.csv", "--per-emotion")
    with open(tmp_path / "t.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["emotion"] for r in rows] == [name for name in ("all", *EMOTIONS) for _ in range(2)]


def test_drops_of_the_store_are_averaged_over_active_aus(xfera, store, paper):
    drop = np.full((3, len(LANDMARK_AUS)), 0.5)
    drop[:, COLUMN12] = 0.1, np.nan, 0.3
    frame = pd.DataFrame({"number": [2, 1, 0], "id": "x", "excess_drop": list(drop)})
    frame.to_parquet(store / "faithfulness.parquet")
    code, out, _ = xfera("sweep", store, "--params", paper, "--coverage", "0.5,0.9", "--json")
    figures = {s["params"]["coverage"]: s["figures"] for s in json.loads(out)["best"]}
    # At 0.5 all four are active, of which photos 0 and 2 have a drop; at 0.9 photo 0 alone.
    assert figures[0.5]["excess_drop"] == pytest.approx(0.2) and figures[0.9]["excess_drop"] == 0.3
    (store / "faithfulness.parquet").write_bytes(b"no table")
    code, out, err = xfera("sweep", store)
    assert (code, out) == (2, "") and "run xfera faithfulness again" in err


def test_neutral_faces_are_subtracted_and_who_has_none_is_named(xfera, store):
    code, out, err = xfera("sweep", store, "--neutral", "--coverage", "0.5", "--json")
    told = json.loads(out)
    assert code == 0 and told["neutral"] is True
    assert err.startswith("xfera: 2 faces have no neutral face") and err.endswith(": P2.\n")
    # P1's neutral has AU12 at 1, so that photo 0 keeps 2 of 3; P2's are unknown.
    assert told["best"][0]["figures"]["explained"] == 0.25
    code, out, err = xfera(
        "sweep", store, "--neutral", "--coverage", "0.5", "--min-intensity", "2.5", "--json"
    )
    assert json.loads(out)["best"][0]["figures"]["explained"] == 0


def test_labels_explain_and_a_part_of_a_store_is_told(xfera, tmp_path):
    path = make_store(tmp_path / "part.store", 9)
    code, out, err = xfera("sweep", path, "--target", "true", "--k", "1", "--json")
    assert code == 0 and json.loads(out)["target"] == "true"
    assert err == (
        "xfera: The extraction is not finished (5 of 9 photos): run xfera extract again to resume "
        "it.\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--k", "1:2"), "'1:2' is neither A:B:N"),
        (("--k", "0:3:1"), "must be from 2 to"),
        (("--coverage", "0.5,1.5"), "coverage is 1.5, but must lie from 0 to 1"),
        (("--k", "nan"), "k is nan"),
        (("--min-intensity", "0:5:100000", "--k", "0:1:6"), "600,000 settings is too big"),
        (("--at-least", "f1"), "'f1' is not like explained=0.6"),
        (("--at-least", "f1=2"), "ask for less or sweep more"),
        (("--by", "accuracy"), "invalid choice: 'accuracy'"),
        (("--top", "0"), "not a whole number of at least 1"),
        (("--out", "table.txt"), "must end in .csv"),
        (("--out", "no/table.csv"), "its folder does not exist"),
        (("--save-params", "."), "is a folder"),
        (("--per-emotion",), "--per-emotion needs --out"),
        (("--params", "none.json"), "There is no parameters file none.json"),
    ],
)
def test_what_is_refused(xfera, store, options, message):
    code, out, err = xfera("sweep", store, *options)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1


def test_no_store(xfera, tmp_path):
    code, _, err = xfera("sweep", tmp_path)
    assert code == 2 and "make one with xfera extract" in err
    assert EvidenceStore.open(make_store(tmp_path / "s", 5)).complete
