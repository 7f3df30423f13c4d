"""Labelled photos: KDEF, RAF-DB, FER+, folders, tables and the sample faces."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
