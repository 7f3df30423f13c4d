"""One extraction at a time into a store: a lock file that names the process that holds it.

The lock of a process that is gone (killed, or the computer restarted) is taken over. Whether a
process on another computer is gone cannot be told from here, so such a lock is refused.
"""

from __future__ import annotations

import json
import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from xfera_nb.evidence.storage import Storage, StoreError

NAME = "extraction.lock"
_TRIES = 20
_WAIT = 0.05  # seconds; another process may be between making its lock and filling it


class StoreLock:
    """Context in which no other extraction writes into a place.

    Parameters
    ----------
    place : Storage

    Raises
    ------
    StoreError
        On entering, if another extraction is at work there.
    """

    def __init__(self, place: Storage) -> None:
        self._place = place
        owner = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "birth": _birth(os.getpid()),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._mine = json.dumps(owner).encode()

    def __enter__(self) -> StoreLock:
        for _ in range(_TRIES):
            if self._place.create(NAME, self._mine):
                return self
            try:
                held = self._place.read(NAME)
            except FileNotFoundError:
                continue
            owner = _owner(held)
            if owner is None:
                time.sleep(_WAIT)
            elif _at_work(owner):
                raise StoreError(
                    f"Another extraction (process {owner['pid']} on {owner['host']}, since "
                    f"{owner['since']}) writes into {self._place.shown}: wait for it, or delete "
                    f"{NAME} there if it is gone."
                )
            elif self._place.read(NAME) == held:
                self._place.remove(NAME)
        raise StoreError(
            f"The lock {NAME} in {self._place.shown} cannot be taken: delete it if no extraction "
            "is at work there."
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._place.read(NAME) == self._mine:
                self._place.remove(NAME)
        except FileNotFoundError:
            return


def _owner(held: bytes) -> dict[str, Any] | None:
    try:
        owner = json.loads(held)
    except ValueError:
        return None
    named = isinstance(owner, dict) and {"host", "pid", "birth", "since"} <= set(owner)
    return owner if named and isinstance(owner["pid"], int) else None


def _at_work(owner: dict[str, Any]) -> bool:
    """Whether a lock's process may still be running."""
    if owner["host"] != socket.gethostname() or os.name != "posix":
        return True
    try:
        os.kill(owner["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    now = _birth(owner["pid"])
    return now is None or now == owner["birth"]


def _birth(pid: int) -> str | None:
    """When a process began, in the kernel's ticks ("ended" once it is); None where not known.

    Numbers of processes are used again, the two together are not.
    """
    try:
        said = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = said.rpartition(")")[2].split()  # the name before it may hold anything
    return "ended" if fields[0] in "ZX" else fields[19]
