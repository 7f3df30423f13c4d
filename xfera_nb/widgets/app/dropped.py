"""Gather the files that were dropped on a page, photos or a store, in memory.

Names come from the page and are never used as paths: a photo's is only shown, and a store's files
are those that a store has, by a pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from xfera_nb.errors import PhotoError
from xfera_nb.evidence.storage import StoreError

MAX_DROPPED = 200 * 2**20
"""Bytes of all files of one drop together."""
MAX_FILES = 2_000
_STORE_FILE = re.compile(
    r"manifest\.json|dataset\.json|faithfulness\.parquet|rows/\d{1,12}\.parquet|done/\d{1,12}\.json"
)


@dataclass
class DroppedFiles:
    """Hold the files of one drop.

    Attributes
    ----------
    files : dict of str to bytearray
        By path, as seen from what was dropped.
    """

    files: dict[str, bytearray] = field(default_factory=dict)
    _size: int = 0

    def add(self, name: str, piece: bytes) -> None:
        """Add a piece to a file; pieces beyond the limits only count."""
        self._size += len(piece)
        if self._size <= MAX_DROPPED and (name in self.files or len(self.files) < MAX_FILES):
            self.files.setdefault(name, bytearray()).extend(piece)

    @property
    def store_root(self) -> str | None:
        """Return the folder of a store's manifest among the files, with ``/``; None if none is."""
        roots = [name[: -len("manifest.json")] for name in self.files if _is_manifest(name)]
        return min(roots, key=len) if roots else None

    def photos(self) -> list[tuple[str, bytes]]:
        """Return name and content of each file, in the order of the drop.

        Raises
        ------
        PhotoError
            If there is none, or they were too large together.
        """
        self._check_size()
        if not self.files:
            raise PhotoError("No photo was dropped: drop JPEG, PNG or other images.")
        return [(name.rpartition("/")[2], bytes(data)) for name, data in self.files.items()]

    def write_store(self, folder: Path) -> Path:
        """Write the dropped store into a folder of its own.

        Returns
        -------
        Path
            The store.

        Raises
        ------
        StoreError
            If the files hold no store, or it is too large or cannot be written.
        """
        root = self.store_root
        if root is None:
            raise StoreError("The dropped folder is no store: it has no manifest.json.")
        self._check_size()
        try:
            for name, data in self.files.items():
                inner = name.removeprefix(root)
                if name.startswith(root) and _STORE_FILE.fullmatch(inner):
                    path = folder / inner
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
        except OSError as error:
            raise StoreError(f"The dropped store cannot be written: {error.strerror}.") from error
        return folder

    def _check_size(self) -> None:
        if self._size > MAX_DROPPED:
            raise PhotoError(
                f"The files have more than {MAX_DROPPED >> 20} MB together: start the application "
                "with their folder, as in xfera app FOLDER."
            )


def _is_manifest(name: str) -> bool:
    return name == "manifest.json" or name.endswith("/manifest.json")
