"""What becomes of a request whose download failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import CloseSpider
from twisted.python.failure import Failure

from crawlers.errors import CrawlStopping, LayoutChanged, PageGone, ServerFailed
from crawlers.frontier.lease import LeasedErrback, drop_lease, essential, is_essential, lease_of, set_lease
from crawlers.frontier.turns import Turns
from crawlers.items import Batch, Invalid, Remember, Rows
from tests.unit.stores import TestStore, Word, taken

URL = "https://site.example/"


class Queue:
    """A queue with one request, and what it gave up."""

    def __init__(self, store: TestStore) -> None:
        self.store = store
        self.given_up: list[tuple[Request, BaseException | None]] = []
        self.turns = Turns()

    def errback(self, of_its_own: Callable[..., Any] | None = None, *, hangs: bool = False) -> LeasedErrback:
        """The errback of the next request; the rest of the crawl `hangs` on it or not."""
        request = Request(URL, errback=of_its_own)
        set_lease(request, taken(self.store))
        return LeasedErrback(essential(request) if hangs else request, lease_of(request) or 0, self.give_up, self.turns)

    def give_up(self, request: Request, error: BaseException | None) -> None:
        self.given_up.append((request, error))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TestStore]:
    made = TestStore(tmp_path / "queue.sqlite")
    made.put(b"a")
    yield made
    made.close()


@pytest.fixture
def queue(store: TestStore) -> Queue:
    return Queue(store)


def failed(error: Exception) -> Failure:
    return Failure(error)  # type: ignore[no-untyped-call]


GONE = failed(PageGone("site.example/…", "gone (status 404)"))
BROKEN = failed(ServerFailed("site.example/…", "status 500"))


async def collected(batches: AsyncIterator[Batch]) -> list[Batch]:
    return [batch async for batch in batches]


def called(errback: LeasedErrback, failure: Failure = BROKEN) -> list[Batch]:
    """The Batches that an errback of a spider's own makes."""
    batches = errback(failure)
    assert isinstance(batches, AsyncIterator)
    return asyncio.run(collected(batches))


def packed(queue: Queue, output: Any) -> Batch:
    """The Batch an errback's output becomes."""
    (batch,) = called(queue.errback(lambda _: output))
    assert queue.given_up == []
    return batch


def test_a_page_that_is_gone_is_done(queue: Queue) -> None:
    batches = queue.errback()(GONE)
    assert isinstance(batches, list)
    queue.store.ack(*batches)
    assert (queue.store.done, queue.store.failed, queue.store.pending) == (1, 0, 0)
    assert queue.given_up == []


@pytest.mark.parametrize("failure", [GONE, BROKEN], ids=["gone", "broken"])
def test_an_essential_page_is_never_done_without_having_been_read(queue: Queue, failure: Failure) -> None:
    assert queue.errback(hangs=True)(failure) is failure
    ((request, error),) = queue.given_up
    assert is_essential(request)
    assert error is failure.value


def test_any_other_failure_is_given_up_with_its_lease(queue: Queue) -> None:
    assert queue.errback()(BROKEN) is BROKEN
    ((request, error),) = queue.given_up
    assert (lease_of(request), is_essential(request), error) == (1, False, BROKEN.value)


@pytest.mark.parametrize("hangs", [False, True])
def test_a_request_that_waited_while_the_crawl_ended_stays_in_the_queue(queue: Queue, hangs: bool) -> None:
    stopping = failed(CrawlStopping("the crawl ends"))
    assert queue.errback(lambda _: [Remember("x", 1)], hangs=hangs)(stopping) is stopping
    assert queue.given_up == []
    assert (queue.store.failed, queue.store.pending) == (0, 1)


def several() -> Iterator[Any]:
    yield {"dataset": "sketchfab/likes"}
    yield Request(URL)
    yield Remember("x", 1)


async def several_later() -> AsyncIterator[Any]:
    for output in several():
        yield output


