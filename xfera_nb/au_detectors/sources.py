"""The registry of Action Unit sources: names, descriptions and classes, without a heavy import.

A source is a class with `name`, `describe` and `detect`, as `AUDetector` states them, in a file of
its own, and one line of `_SHIPPED`. A source of your own is registered by `register_source`. The
command line, the widgets and the functions read `AU_SOURCES`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Never, Protocol, runtime_checkable

from xfera_nb.errors import DetectorError, unknown_name

if TYPE_CHECKING:
    import numpy as np

    from xfera_nb.au_detectors.action_units import ActionUnits


@runtime_checkable
class AUDetector(Protocol):
    """Measure the Action Units of a face; every source does it by these two methods.

    Attributes
    ----------
    name : str
        Short name, as in `AU_SOURCES`.
    """

    name: str

    def describe(self) -> dict[str, Any]:
        """Return what measured, as a JSON-able dict: at least ``name`` and ``version``."""
        ...

    def detect(
        self, image: np.ndarray, landmarks: np.ndarray, photo_name: str | None = None
    ) -> ActionUnits:
        """Measure one face.

        Parameters
        ----------
        image : (H, W, 3) uint8
            The photo, RGB.
        landmarks : (68, 2) float
            The face's iBUG points (x, y) in photo pixels, the top-left pixel's centre at (0, 0).
        photo_name : str, optional
            The path of the photo's file, or its name where there is no file: for messages, which
            show the name alone, and for sources that look a photo up.

        Raises
        ------
        DetectorError
            The source is missing, failed, or has nothing for this face.
        """
        ...


@dataclass(frozen=True)
class AUSource:
    """Describe a source of Action Units.

    Attributes
    ----------
    name : str
        As users write it: ``au_detector="builtin"``.
    description : str
        A few words for menus and help texts.
    factory : str or callable
        The detector's class, or where to import it from: "package.module:Class".
    needs : str or None
        The option without which it cannot be loaded; a menu leaves such a source out.
    """

    name: str
    description: str
    factory: str | Callable[..., AUDetector]
    needs: str | None = None

    def why_missing(self) -> str | None:
        """Return the sentence that says what is not installed; None where nothing is known to be.

        A detector's class may say so by a static method `why_missing`.
        """
        try:
            ask = getattr(self.load_factory(), "why_missing", None)
        except ImportError as error:
            return f"The AU source {self.name!r} cannot be imported ({error}); install its package."
        reason: str | None = None if ask is None else ask()
        return reason

    def load_factory(self) -> Callable[..., AUDetector]:
        """Return the detector's class, importing its module if it has to."""
        if not isinstance(self.factory, str):
            return self.factory
        module, _, cls = self.factory.partition(":")
        factory: Callable[..., AUDetector] = getattr(import_module(module), cls)
        return factory


_HERE = "xfera_nb.au_detectors"
_SHIPPED = (
    AUSource("builtin", "the network that is shipped", f"{_HERE}.builtin:BuiltinDetector"),
    AUSource("openface", "your OpenFace 2.x program", f"{_HERE}.openface:OpenFaceDetector"),
    AUSource(
        "openface-files", "files of OpenFace, py-feat or LibreFace",
        f"{_HERE}.earlier_files:OpenFaceFiles", "files",
    ),
    AUSource("pyfaceau", "the package pyfaceau", f"{_HERE}.pyfaceau:PyFaceAUDetector"),
)  # fmt: skip
DEFAULT_SOURCE = "builtin"
_sources = {source.name: source for source in _SHIPPED}
AU_SOURCES: Mapping[str, AUSource] = MappingProxyType(_sources)
"""Name -> source, the shipped ones first, then in the order of registration."""


def register_source(
    name: str,
    factory: str | Callable[..., AUDetector],
    description: str = "",
    *,
    needs: str | None = None,
) -> None:
    """Add a source of Action Units, or replace the one of this name.

    Parameters
    ----------
    name, factory, description, needs
        As in `AUSource`.

    Examples
    --------
    >>> register_source("mine", MyDetector, "my own measurements")  # doctest: +SKIP
    >>> xf.explain("photo.jpg", au_detector="mine")  # doctest: +SKIP
    """
    _sources[name] = AUSource(name, description, factory, needs)


def unregister_source(name: str) -> None:
    """Forget a source that was added by `register_source`."""
    _sources.pop(name, None)


def load_detector(
    name: str = DEFAULT_SOURCE,
    *,
    weights: str | Path | None = None,
    program: str | Path | None = None,
    timeout: float | None = None,
    files: str | Path | None = None,
    models: str | Path | None = None,
    **unknown: Never,
) -> AUDetector:
    """Load a source of Action Units by its name.

    Parameters
    ----------
    name : str
        A name of `AU_SOURCES`: "builtin" (the network that is shipped), "openface" (the user's
        program), "openface-files" (files that OpenFace, py-feat or LibreFace wrote earlier),
        "pyfaceau", or one that was registered.
    weights : path, optional
        For "builtin": a .safetensors file with its card beside it.
    program : path, optional
        For "openface": FaceLandmarkImg or its folder; by default the variable OPENFACE_BIN or the
        search path.
    timeout : float, optional
        For "openface": seconds that one photo may take, 120 by default.
    files : path, optional
        For "openface-files", which needs it: the folder that OpenFace, py-feat or LibreFace wrote
        into, or one file.
    models : path, optional
        For "pyfaceau": the folder of OpenFace's models.

    Raises
    ------
    DetectorError
        If there is no such source, it takes no such option or lacks one, or what it needs is
        missing.
    ModelError
        If the builtin weights are missing or damaged.

    Examples
    --------
    >>> load_detector("openface-files", files="openface-output/")  # doctest: +SKIP
    """
    if name not in AU_SOURCES:
        raise unknown_name("source of Action Units", name, AU_SOURCES, DetectorError)
    options = {
        "weights": weights, "program": program, "timeout": timeout, "files": files,
        "models": models,
    }  # fmt: skip
    for option in unknown:
        raise unknown_name("option of load_detector", option, options, DetectorError)
    given = {option: value for option, value in options.items() if value is not None}
    source = AU_SOURCES[name]
    factory = source.load_factory()
    accepted = inspect.signature(factory).parameters
    for option in given:
        if option not in accepted:
            takes = ", ".join(accepted) or "none"
            raise DetectorError(
                f"The AU source {name!r} has no option {option!r}; its options: {takes}."
            )
    if source.needs and source.needs not in given:
        raise DetectorError(
            f"The AU source {name!r} needs {source.needs}=...: see load_detector's documentation."
        )
    return factory(**given)
