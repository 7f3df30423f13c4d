"""Explain a fusion in words: build the prompt, write the text and check it against the facts.

A writer gets words, never pixels. Its text is checked against the fusion: movements that it names
and the fusion lacks are unsupported, active ones that it does not name are left out.
`__init__.pyi` lists the public names; they load on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
