"""The Explorer's views, driven by the messages that the front end sends."""

from __future__ import annotations

import asyncio
import runpy
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from waiting import patiently_aside

import xfera_nb as xf
from xfera_nb.datasets import read_folder_faces
from xfera_nb.evidence import extract
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets import Explainer, Explorer, ExplorerState
from xfera_nb.widgets.shared import gallery as explorer_gallery

ROOT = Path(__file__).parents[2]
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store of nine photos: seven samples, one of them oddly named, a wall, and no label."""
    root = tmp_path_factory.mktemp("faces")
    samples = ROOT / "data" / "samples"
    for code, label in (
        ("C01HA", "happiness"), ("C02HA", "happiness"), ("C01SU", "surprise"), ("C01AF", "fear"),
        ("C02AF", "fear"), ("C01AN", "anger"),
    ):  # fmt: skip
        (root / "photos" / label).mkdir(parents=True, exist_ok=True)
        target = root / "photos" / label / f"{code}.jpg"
        target.write_bytes((samples / f"{code}.jpg").read_bytes())
    odd = root / "photos" / "fear" / f"{HOSTILE.replace('/', '')}.jpg"
    odd.write_bytes((samples / "C03AF.jpg").read_bytes())
    Image.new("RGB", (80, 80), (90, 90, 90)).save(root / "photos" / "anger" / "wall.png")
    (root / "photos" / "glee").mkdir()
    (root / "photos" / "glee" / "C03HA.jpg").write_bytes((samples / "C03HA.jpg").read_bytes())
    stand_in = runpy.run_path(str(ROOT / "tests" / "evidence" / "stand_in.py"))
    extract(
        read_folder_faces(root / "photos"), root / "store", classifier=stand_in["classifier"](),
        au_detector=stand_in["StandInDetector"](), progress=False,
    )  # fmt: skip
    return root


@pytest.fixture
def view(folder):
    return Explorer(folder / "store", show="all")


def says(widget, content):
    """The front end sends a message."""
    widget._handle_custom_msg(content, [])


def test_the_room_names_it():
    assert xf.widgets.Explorer is Explorer


def test_the_matrix_is_the_selections(view):
    facts, state = view.matrix.facts, view.state
    assert facts["labels"][-1] == "no label" and len(facts["labels"]) == 8
    assert np.array_equal(facts["counts"], state.selection.matrix)
    assert sum(map(sum, facts["counts"])) == 8
    answer = state.tile(int(state.selection.rows[0])).predicted
    says(view.matrix, {"cell": ["fear", answer]})
    assert (state.true, state.predicted) == ("fear", answer)
    assert view.matrix.chosen == ["fear", answer]
    says(view.matrix, {"cell": ["", ""]})
    assert (state.true, state.predicted) == (None, None)


def test_a_store_with_labels_throughout_has_no_row_for_none(view, folder):
    state = ExplorerState(folder / "store")
    state.faces.true[state.faces.true < 0] = 0
    assert Explorer(state).matrix.facts["labels"][-1] == "surprise"


@pytest.mark.parametrize(
    "content",
    [None, "x", {}, {"cell": "fear"}, {"cell": ["joy", ""]}, {"cell": ["fear"]}, {"set": {"k": 1}},
     {"set": {"true": "joy"}}, {"set": {"margin_low": None}}, {"set": {"margin_low": 7}},
     {"set": {"active_au": "x"}}, {"set": {"failed": "True", "_held": 3}}, {"set": 3},
     {"do": "harm"}, {"page": "x"}, {"pick": 10_000}, {"pick": "0"}, {"size": "huge"},
     {"size": ["large"]}, {"step": "x"}, {"step": None}, {"set": {"error_group": "bad luck"}}],
)  # fmt: skip
def test_a_message_that_makes_no_sense_changes_nothing(view, content):
    before = view.state.trait_values()
    for widget in (view.matrix, view.filters, view.gallery, view.panel):
        says(widget, content)
    assert view.state.trait_values() == before


def chips(view, name):
    """The chips of one filter: value -> (count, on)."""
    (field,) = [field for field in view.filters.filters if field["name"] == name]
    return {chip["value"]: (chip["count"], chip["on"]) for chip in field["chips"]}


def test_a_filter_goes_to_the_state_and_back(view):
    state = view.state
    says(view.filters, {"set": {"correctness": "wrong"}})
    assert state.correctness == "wrong" and chips(view, "correctness")["wrong"][1]
    assert view.filters.chosen == [{"name": "correctness", "text": "prediction is wrong"}]
    says(view.filters, {"set": {"correctness": ""}})
    assert state.correctness is None and view.filters.chosen == []
    says(view.filters, {"set": {"active_au": "12"}})
    says(view.filters, {"set": {"descending": "0"}})
    says(view.filters, {"set": {"margin_high": 0.5}})
    says(view.filters, {"set": {"failed": "True"}})
    assert (state.active_au, state.descending, state.margin_high, state.failed) == (
        12, False, 0.5, True,
    )  # fmt: skip
    assert chips(view, "active_au")["12"][1] and view.filters.values["descending"] == "0"
    assert [one["name"] for one in view.filters.chosen] == ["margin_high", "active_au", "failed"]
    says(view.filters, {"set": {"active_au": "", "failed": ""}})
    assert (state.active_au, state.failed) == (0, False)
    says(view.filters, {"do": "clear"})
    assert state.margin_high == 1.0 == view.filters.values["margin_high"]
    state.level = "High"
    assert chips(view, "level")["High"][1]


def test_it_opens_on_errors_unless_told_otherwise(folder, view):
    opened = Explorer(folder / "store")
    wrong = chips(view, "correctness")["wrong"][0]
    assert 0 < wrong == len(opened.state.selection) < len(view.state.selection) == 8
    assert opened.filters.chosen == [{"name": "correctness", "text": "prediction is wrong"}]
    assert opened.filters.status == f"{wrong} of 9 photos"
    says(opened.filters, {"set": {"correctness": ""}})
    assert len(opened.state.selection) == 8


def test_a_chip_counts_what_pressing_it_leaves(view):
    """Each chip of each filter, with another filter set, against the state that it leads to."""
    view.state.set(correctness="wrong")
    tried = 0
    for field in view.filters.filters:
        for chip in field["chips"]:
            before = {name: getattr(view.state, name) for name in ("correctness", field["name"])}
            says(view.filters, {"set": {field["name"]: chip["value"]}})
            assert len(view.state.selection) == chip["count"], (field["name"], chip)
            view.state.set(**before)
            tried += 1
    assert tried > 20


def test_only_what_the_data_set_knows_is_a_filter(view):
    titles = {field["name"]: field["title"] for field in view.filters.filters}
    assert "person" not in titles and "failed" in titles
    assert all(titles.values())
    assert chips(view, "failed") == {"True": (1, False)}
    assert [field["name"] for field in view.filters.filters if not field["folded"]] == [
        "correctness", "error_group", "level",
    ]  # fmt: skip


def test_of_many_values_the_frequent_ones_are_chips(tmp_path):
    made = runpy.run_path(str(ROOT / "benchmarks" / "explorer.py"))
    made["make_store"](tmp_path, 400, shard=64)
    view = Explorer(tmp_path)
    view.state.person = "F03"
    (field,) = [field for field in view.filters.filters if field["name"] == "person"]
    shown = [chip["count"] for chip in field["chips"] if not chip["on"]]
    assert len(shown) == 23 and chips(view, "person")["F03"][1]
    assert len(field["chips"]) + len(field["rest"]) == len(view.state.groups["person"])
    hidden = [view.state.count("person")[value] for value, _ in field["rest"]]
    assert max(hidden) <= min(shown)
    assert field["rest"][0][1] == f"{field['rest'][0][0]} ({hidden[0]})"


def test_the_gallery_shows_facts_and_pictures(view):
    gallery, state = view.gallery, view.state
    assert [tile["number"] for tile in gallery.tiles] == state.faces.number[state.shown].tolist()
    assert gallery.status == "1 to 8 of 8 photos"
    first = gallery.tiles[0]
    tile = state.tile(int(state.shown[0]))
    assert first["line"] == f"{tile.predicted} {tile.confidence:.0%}"
    labelled = next(t for t in gallery.tiles if t["kind"])
    row = int(np.flatnonzero(state.faces.number == labelled["number"])[0])
    tile = state.tile(row)
    said = f"{tile.id}: label {tile.true}, prediction {tile.predicted}"
    assert labelled["label"].startswith(said)
    assert labelled["note"] == f"label {tile.true}"
    assert {t["kind"] for t in gallery.tiles} <= {"", "correct", "wrong"}
    assert set(gallery.pictures) == {str(t["number"]) for t in gallery.tiles}
    data = gallery.pictures[str(first["number"])]["src"].split(",")[1]
    assert Image.open(BytesIO(b64decode(data))).size == (96, 96)
    assert gallery.size == "medium"
    says(gallery, {"size": "large"})
    data = gallery.pictures[str(first["number"])]["src"].split(",")[1]
    assert Image.open(BytesIO(b64decode(data))).size == (192, 192)
    assert (state.page_size, gallery.size) == (12, "large")


def test_the_order_is_written_on_the_tiles(view):
    view.state.sort = "margin"
    assert view.gallery.tiles[0]["note"].endswith(" margin")
    view.state.sort = "disagreement"
    notes = [tile["note"] for tile in view.gallery.tiles]
    assert all(note.endswith(" disagreement") for note in notes)


def test_pages(view):
    view.state.page_size = 3
    assert (view.gallery.pages, view.gallery.status) == (3, "1 to 3 of 8 photos")
    first = view.gallery.tiles
    says(view.gallery, {"page": 2})
    assert view.gallery.status == "7 to 8 of 8 photos" and view.gallery.tiles != first
    assert len(view.gallery.pictures) == 2
    says(view.gallery, {"page": 99})
    assert view.gallery.page == 2
    view.state.person = "nobody"
    assert view.gallery.status == "No photo passes these filters."
    assert (view.gallery.page, view.gallery.pages, view.gallery.tiles) == (0, 1, [])


def test_a_failed_photo_says_why(view):
    view.state.failed = True
    (tile,) = view.gallery.tiles
    assert tile["line"] == "no face" and "No face was found" in tile["label"]
    assert view.gallery.pictures[str(tile["number"])]["src"]
    says(view.gallery, {"pick": tile["number"]})
    assert "has no face" in view.panel.error and view.panel.facts["lines"] == []


def test_missing_photos_are_said_in_their_tiles(folder, tmp_path):
    view = Explorer(folder / "store", photos=tmp_path, show="all")
    reasons = [picture.get("reason", "") for picture in view.gallery.pictures.values()]
    assert len(reasons) == 8 and all("any more" in reason for reason in reasons)


def test_a_pick_says_why_and_opens_the_explainer_once(view):
    assert view.panel.facts == {} and view.explainer is None
    happy = next(t["number"] for t in view.gallery.tiles if "label happiness" in t["label"])
    says(view.gallery, {"pick": happy})
    assert view.gallery.picked == happy and view.explainer is None
    assert view.panel.facts["lines"] == list(view.state.why.lines)
    assert view.panel.facts["group"] == (view.state.why.group or "")
    assert view.panel.picture.startswith("data:image/jpeg")
    says(view.panel, {"do": "explain"})
    explainer = view.explainer
    assert isinstance(explainer, Explainer) and explainer in view.children
    assert explainer.state.true_emotion == "happiness"
    says(view.filters, {"set": {"sort": "order"}})
    says(view.gallery, {"pick": view.gallery.tiles[0]["number"]})
    assert view.explainer is explainer
    assert explainer.state.evidence is view.state.evidence
    assert sum(isinstance(child, Explainer) for child in view.children) == 1
    assert view.filters.explaining


def test_steps_walk_what_passes_the_filters_and_turn_the_page(view):
    state = view.state
    state.set(page_size=3)
    order = state.faces.number[state.selection.rows].tolist()
    says(view.gallery, {"pick": order[1]})
    says(view.gallery, {"step": 1})
    assert (state.picked, state.page, view.panel.place) == (order[2], 0, "3 of 8")
    says(view.panel, {"step": 1})
    assert (state.picked, state.page, view.gallery.picked) == (order[3], 1, order[3])
    says(view.panel, {"step": 99})  # more than there are photos
    says(view.panel, {"step": "1"})
    assert state.picked == order[3]
    says(view.panel, {"step": 7})
    assert (state.picked, state.page) == (order[7], 2)
    says(view.panel, {"step": 1})
    assert state.picked == order[7]
    says(view.panel, {"step": -2})
    assert (state.picked, state.page) == (order[5], 1)
    state.correctness = "correct" if state.why.is_wrong else "wrong"
    assert view.panel.place == "not among these photos"
    says(view.panel, {"step": 1})
    assert state.picked == state.faces.number[state.selection.rows[0]]
    says(view.panel, {"do": "close"})
    assert (state.picked, state.why, view.gallery.picked, view.panel.facts) == (-1, None, -1, {})


def test_the_explainers_parameters_are_taken_on_request(view):
    says(view.gallery, {"pick": view.gallery.tiles[0]["number"]})
    says(view.panel, {"do": "explain"})
    view.explainer.controls.sliders["k"].value = 0.25
    assert view.state.params.k == 1.3 and "k 1.3," in view.filters.about
    says(view.filters, {"do": "take_params"})
    assert view.state.params == FusionParams(k=0.25) and "k 0.25," in view.filters.about


def test_filtering_does_not_wait_for_pictures(folder, monkeypatch):
    """In a running loop they come later, and those of a page that was left do not come."""
    view = None
    asked = []
    real = ExplorerState.thumbnail

    def thumbnail(self, row):
        asked.append(row)
        return real(self, row)

    monkeypatch.setattr(ExplorerState, "thumbnail", thumbnail)
    monkeypatch.setattr(explorer_gallery, "AT_ONCE", 2)

    async def use():
        nonlocal view
        view = Explorer(folder / "store", show="all")
        assert view.gallery.pictures == {} and len(view.gallery.tiles) == 8
        view.state.true = "surprise"
        assert len(view.gallery.tiles) == 1 and view.gallery.pictures == {}
        await patiently_aside(lambda: view.gallery.pictures, "a picture")

    asyncio.run(use())
    assert set(view.gallery.pictures) == {str(view.gallery.tiles[0]["number"])}
    assert len(asked) < 9


def test_opening_does_not_wait_for_the_maps(folder):
    """In a running loop the counts of what depends on them come later."""
    view = None

    def groups():
        return next(f for f in view.filters.filters if f["name"] == "error_group")

    async def use():
        nonlocal view
        view = Explorer(folder / "store")
        assert view.state.counting and groups()["waits"] and groups()["chips"] == []
        await patiently_aside(lambda: not view.state.counting, "the groups of errors")

    asyncio.run(use())
    assert not groups()["waits"]
    assert sum(chip["count"] for chip in groups()["chips"]) == len(view.state.selection) > 0


def test_what_is_saved_holds_no_face(view):
    bundle = view._repr_mimebundle_()
    assert bundle["text/plain"].startswith("Explorer of 9 photos: 8 faces; of 7 with a label, ")
    picture = Image.open(BytesIO(view.static_image()))
    # A table: its first cell's ground is light, and no row is a photograph.
    assert picture.size == (104 + 7 * 76 + 8, 26 * 10 + 8)
    assert len(picture.quantize(16).getcolors()) <= 16
