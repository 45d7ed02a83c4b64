"""Scrapy's scheduler on top of the job's store."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Response
from scrapy.utils.asyncio import create_looping_call
from twisted.python.failure import Failure

from crawlers.errors import LayoutChanged, PageGone
from crawlers.frontier.keys import request_key
from crawlers.frontier.lease import LeasedErrback, is_essential, is_ruled_out, lease_of, set_lease
from crawlers.frontier.request_codec import UnstorableRequest, decode, encode

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from crawlers.frontier.job import Job

logger = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 0.5  # the most that a kill -9 makes a resumed crawl repeat
GIVE_UP_AFTER = 40  # failed commits in a row, 20 s: a full disk that somebody is clearing takes less

_LOST: dict[type[BaseException], str] = {PageGone: "source_gone", LayoutChanged: "layout_changed"}
"""How a crawl ends when an essential page is lost in one of these ways; any other is `unreachable`."""


def _reason(error: BaseException) -> str:
    """What a dead letter says: the class of the error, or that robots.txt rules the request out."""
    return "RobotsDisallowed" if is_ruled_out(error) else type(error).__name__


class DurableScheduler(BaseScheduler):
    """Feeds the engine from the store, and tells the store how requests end.

    A request that comes back with its lease (retry, redirect) replaces its row. A callback or pipeline that raises
    makes its request a dead letter, and so does a request that vanished once the crawl is idle; if the request is
    essential, the crawl ends instead. No slot has more requests out than it may send at once. When nothing is left, the
    spider is asked for its last requests.
    """

    def __init__(self, crawler: Crawler, job: Job) -> None:
        self._crawler = crawler
        self._store = job.store
        self._turns = job.turns
        self._fingerprint = crawler.request_fingerprinter.fingerprint
        self._committing = create_looping_call(self._commit)
        self._failed_commits = 0
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawlers.addon import running_job  # noqa: PLC0415  (the addon installs this scheduler)

        scheduler = cls(crawler, running_job(crawler))
        for handler, signal in (
            (scheduler._spider_error, signals.spider_error),
            (scheduler._item_error, signals.item_error),
            (scheduler._spider_idle, signals.spider_idle),
        ):
            crawler.signals.connect(handler, signal)
        return scheduler

    def open(self, spider: Spider) -> None:
        self._spider = spider
        self._committing.start(COMMIT_INTERVAL_S, now=False)

    def close(self, reason: str) -> None:
        if self._committing.running:
            self._committing.stop()
        self._commit()

    def has_pending_requests(self) -> bool:
        return self._store.waiting

    def enqueue_request(self, request: Request) -> bool:
        if isinstance(request.errback, LeasedErrback):
            request.errback = request.errback.errback
        # start() runs again on resume and yields with dont_filter, so its requests are always checked.
        checked = not request.dont_filter or request.meta.get("is_start_request", False)
        key = request_key(self._fingerprint(request)) if checked else None
        try:
            stored = encode(request, self._spider)
        except UnstorableRequest as error:
            if lease_of(request) is None:
                raise
            # A retry to which some middleware added an object. Scrapy does not expect this method to raise.
            self._give_up(request, error)
            return False
        slot = self._crawler.engine.downloader.get_slot_key(request)
        queued = self._store.put(stored, priority=request.priority, slot=slot, key=key, lease=lease_of(request))
        self._crawler.stats.inc_value("frontier/enqueued" if queued else "frontier/seen_before")
        return queued

    def next_request(self) -> Request | None:
        taken = self._store.take(self._room)
        if taken is None:
            return None
        lease, stored = taken
        request = decode(stored, self._spider)
        set_lease(request, lease)
        request.errback = LeasedErrback(request, lease, self._give_up, self._turns)
        return request

    def _room(self, slot: str) -> int:
        """Requests of a slot that may be out. More would wait in the downloader, where nothing can stop them."""
        downloader = self._crawler.engine.downloader
        if (active := downloader.slots.get(slot)) is not None:
            return active.concurrency
        settings: dict[str, int] = downloader.per_slot_settings.get(slot, {})
        return settings.get("concurrency", downloader.domain_concurrency)

    def _commit(self) -> None:
        try:
            self._store.commit()
        except Exception as error:  # noqa: BLE001
            # The looping call would stop for ever at an exception, whatever it is. Nothing is lost: the next commit
            # writes it all; until then nothing new is asked for.
            self._failed_commits += 1
            self._crawler.stats.inc_value("frontier/commit_failed")
            self._crawler.engine.pause()
            if self._failed_commits == 1:
                logger.warning("committing to the job's store: %s; pausing, and trying again", error)
            elif self._failed_commits == GIVE_UP_AFTER:
                logger.error("committing to the job's store: %s; giving up", error)  # noqa: TRY400
                self.end("storage_error")
        else:
            if self._failed_commits:
                logger.info("the job's store can be written again")
                self._failed_commits = 0
                self._crawler.engine.unpause()

    def _spider_error(self, failure: Failure, response: Response | Failure) -> None:
        # After a failed download Scrapy hands over the failure, with the request set on it.
        request = getattr(response, "request", None)
        if request is not None:
            self._give_up(request, failure.value)

    def _item_error(self, item: Any, failure: Failure, response: Response | Failure | None) -> None:
        request = getattr(response, "request", None)
        if request is not None:
            self._give_up(request, failure.value)

    def _give_up(self, request: Request, error: BaseException | None) -> None:
        """A request came to nothing: a dead letter, or the end of the crawl if the rest hangs on it."""
        lease = lease_of(request)
        if lease is None or error is None or isinstance(error, CloseSpider) or lease not in self._store.leases:
            return
        if is_essential(request):
            reason = next((reason for kind, reason in _LOST.items() if isinstance(error, kind)), "unreachable")
            logger.error("a page that the rest hangs on is lost: %s", error)
            self.end(reason)
        else:
            logger.warning("giving up on a request: %s", error)
            self._store.fail(lease, _reason(error))

    def end(self, reason: str) -> None:
        """Close the spider; what is out stays in the queue."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))

    def _spider_idle(self, spider: Any) -> None:
        for lease in self._store.leases:
            self._store.fail(lease, "Vanished")  # neither its callback nor its errback was called
        if self._closing is not None:
            return
        before = self._store.enqueued
        for request in spider.last_requests(self._store.tallied):
            self._crawler.engine.crawl(request)
        if self._store.enqueued > before:
            raise DontCloseSpider
