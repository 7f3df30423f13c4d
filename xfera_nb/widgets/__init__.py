"""Live views for notebooks: states without a screen, and views that observe them.

The names load on first use (PEP 562): `ExplainerState` needs no widget library, `Explainer` does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xfera_nb.widgets.atlas import Atlas
    from xfera_nb.widgets.compare import Compare
    from xfera_nb.widgets.compare_state import CompareState
    from xfera_nb.widgets.explainer import Explainer
    from xfera_nb.widgets.explorer import Explorer
    from xfera_nb.widgets.explorer_state import ExplorerState
    from xfera_nb.widgets.quiz import Quiz
    from xfera_nb.widgets.state import ExplainerState
    from xfera_nb.widgets.study import StudyPage
    from xfera_nb.widgets.truth import Truth
    from xfera_nb.widgets.truth_state import TruthState
    from xfera_nb.widgets.tuner import Tuner
    from xfera_nb.widgets.tuner_state import TunerState

_NAMES = {
    "Atlas": "xfera_nb.widgets.atlas",
    "Compare": "xfera_nb.widgets.compare",
    "CompareState": "xfera_nb.widgets.compare_state",
    "Explainer": "xfera_nb.widgets.explainer",
    "ExplainerState": "xfera_nb.widgets.state",
    "Explorer": "xfera_nb.widgets.explorer",
    "ExplorerState": "xfera_nb.widgets.explorer_state",
    "Quiz": "xfera_nb.widgets.quiz",
    "StudyPage": "xfera_nb.widgets.study",
    "Truth": "xfera_nb.widgets.truth",
    "TruthState": "xfera_nb.widgets.truth_state",
    "Tuner": "xfera_nb.widgets.tuner",
    "TunerState": "xfera_nb.widgets.tuner_state",
}

__all__ = [
    "Atlas",
    "Compare",
    "CompareState",
    "Explainer",
    "ExplainerState",
    "Explorer",
    "ExplorerState",
    "Quiz",
    "StudyPage",
    "Truth",
    "TruthState",
    "Tuner",
    "TunerState",
]


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_NAMES[name]), name)
