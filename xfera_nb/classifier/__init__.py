"""The emotion classifier: ResNet50 with Bottleneck Attention Modules, or any torch module."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
