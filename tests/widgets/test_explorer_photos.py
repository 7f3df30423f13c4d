"""Photos of an explored store: small pictures, a pick, photos that fail; a KDEF-shaped tree."""

from __future__ import annotations

import asyncio
import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest
from markupsafe import escape
from PIL import Image
from waiting import patiently_aside

from xfera_nb.datasets import read_folder_faces, read_kdef
from xfera_nb.errors import ParamsError
from xfera_nb.evaluation.error_analysis import analyse_error
from xfera_nb.evaluation.error_groups import ERROR_GROUPS
from xfera_nb.evidence import EvidenceStore, StoreError, extract, gather
from xfera_nb.faces import find_faces
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.widgets import ExplorerState
from xfera_nb.widgets.explainer import opening
from xfera_nb.widgets.explainer.panels.export import view_page
from xfera_nb.widgets.shared import thumbnails

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """The KDEF-shaped tree, and its store as stand-in models made it."""
    root = tmp_path_factory.mktemp("kdef")
    build = runpy.run_path(str(ROOT / "tests" / "datasets" / "tree.py"))["build_tree"]
    tree = build(ROOT / "data" / "samples", root / "KDEF")
    stand_in = runpy.run_path(str(ROOT / "tests" / "evidence" / "stand_in.py"))
    network, detector = stand_in["classifier"](), stand_in["StandInDetector"]()
    extract(
        read_kdef(tree),
        root / "store",
        classifier=network,
        au_detector=detector,
        shard=8,
        progress=False,
    )
    return tree, root / "store", network, detector


@pytest.fixture
def kdef(extracted):
    return ExplorerState(extracted[1], show="all")


def number_of(state, id_):
    return int(state.faces.number[state.faces.ids == id_][0])


def test_the_tree_is_explored_with_its_bad_files(kdef):
    assert kdef.groups["session"] == ("A", "B")
    assert kdef.groups["person"] == ("F01", "F02", "F03", "M04")
    # 14 faces and the duplicate; the network gives what it gives.
    assert kdef.selection.matrix.sum() == 15
    kdef.set(failed=True, sort="order", descending=False)
    tiles = {tile.id: tile for tile in map(kdef.tile, kdef.selection.rows)}
    assert set(tiles) == {"AF03NES", "BM04HAS", "AF02SAS"}
    assert "No face" in tiles["BM04HAS"].reason
    assert "Nothing is known of AF02SAS" in tiles["AF02SAS"].reason


def test_a_pick_opens_the_same_evidence_without_a_model(kdef, extracted):
    tree, store, network, detector = extracted
    kdef.pick(number_of(kdef, "AF02AFS"))
    assert kdef.explainer is None
    kdef.explain()
    explainer = kdef.explainer
    again = gather(find_faces(tree / "AF02" / "AF02AFS.JPG")[0], network, detector)
    assert (explainer.photo_name, explainer.true_emotion) == ("AF02AFS.JPG", "fear")
    assert np.array_equal(explainer.evidence.face.crop, again.face.crop)
    assert np.allclose(explainer.evidence.activation, again.activation, atol=1e-4)
    assert explainer.fusion.active == fuse(again).active
    assert explainer.card == {}  # no network was loaded
    row = EvidenceStore.open(store).row(kdef.picked)
    assert kdef.why == analyse_error(row) and kdef.why.true == "fear"
    assert (kdef.busy, kdef.error) == ("", "")


def test_the_next_pick_goes_to_the_same_explainer(kdef, monkeypatch):
    monkeypatch.setattr(opening, "OPENED", 3)
    ids = ["AF01ANS", "AF01DIS", "AF01HAS", "AF02NES", "AF02SUS"]
    labels = ["anger", "disgust", "happiness", "neutral", "surprise"]
    kdef.pick(number_of(kdef, ids[0]))
    kdef.explain()
    explainer = kdef.explainer
    for id_, label in zip(ids[1:], labels[1:], strict=True):
        kdef.pick(number_of(kdef, id_))
        assert kdef.explainer is explainer
        assert explainer.photo_name == f"{id_}.JPG"
        assert explainer.true_emotion == label
        assert len(explainer.photos) <= 3
        assert explainer.photos[explainer.photo_index].name == f"{id_}.JPG"
    explainer.previous()
    assert (explainer.photo_name, explainer.true_emotion) == ("AF02NES.JPG", "neutral")
    kdef.pick(number_of(kdef, "AF01ANS"))
    assert explainer.photo_name == "AF01ANS.JPG"


def test_the_label_is_the_data_sets_not_the_names(samples, extracted, tmp_path):
    """A happy face in a folder called fear."""
    (tmp_path / "photos" / "fear").mkdir(parents=True)
    shutil.copy(samples / "C01HA.jpg", tmp_path / "photos" / "fear" / "C01HA.jpg")
    data = read_folder_faces(tmp_path / "photos")
    network, detector = extracted[2:]
    extract(data, tmp_path / "store", classifier=network, au_detector=detector, progress=False)
    state = ExplorerState(tmp_path / "store")
    state.pick(0)
    state.explain()
    assert state.explainer.true_emotion == "fear" == state.why.true


