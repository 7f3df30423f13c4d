"""Check a map's faithfulness: does it show what the classifier relies on, and where FACS looks?

`__init__.pyi` lists the public names; they load on first use (SPEC 1).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
