"""The SQLite file that holds the answers: opening, transactions, and errors as sentences.

Write-ahead log (WAL) with ``synchronous = FULL``: what a transaction wrote is on the disk when it
ends. A writer waits for another one up to `WAIT` seconds. Threads take turns: JupyterLab handles a
widget's messages in another thread than the one that made the widget.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from xfera_nb.errors import FileBusyError, StudyError

WAIT = 20.0
_PAUSE = 0.05

_SCHEMA = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE participants (
        id TEXT PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
        age TEXT,
        way TEXT NOT NULL,
        begun TEXT NOT NULL,
        finished TEXT
    )""",
    """CREATE TABLE answers (
        participant TEXT NOT NULL REFERENCES participants (id),
        item TEXT NOT NULL,
        question TEXT NOT NULL,
        value TEXT NOT NULL,
        part INTEGER NOT NULL CHECK (part IN (1, 2)),
        condition TEXT,
        place INTEGER NOT NULL,
        seconds REAL,
        changes INTEGER NOT NULL DEFAULT 0,
        given TEXT NOT NULL,
        PRIMARY KEY (participant, item, question)
    )""",
)


class Database:
    """Keep one SQLite file open; its errors become sentences.

    Parameters
    ----------
    path : Path
        ":memory:" for none.
    about : mapping of str to str
        Key and value of the table `about` of a new file.

    Attributes
    ----------
    about : dict of str to str
        The table `about` of the file.

    Raises
    ------
    StudyError
        If it is damaged or cannot be opened; every method raises it too. It is a `FileBusyError`
        where the same may work later: a full disk, another process that holds the file.
    """

    def __init__(self, path: Path, about: Mapping[str, str]) -> None:
        self.path = path
        self._lock = RLock()
        with self._reporting():
            self._file = sqlite3.connect(
                path, timeout=WAIT, isolation_level=None, check_same_thread=False
            )
        try:
            with self._reporting():
                self._prepare(about)
        except StudyError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def one(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a query's result; None if it is empty."""
        with (
            self._lock,
            self._reporting(),
            closing(self._file.execute(statement, values)) as found,
        ):
            row: tuple[Any, ...] | None = found.fetchone()
            return row

    def value(self, statement: str, *values: Any) -> Any:
        """Return the first value of a query's result.

        Raises
        ------
        StudyError
            If the result is empty.
        """
        row = self.one(statement, *values)
        if row is None:
            raise self.damaged("a query has no result")
        return row[0]

    def all(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a query's result."""
        with (
            self._lock,
            self._reporting(),
            closing(self._file.execute(statement, values)) as found,
        ):
            return found.fetchall()

    def write(self, statement: str, *values: Any) -> None:
        """Run a statement, in the open transaction or in one of its own."""
        with self._lock, self._reporting():
            self._file.execute(statement, values)

    def truncate_log(self) -> None:
        """Write the log into the file and empty it."""
        self.one("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open a transaction that keeps other writers out from its beginning.

        Inside another transaction it is part of that one.
        """
        with self._lock:
            if self._file.in_transaction:
                yield
                return
            with self._reporting():
                self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
                with self._reporting():
                    self._file.execute("COMMIT")
            finally:
                # SQLite ends it itself after some errors, such as a full disk. One that stayed
                # open would swallow the statements that follow.
                if self._file.in_transaction:
                    with self._reporting():
                        self._file.execute("ROLLBACK")

    def damaged(self, why: object) -> StudyError:
        """Return the error for a file that does not hold what it should."""
        return StudyError(
            f"{self.path.name} is damaged ({why}): put a copy of it back, or move it away to begin "
            "again."
        )

    def _prepare(self, about: Mapping[str, str]) -> None:
        self._use_wal()
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.execute("PRAGMA foreign_keys = ON")
        self._file.execute("PRAGMA secure_delete = ON")
        result = self.value("PRAGMA quick_check")
        if result != "ok":
            raise self.damaged(result.splitlines()[0])
        with self.writing():
            if self.value("SELECT COUNT(*) FROM sqlite_master") == 0:
                for statement in _SCHEMA:
                    self.write(statement)
                for pair in about.items():
                    self.write("INSERT INTO about VALUES (?, ?)", *pair)
        tables = {name for (name,) in self.all("SELECT name FROM sqlite_master")}
        missing = {"about", "participants", "answers"} - tables
        if missing:
            raise self.damaged(f"it has no table {sorted(missing)[0]}")
        self.about = dict(self.all("SELECT name, value FROM about"))

    def _use_wal(self) -> None:
        # Two processes may create the file at once: SQLite refuses one without waiting.
        end = time.monotonic() + WAIT
        while True:
            try:
                self._file.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
            time.sleep(_PAUSE)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Turn SQLite's errors into one sentence."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise FileBusyError(
                f"{self.path.name} cannot be used ({error}): see that its folder can be written, "
                "has free space, and is on this machine."
            ) from error
        except sqlite3.IntegrityError as error:
            raise StudyError(
                f"{self.path.name} does not take this ({error}): load the page again."
            ) from error
        except sqlite3.DatabaseError as error:
            raise self.damaged(error) from error
