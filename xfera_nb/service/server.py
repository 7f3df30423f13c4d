"""Serve the application on the loopback address until interrupted."""

from __future__ import annotations

import importlib.util
import logging
from typing import TYPE_CHECKING

from xfera_nb.errors import XferaError

if TYPE_CHECKING:
    from fastapi import FastAPI

LOOPBACK = "127.0.0.1"
SHUTDOWN_SECONDS = 10
"""How long requests that are being answered are waited for at the end."""
CONNECTIONS = 64
"""More at once are refused by HTTP 503."""
_PACKAGES = ("fastapi", "fastapi_offline", "uvicorn", "websockets")


def check_installed() -> None:
    """Check that what the service needs is installed.

    Raises
    ------
    XferaError
        If not.
    """
    for package in _PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise XferaError(
                f"{package}, which the service needs, is not installed: "
                "pip install 'xfera-nb[serve]'."
            )


def serve(application: FastAPI, port: int, *, frame_size: int) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is being answered.

    Parameters
    ----------
    application : FastAPI
    port : int
        Of the loopback address.
    frame_size : int
        Bytes of a WebSocket message; a larger one closes its connection with the code 1009.
    """
    import uvicorn

    # A refused WebSocket is answered, and uvicorn complains all the same.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing handshake" not in record.getMessage()
    )
    config = uvicorn.Config(
        application,
        host=LOOPBACK,
        port=port,
        log_level="warning",
        access_log=False,  # the token of a WebSocket may stand in its address
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ws="websockets-sansio",
        ws_max_size=frame_size,
        ws_per_message_deflate=False,
    )
    uvicorn.Server(config).run()
