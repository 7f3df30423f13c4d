"""Live views for notebooks: states without a screen, and views that observe them.

The names load on first use (PEP 562): `ExplainerState` needs no widget library, `Explainer` does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xfera_nb.widgets.atlas import Atlas
    from xfera_nb.widgets.compare.state import CompareState
    from xfera_nb.widgets.compare.widget import Compare
    from xfera_nb.widgets.explainer.faithfulness import Truth
    from xfera_nb.widgets.explainer.faithfulness_state import TruthState
    from xfera_nb.widgets.explainer.state import ExplainerState
    from xfera_nb.widgets.explainer.widget import Explainer
    from xfera_nb.widgets.explorer.state import ExplorerState
    from xfera_nb.widgets.explorer.widget import Explorer
    from xfera_nb.widgets.quiz import Quiz
    from xfera_nb.widgets.study import StudyPage
    from xfera_nb.widgets.tuner.state import TunerState
    from xfera_nb.widgets.tuner.widget import Tuner

_NAMES = {
    "Atlas": "xfera_nb.widgets.atlas",
    "Compare": "xfera_nb.widgets.compare.widget",
    "CompareState": "xfera_nb.widgets.compare.state",
    "Explainer": "xfera_nb.widgets.explainer.widget",
    "ExplainerState": "xfera_nb.widgets.explainer.state",
    "Explorer": "xfera_nb.widgets.explorer.widget",
    "ExplorerState": "xfera_nb.widgets.explorer.state",
    "Quiz": "xfera_nb.widgets.quiz",
    "StudyPage": "xfera_nb.widgets.study",
    "Truth": "xfera_nb.widgets.explainer.faithfulness",
    "TruthState": "xfera_nb.widgets.explainer.faithfulness_state",
    "Tuner": "xfera_nb.widgets.tuner.widget",
    "TunerState": "xfera_nb.widgets.tuner.state",
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
