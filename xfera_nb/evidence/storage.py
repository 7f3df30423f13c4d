"""A folder on this computer or at any fsspec URL, in which a file is there whole or not at all.

Locally a file is written beside its place, flushed to the disk and moved there. Elsewhere it is
one put, which object stores make visible only when it is complete; the store's own checksums tell
a torn one from a whole one where a file system does not.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from xfera_nb.errors import XferaError


class StoreError(XferaError):
    """A store cannot be read, written or continued."""


class Storage:
    """A folder that files are read from and written to by their names.

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
        try:
            self._fs, self._root = url_to_fs(os.path.expanduser(os.fspath(url)))
        except (ValueError, ImportError) as error:
            raise StoreError(f"{url} is no place for a store ({error}): give a folder.") from error
        self.local = isinstance(self._fs, LocalFileSystem)
        self.shown = str(url)

    @property
    def url(self) -> str:
        """The same place for any process, whatever its working folder."""
        url: str = self._fs.unstrip_protocol(self._root)
        return url

    def path(self, name: str) -> str:
        """Where a file lies, for the file system."""
        return f"{self._root.rstrip('/')}/{name}"

    def exists(self, name: str) -> bool:
        """Whether the file is there."""
        there: bool = self._fs.exists(self.path(name))
        return there

    def read(self, name: str) -> bytes:
        """A file's content.

        Raises
        ------
        FileNotFoundError
            If it is not there.
        StoreError
            If it cannot be read.
        """
        try:
            self._fs.invalidate_cache()
            path = self.path(name)
            if self.local and os.path.exists(path) and not os.path.isfile(path):
                # A pipe would keep us waiting.
                raise StoreError(f"{path} is not a regular file: extract anew.")
            data: bytes = self._fs.cat_file(path)
            return data
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(f"{self.path(name)} cannot be read ({_reason(error)}).") from error

    def write(self, name: str, data: bytes) -> None:
        """Put a file there, in place of one that was there.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        path = self.path(name)
        try:
            self._fs.makedirs(os.path.dirname(path), exist_ok=True)
            if self.local:
                _replace(Path(path), data)
            else:
                self._fs.pipe_file(path, data)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be written ({_reason(error)}): make room or choose another place."
            ) from error

    def create(self, name: str, data: bytes) -> bool:
        """Put a file there if there is none; whether it was put.

        On this computer one of two that try at the same instant succeeds; elsewhere both may.
        """
        path = self.path(name)
        try:
            self._fs.makedirs(self._root, exist_ok=True)
            if self.local:
                with open(path, "xb") as file:
                    file.write(data)
            elif self.exists(name):
                return False
            else:
                self._fs.pipe_file(path, data)
        except FileExistsError:
            return False
        except OSError as error:
            raise StoreError(
                f"{path} cannot be written ({_reason(error)}): choose another place."
            ) from error
        return True

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        try:
            self._fs.rm_file(self.path(name))
        except FileNotFoundError:
            return

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder below, sorted; none if it is not there."""
        self._fs.invalidate_cache()
        try:
            found: list[Any] = self._fs.ls(self.path(folder), detail=False)
        except FileNotFoundError:
            return []
        return sorted(os.path.basename(str(path).rstrip("/")) for path in found)


def photo_path(root: str | os.PathLike[str], name: str) -> Path:
    """Where a photo that a store names lies: below a folder and nowhere else.

    Parameters
    ----------
    root : path
        The folder that the photos lie in.
    name : str
        `Row.photo`, a stranger's word where the store is a stranger's.

    Raises
    ------
    StoreError
        If the name leads out of the folder, or the folder is the whole computer.
    """
    folder = Path(os.path.abspath(Path(root).expanduser()))
    wanted = Path(os.path.abspath(folder / name))
    if folder == Path(folder.anchor) or "\0" in name or not wanted.is_relative_to(folder):
        raise StoreError(
            f"The store names the photo {name[:80]!r}, which leads out of {folder}: say where its "
            "photos lie."
        )
    return wanted


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
