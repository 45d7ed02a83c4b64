"""A crawl stays on the hosts of its site."""

from __future__ import annotations

import pytest
from scrapy import Request, Spider
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.test import get_crawler

from crawlers.errors import LeftSite
from crawlers.middlewares.offsite import OffsiteMiddleware


class SiteSpider(Spider):
    name = "site"
    allowed_domains = ["site.example"]  # noqa: RUF012  (Scrapy's own shape)


@pytest.fixture
def middleware() -> OffsiteMiddleware:
    crawler = get_crawler(SiteSpider)
    crawler.spider = crawler._create_spider()
    made = OffsiteMiddleware.from_crawler(crawler)
    made.spider_opened(crawler.spider)
    return made


@pytest.mark.parametrize("url", ["https://site.example/", "https://api.site.example:8443/v3", "http://SITE.example"])
def test_hosts_of_the_site_are_asked(middleware: OffsiteMiddleware, url: str) -> None:
    middleware.process_request(Request(url))


@pytest.mark.parametrize("dont_filter", [True, False])
@pytest.mark.parametrize("url", ["https://other.example/", "https://site.example.dave.example", "file:///etc/passwd"])
def test_other_hosts_are_not_also_where_filters_are_off(
    middleware: OffsiteMiddleware, url: str, dont_filter: bool
) -> None:
    request = Request(url, dont_filter=dont_filter)
    with pytest.raises(LeftSite) as refused:
        middleware.process_request(request)
    assert "dave" not in str(refused.value)
    middleware.request_scheduled(request, SiteSpider())  # it comes to be sent, so that its errback is told


def test_a_robots_txt_may_lie_elsewhere(middleware: OffsiteMiddleware) -> None:
    middleware.process_request(Request("https://other.example/robots.txt", callback=NO_CALLBACK))
