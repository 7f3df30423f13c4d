"""From a photo to aligned faces: reading, detection, 68 landmarks and the 224x224 crop."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
