"""Run work in a thread, so that sliders answer while a face is measured.

Where an asyncio loop runs and the caller wants it, work runs in a thread and its outcome comes back
in the loop. Elsewhere (a test, a script, a call that needs its result at once) it runs in place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from xfera_nb.errors import XferaError

T = TypeVar("T")
INTERRUPTED = "Interrupted: the view is unchanged."
_POOL = ThreadPoolExecutor(4, thread_name_prefix="xfera")


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop that runs in this thread, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class RunsInBackground:
    """Let a state do its work in a thread while a view asks for it."""

    _in_background = False

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """Work in a thread for as long as the context lasts, where a loop runs."""
        before, self._in_background = self._in_background, True
        try:
            yield
        finally:
            self._in_background = before


def run(
    work: Callable[[Callable[..., None]], T],
    done: Callable[[T | XferaError], None],
    *,
    in_background: bool,
    after: float = 0.0,
) -> None:
    """Do some work and pass its outcome on.

    Parameters
    ----------
    work : callable
        Takes `report(function, *arguments)`, which calls a function in the loop meanwhile.
    done : callable
        Takes the work's result, or the `XferaError` that ended it.
    in_background : bool
        Run in a thread, where a loop runs; `done` and reported functions run in the loop.
    after : float
        Seconds that a thread waits first, so that a page is painted before the work begins.

    Raises
    ------
    KeyboardInterrupt
        If the kernel is interrupted during work that runs in place; `done` was called, so that
        nothing is left waiting.
    """
    loop = running_loop() if in_background else None
    if loop is None:
        try:
            outcome = _outcome(lambda: work(lambda function, *arguments: function(*arguments)))
        except KeyboardInterrupt:
            done(XferaError(INTERRUPTED))
            raise
        done(outcome)
        return

    def report(function: Callable[..., object], *arguments: Any) -> None:
        loop.call_soon_threadsafe(function, *arguments)

    def end(ended: asyncio.Future) -> None:
        fault = ended.exception()
        if fault is not None:
            loop.call_exception_handler({"message": "xfera_nb's own fault", "exception": fault})
            fault = XferaError(f"Something went wrong inside ({fault!r}); the log has the details.")
        done(fault or ended.result())

    def start() -> None:
        loop.run_in_executor(_POOL, _outcome, lambda: work(report)).add_done_callback(end)

    if after:
        loop.call_later(after, start)
    else:
        start()


def _outcome(work: Callable[[], T]) -> T | XferaError:
    try:
        return work()
    except XferaError as error:
        return error
