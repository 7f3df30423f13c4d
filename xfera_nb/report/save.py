"""Writing a file so that there is either the old one or the whole new one, never a part."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from xfera_nb.errors import XferaError


class SaveError(XferaError):
    """A file cannot be written."""


def check_writable(path: str | Path) -> Path:
    """Whether a file can be written there, before the work that fills it.

    Returns
    -------
    Path
        With links followed, so that it is their target that gets replaced.

    Raises
    ------
    SaveError
        If it is a folder, or lies in one that is missing or may not be written to.
    """
    try:
        real = Path(path).resolve()
        folder, is_folder, is_file = real.parent, real.is_dir(), real.is_file()
        has_folder, exists = folder.is_dir(), real.exists()
    except (OSError, ValueError, RuntimeError) as error:
        raise SaveError(f"{path} is no path that can be written to; give another.") from error
    if is_folder:
        raise SaveError(f"{path} is a folder; give the name of a file in it.")
    if not has_folder:
        raise SaveError(f"{path} cannot be written: its folder does not exist; make it first.")
    # A device or a pipe is written to in place; a file is replaced, which its folder must allow.
    place = real if exists and not is_file else folder
    if not os.access(place, os.W_OK):
        raise SaveError(f"{path} may not be written; choose another place or change permissions.")
    return real


def write_atomically(path: str | Path, text: str | bytes) -> None:
    """Write UTF-8 text, or bytes; a file that was there is kept until the new one is complete.

    Raises
    ------
    SaveError
        If it cannot be written.
    """
    real = check_writable(path)
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    try:
        if real.exists() and not real.is_file():
            real.write_bytes(data)
        else:
            _replace(real, data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SaveError(f"{path} cannot be written ({reason}); choose another place.") from error


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
