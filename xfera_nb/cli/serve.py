"""``xfera serve``: explain photos for other programs on this machine, by HTTP and WebSocket."""

from __future__ import annotations

import argparse
import os
import secrets
from typing import Any

from xfera_nb.cli.app import LOOPBACK, PORT_NUMBER, check_port, stop_with_parent
from xfera_nb.cli.options import (
    add_command,
    add_fusion,
    add_models,
    au_detector,
    au_options,
    fusion_params,
    load_classifier,
    whole_number,
)
from xfera_nb.errors import ParamsError

PORT = 8867
VARIABLE = "XFERA_TOKEN"
LEAST_TOKEN = 16
_EPILOG = f"""\
examples:
  xfera serve
  xfera serve --port 9000 --preset section2.1
  curl -H "Authorization: Bearer TOKEN" --data-binary @face.jpg http://127.0.0.1:8867/explain

It listens on the loopback address of this machine alone and answers only those who send the token,
which is new at each start unless the environment's {VARIABLE} holds one. The page /docs describes
the interface. Photos are kept in memory until they are answered and are written nowhere.
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "serve",
        help="explain photos for other programs on this machine",
        description="Serves explanations to programs on this machine, until you interrupt it: "
        "POST /explain takes a photo, WebSocket /stream takes frames.",
        epilog=_EPILOG,
    )
    parser.add_argument("--port", type=PORT_NUMBER, default=PORT, help=f"port (default {PORT})")
    group = parser.add_argument_group("limits")
    group.add_argument(
        "--max-size", type=whole_number(1, 1000), default=20, metavar="MIB",
        help="largest photo in MiB (default 20)",
    )  # fmt: skip
    group.add_argument(
        "--rate", type=whole_number(1, 1_000_000), default=600, metavar="N",
        help="requests a minute, of all clients together (default 600)",
    )  # fmt: skip
    group.add_argument(
        "--queue", type=whole_number(1, 1000), default=16, metavar="N",
        help="photos that wait or are explained at once; more get HTTP 503 (default 16)",
    )  # fmt: skip
    group.add_argument(
        "--streams", type=whole_number(0, 1000), default=4, metavar="N",
        help="open streams (default 4)",
    )  # fmt: skip
    add_fusion(parser)
    add_models(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted; return the exit code."""
    from xfera_nb.service import check_installed

    au_options(options)
    check_installed()
    token = find_token(os.environ.get(VARIABLE))
    check_port(options.port)
    from xfera_nb.service import Limits, PictureExplainer, make_application, serve

    explainer = PictureExplainer(
        load_classifier(options),
        au_detector(options),
        fusion_params(options),
        options.layer,
        options.method,
    )
    limits = Limits(options.max_size * 2**20, options.rate, options.queue, options.streams)
    application = make_application(explainer, token, limits)
    given = f"the token of {VARIABLE}" if os.environ.get(VARIABLE) else f"the token {token}"
    print(
        f"The service is at http://{LOOPBACK}:{options.port} with {given} (Ctrl+C ends it).\n"
        f"http://{LOOPBACK}:{options.port}/docs describes it. Only for programs of this machine: "
        "anyone who has the token can use it.",
        flush=True,
    )
    with stop_with_parent():
        serve(application, options.port, frame_size=limits.size)
    return 0


def find_token(given: str | None) -> str:
    """Return the token of the environment, or a new one.

    Raises
    ------
    ParamsError
        If the given one is short, or not plain letters, digits and signs.
    """
    if not given:
        return secrets.token_hex(24)
    if len(given) < LEAST_TOKEN or not given.isascii() or not given.isprintable() or " " in given:
        raise ParamsError(
            f"{VARIABLE} must hold at least {LEAST_TOKEN} ASCII characters without spaces; unset "
            "it for a token that is made at each start."
        )
    return given
