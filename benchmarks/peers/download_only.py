"""A spider of ours in bare Scrapy with our settings: it downloads and reads the same pages, and keeps nothing.

    python -m benchmarks.peers.download_only SPIDER --sandbox URL [-a NAME=VALUE ...]

Its page functions read and validate all rows, since it navigates by them. There is no durable queue, no judgement of
pages and no pipeline: what a crawl costs more than this is what all of ours together costs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from benchmarks.peers.stock_scrapy import settings_at, settings_like_ours
from crawlers.site_spider import SiteSpider
from crawlers.spiders.letterboxd import LetterboxdSpider
from crawlers.spiders.sketchfab import SketchfabSpider

SPIDERS: dict[str, type[SiteSpider[Any]]] = {"letterboxd": LetterboxdSpider, "sketchfab": SketchfabSpider}


class RequestsOnly:
    """Lets the requests through that a callback yields, and nothing else."""

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Request]:
        async for output in result:
            if isinstance(output, Request):
                yield output


class NoMemory:
    """Knows nothing: as on the first visit of every page."""

    def recall(self, name: str, default: Any = None) -> Any:
        return default

    def knows(self, name: str) -> bool:
        return False


def main() -> int:
    """Crawl; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.download_only", description=__doc__)
    parser.add_argument("spider", choices=SPIDERS)
    parser.add_argument("--sandbox", required=True, metavar="URL", help="a running sandbox")
    parser.add_argument("-a", action="append", default=[], metavar="NAME=VALUE", help="an argument of the spider")
    options = parser.parse_args()
    spider = SPIDERS[options.spider]
    spider.custom_settings = None  # the pace is the sandbox's
    spider.memory = NoMemory()
    settings = settings_at(options.sandbox) | settings_like_ours()
    settings["SPIDER_MIDDLEWARES"] |= {RequestsOnly: 10}
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(spider)
    process.crawl(crawler, **dict(pair.split("=", 1) for pair in options.a))
    process.start()
    return 0 if crawler.stats.get_value("finish_reason") == "finished" else 1


if __name__ == "__main__":
    sys.exit(main())
