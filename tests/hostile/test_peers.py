"""``python benchmarks/peers.py``: who takes part, who does not and why, and whose memory it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = str(Path(__file__).parents[2] / "benchmarks")
sys.path.insert(0, BENCHMARKS)
try:
    import peers
finally:
    sys.path.remove(BENCHMARKS)


@pytest.fixture
def bench():
    return peers.Bench(peers.SAMPLE)


def test_a_peer_that_is_missing_or_breaks_is_told_and_the_rest_goes_on(bench, monkeypatch, capsys):
    def breaks(bench):
        raise AttributeError("module 'cv2' has no attribute 'CascadeClassifier'")

    done = []
    takers = {
        peers.OWN: lambda bench: lambda: done.append("own"),
        "captum, another way": lambda bench: lambda: done.append("captum"),
        "numpy": breaks,
        "xfera-nothing-of-this-name": lambda bench: done.append,
    }
    monkeypatch.setitem(peers.CONTESTS, "made", takers)
    monkeypatch.setattr(peers, "memory", lambda contest, name, photo: (400, 500))
    peers.compare("made", bench, 1)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "made"
    assert said[1].startswith("  numpy does not work here (module 'cv2' has no")
    assert said[2] == "  xfera-nothing-of-this-name is not installed, so it is not compared"
    assert "xfera_nb" in said[3] and "1.00 times the first" in said[3]
    assert said[3].endswith("500 MB at most, 100 for this")
    assert said[4].startswith(f"  captum {peers.version('captum')}, another way ")
    assert len(said) == 5 and done.count("own") == done.count("captum") == 3


def test_all_seven_maps_are_made_by_each(bench):
    own = peers.own_maps(bench)()[1]
    others = peers.captum(bench)()
    assert own.shape == (1, 7, 7, 7) and len(others) == 7


def test_memory_is_that_of_a_process_of_its_own(bench):
    before, most = peers.memory("Action Units of a face found", peers.OWN, bench.photo)
    assert 100 < before <= most < 2048
