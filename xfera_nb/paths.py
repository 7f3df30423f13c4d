"""Paths as users write them: ``~`` is expanded, and a file is written whole or not at all."""

from __future__ import annotations

import glob
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xfera_nb.errors import XferaError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def expand_path(path: str | os.PathLike[str]) -> Path:
    """Return `path` with a leading ``~`` replaced by the home folder.

    A ``~`` that names no known user stays as it is.
    """
    return Path(os.path.expanduser(os.fspath(path)))


def is_url(source: object) -> bool:
    """Return whether `source` is a text such as ``https://example.org/face.jpg``."""
    if isinstance(source, os.PathLike):
        return False
    return isinstance(source, str) and _URL.match(source) is not None


def expand_pattern(source: str, error: type[XferaError]) -> list[str] | None:
    """Return the files that a pattern such as ``photos/*.jpg`` means, by name.

    Some shells, such as that of Windows, leave patterns to the program.

    Parameters
    ----------
    source : str
    error : type
        What is raised if no file matches.

    Returns
    -------
    list of str or None
        None if `source` is not a pattern, or names what exists.
    """
    path = os.path.expanduser(source)
    if not glob.has_magic(path) or os.path.lexists(path) or is_url(source):
        return None
    found = sorted(glob.glob(path, recursive=True))
    if not found:
        raise error(f"No file matches {source}: check the path.")
    return found


def write_atomic(path: str | os.PathLike[str], data: str | bytes, *, mode: int = 0o666) -> None:
    """Write a file so that readers find the old content or the new, never a part.

    Parameters
    ----------
    path : path
        The file; ``~`` is expanded, and its folder must exist.
    data : str or bytes
        Text is written as UTF-8, with the line ends that it has.
    mode : int
        Permissions of a new file, less the process's umask; those of an existing one are kept.

    Raises
    ------
    OSError
        If it cannot be written; the old content is kept.
    """
    path = expand_path(path)
    content = data.encode("utf-8") if isinstance(data, str) else data
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    if path.exists():
        mode = path.stat().st_mode & 0o777
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