def test_all_that_an_errback_yields_becomes_one_batch_with_its_lease(queue: Queue) -> None:
    for output in (several(), several_later(), list(several())):
        batch = packed(queue, output)
        assert (len(batch.requests), len(batch.facts), len(batch.invalid)) == (1, 1, 1)
        assert queue.store.put(b"again", lease=batch.lease)


@pytest.mark.parametrize(
    "output",
    [Word(word="a"), Rows(Word, [{"word": "a"}, {}], dict), Rows(Word, [{"word": "a"}], dict)],
    ids=["an item", "rows, one of them invalid", "rows"],
)
def test_an_errback_may_return_one_item_or_the_rows_of_a_page_as_they_are(queue: Queue, output: Any) -> None:
    batch = packed(queue, output)
    assert batch.rows[Word] == [{"word": "a"}]
    assert batch.invalid[Word] in ([], [Invalid("word", "missing")])
    assert batch.seen[Word] == 1 + len(batch.invalid[Word])


def test_an_errback_that_yields_nothing_ends_its_request(queue: Queue) -> None:
    queue.store.ack(packed(queue, None))
    assert (queue.store.done, queue.store.pending) == (1, 0)


def raise_the_same(failure: Failure) -> None:
    raise failure.value  # type: ignore[misc]  # mypy: it may be None in theory


def raise_another(failure: Failure) -> None:
    raise LayoutChanged("site.example/…", "no list")


def raise_half_way(failure: Failure) -> Iterator[Any]:
    yield Remember("x", 1)
    raise_another(failure)


async def raise_later(failure: Failure) -> AsyncIterator[Any]:
    yield Remember("x", 1)
    raise_another(failure)


@pytest.mark.parametrize("errback", [raise_the_same, raise_another, raise_half_way, raise_later])
def test_what_an_errback_raises_is_given_up_and_nothing_of_it_is_kept(queue: Queue, errback: Any) -> None:
    with pytest.raises((ServerFailed, LayoutChanged)) as caught:
        called(queue.errback(errback))
    ((request, error),) = queue.given_up
    assert (lease_of(request), error) == (1, caught.value)


def test_an_errback_may_close_the_crawl_and_its_request_stays(queue: Queue) -> None:
    def close(_: Failure) -> None:
        raise CloseSpider("source_gone")

    with pytest.raises(CloseSpider):
        called(queue.errback(close))
    assert queue.given_up == []
    assert queue.store.pending == 1


def test_an_errback_waits_until_the_page_before_it_is_stored(queue: Queue) -> None:
    """Else both would recall the same counter, and give the same number out."""
    counted: list[int] = []

    async def crawl() -> None:
        await queue.turns.begin(99)
        batches = queue.errback(lambda _: counted.append(1))(BROKEN)
        assert isinstance(batches, AsyncIterator)
        waiting = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0.05)
        assert counted == []
        queue.turns.end(99)
        await waiting
        assert counted == [1]
        # And the next page waits for what it yielded.
        following = asyncio.ensure_future(queue.turns.begin(99))
        await asyncio.sleep(0.05)
        assert not following.done()
        queue.turns.end(1)
        await following

    asyncio.run(crawl())


def test_an_errback_that_raises_keeps_nobody_waiting(queue: Queue) -> None:
    async def crawl() -> None:
        batches = queue.errback(raise_another)(BROKEN)
        assert isinstance(batches, AsyncIterator)
        with pytest.raises(LayoutChanged):
            await anext(batches)
        await asyncio.wait_for(queue.turns.begin(99), timeout=5)

    asyncio.run(crawl())


def test_a_copied_meta_does_not_make_a_child_the_retry_of_its_parent() -> None:
    parent = Request(URL)
    assert lease_of(parent) is lease_of(None) is None
    set_lease(parent, 7)
    child = parent.replace(url="https://site.example/child")
    assert lease_of(child) == 7
    drop_lease(child)
    assert (lease_of(child), lease_of(parent)) == (None, 7)


def test_no_request_is_essential_unless_marked_and_a_retry_of_one_still_is() -> None:
    assert not is_essential(None)
    assert not is_essential(Request(URL))
    assert is_essential(essential(Request(URL)).replace(dont_filter=True))
