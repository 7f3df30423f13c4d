"""Errors that a user may see: one sentence that says what is wrong and what to do next.

Everything the toolkit raises on purpose derives from `XferaError`, so that the command line and a
batch can report it in a line and go on. Programming mistakes keep Python's own exceptions.
"""


class XferaError(Exception):
    """Base of the toolkit's own errors; its message is one clear sentence."""


class PhotoError(XferaError):
    """A photo cannot be read, or is not a photo."""


class NoFaceError(PhotoError):
    """A photo was read, but no face was found on it."""


class ModelError(XferaError):
    """Weights, their card or a landmark model are missing, damaged or do not fit."""


class DetectorError(XferaError):
    """An Action Unit source is missing or gave something that cannot be used."""


class ParamsError(XferaError):
    """A fusion parameter or a parameters file is not valid."""


class WriterError(XferaError):
    """A language model could not be reached or did not answer as expected."""
