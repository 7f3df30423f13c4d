"""Live views for notebooks: states without a screen, and views that observe them.

The names load on first use (SPEC 1): `ExplainerState` needs no widget library, `Explainer` does.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
