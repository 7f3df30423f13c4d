"""Second opinions on a store: resumed, limited, summed up; and the command."""

from __future__ import annotations

import json

import pytest
from model_server import USAGE, fault, says, serving
from sklearn.metrics import cohen_kappa_score
from stores import sample_store

from xfera_nb.cli import main
from xfera_nb.errors import ParamsError, WriterError
from xfera_nb.evidence import EvidenceStore
from xfera_nb.explanation import VisionWriter
from xfera_nb.report.second_opinions import ask_store, cohen_kappa

pytestmark = pytest.mark.slow
LABELS = [("C01HA", "happiness"), ("C02SU", "surprise"), ("C03AN", "anger"), ("C04SA", "sadness")]


def opinion(emotion="happiness", aus=(12,), text="The lip corners are raised."):
    sentences = [{"text": text, "aus": list(aus)}]
    return says(json.dumps({"emotion": emotion, "confidence": 0.9, "sentences": sentences}))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    from openai import _base_client

    monkeypatch.setattr(_base_client, "INITIAL_RETRY_DELAY", 0.01)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "XFERA_MODEL", "XFERA_PRICE_IN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return sample_store(tmp_path_factory.mktemp("opinions"), LABELS)


@pytest.fixture
def store(made, tmp_path):
    """The store; its answers go to a file of the test's own."""
    return made, tmp_path / "answers.jsonl"


def ask(store, server, **options):
    writer = VisionWriter(send_image=True, base_url=server.url, prices=(1.0, 2.0))
    return ask_store(store[0], writer, out=store[1], progress=False, **options)


@pytest.mark.parametrize(
    ("one", "other"),
    [("aabbcc", "abbbca"), ("aaab", "aaab"), ("abab", "baba"), ("aabc", "ccba"), ("ab", "ac")],
)
def test_kappa_is_that_of_scikit_learn(one, other):
    assert cohen_kappa(one, other) == pytest.approx(cohen_kappa_score([*one], [*other]))


def test_kappa_where_it_is_not_defined():
    assert cohen_kappa([], []) is None
    assert cohen_kappa(["a", "a"], ["a", "a"]) is None
    assert cohen_kappa(["a", "b"], ["a", "b"]) == pytest.approx(1)


def test_the_figures_of_a_store(store):
    emotions = [label for _, label in LABELS]
    order = [row.emotion for row in EvidenceStore.open(store[0]).rows()]
    assert sorted(order) == sorted(emotions)
    with serving(*(opinion(emotion) for emotion in order)) as server:
        found = ask(store, server)
        assert len(server.asked) == 4
    figures = found.to_dict()
    assert figures["faces"] == 4 and figures["failed"] == 0 and figures["labelled"] == 4
    assert figures["kappa_label"] == pytest.approx(1)
    predicted = [row["second_opinion"]["predicted"] for row in found.answered]
    same = sum(a == b for a, b in zip(predicted, order, strict=True))
    assert figures["same_class"] == same / 4
    assert figures["prompt_tokens"] == 4 * USAGE["prompt_tokens"]
    assert figures["cost"] == pytest.approx(4 * (120 + 2 * 15) / 1e6)
    # The stand-in source measures every AU, so the one that is named is right or wrong, not open.
    for row in found.answered:
        (movement,) = row["second_opinion"]["movements"]
        assert movement["verdict"] in ("supported", "contradicted")
    precisions = [row["check"]["precision"] for row in found.answered]
    assert figures["grounding_precision"] == pytest.approx(sum(precisions) / 4)
    text = store[1].read_text()
    assert "base64" not in text and "/9j/" not in text and len(text.splitlines()) == 5
    assert "each seen by" in found.text() and server.url[7:-3] in found.text()


def test_a_run_goes_on_where_it_stopped(store):
    with serving(opinion(), opinion(), fault(401)) as server, pytest.raises(
        WriterError, match="answers in a row failed"
    ):
        import xfera_nb.report.second_opinions as module

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "MOST_FAILURES", 2)
            ask(store, server)
    with store[1].open("a") as file:
        file.write('{"number": 3, "id": "cut o')
    lines = store[1].read_text().splitlines()
    assert len(lines) == 6  # its head, two answers, two failures, and what was cut off
    host = server.server_address
    with serving(opinion("fear")) as again:
        writer = VisionWriter(send_image=True, base_url=f"http://127.0.0.1:{host[1]}/v1")
        writer._endpoint = VisionWriter(send_image=True, base_url=again.url)._endpoint
        writer._endpoint.host = f"127.0.0.1:{host[1]}"
        found = ask_store(store[0], writer, out=store[1], progress=False)
        assert len(again.asked) == 2
    emotions = [row["second_opinion"]["emotion"] for row in found.answered]
    assert sorted(emotions) == ["fear", "fear", "happiness", "happiness"]
    rows = [json.loads(line) for line in store[1].read_text().splitlines()]
    assert len(rows) == 5 and {row.get("reason") for row in rows[1:]} == {None}


def test_another_model_needs_another_file_or_force(store):
    with serving(opinion()) as server:
        assert len(ask(store, server, limit=2).rows) == 2
        writer = VisionWriter(send_image=True, base_url=server.url, model="another")
        with pytest.raises(ParamsError, match="made with another model"):
            ask_store(store[0], writer, out=store[1], progress=False)
        found = ask_store(store[0], writer, out=store[1], refresh=True, limit=1, progress=False)
        assert len(found.rows) == 1
        store[1].write_text("a file of something else\n")
        with pytest.raises(ParamsError, match="not a file of second opinions"):
            ask(store, server)
        assert store[1].read_text() == "a file of something else\n"


def test_a_smaller_limit_is_a_subset_and_the_rate_is_kept(store):
    waits = []
    with serving(opinion()) as server:
        first = ask(store, server, limit=2)
        found = ask(store, server, rate=60, sleep=waits.append)
        assert len(server.asked) == 4
    assert {row["id"] for row in first.rows} <= {row["id"] for row in found.rows}
    assert len(waits) == 1 and 0 < waits[0] <= 1


def test_a_photo_that_is_gone_is_a_line_and_the_others_are_asked(store, tmp_path):
    (tmp_path / "empty").mkdir()
    with serving(opinion()) as server:
        found = ask(store, server, photos=tmp_path / "empty")
        assert server.asked == [] and len(found.failed) == 4
    assert "is not there any more" in found.failed[0][1]


def test_the_command(store, capsys):
    made, out = map(str, store)
    with serving(opinion()) as server:
        base = ["second-opinion", made, "--out", out, "--base-url", server.url, "--quiet"]
        assert main(base) == 2
        assert "add --send-image to allow that" in capsys.readouterr().err
        assert server.asked == []
        assert main([*base, "--send-image", "--limit", "2", "--json", "--price", "1", "2"]) == 0
        figures = json.loads(capsys.readouterr().out)
        assert figures["faces"] == 2 and len(server.asked) == 2
        assert main([*base, "--send-image"]) == 0
        assert "4 faces, each seen by" in capsys.readouterr().out and len(server.asked) == 4
    assert main(["second-opinion", "s3://a/b", "--send-image"]) == 2
    assert "OPENAI_API_KEY" in capsys.readouterr().err
