"""Run the model in one thread with a bounded queue, and limit the rate of requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from xfera_nb.errors import XferaError
from xfera_nb.wording import count_of

P = ParamSpec("P")
T = TypeVar("T")


class BusyError(XferaError):
    """Report a service that takes no more work for now."""


class Worker:
    """Run functions one after the other in a thread of its own.

    Parameters
    ----------
    places : int
        How many may wait and run together.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self.taken = 0
        self._pool = ThreadPoolExecutor(1, "xfera-model")

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place in the queue.

        Raises
        ------
        BusyError
            If none is free.
        """
        if self.taken >= self.places:
            raise BusyError(
                f"The service has {count_of(self.places, 'photo')} in its queue already; send this "
                "one again a little later."
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    async def run(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Run a function in the thread and return what it returns; hold a place meanwhile."""
        return await asyncio.wrap_future(self._pool.submit(work, *args, **options))

    def close(self) -> None:
        """Wait for the function that runs; those that wait are cancelled."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class RateLimit:
    """Allow a number of requests a minute, with short bursts of as many.

    On the loopback address clients have no addresses of their own, so all are counted together.

    Parameters
    ----------
    per_minute : int
    clock : callable
        Returns seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._left, self._then = float(per_minute), clock()

    def take(self) -> float:
        """Count a request; return 0, or the seconds after which one is allowed again."""
        now = self._clock()
        earned = (now - self._then) * self.per_minute / 60
        self._left, self._then = min(float(self.per_minute), self._left + earned), now
        if self._left < 1:
            return (1 - self._left) * 60 / self.per_minute
        self._left -= 1
        return 0.0
