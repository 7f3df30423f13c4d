"""Results as people and programs read them: in a notebook, as HTML, PDF, text, JSON and tables."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
