"""API tokens: from the environment only, to the site's own API only, and never stored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.utils.httpobj import urlparse_cached

from crawlers.folders import in_sandbox
from crawlers.site_spider import ApiToken

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


class ApiTokenMiddleware:
    """Adds the token to requests to the API that the spider names (`SiteSpider.api_token`), if there is one.

    The header is set on what is sent; stored requests never have it (`frontier.request_codec`). In the sandbox no token
    is sent: it would be somebody's real one.
    """

    def __init__(self, host: str, authorization: str) -> None:
        self._host = host
        self._authorization = authorization

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        api: ApiToken | None = getattr(crawler.spidercls, "api_token", None)
        token = os.environ.get(api.variable) if api is not None else None
        if api is None or not token or in_sandbox(crawler.settings):
            raise NotConfigured
        return cls(api.host, f"{api.scheme} {token}")

    def process_request(self, request: Request) -> None:
        if urlparse_cached(request).hostname == self._host and request.url.startswith("https:"):
            request.headers["Authorization"] = self._authorization
