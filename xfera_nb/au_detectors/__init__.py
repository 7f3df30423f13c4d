"""Sources of Action Unit intensities behind one protocol: (photo, landmarks) -> ActionUnits.

Scale 0 to 5 as OpenFace gives it, NaN where not measured; sides are the person's.
"""

from xfera_nb.au_detectors.action_units import ActionUnits
from xfera_nb.au_detectors.protocol import DETECTORS, AUDetector, load_detector

__all__ = ["DETECTORS", "AUDetector", "ActionUnits", "load_detector"]
