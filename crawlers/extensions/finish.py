"""What is left to do when a crawl ends: seal and publish its rows, and write its manifest."""

from __future__ import annotations

import logging
import signal
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from crawlers.addon import running_addon
from crawlers.datasets.publish import Published, run_publish_in_child
from crawlers.errors import DatasetError
from crawlers.extensions.expectations import breaches
from crawlers.extensions.manifest import manifest, write_manifest
from crawlers.folders import jobs_dir, output_dir
from crawlers.frontier.sealing import seal
from crawlers.site_spider import SiteSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

# A part this large is worth a file of its own; until then rows are safe, and cheap, in the store.
SEAL_CHECK_S = 5.0
SEAL_ROWS = 250_000
SEAL_BYTES = 128 * 2**20


class FinishCrawl:
    """Moves rows out of the store when they are many; at the end publishes them and records how the crawl went.

    `record` is the manifest once the crawl has ended; `stopped_by` the number of the signal that ended it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._addon = running_addon(crawler)
        self._job = self._addon.job
        self._sealing = create_looping_call(self._seal_when_large)
        self._site_dir = output_dir(crawler.settings) / crawler.spidercls.name
        self.record: dict[str, Any] | None = None
        self.stopped_by: int | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension._opened, signals.spider_opened)
        crawler.signals.connect(extension._closed, signals.spider_closed)
        return extension

    def _opened(self) -> None:
        self._sealing.start(SEAL_CHECK_S, now=False)

    def _seal_when_large(self) -> None:
        sizes = self._job.store.spool_size().values()
        if sum(rows for rows, _ in sizes) >= SEAL_ROWS or sum(size for _, size in sizes) >= SEAL_BYTES:
            try:
                seal(self._job)
            except (DatasetError, OSError, sqlite3.Error) as error:
                # The looping call would stop for ever at an exception; the rows stay in the spool.
                logger.warning("sealing rows into a staged part: %s; trying again", error)

    async def leave_downloads(self) -> None:
        """End the crawl although downloads still run: they stay in the queue. The process must end after this."""
        self._job.store.commit()
        await self._closed("shutdown")

    async def _closed(self, reason: str) -> None:
        if self._sealing.running:
            self._sealing.stop()
        found: list[str] = []
        if self._job.store.dirty:  # the last commit failed; a resumed crawl repeats what it held
            reason = "storage_error"
        elif reason == "finished":
            found = self._judge()
            reason = "expectations_failed" if found else reason
        try:
            published = await self._publish()
        except (DatasetError, OSError, sqlite3.Error) as error:
            site = self._crawler.spidercls.name
            logger.error("publishing: %s; the rows are safe in the job, `scrapy publish %s` tries again", error, site)  # noqa: TRY400
            reason, published = "storage_error", {}
        if reason in {"finished", "expectations_failed"}:
            self._job.finish()
        self.record = manifest(self._crawler, self._addon, reason, published) | {"breaches": found}
        try:
            write_manifest(self.record, self._site_dir)
        except OSError as error:
            logger.error("writing the manifest: %s", error)  # noqa: TRY400
            reason = "storage_error"
        self._crawler.stats.set_value("finish_reason", reason)
        self._job.close()

    def _judge(self) -> list[str]:
        spider = self._crawler.spider
        assert isinstance(spider, SiteSpider)  # noqa: S101  (others are not prepared)
        found = breaches(spider.collected(), self._job.store.row_counts)
        for breach in found:
            logger.error("not as expected: %s", breach)
        return found

    async def _publish(self) -> dict[str, Published]:
        """Seal, and publish unless somebody waits for the process to be gone: `scrapy publish` does it later."""
        seal(self._job)
        if self.stopped_by is not None and not (self.stopped_by == signal.SIGINT and sys.stderr.isatty()):
            return {}
        jobs = jobs_dir(self._crawler.settings)
        key_id = self._addon.key.key_id
        return await run_publish_in_child(self._crawler.spidercls.name, self._site_dir.parent, jobs, key_id)
