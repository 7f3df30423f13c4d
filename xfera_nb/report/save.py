"""Save a page, a PDF or a table: the old file stays until the new one is complete."""

from __future__ import annotations

import os
from pathlib import Path

from xfera_nb.errors import XferaError
from xfera_nb.paths import expand_path, write_atomic


class SaveError(XferaError):
    """Report a file that cannot be written."""


def check_writable(path: str | Path) -> Path:
    """Check that a file can be written, before the work that fills it.

    Parameters
    ----------
    path : path
        ``~`` is expanded.

    Returns
    -------
    Path
        With links followed, so that it is their target that gets replaced.

    Raises
    ------
    SaveError
        If it is a folder, or lies in one that is missing or may not be written to.
    """
    if not os.fspath(path).strip():
        raise SaveError("The file to write has no name: give one.")
    try:
        real = expand_path(path).resolve()
        folder, is_folder, is_file = real.parent, real.is_dir(), real.is_file()
        has_folder, exists = folder.is_dir(), real.exists()
    except (OSError, ValueError, RuntimeError) as error:
        raise SaveError(f"{path} is no path that can be written to; give another.") from error
    if is_folder:
        raise SaveError(f"{path} is a folder; give the name of a file in it.")
    if not has_folder:
        raise SaveError(f"{path} cannot be written: its folder does not exist; make it first.")
    # A device or a pipe is written to in place; a file is replaced, which its folder must allow.
    if not os.access(real if exists and not is_file else folder, os.W_OK):
        raise SaveError(f"{path} may not be written; choose another path or change permissions.")
    return real


def save_file(path: str | Path, data: str | bytes) -> None:
    """Write UTF-8 text, or bytes; a file that was there is kept until the new one is complete.

    Raises
    ------
    SaveError
        If it cannot be written.
    """
    real = check_writable(path)
    content = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
    try:
        if real.exists() and not real.is_file():
            real.write_bytes(content)
        else:
            write_atomic(real, content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SaveError(f"{path} cannot be written ({reason}); choose another path.") from error
