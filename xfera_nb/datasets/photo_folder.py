"""Find the photos in a folder and its subfolders, whatever they show and are called."""

from __future__ import annotations

import os
from pathlib import Path

from xfera_nb.datasets import files
from xfera_nb.errors import PhotoError
from xfera_nb.paths import expand_path


def find_photos(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the photos in a folder and below it, a folder's own before those of its subfolders.

    Raises
    ------
    PhotoError
        If it cannot be listed, or neither it nor a subfolder holds a photo.
    """
    root = expand_path(folder)
    try:
        os.listdir(root)
    except OSError as error:
        raise PhotoError(f"The folder {folder} cannot be read ({error.strerror}).") from error
    found = [path for path in files.walk(root) if files.is_photo_name(path)]
    if not found:
        raise PhotoError(
            f"The folder {folder} holds no photos, nor do its subfolders: give one that does."
        )
    return found
