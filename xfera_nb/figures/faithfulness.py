"""Draw what a check of faithfulness found: SVG of drops and curves, pictures of the regions.

Drops are in points: hundredths of the target class's probability. Blue is what is measured, grey
what random regions give; hollow diamonds on a dashed line are the reverse order. Pictures are the
face crop as the classifier sees it, 224 pixels square, times `scale`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from xfera_nb.evaluation.faithfulness import au_mask, expected_region
from xfera_nb.evaluation.faithfulness.regions import face_mask, random_masks
from xfera_nb.faces.align import CROP_SIZE
from xfera_nb.facs.action_units import ACTION_UNITS
from xfera_nb.figures.svg import MEASURE, OTHER, box, diamond, dot, drawing, frame, line, text
from xfera_nb.saliency.perturbation import blend, blur_picture, soften_masks

if TYPE_CHECKING:
    from xfera_nb.evaluation.faithfulness import Curve, CurvePair, Faithfulness
    from xfera_nb.faces import Face
    from xfera_nb.fusion import Fusion

SALIENT_REGION = (255, 150, 0)
EXPECTED_REGION = (0, 114, 255)
_GREY = "#8a929c"
_ROW = 24.0


def au_drops_svg(checks: Faithfulness) -> str:
    """Draw how far the class drops when each AU's region is blurred, against random regions.

    Parameters
    ----------
    checks : Faithfulness
    """
    rows = [
        (row, row.prob_drop, row.excess_drop, *row.random_range)
        for row in checks.au_drops.ranked
        if row.prob_drop is not None
        and row.excess_drop is not None
        and row.random_range is not None
    ]
    left, right, top, width = 214.0, 120.0, 40.0, 340.0
    ends = [end for _, drop, _, least, most in rows for end in (drop, least, most)] + [0.0]
    low, high = min(ends), max(ends)
    wide = max(high - low, 1e-6)

    def across(drop: float) -> float:
        return left + width * (drop - low) / wide

    parts = [
        text(left - 8, 26, "region of", "end", bold=True),
        text(left, 26, f"drop of {checks.target} when blurred, points", bold=True),
        text(left + width + 56, 26, "excess", "end", bold=True),
        text(left + width + right - 4, 26, "saliency", "end", bold=True),
    ]
    for number, (row, drop, excess, least, most) in enumerate(rows):
        y = top + number * _ROW
        also = f" +{len(row.same_region)}" if row.same_region else ""
        name = f"{row.name}{also} {ACTION_UNITS[row.au].name}"
        expected = row.expected or any(checks.au_drops.of(au).expected for au in row.same_region)
        parts.append(text(left - 8, y + 16, f"{name}{' *' if expected else ''}", "end"))
        spread = max(across(most) - across(least), 1)
        parts.append(box(across(least), y + 3, spread, _ROW - 6, fill=_GREY, share=0.45))
        ends = sorted((across(0), across(drop)))
        parts.append(box(ends[0], y + 8, max(ends[1] - ends[0], 0.5), _ROW - 16))
        parts.append(text(left + width + 56, y + 16, _points(excess), "end"))
        heat = "none" if row.saliency is None else f"{row.saliency:.2f}"
        parts.append(text(left + width + right - 4, y + 16, heat, "end"))
    bottom = top + len(rows) * _ROW
    parts.append(line(across(0), top - 4, across(0), bottom, width=1.5))
    parts.append(text(across(low), bottom + 16, _points(low), size=11))
    parts.append(text(across(high), bottom + 16, _points(high), "end", size=11))
    starred = "" if checks.target == "neutral" else f"*: expected for {checks.target} · "
    key = f"{starred}grey: random regions of that size · +n: as many others have the same region"
    parts.append(text(4, bottom + 36, key, size=12))
    values = [f"{row.name} {_points(excess)}" for row, _, excess, *_ in rows]
    label = f"Excess drop of each AU's region for {checks.target}, points: {', '.join(values)}"
    return drawing(left + width + right, bottom + 44, parts, label)


def curves_svg(checks: Faithfulness) -> str:
    """Draw deletion and insertion, and ROAD's two orders, as curves of the class's probability.

    Parameters
    ----------
    checks : Faithfulness
    """
    panels = (
        (
            "Deletion and insertion",
            checks.deletion_insertion,
            "deletion",
            "insertion",
            "pixels changed",
        ),
        (
            "ROAD",
            checks.road,
            "most salient first",
            "least salient first",
            "pixels removed",
        ),
    )
    parts: list[str] = []
    for number, panel in enumerate(panels):
        parts += _panel(50.0 + number * 340, *panel)
    gaps = "; ".join(
        f"{title} AUC gap {'none' if check.auc_gap is None else f'{check.auc_gap:+.2f}'}"
        for title, check, *_ in panels
    )
    return drawing(680, 300, parts, f"Probability of {checks.target}. {gaps}")


def _panel(left: float, title: str, check: CurvePair, down: str, up: str, below: str) -> list[str]:
    top, width, height = 46.0, 260.0, 180.0
    gain = "" if check.auc_gap is None else f", AUC gap {check.auc_gap:+.2f}"
    parts = [text(left, 20, f"{title}{gain}", bold=True), frame(left, top, width, height)]
    for share in (0, 0.5, 1):
        y = top + height * (1 - share)
        parts.append(text(left - 6, y + 5, f"{share:g}", "end", size=11))
        parts.append(line(left, y, left + width, y, faint=True))
        x = left + width * share
        parts.append(text(x, top + height + 16, f"{share:.0%}", "middle", size=11))
    if check.reason is not None or check.morf is None or check.lerf is None:
        parts.append(text(left + width / 2, top + height / 2, "none", "middle", bold=True))
        parts.append(text(left, top + height + 36, check.reason or "", size=12))
        return parts
    place = (left, top, width, height)
    parts += _curve(check.morf, place, MEASURE)
    parts += _curve(check.lerf, place, OTHER)
    y = top + height + 36
    parts.append(dot(left + 6, y - 4, radius=4, fill=MEASURE))
    parts.append(text(left + 16, y, down, size=12))
    parts.append(diamond(left + 136, y - 4, half=4))
    parts.append(text(left + 146, y, up, size=12))
    parts.append(text(left + width / 2, y + 20, below, "middle", size=12))
    return parts


def _curve(curve: Curve, place: tuple[float, float, float, float], colour: str) -> list[str]:
    left, top, width, height = place
    points = [
        (left + width * x, top + height * (1 - y))
        for x, y in zip(curve.fractions, curve.probabilities, strict=True)
    ]
    route = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dash = "" if colour == MEASURE else ' stroke-dasharray="5 3"'
    drawn = f'<path d="M{route}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
    mark = dot if colour == MEASURE else diamond
    size = {"radius": 3.5} if colour == MEASURE else {"half": 4}
    return [drawn, *(mark(x, y, **size) for x, y in points)]


def _points(share: float) -> str:
    return f"{'−' if share < 0 else '+'}{abs(100 * share):.1f}"


def blurred_au_image(face: Face, au: int, *, scale: int = 1) -> Image.Image:
    """Draw the face with an Action Unit's region blurred.

    Parameters
    ----------
    face : Face
    au : int
        One of `xfera_nb.facs.LANDMARK_AUS`.
    scale : int
    """
    return _mixed(face, au_mask(au, face.crop_landmarks), scale)


def blurred_random_image(face: Face, area: int, *, seed: int = 0, scale: int = 1) -> Image.Image:
    """Draw the face with a random region of some area, in crop pixels, blurred."""
    masks = random_masks(face_mask(face.crop_landmarks), [area], 1, seed)
    return _mixed(face, masks[0, 0], scale)


def regions_image(fusion: Fusion, *, scale: int = 1) -> Image.Image:
    """Draw the salient region (orange) and the region of the expected AUs (blue).

    They may overlap, and either may be missing.
    """
    on = expected_region(fusion.evidence, fusion.target)
    grey = np.array(Image.fromarray(fusion.evidence.face.crop).convert("L"))
    picture = np.repeat(grey[..., None], 3, axis=-1).astype(float)
    nothing = np.zeros((CROP_SIZE, CROP_SIZE), bool)
    salient = nothing
    if on.share is not None and fusion.threshold is not None:
        salient = (on.share >= fusion.threshold) & (on.share > 0)
    expected = nothing if on.expected is None else on.expected
    for mask, colour in ((salient, SALIENT_REGION), (expected, EXPECTED_REGION)):
        picture[mask] = 0.62 * picture[mask] + 0.38 * np.array(colour)
    picture = np.ascontiguousarray(np.rint(picture).astype(np.uint8))
    for mask, colour in ((salient, SALIENT_REGION), (expected, EXPECTED_REGION)):
        lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, lines, -1, colour, 1)
    return _scaled(Image.fromarray(picture), scale)


def _mixed(face: Face, mask: np.ndarray, scale: int) -> Image.Image:
    grey = np.array(Image.fromarray(face.crop).convert("L"))
    (picture,) = blend(grey, blur_picture(grey), soften_masks(mask[None]))
    return _scaled(Image.fromarray(picture).convert("RGB"), scale)


def _scaled(picture: Image.Image, scale: int) -> Image.Image:
    return picture.resize((CROP_SIZE * scale, CROP_SIZE * scale), Image.Resampling.LANCZOS)
