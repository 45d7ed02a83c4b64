"""What is left to do when a crawl ends: seal and publish its rows, and write its manifest."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from crawlers.addon import running_addon
from crawlers.datasets.publish import Published, run_publish_in_child
from crawlers.errors import DatasetError
from crawlers.extensions.manifest import manifest, write_manifest
from crawlers.folders import jobs_dir, output_dir
from crawlers.frontier.sealing import seal

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

    `record` is the manifest once the crawl has ended.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._addon = running_addon(crawler)
        self._job = self._addon.job
        self._sealing = create_looping_call(self._seal_when_large)
        self.record: dict[str, Any] | None = None

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

    async def _closed(self, reason: str) -> None:
        if self._sealing.running:
            self._sealing.stop()
        settings, site = self._crawler.settings, self._crawler.spidercls.name
        published: dict[str, Published] = {}
        try:
            seal(self._job)
            published = await run_publish_in_child(
                site, output_dir(settings), jobs_dir(settings), self._addon.key.key_id
            )
            if reason == "finished":
                self._job.finish()
            self.record = manifest(self._crawler, self._addon, reason, published)
            write_manifest(self.record, output_dir(settings) / site)
        except (DatasetError, OSError, sqlite3.Error) as error:
            logger.error("publishing: %s; the rows are safe in the job, `scrapy publish %s` tries again", error, site)  # noqa: TRY400
            reason = "storage_error"
        self._crawler.stats.set_value("finish_reason", reason)
        self._job.close()
