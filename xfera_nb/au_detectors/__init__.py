"""Sources of Action Unit intensities behind one protocol: (photo, landmarks) -> ActionUnits.

Intensities run from 0 to 5 as OpenFace gives them, NaN where not measured; sides are the person's.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
