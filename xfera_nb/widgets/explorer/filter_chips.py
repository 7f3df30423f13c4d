"""Describe an Explorer's filters as chips, each with the number of photos that it would leave."""

from __future__ import annotations

from typing import Any

from xfera_nb.datasets import GROUPS
from xfera_nb.evaluation.error_groups import ERROR_GROUPS
from xfera_nb.facs import ACTION_UNITS
from xfera_nb.widgets.explorer.selection import FILTERS, NEED_FUSION, UNLABELLED
from xfera_nb.widgets.explorer.state import ExplorerState

MOST_CHIPS = 24
"""Values of a filter that are chips; a menu holds the less frequent ones."""
LABELS = {
    "correctness": "Prediction is",
    "error_group": "What went wrong",
    "level": "Confidence",
    "true": "Label",
    "predicted": "Prediction",
    **{name: name.capitalize() for name in GROUPS},
    "active_au": "AU active",
    "no_evidence": "Map",
    "failed": "Photos",
    "margin_low": "Margin from",
    "margin_high": "Margin up to",
}
"""Filter -> its title, in the order in which they are shown."""
FREQUENT = ("correctness", "error_group", "level")
"""Filters that are not folded away; the matrix is there for labels and predictions."""
_SAID = {"no_evidence": "without a positive value", "failed": "without a face or AUs"}


def list_filters(state: ExplorerState) -> list[dict[str, Any]]:
    """Return the filters with chips, in their order, as the front end takes them.

    Returns
    -------
    list of dict
        Name, title, whether it is folded away, `chips`, `rest` (values of a menu), and `waits`:
        whether its counts are still being worked out.
    """
    counts = state.selection.counts
    fields = []
    for name, title in LABELS.items():
        if not _is_of_use(state, name):
            continue
        found = counts.get(name)
        is_set = getattr(state, name)
        chips = [
            {"value": str(value), "text": value_text(name, value), "count": count,
             "on": value == is_set, "title": ERROR_GROUPS.get(str(value), "")}
            for value, count in (found or {}).items()
            if value != UNLABELLED or (state.faces.true < 0).any()
        ]  # fmt: skip
        kept = _kept(name, chips)
        if not kept and found is not None and name not in FREQUENT:
            continue
        rest = [[c["value"], f"{c['text']} ({c['count']:,})"] for c in chips if c not in kept]
        fields.append(
            {
                "name": name,
                "title": title,
                "folded": name not in FREQUENT,
                "chips": kept,
                "rest": rest if name not in NEED_FUSION else [],
                "waits": found is None,
            }
        )
    return fields


def list_set(state: ExplorerState) -> list[dict[str, str]]:
    """Return the filters that are set: name, and what they say."""
    found = []
    for name in FILTERS:
        value = getattr(state, name)
        if value != state.traits()[name].default_value:
            text = value_text(name, value)
            found.append({"name": name, "text": f"{LABELS[name].lower()} {text}"})
    return found


def read_value(name: str, value: Any) -> Any:
    """Return what a chip's value, or a field's, means; "" is no filter.

    Raises
    ------
    TypeError, ValueError
        If it means nothing.
    """
    if name in ("margin_low", "margin_high"):
        return float(value)
    if name in ("no_evidence", "failed"):
        return value == "True"
    if name == "descending":
        return value == "1"
    if name == "active_au":
        return int(value or 0)
    return value or None


def value_text(name: str, value: Any) -> str:
    """Return the words for one value of a filter."""
    if name == "active_au":
        return f"{ACTION_UNITS[value].code} {ACTION_UNITS[value].name}"
    if name.startswith("margin"):
        return f"{value:g}"
    return _SAID.get(name, str(value))


def _is_of_use(state: ExplorerState, name: str) -> bool:
    """Whether a filter can leave anything out in this store."""
    if name in ("correctness", "error_group"):
        return bool((state.faces.true >= 0).any())
    if name in GROUPS:
        return name in state.groups
    if name == "failed":
        return bool(state.faces.failed.any())
    return not name.startswith("margin")


def _kept(name: str, chips: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the chips to show: of many values those that are set or the most frequent."""
    if name in NEED_FUSION:
        return [chip for chip in chips if chip["count"] or chip["on"]]
    if len(chips) <= MOST_CHIPS:
        return chips
    order = sorted(chips, key=lambda chip: (not chip["on"], -chip["count"]))
    kept = [chip["value"] for chip in order[:MOST_CHIPS]]
    return [chip for chip in chips if chip["value"] in kept]
