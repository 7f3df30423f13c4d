"""Read and write the files of a store, in a local folder or at any fsspec URL.

A file exists whole or not at all: locally it is written beside its place, flushed to the disk and
moved there. Elsewhere it is one put, which object stores make visible only when it is complete; the
store's own checksums detect a torn file where a file system does not.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from xfera_nb.errors import XferaError
from xfera_nb.paths import write_atomic

LOCK = "extraction.lock"


class StoreError(XferaError):
    """Report a store that cannot be read, written or continued."""


class Storage:
    """Read and write files of a folder by their names.

    Parameters
    ----------
    url : str or path
        A path, or a URL of fsspec such as ``s3://bucket/store``.

    Raises
    ------
    StoreError
        If the URL's kind is not known, or what it needs is not installed.
    """

    def __init__(self, url: str | os.PathLike[str]) -> None:
        if not os.fspath(url).strip():
            raise StoreError("The store has no name: give a folder or a URL.")
        try:
            self._fs, self._root = url_to_fs(os.path.expanduser(os.fspath(url)))
        except (ValueError, ImportError) as error:
            raise StoreError(f"{url} cannot hold a store ({error}): give a folder.") from error
        self.local = isinstance(self._fs, LocalFileSystem)
        self.shown = str(url)

    @property
    def url(self) -> str:
        """Return the URL, the same for any process, whatever its working folder."""
        url: str = self._fs.unstrip_protocol(self._root)
        return url

    def path(self, name: str) -> str:
        """Return the path of a file, for the file system."""
        return f"{self._root.rstrip('/')}/{name}"

    def exists(self, name: str) -> bool:
        """Return whether the file exists."""
        there: bool = self._fs.exists(self.path(name))
        return there

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises
        ------
        FileNotFoundError
            If it does not exist.
        StoreError
            If it cannot be read.
        """
        try:
            self._fs.invalidate_cache()
            path = self.path(name)
            if self.local and os.path.exists(path) and not os.path.isfile(path):
                # Reading a pipe would block.
                raise StoreError(f"{path} is not a regular file: extract again.")
            data: bytes = self._fs.cat_file(path)
            return data
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(f"{self.path(name)} cannot be read ({_reason(error)}).") from error

    def write(self, name: str, data: bytes) -> None:
        """Write a file, replacing an existing one.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        path = self.path(name)
        try:
            self._fs.makedirs(os.path.dirname(path), exist_ok=True)
            if self.local:
                write_atomic(path, data)
            else:
                self._fs.pipe_file(path, data)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be written ({_reason(error)}): free some space or choose another "
                "folder."
            ) from error

    def remove(self, folder: str) -> None:
        """Remove a folder below with its files, if it is there.

        Raises
        ------
        StoreError
            If it cannot be removed.
        """
        try:
            self._fs.invalidate_cache()
            if self.exists(folder):
                self._fs.rm(self.path(folder), recursive=True)
        except OSError as error:
            what = f"{self.path(folder)} cannot be removed ({_reason(error)})."
            raise StoreError(what) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the storage for one extraction at a time.

        Locally the operating system releases the lock of a process that has ended, however it
        ended. At a URL the lock is a file that an interrupted run leaves behind.

        Raises
        ------
        StoreError
            If another extraction holds it.
        """
        if not self.local:
            with self._remote_lock():
                yield
            return
        lock = FileLock(self.path(LOCK), timeout=0)
        try:
            os.makedirs(self._root, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise StoreError(
                f"Another extraction writes into {self.shown}: wait for it to end."
            ) from error
        except (OSError, NotImplementedError) as error:
            reason = _reason(error) if isinstance(error, OSError) else str(error)
            raise StoreError(
                f"{lock.lock_file} cannot be written ({reason}): choose another folder."
            ) from error
        try:
            yield
        finally:
            with suppress(OSError):
                os.unlink(lock.lock_file)
            lock.release()

    @contextmanager
    def _remote_lock(self) -> Iterator[None]:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        owner = {"host": socket.gethostname(), "pid": os.getpid(), "since": since}
        if self.exists(LOCK):
            raise StoreError(
                f"Another extraction writes into {self.shown}: wait for it, or delete {LOCK} there "
                "if it was interrupted."
            )
        self.write(LOCK, json.dumps(owner).encode())
        try:
            yield
        finally:
            with suppress(FileNotFoundError):
                self._fs.rm_file(self.path(LOCK))

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder below, sorted; none if it does not exist."""
        self._fs.invalidate_cache()
        try:
            found: list[Any] = self._fs.ls(self.path(folder), detail=False)
        except FileNotFoundError:
            return []
        return sorted(os.path.basename(str(path).rstrip("/")) for path in found)


def resolve_photo(root: str | os.PathLike[str], name: str) -> Path:
    """Return the path of a photo that a store names: below a folder and nowhere else.

    Parameters
    ----------
    root : path
        The folder of the photos.
    name : str
        `Row.photo_path`; treat it as untrusted.

    Raises
    ------
    StoreError
        If the name leads out of the folder, or the folder is the root of the file system.
    """
    folder = Path(os.path.abspath(Path(root).expanduser()))
    wanted = Path(os.path.abspath(folder / name))
    if folder == Path(folder.anchor) or "\0" in name or not wanted.is_relative_to(folder):
        raise StoreError(
            f"The store names the photo {name[:80]!r}, which leads out of {folder}: say where its "
            "photos lie."
        )
    return wanted


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
