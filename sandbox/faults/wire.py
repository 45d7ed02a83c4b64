"""Bytes that are no HTTP, out of an HTTP server."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

    from sandbox.faults.fault import Raw

LOOK_S = 0.1  # how soon a pause notices that the client has left
_RESET = struct.pack("ii", 1, 0)  # linger for 0 s: closing sends RST


class RawResponse(web.StreamResponse):
    """Writes a `Raw` answer itself; aiohttp writes nothing and closes the connection afterwards."""

    def __init__(self, raw: Raw) -> None:
        super().__init__()
        self.force_close()
        self._raw = raw
        self._request: web.BaseRequest | None = None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """No status, no header."""
        self._request = request
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Take all steps, as long as the client is there."""
        if self._request is None:
            raise RuntimeError("a raw answer is written after it is prepared")
        for step in self._raw.steps:
            if isinstance(step, bytes):
                transport = self._request.transport
                if transport is None or transport.is_closing():
                    return
                transport.write(step)
                await self._request.writer.drain()
            else:
                await self._pause(self._request, step)
        transport = self._request.transport
        if self._raw.reset and transport is not None:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()

    async def _pause(self, request: web.BaseRequest, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0 and _open(request):  # noqa: ASYNC110  (nothing tells when a client leaves)
            await asyncio.sleep(min(left, LOOK_S))


def _open(request: web.BaseRequest) -> bool:
    return request.transport is not None and not request.transport.is_closing()
