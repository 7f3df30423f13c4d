"""Decide which AUs the classifier's map supports: Algorithm 1 with all its parameters."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
