"""XFERa for notebooks: explain a facial-expression classifier with heatmaps, Action Units and text.

``import xfera_nb as xf; xf.explain("photo.jpg")`` goes from a photo to an explanation that is
checked against the measurements.

`__init__.pyi` lists the public names. They load on first use (SPEC 1), so that the import itself
takes milliseconds and torch, dlib and OpenCV load only when something needs them.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]
