"""Whatever a callback yields goes into one Batch, or is refused with a message that says what to yield instead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
import scrapy
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawlers.errors import ConfigurationError, LayoutChanged, TypeDefinitionError
from crawlers.frontier.lease import LeasedErrback, set_lease
from crawlers.frontier.turns import Turns
from crawlers.items import Batch, Invalid, Remember, Rows
from crawlers.items.sketchfab import Like, Model
from crawlers.middlewares.batch import BatchMiddleware

VALUES = {"user_id": "dave", "model_id": "abc", "position": 3, "likes_source": "model"}


@dataclass
class DataclassLike:
    user_id: str = "dave"
    model_id: str = "abc"
    position: int = 3
    likes_source: str = "model"
    dataset: str = "sketchfab/likes"


@attrs.define
class AttrsLike:
    user_id: str = "dave"
    model_id: str = "abc"
    position: int = 3
    likes_source: str = "model"
    dataset: str = "sketchfab/likes"


class ScrapyLike(scrapy.Item):
    dataset = scrapy.Field()
    user_id = scrapy.Field()
    model_id = scrapy.Field()
    position = scrapy.Field()
    likes_source = scrapy.Field()


ITEMS = {
    "an item of ours": Like.model_validate(VALUES),
    "rows": Rows(Like, [VALUES], dict),
    "a dict": {"dataset": "sketchfab/likes", **VALUES},
    "a dataclass": DataclassLike(),
    "attrs": AttrsLike(),
    "a scrapy.Item": ScrapyLike(dataset="sketchfab/likes", **VALUES),
}


def packed(*outputs: Any) -> Batch:
    batch = Batch(lease=7)
    for output in outputs:
        batch.add(output)
    return batch


@pytest.mark.parametrize("output", ITEMS.values(), ids=ITEMS)
def test_an_item_of_any_kind_becomes_a_plain_row_of_its_table(output: Any) -> None:
    batch = packed(output)
    assert dict(batch.rows) == {Like: [VALUES]}
    assert all(type(row) is dict for row in batch.rows[Like])
    assert dict(batch.seen) == {Like: 1}
    assert batch.unreadable() == []


def test_defaults_and_conversions_of_the_type_hold_for_foreign_items_too() -> None:
    batch = packed({"dataset": "sketchfab/models", "model_id": "abc", "name": "A", "user_id": "u", "like_count": "7"})
    (row,) = batch.rows[Model]
    assert list(row) == list(Model.model_fields)
    assert row["like_count"] == 7
    assert row["tags"] is None


def test_the_item_that_was_yielded_is_not_changed_by_what_pipelines_do_to_the_row() -> None:
    item, values = Like.model_validate(VALUES), {"dataset": "sketchfab/likes", **VALUES}
    batch = packed(item, values)
    for row in batch.rows[Like]:
        row["user_id"] = "a pseudonym"
    assert item.user_id == "dave"
    assert values["user_id"] == "dave"
    assert "dataset" in values


def test_rows_requests_and_facts_of_a_page_stay_together_in_order() -> None:
    first, second = Request("https://a.example"), Request("https://b.example")
    fact = Remember("done")
    batch = packed(first, Rows(Like, [VALUES], dict), None, second, fact, Like.model_validate(VALUES | {"position": 4}))
    assert batch.lease == 7
    assert batch.requests == [first, second]
    assert batch.facts == [fact]
    assert [row["position"] for row in batch.rows[Like]] == [3, 4]
    assert batch.row_count() == 2


def test_one_bad_item_among_good_ones_is_set_aside_alone() -> None:
    good = {"dataset": "sketchfab/likes", **VALUES}
    batch = packed(good, good | {"position": "dave"}, good)
    assert batch.row_count() == 2
    assert batch.invalid[Like] == [Invalid("position", "int_parsing")]
    assert batch.seen[Like] == 3
    assert batch.unreadable() == []


def test_a_table_of_which_no_row_could_be_read_is_named() -> None:
    batch = packed(Rows(Like, [{}, {}], dict), {"dataset": "sketchfab/models", "name": 3}, Request("https://a.example"))
    assert batch.unreadable() == [Like, Model]


def test_nothing_is_an_empty_batch() -> None:
    batch = packed(None)
    assert batch.row_count() == 0
    assert [*batch.requests, *batch.facts, *batch.unreadable()] == []


@pytest.mark.parametrize("output", ["dave", 3, [VALUES], (1, 2), object(), b"dave", Like])
def test_what_is_no_output_is_refused_by_its_type_alone(output: Any) -> None:
    with pytest.raises(TypeDefinitionError, match="yield Rows, items or requests") as caught:
        packed(output)
    assert "dave" not in str(caught.value)


def test_an_item_that_names_no_table_is_refused_with_an_example() -> None:
    with pytest.raises(TypeDefinitionError, match=r"a dict without 'dataset'.* \{'dataset': ") as caught:
        packed(VALUES)
    assert "dave" not in str(caught.value)


def test_an_item_of_an_unknown_table_is_refused_with_the_tables_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"no table 'sketchfab/hates'; the tables are .*sketchfab/models"):
        packed({"dataset": "sketchfab/hates", **VALUES})


def test_a_batch_shows_counts_and_no_value() -> None:
    batch = packed(Rows(Like, [VALUES, VALUES], dict), Request("https://sketchfab.com/dave"), Remember("dave", 3))
    assert repr(batch) == "<Batch lease=7 rows: sketchfab/likes 2; requests: 1>"
    assert str(batch) == repr(batch)
    assert repr(packed()) == "<Batch lease=7 rows: none; requests: 0>"


def test_batches_share_nothing() -> None:
    first, second = packed(ITEMS["a dict"], Request("https://a.example"), Remember("x")), packed()
    assert not second.rows
    assert not second.requests
    assert not second.facts
    assert first.row_count() == 1


def test_the_time_of_a_batch_is_utc_and_in_whole_seconds() -> None:
    fetched_at = packed().fetched_at
    assert fetched_at.utcoffset() is not None
    assert fetched_at.microsecond == 0


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", {"a": {1}}, {(1, 2): 3}])
def test_a_fact_that_is_not_json_is_refused_where_it_is_made(value: Any) -> None:
    with pytest.raises(TypeDefinitionError, match="its value must be JSON"):
        Remember("since", value)


def test_a_fact_whose_name_no_file_could_hold_is_refused_where_it_is_made() -> None:
    with pytest.raises(TypeDefinitionError, match="cannot be stored"):
        Remember("name \ud800", 1)


def test_a_callback_begins_when_the_page_before_it_is_stored() -> None:
    """Two pages that count from the same number would both give it out."""

    async def outputs(counted: list[int]) -> AsyncIterator[Remember]:
        counted.append(len(counted))
        yield Remember("count", counted[-1])

    async def crawl() -> None:
        middleware, counted = BatchMiddleware(get_crawler(Sketchfab), Turns()), list[int]()
        first, second = page(), page(lease=2)
        async for _ in middleware.process_spider_output(first, outputs(counted)):
            pass  # handed over; the pipelines are not done with it
        waiting = asyncio.ensure_future(anext(middleware.process_spider_output(second, outputs(counted))))
        await asyncio.sleep(0.05)
        assert counted == [0]
        middleware._passed_on(second)  # somebody else's end is not the first one's
        await asyncio.sleep(0.05)
        assert counted == [0]
        middleware._passed_on(first)
        await waiting
        assert counted == [0, 1]

    asyncio.run(crawl())


def test_a_callback_that_raises_does_not_keep_the_others_waiting() -> None:
    async def fails() -> AsyncIterator[Remember]:
        yield Remember("count", 1)
        raise ValueError("a page that no callback can read")

    async def crawl() -> None:
        middleware = BatchMiddleware(get_crawler(Sketchfab), Turns())
        for _ in range(2):
            with pytest.raises(ValueError, match="no callback"):
                await anext(middleware.process_spider_output(page(), fails()))

    asyncio.run(crawl())


async def misses_a_landmark() -> AsyncIterator[Remember]:
    yield Remember("half of the page", 1)
    raise LayoutChanged("sketchfab.com/…", "no list")


def read_with(errback: Callable[..., Any] | None, given_up: list[Request]) -> Batch:
    """What becomes of a page that misses a landmark, and whose request has this errback."""
    middleware, response = BatchMiddleware(stand_in(), Turns()), page()
    assert response.request is not None
    response.request.errback = errback
    leased = LeasedErrback(response.request, 1, lambda request, _: given_up.append(request), middleware._turns)
    response.request.errback = leased

    async def crawl() -> Batch:
        return await anext(middleware.process_spider_output(response, misses_a_landmark()))

    return asyncio.run(crawl())


def test_the_errback_says_what_to_do_without_a_page_that_changed() -> None:
    """As for a page that was not recognised: whoever finds it out, the request's row is written."""
    given_up: list[Request] = []
    batch = read_with(lambda failure: Remember("without", type(failure.value).__name__), given_up)
    assert (batch.lease, batch.facts, given_up) == (1, [Remember("without", "LayoutChanged")], [])


@pytest.mark.parametrize("errback", [None, lambda failure: failure.raiseException()], ids=["none", "one that raises"])
def test_without_an_answer_of_an_errback_a_changed_page_is_lost(errback: Callable[..., Any] | None) -> None:
    with pytest.raises(LayoutChanged, match="no list"):
        read_with(errback, [])


def stand_in() -> Any:
    """A crawler without the middleware that saves pages."""
    return SimpleNamespace(
        stats=get_crawler(Sketchfab).stats, spidercls=Sketchfab, get_downloader_middleware=lambda _: None
    )


def page(lease: int = 1) -> Response:
    request = Request("https://sketchfab.com/")
    set_lease(request, lease)
    return Response(request.url, request=request)


class Sketchfab(scrapy.Spider):
    name = "sketchfab"
