"""What becomes of a request whose download failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from twisted.python.failure import Failure

from crawlers.errors import CrawlStopping, PageGone, ServerFailed
from crawlers.frontier.lease import LeasedErrback, drop_lease, lease_of, set_lease
from crawlers.items import Batch, Invalid, Remember, Rows
from tests.unit.stores import TestStore, Word, taken


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TestStore]:
    made = TestStore(tmp_path / "queue.sqlite")
    made.put(b"a")
    yield made
    made.close()


def failed(error: Exception) -> Failure:
    return Failure(error)  # type: ignore[no-untyped-call]


GONE = failed(PageGone("site.example/…", "gone (status 404)"))
BROKEN = failed(ServerFailed("site.example/…", "status 500"))


async def collected(batches: AsyncIterator[Batch]) -> list[Batch]:
    return [batch async for batch in batches]


def packed(store: TestStore, output: Any) -> Batch:
    """The Batch an errback's output becomes."""
    batches = LeasedErrback(store, taken(store), lambda _: output)(BROKEN)
    assert isinstance(batches, AsyncIterator)
    (batch,) = asyncio.run(collected(batches))
    return batch


def test_a_page_that_is_gone_is_done(store: TestStore) -> None:
    batches = LeasedErrback(store, taken(store), None)(GONE)
    assert isinstance(batches, list)
    store.ack(*batches)
    assert (store.done, store.failed, store.pending) == (1, 0, 0)


def test_any_other_failure_is_a_dead_letter_named_for_its_kind(store: TestStore) -> None:
    assert LeasedErrback(store, taken(store), None)(BROKEN) is BROKEN
    store.commit()
    assert store.failures() == [("ServerFailed", 1)]


def test_a_request_that_waited_while_the_crawl_ended_stays_in_the_queue(store: TestStore) -> None:
    stopping = failed(CrawlStopping("the crawl ends"))
    assert LeasedErrback(store, taken(store), lambda _: [Remember("x", 1)])(stopping) is stopping
    assert (store.failed, store.pending) == (0, 1)


def several() -> Iterator[Any]:
    yield {"dataset": "sketchfab/likes"}
    yield Request("https://site.example")
    yield Remember("x", 1)


async def several_later() -> AsyncIterator[Any]:
    for output in several():
        yield output


def test_all_that_an_errback_yields_becomes_one_batch_with_its_lease(store: TestStore) -> None:
    for output in (several(), several_later(), list(several())):
        batch = packed(store, output)
        assert (len(batch.requests), len(batch.facts), len(batch.invalid)) == (1, 1, 1)
        assert store.put(b"again", lease=batch.lease)


@pytest.mark.parametrize(
    "output", [Word(word="a"), Rows(Word, [{"word": "a"}, {}], dict), Rows(Word, [{"word": "a"}], dict)], ids=repr
)
def test_an_errback_may_return_one_item_or_the_rows_of_a_page_as_they_are(store: TestStore, output: Any) -> None:
    batch = packed(store, output)
    assert batch.rows[Word] == [{"word": "a"}]
    assert batch.invalid[Word] in ([], [Invalid("word", "missing")])
    assert batch.seen[Word] == 1 + len(batch.invalid[Word])


def test_an_errback_that_yields_nothing_ends_its_request(store: TestStore) -> None:
    store.ack(packed(store, None))
    assert (store.done, store.pending) == (1, 0)


def test_a_copied_meta_does_not_make_a_child_the_retry_of_its_parent() -> None:
    parent = Request("https://site.example")
    assert lease_of(parent) is lease_of(None) is None
    set_lease(parent, 7)
    child = parent.replace(url="https://site.example/child")
    assert lease_of(child) == 7
    drop_lease(child)
    assert (lease_of(child), lease_of(parent)) == (None, 7)
