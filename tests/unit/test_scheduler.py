"""How requests end: done, a dead letter, or, if the rest hangs on them, with the crawl."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.request import fingerprint
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from crawlers.errors import CrawlStopping, LayoutChanged, PageGone, ServerFailed
from crawlers.frontier.lease import LeasedErrback, essential, lease_of
from crawlers.frontier.scheduler import DurableScheduler
from crawlers.frontier.turns import Turns
from crawlers.items import Batch, Tally
from tests.unit.stores import TestStore


class OneSpider(Spider):
    name = "one"

    def parse(self, response: Response, **kwargs: Any) -> None: ...


class Crawl:
    """A scheduler at work, and the reasons for which it ended the crawl."""

    def __init__(self, store: TestStore) -> None:
        self.store = store
        self.endings: list[str] = []
        self.slots: dict[str, Any] = {}
        self.per_slot_settings: dict[str, dict[str, int]] = {}
        crawler = get_crawler(OneSpider)
        engine = SimpleNamespace(
            close_spider_async=self.close, crawl=self.asked_for,
            downloader=SimpleNamespace(
                get_slot_key=lambda request: urlparse_cached(request).hostname,
                slots=self.slots, per_slot_settings=self.per_slot_settings, domain_concurrency=2,
            ),
        )  # fmt: skip
        fingerprinter = SimpleNamespace(fingerprint=fingerprint)
        stand_in: Any = SimpleNamespace(
            engine=engine, request_fingerprinter=fingerprinter, settings=crawler.settings,
            stats=SimpleNamespace(inc_value=lambda _: None),
        )  # fmt: skip
        job: Any = SimpleNamespace(store=store, turns=Turns())
        self.spider = OneSpider()
        self.scheduler = DurableScheduler(stand_in, job)
        self.scheduler._spider = self.spider

    def asked_for(self, request: Request) -> None:
        self.scheduler.enqueue_request(request)

    async def close(self, *, reason: str) -> None:
        self.endings.append(reason)

    def taken(self, request: Request) -> Request:
        """The request as the engine gets it."""
        self.scheduler.enqueue_request(request)
        found = self.scheduler.next_request()
        assert found is not None
        return found

    def fails(self, request: Request, error: Exception) -> None:
        """The request's download fails, after all retries."""

        async def fail() -> None:
            assert isinstance(request.errback, LeasedErrback)
            request.errback(failed(error))
            await asyncio.sleep(0)

        asyncio.run(fail())

    def cannot_be_read(self, request: Request, error: Exception) -> None:
        """The request's callback raises."""

        async def fail() -> None:
            self.scheduler._spider_error(failed(error), Response(request.url, request=request))
            await asyncio.sleep(0)

        asyncio.run(fail())


async def begun(store: TestStore) -> Crawl:
    """A crawl; Scrapy's timers want a running loop."""
    return Crawl(store)


def failed(error: Exception) -> Failure:
    return Failure(error)  # type: ignore[no-untyped-call]


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Crawl]:
    store = TestStore(tmp_path / "queue.sqlite")
    yield asyncio.run(begun(store))
    store.close()


def request(path: str = "page", host: str = "site.example", **values: Any) -> Request:
    return Request(f"https://{host}/{path}", **values)


GONE = PageGone("site.example/…", "gone (status 404)")
BROKEN = ServerFailed("site.example/…", "status 500")
CHANGED = LayoutChanged("site.example/…", "no list")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BROKEN, "ServerFailed"), (CHANGED, "LayoutChanged"), (TimeoutError(), "TimeoutError"),
        (IgnoreRequest("Forbidden by robots.txt"), "RobotsDisallowed"), (IgnoreRequest(), "IgnoreRequest"),
    ],
)  # fmt: skip
def test_a_request_that_comes_to_nothing_is_a_dead_letter_named_for_its_kind(
    crawl: Crawl, error: Exception, reason: str
) -> None:
    crawl.fails(crawl.taken(request()), error)
    crawl.store.commit()
    assert crawl.store.failures() == [(reason, 1)]
    assert (crawl.store.failed, crawl.store.pending, crawl.endings) == (1, 0, [])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (GONE, "source_gone"), (CHANGED, "layout_changed"), (BROKEN, "unreachable"), (TimeoutError(), "unreachable"),
        (KeyError("dave"), "unreachable"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["fails", "cannot_be_read"])
def test_the_loss_of_an_essential_page_ends_the_crawl_and_keeps_the_request(
    crawl: Crawl, error: Exception, reason: str, way: str
) -> None:
    getattr(crawl, way)(crawl.taken(essential(request())), error)
    assert crawl.endings == [reason]
    assert (crawl.store.done, crawl.store.failed, crawl.store.pending) == (0, 0, 1)


