"""A line of progress now and then: how much is done, how much waits, how many rows there are."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from crawlers.addon import running_job
from crawlers.frontier.row_counts import no_rows
from crawlers.items import tables

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class ProgressLine:
    """Logs one line every PROGRESS_INTERVAL_S seconds."""

    def __init__(self, crawler: Crawler, interval_s: float) -> None:
        self._crawler = crawler
        self._interval_s = interval_s
        self._looping = create_looping_call(self._log)
        self._last = (time.monotonic(), 0)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler, crawler.settings.getfloat("PROGRESS_INTERVAL_S"))
        crawler.signals.connect(progress._opened, signals.spider_opened)
        crawler.signals.connect(progress._closed, signals.spider_closed)
        return progress

    def _opened(self) -> None:
        job = running_job(self._crawler)
        if job.resumed:
            store = job.store
            logger.info(
                "resuming crawl %s: %s pages done, %s waiting", job.crawl_id, f"{store.done:,}", f"{store.pending:,}"
            )
        else:
            logger.info("starting crawl %s of %s", job.crawl_id, self._crawler.spidercls.name)
        self._last = (time.monotonic(), job.store.done)
        self._looping.start(self._interval_s, now=False)

    def _closed(self) -> None:
        if self._looping.running:
            self._looping.stop()

    def _log(self) -> None:
        site = self._crawler.spidercls.name
        store = running_job(self._crawler).store
        now, (then, done) = time.monotonic(), self._last
        rate = (store.done - done) / (now - then)
        self._last = (now, store.done)
        counts = store.row_counts
        rows = ", ".join(
            f"{counts.get(table.dataset, no_rows())['stored']:,} {table.table()}" for table in tables(site)
        )
        logger.info(
            "%s: %s pages done, %s waiting, %s; %.1f pages/s", site, f"{store.done:,}", f"{store.pending:,}", rows, rate
        )
