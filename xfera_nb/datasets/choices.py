"""Name what a data set may be and what it may know; import nothing heavy.

The command line offers these names; the functions that they stand for are in
`xfera_nb.datasets.kinds` and `xfera_nb.datasets.labels`.
"""

from __future__ import annotations

KINDS = (
    "kdef", "akdef", "jaffe", "rafdb", "ferplus", "fer2013", "affectnet", "folder", "csv",
    "samples",
)  # fmt: skip
"""Kinds of data sets that can be read."""
SCHEMES = ("names", "rafdb", "fer2013", "affectnet", "ckplus", "kdef")
"""How labels that are no words are read; "names" reads no numbers."""
GROUPS = ("person", "session", "angle", "gender", "split")
"""What a data set may know of a photo beside its emotion."""
FIELDS = ("emotion", *GROUPS)
"""What photos can be chosen by."""
COLUMNS = ("path", "label", *GROUPS)
"""What a table may say of a photo, each in a column."""