def test_a_request_is_essential_also_when_it_comes_back_from_the_file(crawl: Crawl) -> None:
    crawl.scheduler.enqueue_request(essential(request()))
    crawl.store.commit()
    resumed = asyncio.run(begun(TestStore(crawl.store.path)))
    found = resumed.scheduler.next_request()
    assert found is not None
    resumed.fails(found, GONE)
    assert resumed.endings == ["source_gone"]
    resumed.store.close()


def test_what_stops_a_crawl_is_no_failure_of_its_request(crawl: Crawl) -> None:
    crawl.fails(crawl.taken(request("a")), CrawlStopping("the crawl ends"))
    crawl.cannot_be_read(crawl.taken(request("b")), CloseSpider("quota_exceeded"))
    assert (crawl.store.failed, crawl.store.pending, crawl.endings) == (0, 2, [])


def test_a_crawl_ends_once_for_the_first_reason(crawl: Crawl) -> None:
    first, second = crawl.taken(essential(request("a"))), crawl.taken(essential(request("b")))
    crawl.fails(first, GONE)
    crawl.fails(second, BROKEN)
    assert crawl.endings == ["source_gone"]


def test_a_failure_that_scrapy_tells_of_twice_counts_once(crawl: Crawl) -> None:
    lost = crawl.taken(request())
    crawl.fails(lost, BROKEN)
    crawl.cannot_be_read(lost, BROKEN)
    assert (crawl.store.failed, crawl.store.pending) == (1, 0)


def test_a_late_failure_of_a_request_that_waits_again_ends_nothing(crawl: Crawl) -> None:
    first = crawl.taken(essential(request()))
    crawl.scheduler.enqueue_request(first.replace(dont_filter=True))
    crawl.cannot_be_read(first, BROKEN)
    assert (crawl.endings, crawl.store.failed, crawl.store.pending) == ([], 0, 1)


def test_a_retry_takes_the_row_of_what_it_retries_and_keeps_the_spiders_own_errback(crawl: Crawl) -> None:
    first = crawl.taken(request(errback=crawl.spider.parse))
    again = crawl.taken(first.replace(dont_filter=True))
    assert lease_of(again) == lease_of(first) == 1
    assert isinstance(again.errback, LeasedErrback)
    assert again.errback.errback == crawl.spider.parse
    assert crawl.store.enqueued == 1


def out_of(crawl: Crawl, host: str, count: int = 5) -> int:
    """How many requests of a host are given out at once."""
    for number in range(count):
        crawl.scheduler.enqueue_request(request(str(number), host))
    found = 0
    while crawl.scheduler.next_request() is not None:
        found += 1
    return found


def test_no_more_requests_of_a_host_are_out_than_it_is_asked_at_once(crawl: Crawl) -> None:
    assert out_of(crawl, "new.example") == 2
    crawl.per_slot_settings["slow.example"] = {"concurrency": 1}
    assert out_of(crawl, "slow.example") == 1
    crawl.slots["active.example"] = SimpleNamespace(concurrency=3)
    crawl.per_slot_settings["active.example"] = {"concurrency": 1}
    assert out_of(crawl, "active.example") == 3
    assert crawl.scheduler.has_pending_requests()


def test_what_is_asked_for_last_is_asked_for_once_and_known_by_what_was_tallied(crawl: Crawl) -> None:
    """A crawl that is idle goes on as long as that brings anything new, also after a resume."""

    def last_requests(tallied: Any) -> list[Request]:
        return [request(name) for name, count in tallied("film ") if count > 1]

    spider: Any = SimpleNamespace(last_requests=last_requests)
    lists = crawl.taken(request("lists"))
    batch = Batch(lease_of(lists))
    batch.add(Tally(["film a", "film b", "film a"]))
    crawl.store.ack(batch)
    with pytest.raises(DontCloseSpider):
        crawl.scheduler._spider_idle(spider)
    found = crawl.scheduler.next_request()
    assert found is not None
    assert found.url == "https://site.example/a"
    assert crawl.scheduler.next_request() is None
    crawl.store.ack(Batch(lease_of(found)))
    crawl.scheduler._spider_idle(spider)
    crawl.store.commit()
    resumed = asyncio.run(begun(TestStore(crawl.store.path)))
    resumed.scheduler._spider_idle(spider)
    assert resumed.store.pending == 0
    resumed.store.close()


def test_a_crawl_that_ends_asks_for_nothing_more(crawl: Crawl) -> None:
    spider: Any = SimpleNamespace(last_requests=lambda _: [request("more")])
    crawl.fails(crawl.taken(essential(request())), GONE)
    crawl.scheduler._spider_idle(spider)
    assert crawl.store.enqueued == 1
