"""Material for learning FACS without widgets: an atlas of AUs and emotions, a quiz, a course."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
