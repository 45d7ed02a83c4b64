"""API tokens: from the environment only, to the site's own API only, and never stored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.utils.httpobj import urlparse_cached

from crawlers.frontier.request_codec import never_store
from crawlers.site_spider import ApiToken, SiteSpider

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from scrapy.crawler import Crawler


class ApiTokenMiddleware:
    """Adds the tokens of `SiteSpider.api_tokens` to requests to their APIs, as far as there are any.

    The header is set on what is sent; stored requests never have it (`frontier.request_codec`). A sandbox gets the keys
    it names itself, never one of the environment: that would be somebody's real one.
    """

    def __init__(self, tokens: Mapping[ApiToken, str]) -> None:
        for api in tokens:
            never_store(api.header)
        self._headers = {api.host: (api.header, f"{api.scheme} {token}".strip()) for api, token in tokens.items()}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawlers.addon import running_addon  # noqa: PLC0415  (the addon installs this middleware)

        apis = crawler.spidercls.api_tokens if issubclass(crawler.spidercls, SiteSpider) else ()
        sandbox = running_addon(crawler).sandbox if apis else None
        held = os.environ if sandbox is None else sandbox.api_keys
        tokens = {api: token for api in apis if (token := held.get(api.variable))}
        if not tokens:
            raise NotConfigured
        return cls(tokens)

    def process_request(self, request: Request) -> None:
        host = urlparse_cached(request).hostname
        if host in self._headers and request.url.startswith("https:"):
            header, value = self._headers[host]
            request.headers[header] = value
