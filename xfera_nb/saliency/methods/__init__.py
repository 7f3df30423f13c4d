"""The saliency methods, one a file; each file of this folder is found and registered on import.

Heavy packages are imported inside the functions, so that the names and descriptions come quickly.
"""

from importlib import import_module
from pkgutil import iter_modules

from xfera_nb.saliency.registry import (
    DEFAULT_METHOD,
    METHODS,
    SaliencyMethod,
    describe_map,
    get_method,
    method_label,
    saliency_method,
    unregister_method,
)

for _module in sorted(iter_modules(__path__), key=lambda module: module.name):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "DEFAULT_METHOD",
    "METHODS",
    "SaliencyMethod",
    "describe_map",
    "get_method",
    "method_label",
    "saliency_method",
    "unregister_method",
]
