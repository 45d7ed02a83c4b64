"""The last step: a page's rows, requests and the end of its own request go into the store together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.errors import ConfigurationError
from crawlers.frontier.keys import start_key
from crawlers.frontier.lease import drop_lease
from crawlers.frontier.request_codec import encode
from crawlers.items import Batch

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from crawlers.frontier.job import Job


class StorePipeline:
    """Queues the page's requests, keeps its rows and acks it, in one step that nothing can interrupt."""

    def __init__(self, crawler: Crawler, job: Job) -> None:
        self._crawler = crawler
        self._store = job.store
        self._crawl_id = job.crawl_id

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawlers.addon import running_job  # noqa: PLC0415  (the addon installs this pipeline)

        return cls(crawler, running_job(crawler))

    async def process_item(self, item: Batch) -> Batch:
        if item.row_count() and not item.pseudonymized:
            raise ConfigurationError(
                "storing rows: they were not pseudonymised; put crawlers.pipelines.anonymize.AnonymizePipeline back "
                "into ITEM_PIPELINES, before store_rows"
            )
        spider = self._crawler.spider
        assert spider is not None  # noqa: S101  (Scrapy sets it before any item)
        if item.lease is None and not self._store.see(start_key(item)):
            return item  # start() runs again on resume; this is stored already
        for request in item.requests:
            drop_lease(request)
            encode(request, spider)  # a request that cannot be stored fails its page here, before anything is queued
        for table, rows in item.rows.items():
            for row in rows:
                row["fetched_at"] = item.fetched_at
                row["crawl_id"] = self._crawl_id
            self._crawler.stats.inc_value(f"rows/stored/{table.dataset}", len(rows))
        # No await from here on: children, rows and ack fall into the same commit.
        for request in item.requests:
            self._crawler.engine.crawl(request)
        self._store.ack(item)
        for acked in item.on_ack:
            acked()
        return item
