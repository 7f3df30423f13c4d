"""How work grows with its input: seconds differ between machines and with their load, the growth
does not."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

_TRIES = 3
_LEAST = 0.002  # seconds; less is noise


def growth(work: Callable[[Any], object], small: Any, large: Any) -> float:
    """How many times as long `work` takes for the large input, in this thread's own time."""
    gc.disable()  # what other tests left behind is not its work
    try:
        return _least(work, large) / max(_least(work, small), _LEAST)
    finally:
        gc.enable()


def _least(work: Callable[[Any], object], given: Any) -> float:
    times = []
    for _ in range(_TRIES):
        begin = time.thread_time()
        work(given)
        times.append(time.thread_time() - begin)
    return min(times)


def count_calls(work: Callable[[], object]) -> int:
    """How many functions `work` calls, those written in C too: the same on every machine."""
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls
