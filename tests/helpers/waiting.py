"""Waiting for what comes later. A test waits on what can be seen, and fails with words after long:
a busy machine of two cores is slow, and nothing is gained by giving up early.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

LONG = 120.0
"""Seconds after which something will not come any more."""
_STEP = 0.02


def patiently(condition: Callable[[], object], about: str = "what was waited for") -> None:
    """Return once a condition holds; AssertionError where it does not come to hold."""
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, f"{about} did not come within {LONG:g} s"
        time.sleep(_STEP)


async def patiently_aside(
    condition: Callable[[], object], about: str = "what was waited for"
) -> None:
    """The same while an event loop runs on."""
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, f"{about} did not come within {LONG:g} s"
        await asyncio.sleep(_STEP)
