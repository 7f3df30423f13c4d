"""``xfera video``: measure the faces of a clip into a store, and export such a store.

The report and the tables go to stdout, the bars to stderr.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xfera_nb.cli.options import (
    add_command,
    add_execution,
    add_models,
    au_detector,
    au_options,
    emotion,
    whole_number,
)
from xfera_nb.cli.output import NO_RESULT, print_error, print_text
from xfera_nb.errors import ParamsError
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from xfera_nb.evaluation import FaceTimeline
    from xfera_nb.evidence import EvidenceStore

_EPILOG = """\
examples:
  xfera video talk.mp4 --out talk.store
  xfera video talk.mp4 --out talk.store --per-second 5
  xfera video talk.mp4 --out talk.store --au openface-files --openface-files processed/
  xfera video talk.store
  xfera video talk.store --csv talk.csv --annotated talk-explained.mp4
  xfera video talk.store --timeline talk.html --smooth 0.5 --baseline

Run the same command again to resume an interrupted run. With a store, the faces over time are
printed; nothing is smoothed without --smooth.
exit codes: 0 done; 2 usage or setup; 3 no face was found on any frame
"""
_MEASURING = (
    "every", "per_second", "label", "batch", "shard", "scheduler", "occlusion", "classifier",
    "layer", "device", "openface_bin", "openface_files",
)  # fmt: skip
_SHOWN = 30


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "video",
        help="measure a video into a store, and export it",
        description="Follows the faces of a clip, measures them frame by frame into a store of "
        "Parquet files without pixels, and writes such a store as a table, a timeline or an "
        "annotated video.",
        epilog=_EPILOG,
    )
    parser.add_argument("source", metavar="CLIP|STORE", help="a video, or the store of one")
    parser.add_argument("--out", metavar="DIR", help="the store to write: a folder or a URL")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="show no progress bar")
    frames = parser.add_argument_group("frames").add_mutually_exclusive_group()
    frames.add_argument(
        "--every", type=whole_number(1), metavar="N", help="measure each N-th frame (default 1)"
    )
    frames.add_argument(
        "--per-second", type=float, metavar="N", help="measure N frames a second"
    )
    parser.add_argument(
        "--label", type=emotion, metavar="EMOTION",
        help="what the people were asked to show throughout, for xfera evaluate",
    )  # fmt: skip
    export = parser.add_argument_group("export of a store")
    export.add_argument("--csv", metavar="FILE", help="table with OpenFace's column names")
    export.add_argument("--timeline", metavar="FILE", help="timeline as a page (.html)")
    export.add_argument("--annotated", metavar="FILE", help="the clip with labels (.mp4 or .gif)")
    export.add_argument("--clips", metavar="DIR", help="where the clip is now")
    export.add_argument(
        "--smooth", type=float, default=0.0, metavar="SECONDS",
        help="average each probability over S seconds (default 0: not at all)",
    )  # fmt: skip
    export.add_argument(
        "--baseline", action="store_true",
        help="subtract each face's median intensities over its neutral frames",
    )  # fmt: skip
    export.add_argument(
        "--min-intensity", type=float, metavar="X",
        help="minimum AU intensity of an active Action Unit (default: the recommended preset's)",
    )  # fmt: skip
    add_execution(parser, "rows")
    add_models(parser)


def run(options: argparse.Namespace) -> int:
    """Measure a clip, or export a store; return the exit code."""
    if options.min_intensity is not None and not 0 < options.min_intensity <= 5:
        raise ParamsError("--min-intensity is above 0 and at most 5.")
    if options.out is None:
        for name in _MEASURING:
            if getattr(options, name) not in (None, False):
                option = f"--{name.replace('_', '-')}"
                raise ParamsError(f"{option} is for a clip, which needs --out STORE too.")
        return _export(options.source, options)
    code = _measure(options)
    wanted = (options.csv, options.timeline, options.annotated)
    if code == 0 and any(one is not None for one in wanted):
        return _export(options.out, options)
    return code


def _measure(options: argparse.Namespace) -> int:
    given = au_options(options)
    _check_targets(options)

    from xfera_nb.evidence import explain_video

    report = explain_video(
        options.source,
        options.out,
        every=options.every or 1,
        per_second=options.per_second,
        label=options.label,
        classifier=options.classifier,
        au_detector=au_detector(options) if given else options.au,
        layer=options.layer,
        method=options.method,
        device=options.device,
        batch=options.batch,
        shard=options.shard,
        progress=not options.quiet,
        scheduler=options.scheduler,
        occlusion=options.occlusion,
    )
    if options.json:
        rate = report.rate if math.isfinite(report.rate) else None
        print(json.dumps(vars(report) | {"rate": rate}, allow_nan=False))
    else:
        print_text(report.text())
    if not report.faces:
        print_error("No face was found on any of the frames.")
        return NO_RESULT
    return 0


def _check_targets(options: argparse.Namespace) -> None:
    """Refuse a file that cannot be written before the work that fills it."""
    from xfera_nb.report.save import check_writable

    for path in (options.csv, options.timeline, options.annotated):
        if path is not None:
            check_writable(path)


def _export(source: str, options: argparse.Namespace) -> int:
    if options.out is None and Path(source).is_file():
        raise ParamsError(f"Give the store for {Path(source).name} with --out.")
    _check_targets(options)

    from xfera_nb.evaluation import read_timelines
    from xfera_nb.evidence import EvidenceStore
    from xfera_nb.fusion import FusionParams

    store = EvidenceStore.open(source)
    least = options.min_intensity or FusionParams().min_intensity
    faces = read_timelines(store, smooth=options.smooth, baseline=options.baseline)
    if options.out is None:
        if options.json:
            print(json.dumps(_record(store, faces, least), allow_nan=False))
        else:
            print_text(_text(store, faces, options, least))
    if not faces:
        print_error("No face was found on any of the frames.")
        return NO_RESULT
    if options.csv is not None:
        from xfera_nb.report import save_openface_csv

        save_openface_csv(store, options.csv)
        _say(options, f"saved {options.csv}")
    if options.timeline is not None:
        from xfera_nb.report import save_timeline

        save_timeline(store, options.timeline, faces, min_intensity=least)
        _say(options, f"saved {options.timeline}")
    if options.annotated is not None:
        _annotate(store, options, least)
    return 0


def _annotate(store: EvidenceStore, options: argparse.Namespace, least: float) -> None:
    from tqdm import tqdm

    from xfera_nb.report import save_annotated_video

    with tqdm(total=(store.video or {})["measured"], unit="frame", disable=options.quiet) as bar:
        count = save_annotated_video(
            store,
            options.annotated,
            clips=options.clips,
            smooth=options.smooth,
            baseline=options.baseline,
            min_intensity=least,
            progress=bar.update,
        )
    _say(options, f"saved {options.annotated}, {count_of(count, 'frame')}")


def _say(options: argparse.Namespace, line: str) -> None:
    if not options.json:
        print_text(line)


def _text(
    store: EvidenceStore,
    faces: dict[int, FaceTimeline],
    options: argparse.Namespace,
    least: float,
) -> str:
    video = store.video or {}
    smoothed = f"averaged over {options.smooth:g} s" if options.smooth else "not smoothed"
    units = "minus each face's baseline" if options.baseline else "as measured"
    lines = [
        f"{video['clip']}: {video['measured']:,} of {video['frames']:,} frames, "
        f"{count_of(len(faces), 'face')}; "
        f"{count_of(len(store.failed), 'row')} without full measurements",
        f"probabilities {smoothed}; Action Units {units}, active from {least:g}",
    ]
    for face in list(faces.values())[:_SHOWN]:
        shares = sorted(face.shares_of_time().items(), key=lambda pair: -pair[1])
        told = ", ".join(f"{name} {share:.0%}" for name, share in shares if share >= 0.005)
        lines.append(
            f"face {face.track}: {face.time[0]:.2f} to {face.time[-1]:.2f} s, "
            f"{count_of(len(face), 'frame')}; {told}; the class changes "
            f"{count_of(face.changes, 'time')}"
        )
        spans = sorted(face.spans(least), key=lambda span: -span.intensity)
        for span in sorted(spans[:5], key=lambda span: span.onset):
            lines.append(
                f"  AU{span.au:02d} onset {span.onset:.2f}, apex {span.apex:.2f} "
                f"({span.intensity:.1f}), offset {span.offset:.2f} s"
            )
        if len(spans) > 5:
            lines.append(f"  and {len(spans) - 5:,} weaker")
    if len(faces) > _SHOWN:
        lines.append(f"and {count_of(len(faces) - _SHOWN, 'more face')}")
    return "\n".join(lines)


def _record(
    store: EvidenceStore, faces: dict[int, FaceTimeline], least: float
) -> dict[str, Any]:
    return {
        "video": store.video,
        "min_intensity": least,
        "faces": [
            {
                "face": face.track,
                "frames": len(face),
                "from": float(face.time[0]),
                "to": float(face.time[-1]),
                "smooth": face.smooth,
                "baseline": None
                if face.baseline is None
                else [None if math.isnan(value) else value for value in face.baseline.tolist()],
                "shares_of_time": face.shares_of_time(),
                "changes": face.changes,
                "spans": [vars(span) for span in face.spans(least)],
            }
            for face in faces.values()
        ],
    }
