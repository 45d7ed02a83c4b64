"""A crawl of pages that yield nothing, on our stack or in bare Scrapy, by one and the same spider.

    python -m benchmarks.peers.rowless --sandbox URL --directory DIR --pages N [--stock]

The pages are lists far behind their end: the site says that they are empty.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from benchmarks.peers.stock_scrapy import settings_at
from crawlers.items import Item
from crawlers.site_spider import SiteSpider, SpiderArgs


class EmptyPages(Spider):
    """Asks for `count` pages and yields nothing."""

    name = "sketchfab"
    count: int

    async def start(self) -> AsyncIterator[Request]:
        for number in range(self.count):
            yield Request(f"https://api.sketchfab.com/v3/search?type=models&cursor={1_000_000 + number}", self.parse)

    def parse(self, response: Any) -> None:
        response.json()


class EmptyPagesOfOurs(EmptyPages, SiteSpider[SpiderArgs]):
    """The same as a spider of a site, which our stack wants."""

    def collected(self) -> list[type[Item]]:
        return []


def main() -> int:
    """Crawl; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.rowless", description=__doc__)
    parser.add_argument("--sandbox", required=True, metavar="URL", help="a running sandbox")
    parser.add_argument("--directory", required=True, type=Path, help="where output and jobs go")
    parser.add_argument("--pages", required=True, type=int, metavar="N", help="how many pages")
    parser.add_argument("--stock", action="store_true", help="in bare Scrapy, with its queue in memory")
    options = parser.parse_args()
    spider: type[EmptyPages] = EmptyPages if options.stock else EmptyPagesOfOurs
    spider.count = options.pages
    process = AsyncCrawlerProcess(settings_at(options.sandbox) if options.stock else _ours(options))
    crawler = process.create_crawler(spider)
    process.crawl(crawler)
    process.start()
    stat = crawler.stats.get_value
    done = stat("response_received_count", 0) - 1  # robots.txt
    return 0 if stat("finish_reason") == "finished" and done == options.pages else 1


def _ours(options: argparse.Namespace) -> Any:
    settings = get_project_settings()
    directories = {"OUTPUT_DIR": options.directory / "output", "JOBS_DIR": options.directory / "jobs"}
    settings.setdict({"SANDBOX": options.sandbox, **{name: str(path) for name, path in directories.items()}}, "cmdline")
    return settings


if __name__ == "__main__":
    sys.exit(main())
