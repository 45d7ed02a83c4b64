"""Deduplication saves work and never decides: only what repeats the last known content of its key is dropped."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, ClassVar

from hypothesis import given
from hypothesis import strategies as st
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from crawlers.items import Batch, Item, Key, Row
from crawlers.pipelines.deduplicate import DeduplicatePipeline


class Person(Item):
    """A person."""

    dataset: ClassVar[str] = "test/people"

    person_id: Annotated[str, Key()]
    """Who."""
    words: list[str] | None = None
    """Words."""


class Film(Person):
    """A film."""

    dataset: ClassVar[str] = "test/films"


def new_stats() -> StatsCollector:
    return StatsCollector(get_crawler())


def person(person_id: str, value: Any = None, **more: Any) -> Row:
    return {"person_id": person_id, "value": value, **more}


def passed(pipeline: DeduplicatePipeline, *rows: Row, acked: bool = True, table: type[Item] = Person) -> list[Row]:
    """The rows of one page that the pipeline lets through."""
    batch = Batch(lease=1, rows={table: list(rows)})
    assert asyncio.run(pipeline.process_item(batch)) is batch
    if acked:
        acknowledge(batch)
    return batch.rows[table]


def acknowledge(batch: Batch) -> None:
    for call in batch.on_ack:
        call()


def test_a_row_repeated_in_its_page_is_dropped() -> None:
    rows = passed(DeduplicatePipeline(new_stats()), person("a", 1), person("b", 1), person("a", 1))
    assert rows == [person("a", 1), person("b", 1)]


def test_a_row_of_a_page_already_acked_is_dropped() -> None:
    pipeline = DeduplicatePipeline(new_stats())
    passed(pipeline, person("a", 1))
    assert passed(pipeline, person("a", 1), person("b", 1)) == [person("b", 1)]


def test_a_known_key_with_other_content_is_kept() -> None:
    pipeline = DeduplicatePipeline(new_stats())
    assert len(passed(pipeline, person("a", 1), person("a", 2))) == 2
    assert passed(pipeline, person("a", 3)) == [person("a", 3)]


def test_contents_that_only_look_alike_to_a_hash_are_kept_apart() -> None:
    pipeline = DeduplicatePipeline(new_stats())
    passed(pipeline, person("a", -1))
    assert passed(pipeline, person("a", -2)) == [person("a", -2)]
    assert passed(pipeline, person("a", 0)) == [person("a", 0)]
    assert passed(pipeline, person("a", value=False)) == [person("a", value=False)]
    assert passed(pipeline, person("a", "")) == [person("a", "")]
    assert passed(pipeline, person("a")) == [person("a")]


def test_the_last_word_on_a_key_is_never_dropped() -> None:
    """Publishing takes the latest row of a key, so a page that ends where it began must keep its end."""
    pipeline = DeduplicatePipeline(new_stats())
    passed(pipeline, person("a", 1))
    assert passed(pipeline, person("a", 2), person("a", 1)) == [person("a", 2), person("a", 1)]


def test_equal_keys_of_different_tables_are_different_rows() -> None:
    pipeline = DeduplicatePipeline(new_stats())
    passed(pipeline, person("a", 1))
    assert passed(pipeline, person("a", 1), table=Film) == [person("a", 1)]


def test_nothing_is_remembered_before_the_page_is_acked() -> None:
    pipeline = DeduplicatePipeline(new_stats())
    assert passed(pipeline, person("a", 1), acked=False) == [person("a", 1)]
    assert passed(pipeline, person("a", 1)) == [person("a", 1)]  # the page failed and is read again
    assert passed(pipeline, person("a", 1)) == []


def test_rows_with_lists_are_compared_by_their_lists() -> None:
    pipeline = DeduplicatePipeline(new_stats())
    passed(pipeline, person("a", ["x", "y"]))
    assert passed(pipeline, person("a", ["x", "y"])) == []
    assert passed(pipeline, person("a", ["y", "x"])) == [person("a", ["y", "x"])]


def test_what_is_added_to_a_row_later_does_not_count() -> None:
    pipeline = DeduplicatePipeline(new_stats())
    for row in passed(pipeline, person("a", 1)):
        row["fetched_at"] = "now"
    assert passed(pipeline, person("a", 1)) == []


def test_a_full_memory_forgets_and_lets_rows_through_again() -> None:
    pipeline = DeduplicatePipeline(new_stats(), memory_rows=3)
    passed(pipeline, person("a"), person("b"), person("c"))
    assert passed(pipeline, person("a"), person("c")) == []
    passed(pipeline, person("d"))  # one too many
    assert passed(pipeline, person("a"), person("d")) == [person("a")]


def test_a_row_that_no_column_could_hold_is_compared_too() -> None:
    pipeline = DeduplicatePipeline(new_stats())
    for value in ("half \ud83d", 2**70, object):
        passed(pipeline, person("a", value))
        assert passed(pipeline, person("a", value)) == []


def test_dropped_rows_are_counted_per_table() -> None:
    stats = new_stats()
    pipeline = DeduplicatePipeline(stats)
    passed(pipeline, person("a"), person("a"), person("a"))
    passed(pipeline, person("a"), table=Film)
    assert stats.get_stats() == {"rows/duplicate/test/people": 2}


def test_a_page_without_rows_passes() -> None:
    batch = Batch(lease=1)
    assert asyncio.run(DeduplicatePipeline(new_stats()).process_item(batch)) is batch
    assert batch.on_ack == []


rows = st.builds(person, st.sampled_from("abc"), st.none() | st.integers(-2, 1) | st.lists(st.text(), max_size=2))


@given(st.lists(st.lists(rows, max_size=6), max_size=6), st.integers(0, 4))
def test_what_publishing_would_keep_is_the_same_with_and_without_deduplication(
    pages: list[list[Row]], memory_rows: int
) -> None:
    pipeline = DeduplicatePipeline(new_stats(), memory_rows)
    kept = [row for page in pages for row in passed(pipeline, *page)]
    latest = {row["person_id"]: row["value"] for page in pages for row in page}
    assert {row["person_id"]: row["value"] for row in kept} == latest


@given(st.lists(rows, max_size=8))
def test_deduplicating_twice_changes_nothing(page: list[Row]) -> None:
    once = passed(DeduplicatePipeline(new_stats()), *page)
    assert passed(DeduplicatePipeline(new_stats()), *once) == once
    pipeline = DeduplicatePipeline(new_stats())
    passed(pipeline, *page)
    if len({row["person_id"] for row in page}) == len(page):
        assert passed(pipeline, *page) == []
