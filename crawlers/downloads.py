"""Sends requests to a sandbox instead of the real hosts. Installed only when SANDBOX is set, and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.errors import NoReplica


class SandboxDownloadHandler(HTTP11DownloadHandler):
    """Routes every request to the sandbox with the real host in ``Host``; `response.url` stays real.

    Hosts without a replica are refused: in sandbox mode nothing leaves loopback.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._url: str = crawler.settings["SANDBOX_URL"]
        self._hosts = frozenset(crawler.settings.getlist("SANDBOX_HOSTS"))

    async def download_request(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        if parts.hostname not in self._hosts:
            crawler_hosts = ", ".join(sorted(self._hosts))
            raise NoReplica(f"the sandbox has no replica of that host; it serves {crawler_hosts}")
        url = f"{self._url}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        routed = request.replace(url=url, meta={**request.meta, "verbatim_url": True})  # escaped already
        routed.headers["Host"] = parts.netloc
        response = await super().download_request(routed)
        request.meta["download_latency"] = routed.meta.get("download_latency")
        return response.replace(url=request.url)
