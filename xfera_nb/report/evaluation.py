"""Evaluate a store: the evaluation displays in a notebook, prints, and saves itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path

from xfera_nb.evaluation import Evaluation, Norm, evaluate_store
from xfera_nb.evaluation.bootstrap import RESAMPLES
from xfera_nb.evidence import EvidenceStore
from xfera_nb.report.evaluation_report import (
    evaluation_html,
    evaluation_page_html,
    evaluation_text,
)
from xfera_nb.report.save import SaveError, save_file

JSON_FILE = "evaluation.json"


@dataclass(frozen=True, eq=False, repr=False)
class EvaluationReport(Evaluation):
    """Hold an `Evaluation` that displays in a notebook, prints, and saves itself."""

    def _repr_html_(self) -> str:
        return evaluation_html(self)

    def __str__(self) -> str:
        return evaluation_text(self)

    def save_html(self, path: str | PathLike) -> None:
        """Write a page that stands alone.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        save_file(Path(path), evaluation_page_html(self))

    def save(self, folder: str | PathLike) -> tuple[Path, ...]:
        """Write `JSON_FILE` and a CSV for each of `tables()`.

        Parameters
        ----------
        folder : path
            Made if missing; files of these names in it are replaced, others stay.

        Returns
        -------
        tuple of Path
            The files written.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SaveError(
                f"{folder} cannot be made ({error.strerror or type(error).__name__}): choose "
                "another path."
            ) from error
        content = json.dumps(self.to_dict(), indent=2, allow_nan=False)
        texts = {JSON_FILE: f"{content}\n"}
        texts |= {
            f"{name}.csv": frame.to_csv(index=frame.index.name is not None, lineterminator="\n")
            for name, frame in self.tables().items()
        }
        for name, text in texts.items():
            save_file(folder / name, text)
        return tuple(folder / name for name in texts)


def evaluate(
    store: EvidenceStore | str | PathLike,
    *,
    units: str = "auto",
    resamples: int = RESAMPLES,
    seed: int = 0,
    human: Mapping[str, Norm] | None = None,
) -> EvaluationReport:
    """Evaluate the classifier on the photos of a store; nothing is run again.

    Parameters
    ----------
    store : EvidenceStore or path
        As `xfera_nb.extract` makes it, of photos with labels.
    units : str
        What the intervals resample: "person" with all their photos, "photo", or "auto".
    resamples, seed : int
        Of the intervals.
    human : mapping of str to Norm, optional
        Hit rates of people on KDEF, as `xfera_nb.evaluation.read_norms` reads them.

    Returns
    -------
    EvaluationReport
        Frozen. `accuracy`, `macro_f1`, `ece` and `classes` hold figures with intervals; see also
        `to_frame()`, `to_dict()`, `tables()`, `save()`, `save_html()`.

    Raises
    ------
    EvaluationError
        If no photo has both a label and a face, or persons are asked for and not known.
    StoreError
        If there is no such store, or it is damaged.
    ValueError
        If `units` or `resamples` is none that is known.
    """
    found = evaluate_store(store, units=units, resamples=resamples, seed=seed, human=human)
    return EvaluationReport(**{part.name: getattr(found, part.name) for part in fields(found)})
