"""Answer the frames of a stream, the newest first.

While a frame is explained, only the newest of those that arrive is kept. Each answer has `frame`,
the number of the frame in the order of arrival from 0, and `skipped`, how many were left out so
far; a frame that cannot be explained has `error`, a sentence, instead of the rest.
"""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect

from xfera_nb.errors import XferaError
from xfera_nb.service.explainer import PictureExplainer
from xfera_nb.service.worker import Worker


class Newest:
    """Hold the newest frame that has not been taken."""

    def __init__(self) -> None:
        self.skipped = 0
        self._count = 0
        self._frame: tuple[int, bytes | None] | None = None
        self._arrived = asyncio.Event()

    def put(self, frame: bytes | None) -> None:
        """Put a frame in the place of one that waits; None stands for one that is no bytes."""
        if self._frame is not None:
            self.skipped += 1
        self._frame = (self._count, frame)
        self._count += 1
        self._arrived.set()

    async def take(self) -> tuple[int, bytes | None]:
        """Wait for a frame; return its number and its bytes."""
        await self._arrived.wait()
        self._arrived.clear()
        taken, self._frame = self._frame, None
        assert taken is not None  # noqa: S101
        return taken


async def answer_frames(
    socket: WebSocket, worker: Worker, explainer: PictureExplainer, language: str, most: int
) -> None:
    """Answer until the client leaves.

    Parameters
    ----------
    socket : WebSocket
        Accepted.
    worker : Worker
    explainer : PictureExplainer
    language : str
    most : int
        Bytes of a frame.
    """
    newest = Newest()

    async def receive() -> None:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            newest.put(message.get("bytes"))

    async def answer() -> None:
        while True:
            number, frame = await newest.take()
            try:
                record = await _explain(frame)
            except XferaError as error:
                record = {"error": str(error)}
            except MemoryError:
                record = {"error": "The memory is not enough for this frame; send a smaller one."}
            try:
                await socket.send_json({"frame": number, "skipped": newest.skipped, **record})
            except (WebSocketDisconnect, RuntimeError):  # the second: closed by this side
                return

    async def _explain(frame: bytes | None) -> dict[str, Any]:
        if frame is None:
            return {"error": "Send each frame as a binary message: an image file, such as a JPEG."}
        if len(frame) > most:
            return {"error": f"The frame has more than {most / 2**20:g} MiB; send a smaller one."}
        with worker.place():
            return await worker.run(explainer.explain_frame, frame, language)

    async with anyio.create_task_group() as group:
        group.start_soon(answer)
        await receive()
        group.cancel_scope.cancel()
