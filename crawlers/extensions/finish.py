"""What is left to do when a crawl ends: seal and publish its rows, and write its manifest."""

from __future__ import annotations

import logging
import signal
import sqlite3
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from crawlers.addon import running_addon
from crawlers.datasets.publish import Published, run_publish_in_child
from crawlers.errors import DatasetError
from crawlers.extensions.expectations import breaches
from crawlers.extensions.manifest import ROBOTS_IGNORED, manifest, write_manifest
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
SEAL_AFTER_S = 600.0
STOPPED = "shutdown"  # Scrapy's word for a crawl that a signal ended
REFUSED = frozenset({"robots_disallowed", "bad_argument", "source_gone"})
"""Reasons of crawls that could not work as they were asked for. Before a row is stored, they leave nothing behind."""


class FinishCrawl:
    """Moves rows out of the store when they are many; at the end publishes them and records how the crawl went.

    `record` is the manifest once the crawl has ended; `refused` says that it left nothing behind; `stopped_by` is the
    number of the signal that ended it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._addon = running_addon(crawler)
        self._job = self._addon.job
        self._sealing = create_looping_call(self._seal_when_large_or_old)
        self._site_dir = output_dir(crawler.settings) / crawler.spidercls.name
        self.record: dict[str, Any] | None = None
        self.refused = False
        self.stopped_by: int | None = None
        self._sealed_at = time.monotonic()
        self._stored_before = self._stored()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension._opened, signals.spider_opened)
        crawler.signals.connect(extension._closed, signals.spider_closed)
        return extension

    def _opened(self) -> None:
        self._sealing.start(SEAL_CHECK_S, now=False)
        if not self._crawler.settings.getbool("ROBOTSTXT_OBEY"):
            self._job.store.set_state(ROBOTS_IGNORED, value=True)

    def _stored(self) -> int:
        """Rows that the crawl stored, over all its runs."""
        return sum(counts["stored"] for counts in self._job.store.row_counts.values())

    def _seal_when_large_or_old(self) -> None:
        sizes = self._job.store.spool_size().values()
        rows, size = sum(rows for rows, _ in sizes), sum(size for _, size in sizes)
        old = rows and time.monotonic() - self._sealed_at > SEAL_AFTER_S
        if rows >= SEAL_ROWS or size >= SEAL_BYTES or old:
            try:
                self._seal()
            except Exception as error:  # noqa: BLE001
                # The looping call would stop for ever at an exception; the rows stay in the spool.
                logger.warning("sealing rows into a staged part: %s; trying again", error)

    def _seal(self) -> None:
        seal(self._job)
        self._sealed_at = time.monotonic()

    def faults_served(self) -> dict[str, int]:
        """The faults that the sandbox of this crawl has served, and how often."""
        return {} if self._addon.sandbox is None else self._addon.sandbox.faults_served()

    def without_accounts(self) -> str:
        """Where no account is left: that this ended the crawl, and what to do; else nothing."""
        if not self._addon.accounts or self._addon.account_states.left():
            return ""
        return f"no account is left; {self._addon.way_on()}"

    async def leave_downloads(self) -> None:
        """End the crawl although downloads still run: they stay in the queue. The process must end after this."""
        self._job.store.commit()
        await self._closed(STOPPED)

    async def _closed(self, reason: str) -> None:
        if self._sealing.running:
            self._sealing.stop()
        try:
            self.record = await self._end(reason)
        except Exception as error:  # noqa: BLE001  (Scrapy would log it, and the command report success)
            # The message of an error of ours is for the reader; of any other, its class has to do.
            logger.error("ending the crawl: %s; the rows are safe in the job, run the same command again", error)  # noqa: TRY400
            self.record = None
        self._crawler.stats.set_value("finish_reason", self.record["finish_reason"] if self.record else "storage_error")
        self._job.close()

    async def _end(self, reason: str) -> dict[str, Any]:
        """Judge, write the manifest, publish; then the job is finished, if there is nothing left to do.

        The manifest is there first, because the dataset card, which is published with the tables, is made of it. A
        crawl that was refused before it stored a row changes neither, nor the job.
        """
        found: list[str] = []
        store = self._job.store
        if store.dirty:  # the last commit failed; a resumed crawl repeats what it held
            reason = "storage_error"
        elif reason == "finished" and store.pending:
            logger.error("%s requests are still to be made, and the queue gave out none of them", f"{store.pending:,}")
            reason = "storage_error"
        elif reason == "finished":
            found = self._judge()
            reason = "expectations_failed" if found else reason
        record = manifest(self._crawler, self._addon, reason) | {"breaches": found}
        if reason in REFUSED and self._stored() == self._stored_before:
            self.refused = True
            if not self._job.resumed:
                self._job.withdraw()
            return record
        try:
            write_manifest(record, self._site_dir)
            published = await self._publish(stopped=reason == STOPPED)
        except (DatasetError, OSError, sqlite3.Error) as error:
            site = self._crawler.spidercls.name
            logger.error("publishing: %s; the rows are safe in the job, `scrapy publish %s` tries again", error, site)  # noqa: TRY400
            reason, published = "storage_error", {}
        for dataset, table in published.items():
            self._crawler.stats.set_value(f"rows/published/{dataset}", table.rows)
            record["tables"][dataset]["published"] = asdict(table)
        write_manifest(record | {"finish_reason": reason}, self._site_dir)
        if reason in {"finished", "expectations_failed"}:
            self._job.finish()
        return record | {"finish_reason": reason}

    def _judge(self) -> list[str]:
        spider = self._crawler.spider
        assert isinstance(spider, SiteSpider)  # noqa: S101  (others are not prepared)
        found = breaches(spider.collected(), self._job.store.row_counts, spider.expected)
        for breach in found:
            logger.error("not as expected: %s", breach)
        return found

    async def _publish(self, *, stopped: bool) -> dict[str, Published]:
        """Seal, and publish unless somebody waits for the process to be gone: `scrapy publish` does it later."""
        self._seal()
        if stopped and not (self.stopped_by == signal.SIGINT and sys.stderr.isatty()):
            return {}
        jobs = jobs_dir(self._crawler.settings)
        key_id = self._addon.key.key_id
        return await run_publish_in_child(self._crawler.spidercls.name, self._site_dir.parent, jobs, key_id)
