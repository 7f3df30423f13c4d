"""Explain the bytes of a picture with models that are loaded once.

Units and scales are those of `xfera_nb.report.record`; seconds are wall-clock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from xfera_nb.api import explain
from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.explanation.catalogue import CATALOGUES
from xfera_nb.explanation.choices import check_language
from xfera_nb.fusion import FusionParams
from xfera_nb.report import Result
from xfera_nb.report.record import plain_values
from xfera_nb.saliency import DEFAULT_METHOD
from xfera_nb.service.speech import make_speech


@dataclass(frozen=True, eq=False)
class PictureExplainer:
    """Explain pictures with one classifier and one AU source; texts are written offline.

    Parameters
    ----------
    classifier : Classifier
    au_detector : AUDetector
    params : FusionParams
    layer : str, optional
    method : str
        As `xfera_nb.explain` takes them.
    """

    classifier: Classifier
    au_detector: AUDetector
    params: FusionParams = field(default_factory=FusionParams)
    layer: str | None = None
    method: str = DEFAULT_METHOD

    def explain_picture(
        self, picture: bytes, target: str | None = None, language: str = "en"
    ) -> dict[str, Any]:
        """Explain the largest face on a photo.

        Parameters
        ----------
        picture : bytes
            An image file.
        target : str, optional
            The class to explain; by default the predicted one.
        language : str

        Returns
        -------
        dict
            What ``xfera explain --json`` prints, and `speech`, `ask` and `about`.

        Raises
        ------
        XferaError
            As `xfera_nb.explain`.
        """
        result = self._explain(picture, target, language, occlusion=True)
        return {**result.to_dict(), **_said(result, language)}

    def explain_frame(self, picture: bytes, language: str = "en") -> dict[str, Any]:
        """Explain a frame of a stream: as `explain_picture`, but shorter and faster.

        Returns
        -------
        dict
            `predicted`, `probabilities`, `confidence_level`, `action_units` (name -> intensity 0-5
            or None), `present` and `attended` (names), `explanation`, `speech`, `ask`, `about`,
            `seconds`. The effect of hiding a region is not measured.

        Raises
        ------
        XferaError
            As `xfera_nb.explain`.
        """
        start = time.perf_counter()
        result = self._explain(picture, None, language, occlusion=False)
        units = result.action_units
        found = result.to_dict()
        names = ("predicted", "probabilities", "confidence_level", "explanation")
        record = {
            **{name: found[name] for name in names},
            "action_units": {unit.name: unit.intensity for unit in units},
            "present": [unit.name for unit in units if unit.present],
            "attended": [unit.name for unit in units if unit.active],
            **_said(result, language),
            "seconds": time.perf_counter() - start,
        }
        return dict(plain_values(record))

    def _explain(
        self, picture: bytes, target: str | None, language: str, *, occlusion: bool
    ) -> Result:
        check_language(language)
        return explain(
            picture,
            params=self.params,
            target=target,
            classifier=self.classifier,
            au_detector=self.au_detector,
            layer=self.layer,
            method=self.method,
            language=language,
            occlusion=occlusion,
        )


def _said(result: Result, language: str) -> dict[str, Any]:
    speech = make_speech(result.evidence.prediction, language)
    about = CATALOGUES[language].labels.note
    return {"speech": speech.say, "ask": speech.ask, "about": about}
