"""Where the classifier attends: attributions of a class as heatmaps, and BAM's own attention."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
