"""Show a face to point at: each area names its Action Units, with muscle and plain words."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets
from PIL import Image

from xfera_nb.faces import Face
from xfera_nb.facs import ACTION_UNITS, FACE_AREAS, areas_of, describe_area
from xfera_nb.figures import data_uri, to_jpeg
from xfera_nb.teaching.outlines import outline_areas
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.front import read_script, read_style

_SCALE = 3  # pixels of the picture for a crop pixel


class FaceAreas(TextFallback, anywidget.AnyWidget):
    """Show a face whose areas can be pointed at, reached by keyboard, and picked.

    Parameters
    ----------
    face : Face
    au : int
        The Action Unit that is picked first.

    Attributes
    ----------
    area : str
        The picked area, a key of `xfera_nb.facs.FACE_AREAS`.
    au : int
        The picked Action Unit.
    areas : list of dict
        What the front end shows of each area.
    """

    _esm = read_script("face_areas")
    _css = read_style("face_areas")
    picture = traitlets.Unicode().tag(sync=True)
    size = traitlets.Int().tag(sync=True)
    areas: traitlets.List[Any] = traitlets.List().tag(sync=True)
    area = traitlets.Unicode().tag(sync=True)
    au = traitlets.Int().tag(sync=True)

    def __init__(self, face: Face, *, au: int) -> None:
        side = face.crop.shape[0]
        grey = Image.fromarray(face.crop).convert("L").convert("RGB")
        grey = grey.resize((side * _SCALE, side * _SCALE), Image.Resampling.BICUBIC)
        outlines = outline_areas(face.crop_landmarks)
        super().__init__(
            picture=data_uri(to_jpeg(grey)),
            size=side,
            areas=[
                {
                    "name": area.name,
                    "label": describe_area(area.name),
                    "outlines": [
                        [[round(float(n), 1) for n in point] for point in outline]
                        for outline in outlines[area.name]
                    ],
                    "units": [_describe(number) for number in area.aus],
                }
                for area in FACE_AREAS.values()
            ],
        )
        self.pick(au)

    def pick(self, au: int) -> None:
        """Pick an Action Unit, and an area where it is seen if the present one is not."""
        if self.area not in areas_of(au):
            self.area = areas_of(au)[0]
        self.au = au

    def __repr__(self) -> str:
        return f"FaceAreas: {self.area or 'none'} picked."

    @traitlets.validate("area")
    def _check_area(self, proposal: Any) -> str:
        if proposal["value"] not in ("", *FACE_AREAS):
            raise traitlets.TraitError(f"There is no area {proposal['value']!r} of the face.")
        return str(proposal["value"])

    @traitlets.validate("au")
    def _check_au(self, proposal: Any) -> int:
        if proposal["value"] not in (0, *ACTION_UNITS):
            raise traitlets.TraitError(f"There is no Action Unit {proposal['value']!r} here.")
        return int(proposal["value"])


def _describe(number: int) -> dict[str, Any]:
    unit = ACTION_UNITS[number]
    return {
        "au": number,
        "code": unit.code,
        "name": unit.name,
        "muscle": unit.muscle,
        "words": f"the {unit.words}",
    }
