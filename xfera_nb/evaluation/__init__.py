"""Evaluate a classifier on labelled faces, and check how faithful its maps are to it.

`__init__.pyi` lists the public names. They load on first use (SPEC 1), as the parts need SciPy,
pandas or the trainer.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
