"""The outermost spider middleware: all that a callback yields becomes one Batch."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.frontier.lease import LeasedErrback, lease_of
from crawlers.frontier.turns import Turns
from crawlers.items import Batch, Item
from crawlers.middlewares.recognise import RecogniseMiddleware
from crawlers.pages import page_module
from crawlers.parsing.urls import path_template

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class BatchMiddleware:
    """Packs rows, requests and facts of one page, with the lease of its request.

    There is always one Batch, also an empty one: it acks the page. There is none when the callback raises: a page is
    kept whole or not at all. If it misses a landmark, the request's own errback is asked what to do without the page,
    as it is where the page was not recognised. Pages take turns (`Turns`), until the pipelines are done with them.
    """

    def __init__(self, crawler: Crawler, turns: Turns) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        self._turns = turns
        self._route_words = page_module(crawler.spidercls.name).ROUTE_WORDS

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawlers.addon import running_job  # noqa: PLC0415  (the addon installs this middleware)

        middleware = cls(crawler, running_job(crawler).turns)
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(middleware._passed_on, signal)
        return middleware

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for output in start:
            if isinstance(output, Request | Batch):
                yield output
            else:
                batch = Batch(lease=None)
                batch.add(output)
                self._count(batch)
                yield batch

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Batch]:
        await self._turns.begin(lease_of(response.request))
        try:
            batch = await self._read(response, result)
        except BaseException:
            self._passed_on(response)
            raise
        yield batch

    async def _read(self, response: Response, result: AsyncIterator[Any]) -> Batch:
        """The page, or what the errback of its request makes of its having changed."""
        try:
            return await self._packed(response, result)
        except LayoutChanged as error:
            request = response.request
            errback = None if request is None else request.errback
            batch = await errback.after(error) if isinstance(errback, LeasedErrback) else None
            if request is None or batch is None:
                raise
            logger.warning("doing without a page: %s", error)
            if (recognise := self._crawler.get_downloader_middleware(RecogniseMiddleware)) is not None:
                recognise.page_changed(request, response)
            return batch

    async def _packed(self, response: Response, result: AsyncIterator[Any]) -> Batch:
        batch = Batch(lease_of(response.request))
        async for output in result:
            if isinstance(output, Batch):  # an errback packed it already
                batch = output
            else:
                batch.add(output)
        self._count(batch)
        if unreadable := batch.unreadable():
            raise LayoutChanged(path_template(response.url, self._route_words), _say(batch, unreadable[0]))
        return batch

    def _passed_on(self, response: Any) -> None:
        """The pipelines are done with the Batch of this response or failure, or it has none."""
        self._turns.end(lease_of(getattr(response, "request", None)))

    def _count(self, batch: Batch) -> None:
        for table, seen in batch.seen.items():
            self._stats.inc_value(f"rows/seen/{table.dataset}", seen)
            if invalid := len(batch.invalid[table]):
                self._stats.inc_value(f"rows/invalid/{table.dataset}", invalid)
        for ended in batch.lists:
            if ended.missing:
                self._stats.inc_value(f"rows/missing/{ended.table.dataset}", ended.missing)


def _say(batch: Batch, table: type[Item]) -> str:
    first = batch.invalid[table][0]
    rows = len(batch.invalid[table])
    return f"none of {rows} rows of {table.dataset} could be read (first: {first.field}, {first.error})"
