"""The study's own error."""

from __future__ import annotations

from xfera_nb.errors import XferaError


class StudyError(XferaError):
    """A study, its answers, or something that was answered cannot be used."""


class FileBusyError(StudyError):
    """The file of answers cannot be used now; what it was to keep may be sent again later."""
