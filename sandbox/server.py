"""The replicas as HTTP and TLS servers on loopback. Which site is meant says the Host header."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.accounts import Accounts, cookie_names
from sandbox.certificate import server_context
from sandbox.compression import SMALLEST_BYTES, gzipped, takes_gzip
from sandbox.faults import Asked, Raw
from sandbox.faults.orders import Orders
from sandbox.faults.standing import Standing
from sandbox.faults.wire import RawResponse
from sandbox.request_log import RequestLog
from sandbox.scripts import Scripts
from sandbox.sites import Reply, SiteRequest
from sandbox.sites.letterboxd import Letterboxd
from sandbox.sites.sketchfab import DEPTH, Sketchfab
from sandbox.sites.tmdb import Tmdb
from sandbox.sites.weibo import Weibo
from sandbox.sites.weibo.walls import WALLS
from sandbox.sites.youtube import YouTube
from sandbox.sites.youtube.quota import Quota

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.sites import Site
    from sandbox.sites.letterboxd import Markup
    from sandbox.worlds import World

LOOPBACK = "127.0.0.1"
GRACE_S = 0.2  # for answers under way when the sandbox ends


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the sandbox listens."""

    plain: int
    tls: int


class Sandbox:
    """All sites of one world, with its log and its orders.

    `latency_ms` is added to every answer of a site. `gzip`: larger pages are packed for clients that take it.
    `markup`: which generation of Letterboxd's pages is served. `depth`: how many models a search of Sketchfab shows.
    """

    def __init__(
        self,
        world: World,
        *,
        latency_ms: int = 0,
        drift: bool = True,
        gzip: bool = True,
        markup: Markup = "2026",
        depth: int = DEPTH,
    ) -> None:
        self.world = world
        self.log = RequestLog()
        self.scripts = Scripts()
        self.faults: Standing | None = None
        self.accounts = Accounts(world.accounts, WALLS)
        self.tls_port = 0  # until it is served
        self.youtube_quota = Quota()
        self._latency_s = latency_ms / 1000
        self._gzip = gzip
        self._sites: dict[str, Callable[[], Site]] = {}
        self._made: dict[str, Site] = {}
        self.add(Sketchfab.hosts, lambda: Sketchfab(world.sketchfab, drift=drift, depth=depth))
        key = world.api_keys["YOUTUBE_API_KEY"]
        self.add(YouTube.hosts, lambda: YouTube(world.youtube, key, self.youtube_quota))
        self.add(Weibo.hosts, lambda: Weibo(world.weibo, self.accounts))
        self.add(Letterboxd.hosts, lambda: Letterboxd(world.letterboxd, markup=markup))
        self.add(Tmdb.hosts, lambda: Tmdb(world.letterboxd, world.api_keys["TMDB_API_KEY"]))

    def add(self, hosts: tuple[str, ...], make: Callable[[], Site]) -> None:
        """Serve one more site, made when it is first asked for: most crawls ask for one only."""
        self._sites.update(dict.fromkeys(hosts, make))

    def order_faults(self, spec: str) -> None:
        """Let answers go wrong as `spec` says (see `sandbox.faults`), instead of as it stood. Raises: FaultError."""
        orders = Orders.parse(spec, hosts=self._sites, seed=self.world.seed)
        self.faults = Standing(orders) if orders.orders else None

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
            served = Ports(*ports)
            self.tls_port = served.tls
            yield served
        finally:
            await asyncio.gather(*(runner.cleanup() for runner in runners))

    async def _answer(self, request: web.BaseRequest, *, plain: bool) -> web.StreamResponse:
        path = request.path
        if plain and (path == control.PREFIX or path.startswith(control.PREFIX + "/")):
            status, body = control.respond(self, request.method, path, await request.read())
            return web.Response(status=status, body=body, content_type="application/json")
        host = request.host.partition(":")[0].lower()
        gzip = self._gzip and takes_gzip(request.headers.get("Accept-Encoding", ""))
        self.log.begin(request.headers.get("User-Agent", ""))
        reply: Reply | Raw = Reply("(failed)", b"", 500)
        try:
            if self._latency_s:
                await asyncio.sleep(self._latency_s)
            reply = self._reply(request, host, await request.read(), gzip=gzip)
        finally:
            # A Host without a replica is any text: it must not fill the log.
            place = host if host in self._sites else "(other)"
            self.log.end(place, reply.template, str(request.rel_url), reply.status, **self._asked_by(request))
        if isinstance(reply, Raw):
            return RawResponse(reply)
        body, headers = reply.body, {"Content-Type": reply.content_type, **reply.headers}
        if gzip and len(body) > SMALLEST_BYTES and "Content-Encoding" not in headers:
            body = gzipped(body)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return web.Response(status=reply.status, body=body, headers=headers)

    def _reply(self, request: web.BaseRequest, host: str, body: bytes, *, gzip: bool) -> Reply | Raw:
        if host not in self._sites:
            text = f"Misdirected request: the sandbox has no replica of {host!r}. It has: {', '.join(self.hosts)}.\n"
            text += f"The site is chosen by the Host header. About this sandbox: {control.PREFIX}\n"
            return Reply("(misdirected)", text.encode(), 421, "text/plain; charset=utf-8")
        if scripted := self.scripts.reply(host, request.raw_path):
            return scripted
        site = self._site(host)
        if self.faults is not None and request.method == "GET":
            asked = Asked(site, host, str(request.rel_url), request.headers, gzip)
            return self.faults.answer(asked) or asked.normal()
        method = "GET" if request.method == "HEAD" else request.method
        query = request.rel_url.raw_query_string
        return site.respond(SiteRequest(host, request.path, query, method, request.headers, body))

    def _asked_by(self, request: web.BaseRequest) -> dict[str, Any]:
        """For the log: which account asked (two, if the cookies of two came together), and the names of its cookies."""
        if "Cookie" not in request.headers:
            return {}
        return {"account": "+".join(self.accounts.owners(request.headers)), "cookies": cookie_names(request.headers)}

    def _site(self, host: str) -> Site:
        if host not in self._made:
            gc.disable()  # it brings a million objects, which all stay
            site = self._sites[host]()
            self._made.update(dict.fromkeys(site.hosts, site))
            gc.freeze()
            gc.enable()
        return self._made[host]