def test_groups_are_those_of_fusing_each_face_for_its_label(kdef):
    """Against `fuse` on the evidence of each error, and the definition written as a loop."""
    tried = set()
    for params in (FusionParams(), FusionParams(k=0.1, coverage=0.1, min_intensity=2.5)):
        kdef.params = params
        for row in np.flatnonzero(kdef.faces.wrong):
            stored = kdef.store.row(int(kdef.faces.number[row]))
            evidence = kdef.finder.evidence(stored, kdef.store.manifest)
            units = [u for u in fuse(evidence, params, stored.emotion).action_units if u.expected]
            if not units:
                group = "no AU expected"
            elif any(unit.present for unit in units):
                seen = any(unit.present and unit.attended for unit in units)
                group = "evidence outweighed" if seen else "evidence not attended"
            elif any(unit.present is None for unit in units):
                group = "not measurable"
            else:
                seen = any(unit.attended for unit in units)
                group = "attended, but absent" if seen else "no evidence"
            assert list(ERROR_GROUPS)[kdef.fused.error_group[row]] == group
            tried.add(group)
    assert len(tried) >= 3, tried


def test_the_saved_page_of_a_stored_face_says_why(kdef):
    kdef.correctness = "wrong"
    kdef.step(1)
    kdef.explain()
    page = view_page(kdef.explainer)
    assert kdef.why.is_wrong and len(kdef.why.lines) == 3
    for line in kdef.why.lines:
        assert str(escape(line)) in page
    kdef.set(correctness="correct")
    kdef.step(1)
    assert kdef.why.is_wrong is False and "Why wrong" not in view_page(kdef.explainer)


def test_parameters_go_to_the_explainer_and_come_back(kdef):
    kdef.pick(number_of(kdef, "AF01HAS"))
    kdef.explain()
    kdef.params = FusionParams(k=0.2, coverage=0.4)
    assert kdef.explainer.params == kdef.params == kdef.why.params
    kdef.explainer.k = 2.0
    assert kdef.params.k == 0.2
    kdef.take_params()
    assert kdef.params == FusionParams(k=2.0, coverage=0.4) == kdef.why.params


def test_a_photo_that_is_gone_leaves_the_facts(extracted, tmp_path):
    state = ExplorerState(extracted[1], photos=tmp_path, show="all")
    number = number_of(state, "AF01SUS")
    assert f"AF01SUS.JPG is not in {tmp_path / 'AF01'} any more" in state.thumbnail(number).reason
    state.pick(number)
    assert state.picked == number and state.why.true == "surprise"
    state.explain()
    assert state.explainer is None is state.evidence
    assert "any more: say with photos= where it is now." in state.error
    (tmp_path / "AF01").mkdir()
    shutil.copy(extracted[0] / "AF01" / "AF01SUS.JPG", tmp_path / "AF01")
    assert state.thumbnail(number).reason == ""
    state.pick(number)
    assert state.error == "" and state.evidence.face.photo_name == "AF01SUS.JPG"


def test_a_photo_without_a_face_says_so(kdef):
    kdef.pick(number_of(kdef, "BM04HAS"))
    assert kdef.why is None and kdef.explainer is None
    assert kdef.error.startswith("BM04HAS has no face: No face was found")
    assert kdef.thumbnail(number_of(kdef, "BM04HAS")).data  # the wall
    assert "AF03NES" in kdef.thumbnail(number_of(kdef, "AF03NES")).reason
    with pytest.raises(ParamsError, match="no photo 99"):
        kdef.pick(99)


def test_a_data_set_gives_photos_that_are_no_files(extracted):
    """As FER+'s pack does: here the tree's items, of which one comes as pixels."""
    state = ExplorerState(extracted[1], photos=read_kdef(extracted[0]))
    number = number_of(state, "AF01NES")
    assert state.thumbnail(number).data
    nameless = thumbnails.PhotoFinder("nowhere")
    assert "AF01 has no file of its own" in nameless.thumbnail("AF01", "", None).reason


def test_a_photo_may_be_smaller_than_its_box(tmp_path):
    finder = thumbnails.PhotoFinder(str(tmp_path))
    Image.new("L", (5, 4), 9).save(tmp_path / "a.png")
    for box in ([50, 50, 90, 90], [-90, -90, -50, -50], [0, 0, 0, 0]):
        assert finder.thumbnail("a", "a.png", np.array(box)).data
        finder = thumbnails.PhotoFinder(str(tmp_path))


def test_aside_the_last_pick_wins(kdef):
    async def pick():
        with kdef.in_background():
            for id_ in ("AF01ANS", "AF01DIS", "AF01HAS"):
                kdef.pick(number_of(kdef, id_))
            assert kdef.busy == "Opening AF01HAS …" and kdef.picked == -1
        await patiently_aside(lambda: not kdef.busy, "the picked photo")

    asyncio.run(pick())
    assert kdef.evidence.face.photo_name == "AF01HAS.JPG"
    assert kdef.picked == number_of(kdef, "AF01HAS")


def test_a_damaged_shard_is_said(extracted, tmp_path):
    store = tmp_path / "store"
    shutil.copytree(extracted[1], store)
    state = ExplorerState(store)
    (store / "rows" / "00001.parquet").write_bytes(b"nothing")
    state.pick(0)
    assert state.error == ""
    state.pick(9)
    assert "rows/00001.parquet" in state.error and state.picked == 0
    state.error = ""
    state.fuse()
    assert "rows/00001.parquet" in state.error and not state.counting
    assert "rows/00001.parquet" in state.tile(9).reason
    with pytest.raises(StoreError, match="00001"):
        ExplorerState(store)
    with pytest.raises(StoreError, match="holds no store"):
        ExplorerState(tmp_path / "none")
