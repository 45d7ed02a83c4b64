"""Keeps a crawl on the hosts of its site, wherever a page or a redirect leads."""

from __future__ import annotations

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware as ScrapyOffsiteMiddleware
from scrapy.http.request import NO_CALLBACK

from crawlers.errors import LeftSite


class OffsiteMiddleware(ScrapyOffsiteMiddleware):
    """Refuses requests to hosts that are not of the spider's `allowed_domains`.

    Scrapy's own lets those pass that are sent with `dont_filter`, which a redirect copies from the request it answers;
    the others it drops so early that nobody is told, not even their errback. A robots.txt may lie elsewhere.
    """

    def request_scheduled(self, request: Request, spider: Spider) -> None:
        """Whatever is refused is refused when it would be sent."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:
        running = self.crawler.spider
        assert running is not None  # noqa: S101  (Scrapy sets it before any request)
        if request.callback is not NO_CALLBACK and not self.should_follow(request, running):
            self.stats.inc_value("offsite/filtered")
            raise LeftSite("a page or redirect leads to a host that is not of this site; it was not asked")
