"""Make the web application: explain pictures and frames for those who have the token.

Requests
    POST /explain takes an image file as its body; WebSocket /stream takes one in each binary
    message. Both need the token; /health and the page about the interface, which are the same on
    every machine, do not. Pages of other hosts cannot use it: no CORS headers are sent, and only
    this machine's names are taken as the host.
Limits
    Sizes in bytes, rates in requests a minute, times in seconds.
Errors
    ``{"error": sentence}``: 401 without the token, 413 for a picture that is too large, 422 for
    one that cannot be explained, 429 and 503 with a Retry-After.
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from xfera_nb import __version__
from xfera_nb.errors import XferaError
from xfera_nb.explanation.choices import ENGLISH, check_language
from xfera_nb.service.explainer import PictureExplainer
from xfera_nb.service.frames import answer_frames
from xfera_nb.service.worker import BusyError, RateLimit, Worker
from xfera_nb.wording import count_of

HOSTS = ("127.0.0.1", "localhost")
BODY_SECONDS = 30.0
"""A body that takes longer to arrive is given up."""
_DRAINED = 4
"""A body of up to this many times the limit is read to its end and thrown away, so that its sender
gets the answer and not a broken connection."""
_ABOUT = (
    "Explains what a facial-expression classifier went by. It explains a model, not what a person "
    "feels. Send the token that `xfera serve` printed as `Authorization: Bearer TOKEN`.\n\n"
    "For a camera there is the WebSocket `/stream`: one image file in each binary message, "
    "one JSON answer for each frame that is explained, the newest first."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Set how much the service takes.

    Parameters
    ----------
    size : int
        Bytes of a picture.
    rate : int
        Requests a minute, of all clients together.
    queue : int
        Pictures that wait or are explained at once.
    streams : int
        Open streams.
    """

    size: int = 20 * 2**20
    rate: int = 600
    queue: int = 16
    streams: int = 4


class Problem(BaseModel):
    """Say what is wrong in a sentence."""

    error: str


class Health(BaseModel):
    """Say that the service runs, and how busy it is."""

    status: str
    version: str
    classifier: str
    au_detector: str
    waiting: int


class Explained(BaseModel):
    """Hold an explanation: what `xfera explain --json` prints, and what to say aloud."""

    model_config = ConfigDict(extra="allow")
    predicted: str
    target: str
    probabilities: dict[str, float | None]
    confidence_level: str
    action_units: list[dict[str, Any]]
    explanation: str
    speech: str
    ask: str | None
    about: str


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "The token is missing or wrong"},
    408: {"model": Problem, "description": "The photo did not arrive in time"},
    413: {"model": Problem, "description": "The photo is too large"},
    415: {"model": Problem, "description": "The body is a form"},
    422: {"model": Problem, "description": "The photo cannot be explained"},
    429: {"model": Problem, "description": "Too many requests"},
    503: {"model": Problem, "description": "The queue is full"},
}
_PICTURE = {
    "requestBody": {
        "required": True,
        "description": "An image file, such as a JPEG or PNG, as it is",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "application/octet-stream")
        },
    }
}
_bearer = HTTPBearer(auto_error=False, description="The token that `xfera serve` printed")


