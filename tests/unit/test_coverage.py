"""What a list that was read to its end lacked is counted with the page that ended it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from crawlers.frontier.row_counts import no_rows
from crawlers.items import Batch, Coverage, Gap
from tests.unit.stores import TestStore, Word, after_kill, taken


@pytest.fixture
def store(tmp_path: Path) -> TestStore:
    return TestStore(tmp_path / "queue.sqlite")


def read(store: TestStore, *lists: Coverage, gaps: Sequence[Gap] = ()) -> None:
    """A page that ended these lists, and told of these gaps, wholly stored."""
    store.put(b"page")
    batch = Batch(taken(store))
    for one in (*lists, *gaps):
        batch.add(one)
    store.ack(batch)
    store.commit()


def test_stated_and_missing_rows_are_counted_by_table_and_outlive_the_process(store: TestStore) -> None:
    read(store, Coverage(Word, stated=9, received=7), Coverage(Word, stated=4, received=4))
    again = after_kill(store)
    read(again, Coverage(Word, stated=2, received=0))
    assert again.row_counts["test/words"] == no_rows() | {"lists": 3, "stated": 15, "missing": 4}


def test_a_list_that_grew_makes_up_for_no_other(store: TestStore) -> None:
    read(store, Coverage(Word, stated=5, received=9), Coverage(Word, stated=5, received=3))
    assert store.row_counts["test/words"] == no_rows() | {"lists": 2, "stated": 10, "missing": 2}


def test_what_no_list_shows_is_kept_in_the_order_it_was_found_and_outlives_the_process(store: TestStore) -> None:
    read(store, gaps=[Gap(Word, "words of the letter q")])
    again = after_kill(store)
    read(again, gaps=[Gap(Word, "words of the letter x"), Gap(Word, "words of the letter y")])
    assert again.gaps == [["test/words", f"words of the letter {letter}"] for letter in "qxy"]
    assert after_kill(again).gaps == again.gaps
