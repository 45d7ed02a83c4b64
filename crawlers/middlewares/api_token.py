"""API tokens: from the environment only, to the site's own API only, and never stored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK

from crawlers.errors import LeftSite
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
        """Add the token, or take it away where a request was made anew with its headers for somebody else.

        Raises: LeftSite: an API sends the crawl elsewhere, where an answer would be nobody's word for it.
        """
        if request.callback is NO_CALLBACK:  # robots.txt: it is read without a token, and may lie elsewhere
            return
        here = self._api(request.url)
        came_from = next(iter(request.meta.get("redirect_urls", [])), request.url)
        if self._api(came_from) not in {None, here}:
            raise LeftSite("an API redirects to another host, or to one that is not asked over https; it was not asked")
        for host, (header, value) in self._headers.items():
            if host == here:
                request.headers[header] = value
            elif here is None or self._headers[here][0] != header:
                request.headers.pop(header, None)

    def _api(self, url: str) -> str | None:
        """The host of a URL, if it is that of an API with a token and is asked over https."""
        parts = urlsplit(url)
        return parts.hostname if parts.scheme == "https" and parts.hostname in self._headers else None