def make_application(
    explainer: PictureExplainer, token: str, limits: Limits | None = None
) -> FastAPI:
    """Make the application around one explainer.

    Parameters
    ----------
    explainer : PictureExplainer
    token : str
        ASCII.
    limits : Limits, optional

    Returns
    -------
    FastAPI
    """
    limits = limits or Limits()
    worker, rate = Worker(limits.queue), RateLimit(limits.rate)
    open_streams: set[WebSocket] = set()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(worker.close)

    def check_rate() -> None:
        wait = rate.take()
        if wait:
            raise HTTPException(
                429,
                f"The service takes {count_of(limits.rate, 'request')} a minute; send this one "
                "again later.",
                {"Retry-After": str(math.ceil(wait))},
            )

    def check_request(
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> None:
        if given is None or not is_same(given.credentials, token):
            raise HTTPException(401, _UNKNOWN_CALLER, {"WWW-Authenticate": "Bearer"})
        check_rate()

    app = FastAPIOffline(
        redoc_url=None,
        title="XFERa",
        version=__version__,
        description=_ABOUT,
        lifespan=lifespan,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False)
    _handle_errors(app)

    @app.get("/health", tags=["Service"], summary="Say that it runs")
    async def health() -> Health:
        """Say that the service runs; needs no token."""
        return Health(
            status="ok",
            version=__version__,
            classifier=explainer.classifier.name,
            au_detector=explainer.au_detector.name,
            waiting=worker.taken,
        )

    @app.post(
        "/explain",
        tags=["Service"],
        summary="Explain the largest face on a photo",
        dependencies=[Depends(check_request)],
        response_model=Explained,
        responses=_PROBLEMS,
        openapi_extra=_PICTURE,
    )
    async def explain(
        request: Request,
        target: Annotated[
            str | None, Query(description="Class to explain: the predicted one by default")
        ] = None,
        language: Annotated[str, Query(description="en, it, es or de")] = ENGLISH,
    ) -> dict[str, Any]:
        """Explain the largest face on a photo."""
        check_language(language)
        with worker.place():
            picture = await read_body(request, limits.size)
            return await worker.run(explainer.explain_picture, picture, target, language)

    @app.websocket("/stream")
    async def stream(socket: WebSocket, token: str = "", language: str = ENGLISH) -> None:
        """Explain frames: the newest is taken next, and those it overtakes are left out."""
        try:
            check_stream(socket, token)
            check_rate()
            check_language(language)
        except (HTTPException, XferaError) as error:
            await socket.send_denial_response(_answer(error))
            return
        open_streams.add(socket)
        try:
            await socket.accept()
            await answer_frames(socket, worker, explainer, language, limits.size)
        finally:
            open_streams.discard(socket)

    def check_stream(socket: WebSocket, given: str) -> None:
        header = socket.headers.get("authorization", "")
        if not is_same(given or header.removeprefix("Bearer "), token):
            raise HTTPException(401, _UNKNOWN_CALLER)
        if len(open_streams) >= limits.streams:
            raise BusyError(
                f"The service has {limits.streams} open streams already; close one first."
            )

    return app


_UNKNOWN_CALLER = (
    "The token is missing or wrong: send the one that xfera serve printed as "
    "Authorization: Bearer TOKEN."
)


def is_same(given: str, token: str) -> bool:
    """Return whether a token is the right one, in a time that does not depend on where it fails."""
    return secrets.compare_digest(given.encode(), token.encode())


async def read_body(request: Request, most: int) -> bytes:
    """Read a picture from a request.

    Parameters
    ----------
    request : Request
    most : int
        Bytes.

    Raises
    ------
    HTTPException
        408 if it does not arrive in `BODY_SECONDS`, 413 if it is larger, 415 if it is a form.
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise HTTPException(415, "Send the image file itself as the body, not as a form.")
    declared = request.headers.get("content-length", "")
    pieces, length = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            if not (declared.isdecimal() and int(declared[:18]) > _DRAINED * most):
                async for piece in request.stream():
                    length += len(piece)
                    if length <= most:
                        pieces.append(piece)
                    elif length > _DRAINED * most:
                        break
                    else:
                        pieces.clear()
            else:
                length = most + 1
    except TimeoutError:
        text = f"The photo did not arrive within {BODY_SECONDS:g} s; send it again."
        raise HTTPException(408, text) from None
    if length > most:
        text = f"The photo has more than {most / 2**20:g} MiB; send a smaller one."
        raise HTTPException(413, text)
    return b"".join(pieces)


def _answer(error: Exception) -> JSONResponse:
    """Return the answer that tells an error: its sentence with its status."""
    match error:
        case StarletteHTTPException(status_code=code, detail=detail):
            return JSONResponse({"error": str(detail)}, code, error.headers)
        case BusyError():
            return JSONResponse({"error": str(error)}, 503, {"Retry-After": "1"})
        case RequestValidationError():
            where = {str(one["loc"][-1])[:40] for one in error.errors()}
            text = f"{', '.join(sorted(where))} cannot be read: see /docs for what is taken."
            return JSONResponse({"error": text}, 422)
        case MemoryError():
            text = "The memory is not enough for this photo; send a smaller one."
            return JSONResponse({"error": text}, 422)
        case _:
            return JSONResponse({"error": str(error)}, 422)


def _handle_errors(app: FastAPI) -> None:
    async def tell(_: Request, error: Exception) -> JSONResponse:
        return _answer(error)

    for kind in (StarletteHTTPException, XferaError, RequestValidationError, MemoryError):
        app.add_exception_handler(kind, tell)
