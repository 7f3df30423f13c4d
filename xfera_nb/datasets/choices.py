"""Name what a data set may be and what it may know; import nothing heavy.

The command line offers these names; the functions that they stand for are in
`xfera_nb.datasets.kinds` and `xfera_nb.datasets.labels`.
"""

from __future__ import annotations

KINDS = ("kdef", "rafdb", "ferplus", "folder", "csv", "samples")
"""Kinds of data sets that can be read."""
SCHEMES = ("names", "rafdb", "fer2013", "affectnet", "ckplus")
"""How labels that are numbers are read; "names" reads none."""
GROUPS = ("person", "session", "angle", "gender", "split")
"""What a data set may know of a photo beside its emotion."""
FIELDS = ("emotion", *GROUPS)
"""What photos can be chosen by."""
