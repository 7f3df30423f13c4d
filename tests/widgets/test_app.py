"""The application: its views, its links, and what is dropped on it, without a browser."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from stores import sample_store

from xfera_nb.errors import PhotoError, XferaError
from xfera_nb.evidence.storage import StoreError
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets import App
from xfera_nb.widgets.app import dropped as drops
from xfera_nb.widgets.app.dropped import DroppedFiles
from xfera_nb.widgets.app.links import Link, format_link, parse_link
from xfera_nb.widgets.app.widget import TABS

pytestmark = pytest.mark.slow


@pytest.fixture
def app(samples, classifier, stand_in):
    photos = [samples / "C01HA.jpg", samples / "C01SU.jpg"]
    return App(photos, classifier=classifier, au_detector=stand_in(), occlusion=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    labelled = (("C01HA", "happiness"), ("C01SU", "surprise"), ("C01AF", "fear"))
    return sample_store(tmp_path_factory.mktemp("kept"), labelled)


def photo_bytes(samples, name="C01AN"):
    return (samples / f"{name}.jpg").read_bytes()


def drop(app, *files):
    app.bar._on_message(None, {"drop": "start"}, [])
    for name, data in files:
        for start in range(0, max(1, len(data)), 1000):
            piece = memoryview(data)[start : start + 1000]
            app.bar._on_message(None, {"drop": "piece", "name": name}, [piece])
    app.bar._on_message(None, {"drop": "end"}, [])


def is_shown(app):
    return [name for name, place in app._places.items() if place.layout.display != "none"]


# Views


def test_it_opens_on_a_face_and_makes_other_views_when_they_are_chosen(app):
    assert is_shown(app) == ["explain"] and list(app.views) == ["explain"]
    assert app._places["explain"].children == (app.explainer,)
    app.bar.tab = "tune"
    assert is_shown(app) == ["tune"] and app._places["tune"].children == (app.stores,)
    app.bar.tab = "compare"
    compared = app.views["compare"].compare.state
    assert [side.photo_name for side in (compared.a, compared.b)] == ["C01HA.jpg", "C01SU.jpg"]
    app.views["compare"].b.value = 0
    assert app.views["compare"].compare.state.b.photo_name == "C01HA.jpg"


def test_a_store_is_explored_and_tuned(app, store):
    app.stores.path.value = str(store)
    assert app.bar.tab == "explore" and len(app.views["explore"].state.faces) == 3
    app.bar.tab = "tune"
    tuner = app.views["tune"]
    tuner.state.choose(k=0.4)
    tuner.actions.children[-1].click()
    assert app.bar.tab == "explain" and app.explainer.state.k == 0.4
    assert app.views["explore"].state.params == tuner.state.chosen
    other = App(store=store, **app._options)
    assert other.bar.tab == "explore" and other.views["explore"].state is not None


def test_a_folder_that_is_no_store_is_said(app, tmp_path):
    app.bar.tab = "explore"
    app.stores.path.value = str(tmp_path)
    assert 'role="status"' in app.stores.status.value and app.store is None
    with pytest.raises(StoreError):
        App(store=tmp_path, **app._options)


def test_the_samples_are_measured_into_a_store(app, samples, monkeypatch, tmp_path):
    few = tmp_path / "few"
    few.mkdir()
    for name in ("C01HA.jpg", "C02HA.jpg"):
        (few / name).write_bytes((samples / name).read_bytes())
    monkeypatch.setattr("xfera_nb.widgets.app.stores.samples_folder", lambda: few)
    app.bar.tab = "explore"
    app.stores.measure_samples()
    assert app.store is not None and len(app.store) == 2
    assert app.views["explore"].state.faces.ids.tolist() == ["C01HA", "C02HA"]


def test_a_first_photo_without_a_face_leaves_a_page_that_takes_others(
    samples, classifier, stand_in
):
    blank = io.BytesIO()
    Image.new("RGB", (300, 300)).save(blank, "PNG")
    app = App(blank.getvalue(), classifier=classifier, au_detector=stand_in(), occlusion=False)
    assert app.explainer is None and "Drop a photo" in app._places["explain"].children[0].value
    drop(app, ("mine.jpg", photo_bytes(samples)))
    assert app.explainer.state.photo_name == "mine.jpg"
    assert app._places["explain"].children == (app.explainer,)


def test_what_is_served_comes_from_the_environment(monkeypatch, samples):
    monkeypatch.setenv("XFERA_APP", json.dumps({"source": str(samples / "none.jpg")}))
    app = App.served()
    assert "none.jpg" in app._places["explain"].children[0].value
    monkeypatch.setenv("XFERA_APP", json.dumps({"store": "<b>none</b>"}))
    served = App.served().value
    assert 'role="alert"' in served and "<b>" not in served


# Files


def test_dropped_photos_are_added_and_the_first_is_shown(app, samples):
    app.bar.tab = "compare"
    drop(app, ("a/one.jpg", photo_bytes(samples)), ("two.jpg", photo_bytes(samples, "C02HA")))
    state = app.explainer.state
    assert [photo.name for photo in state.photos][2:] == ["one.jpg", "two.jpg"]
    assert state.photo_name == "one.jpg" and app.bar.tab == "explain" and app.bar.status == ""
    drop(app, ("none.jpg", b"no photo"))
    assert state.photo_name == "one.jpg" and "none.jpg" in state.error
    drop(app)
    assert "drop JPEG" in app.bar.status


def test_a_dropped_store_is_opened_from_a_copy(app, store):
    files = [(f"kept/{path.relative_to(store).as_posix()}", path.read_bytes())
             for path in sorted(store.rglob("*")) if path.is_file()]  # fmt: skip
    drop(app, *files, ("kept/notes.txt", b"mine"), ("kept/rows/../../../out.parquet", b"x"))
    assert app.bar.tab == "explore" and len(app.store) == 3
    copy = app.stores._folder.name
    assert sorted(p.name for p in Path(copy).iterdir()) == sorted(
        {path.relative_to(store).parts[0] for path in store.rglob("*") if path.is_file()}
        & {"manifest.json", "dataset.json", "rows", "done"}
    )


def test_a_damaged_dropped_store_is_said(app):
    drop(app, ("bad/manifest.json", b"{"))
    assert app.bar.tab == "explore" and app.store is None
    assert 'role="status"' in app.stores.status.value


def test_more_than_the_limit_is_not_kept(monkeypatch):
    monkeypatch.setattr(drops, "MAX_DROPPED", 10)
    files = DroppedFiles()
    files.add("a.jpg", b"12345678")
    files.add("b.jpg", b"12345678")
    assert list(files.files) == ["a.jpg"]
    with pytest.raises(PhotoError, match="xfera app FOLDER"):
        files.photos()


@pytest.mark.parametrize("content", [None, {}, {"open": 3}, {"drop": "piece"}, {"drop": "all"}])
def test_other_messages_change_nothing(app, content):
    app.bar._on_message(None, content, [])
    assert app.bar.tab == "explain" and app.bar.status == ""


# Links


@pytest.mark.parametrize(
    "link",
    [
        Link("learn"),
        Link("explain", "a b&c.jpg", 2, "fear", ("mouth", (112.0, 150.5, 11.0))),
        Link("explain", "x.jpg", params=FusionParams(k=0.25, scope="typical")),
    ],
)
def test_a_link_comes_back(link):
    assert parse_link("#" + format_link(link), TABS) == link


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nowhere", "view"),
        ("explain?photos=x", "photo"),
        ("explain?k=many", "number"),
        ("explain?k=99", "k"),
        ("explain?face=-1", "whole number"),
        ("explain?target=rage-quit", "emotion"),
        ("explain?hide=lips", "face region"),
    ],
)
def test_what_a_link_cannot_say_is_refused(text, said):
    with pytest.raises(XferaError, match=said):
        parse_link(text, TABS)


def test_the_link_follows_what_is_chosen_and_leads_back(app):
    state = app.explainer.state
    assert app.bar.link == "explain?photo=C01HA.jpg"
    state.next()
    state.set(target="fear", k=0.5, hidden=("mouth",))
    link = app.bar.link
    assert link == "explain?photo=C01SU.jpg&target=fear&hide=mouth&k=0.5"
    state.previous()
    state.reset()
    app.bar.tab = "tune"
    app.bar._on_message(None, {"open": link}, [])
    assert app.bar.tab == "explain" and state.photo_name == "C01SU.jpg"
    assert (state.fusion.target, state.hidden, state.k) == ("fear", ("mouth",), 0.5)
    assert app.bar.link == link and app.bar.status == ""


def test_a_link_to_what_is_not_here_is_said_and_changes_nothing(app):
    app.open_link("explain?photo=other.jpg")
    assert "no photo 'other.jpg' here" in app.bar.status
    assert app.explainer.state.photo_name == "C01HA.jpg"


def test_a_link_leads_to_a_face_of_the_store(app, store):
    app.stores.open_path(str(store))
    state = app.views["explore"].state
    name = str(state.faces.ids[1])
    app.open_link(f"explore?photo={name}")
    assert state.picked == state.faces.number[1]
    assert parse_link(app.bar.link, TABS) == Link("explore", name)
    app.open_link("explore?photo=none")
    assert "no photo 'none' in this store" in app.bar.status
