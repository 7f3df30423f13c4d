"""Save the timelines of a video's faces as one page that loads nothing from other machines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup

from xfera_nb.evaluation.timeline import FaceTimeline
from xfera_nb.evidence import EvidenceStore
from xfera_nb.figures.timeline import timeline_figure
from xfera_nb.fusion.params import FusionParams
from xfera_nb.report.markup import DISCLAIMER, escape
from xfera_nb.report.save import save_file
from xfera_nb.saliency import describe_map
from xfera_nb.wording import count_of

MOST_FACES = 30
"""Faces on a page: those that are seen longest."""
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:880px;margin:24px auto;padding:0 12px;"
    "color:#1b1f24;background:#fff}h1{font-size:22px}section{overflow-x:auto;margin:20px 0}"
)


def save_timeline(
    store: EvidenceStore,
    path: str | Path,
    faces: Mapping[int, FaceTimeline],
    *,
    min_intensity: float = FusionParams().min_intensity,
) -> None:
    """Write the timelines of some faces as a page.

    Parameters
    ----------
    store : EvidenceStore
        Of a video.
    path : path
    faces : mapping of int to FaceTimeline
        As `xfera_nb.evaluation.read_timelines` gives them; of many, the `MOST_FACES` that are on
        most frames.
    min_intensity : float
        Minimum intensity of an active Action Unit.

    Raises
    ------
    SaveError
        If it cannot be written.
    """
    clip = str((store.video or {}).get("clip", ""))
    chosen = sorted(faces.values(), key=lambda face: -len(face))[:MOST_FACES]
    parts = []
    for place, face in enumerate(sorted(chosen, key=lambda face: face.track)):
        figure = timeline_figure(face, clip=clip, min_intensity=min_intensity)
        drawn = figure.to_html(
            full_html=False,
            include_plotlyjs=place == 0,
            config={"displaylogo": False, "responsive": False, "showSendToCloud": False},
        )
        parts.append(f"<section>{drawn}</section>")
    left = len(faces) - len(chosen)
    more = f"<p>Left out: {count_of(left, 'face')} on fewer frames.</p>" if left else ""
    about = f"Maps: {describe_map(**store.heatmap)}. {DISCLAIMER}"
    page = Markup("").join(
        (
            Markup('<!doctype html><html lang="en"><head><meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width">'),
            Markup(f"<title>{escape(clip)}</title><style>{_STYLE}</style></head><body>"),  # noqa: S704
            Markup(f"<h1>{escape(clip)}</h1><p>{escape(about)}</p>{more}"),  # noqa: S704
            *(Markup(part) for part in parts),  # noqa: S704 (plotly's, from numbers and names)
            Markup("</body></html>"),
        )
    )
    save_file(path, str(page))
