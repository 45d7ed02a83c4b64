"""The replicas as HTTP and TLS servers on loopback. Which site is meant says the Host header."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox import control
from sandbox.certificate import server_context
from sandbox.request_log import RequestLog
from sandbox.scripts import Scripts
from sandbox.sites import Reply
from sandbox.sites.sketchfab import Sketchfab

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.sites import Site
    from sandbox.worlds import World

LOOPBACK = "127.0.0.1"
GRACE_S = 0.2  # for answers under way when the sandbox ends


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the sandbox listens."""

    plain: int
    tls: int


class Sandbox:
    """All sites of one world, with its log and its orders. `latency_ms` is added to every answer of a site."""

    def __init__(self, world: World, *, latency_ms: int = 0, drift: bool = True) -> None:
        self.world = world
        self.log = RequestLog()
        self.scripts = Scripts()
        self._latency_s = latency_ms / 1000
        sites: list[Site] = [Sketchfab(world.sketchfab, drift=drift)]
        self._sites = {host: site for site in sites for host in site.hosts}

    @property
    def hosts(self) -> list[str]:
        """All hosts that have a replica."""
        return list(self._sites)

    @asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[Ports]:
        """Listen on `port` (0 = a free one) and, for TLS, on another free one."""
        ports: list[int] = []
        runners: list[web.ServerRunner] = []
        try:
            for context in (None, server_context(self.hosts)):
                handler = web.Server(partial(self._answer, plain=context is None), access_log=None)
                runner = web.ServerRunner(handler, shutdown_timeout=GRACE_S)
                await runner.setup()
                runners.append(runner)
                await web.TCPSite(runner, LOOPBACK, 0 if context else port, ssl_context=context, backlog=1024).start()
                ports.append(runner.addresses[0][1])
            yield Ports(*ports)
        finally:
            await asyncio.gather(*(runner.cleanup() for runner in runners))

    async def _answer(self, request: web.BaseRequest, *, plain: bool) -> web.Response:
        path = request.path
        if plain and (path == control.PREFIX or path.startswith(control.PREFIX + "/")):
            status, body = control.respond(self, request.method, path, await request.read())
            return web.Response(status=status, body=body, content_type="application/json")
        host = request.host.partition(":")[0].lower()
        self.log.begin(request.headers.get("User-Agent", ""))
        reply = Reply("(failed)", b"", 500)
        try:
            if self._latency_s:
                await asyncio.sleep(self._latency_s)
            reply = self._reply(request, host, path)
        finally:
            # A Host without a replica is any text: it must not fill the log.
            self.log.end(host if host in self._sites else "(other)", reply.template, str(request.rel_url), reply.status)
        return web.Response(
            status=reply.status, body=reply.body, headers={"Content-Type": reply.content_type, **reply.headers}
        )

    def _reply(self, request: web.BaseRequest, host: str, path: str) -> Reply:
        site = self._sites.get(host)
        if site is None:
            text = f"Misdirected request: the sandbox has no replica of {host!r}. It has: {', '.join(self.hosts)}.\n"
            text += f"The site is chosen by the Host header. About this sandbox: {control.PREFIX}\n"
            return Reply("(misdirected)", text.encode(), 421, "text/plain; charset=utf-8")
        if scripted := self.scripts.reply(host, path):
            return scripted
        if request.method not in {"GET", "HEAD"}:
            return Reply("(method)", b'{"detail":"Method not allowed."}', 405, headers={"Allow": "GET, HEAD"})
        return site.respond(host, path, request.rel_url.raw_query_string)
