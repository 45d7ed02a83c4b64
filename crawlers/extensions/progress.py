"""How far a crawl is: a screen on a terminal, one plain line now and then elsewhere; and what a resume found."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from crawlers.addon import running_job
from crawlers.extensions.screen import Screen
from crawlers.extensions.standing import Pace, Standing, resumed
from crawlers.middlewares.backoff import BackoffMiddleware
from crawlers.site_spider import SiteSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

SCREEN_INTERVAL_S = 0.5


class Progress:
    """On a terminal a `Screen` below the log; elsewhere one line of log every PROGRESS_INTERVAL_S seconds."""

    def __init__(self, crawler: Crawler, interval_s: float) -> None:
        self._crawler = crawler
        self._interval_s = interval_s
        self._looping = create_looping_call(self._show)
        self._pace = Pace()
        self._screen: Screen | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler, crawler.settings.getfloat("PROGRESS_INTERVAL_S"))
        crawler.signals.connect(progress._opened, signals.spider_opened)
        crawler.signals.connect(progress._closed, signals.spider_closed)
        return progress

    def _opened(self) -> None:
        job = running_job(self._crawler)
        if job.resumed:
            logger.info("%s", resumed(job.crawl_id, job.store))
        else:
            logger.info("starting crawl %s of %s", job.crawl_id, self._crawler.spidercls.name)
        self._pace.note(time.monotonic(), job.store)
        if sys.stderr.isatty():
            self._screen = Screen()
        self._looping.start(SCREEN_INTERVAL_S if self._screen else self._interval_s, now=False)

    def _closed(self) -> None:
        if self._looping.running:
            self._looping.stop()
        if self._screen is not None:
            self._screen.stop()

    def _show(self) -> None:
        standing = self._standing()
        if self._screen is not None:
            self._screen.show(standing)
        else:
            logger.info("%s", standing.line())

    def _standing(self) -> Standing:
        spider = self._crawler.spider
        assert isinstance(spider, SiteSpider)  # noqa: S101  (others are not prepared)
        store = running_job(self._crawler).store
        self._pace.note(time.monotonic(), store)
        backoff = self._crawler.get_downloader_middleware(BackoffMiddleware)
        return Standing.of(spider.name, store, spider.collected(), self._pace, backoff.waits() if backoff else [])
