"""Measure a face once for any number of fusions, and the faces of a whole data set."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
