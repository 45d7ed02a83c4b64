"""What becomes of rows that cannot be kept, and what a store counts of each table: every row seen, once."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.frontier.row_counts import no_rows
from crawlers.items import Batch, Invalid
from tests.unit.stores import TestStore, Word, after_kill, page, taken, words


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TestStore]:
    (tmp_path / "job").mkdir()
    made = TestStore(tmp_path / "job" / "queue.sqlite")
    yield made
    made.close()


@pytest.mark.parametrize("value", ["half \ud83d", 2**70, object()])
def test_a_row_that_no_column_could_hold_is_quarantined_alone(store: TestStore, value: object) -> None:
    store.put(b"a")
    batch = page(taken(store), "before", "broken", "after")
    batch.rows[Word][1]["word"] = value
    store.ack(batch)
    store.commit()
    assert words(store) == ["before", "after"]
    assert store.quarantined() == [("test/words", Invalid("(row)", "arrow"), 1)]
    assert store.spool_size()["test/words"][0] == 2


def test_invalid_rows_are_kept_as_field_and_error(store: TestStore) -> None:
    store.put(b"a")
    invalid = [Invalid("word", "string_type"), Invalid("word", "string_type"), Invalid("(row)", "KeyError")]
    store.ack(Batch(taken(store), invalid={Word: invalid}))
    store.commit()
    assert after_kill(store).quarantined() == [
        ("test/words", Invalid("(row)", "KeyError"), 1),
        ("test/words", Invalid("word", "string_type"), 2),
    ]


def test_a_row_that_no_column_could_hold_counts_as_invalid_and_not_as_stored(store: TestStore) -> None:
    store.ack(replace(page(None, "good", "\ud83d"), seen={Word: 2}))
    store.commit()
    assert store.row_counts["test/words"] == no_rows() | {"pages": 1, "seen": 2, "invalid": 1, "stored": 1}
    assert after_kill(store).row_counts == store.row_counts


def test_every_row_seen_is_counted_once(store: TestStore) -> None:
    finished = replace(page(None, "kept"), seen={Word: 7}, duplicates=defaultdict(int, {Word: 3}))
    store.ack(replace(finished, forgotten=defaultdict(int, {Word: 2}), invalid={Word: [Invalid("word", "missing")]}))
    left_out = {"duplicate": 3, "forgotten": 2, "invalid": 1}
    assert store.row_counts["test/words"] == no_rows() | {"pages": 1, "seen": 7, "stored": 1} | left_out


def test_counts_of_an_older_version_are_gone_on_with(store: TestStore) -> None:
    older = {"test/words": {"pages": 4, "seen": 9, "duplicate": 0, "invalid": 0, "stored": 9, "nulls": {}}}
    with sqlite3.connect(store.path) as db:
        db.execute("INSERT INTO state VALUES ('row_counts', ?)", (json.dumps(older),))
    db.close()
    again = after_kill(store)
    again.ack(replace(page(None, "more"), seen={Word: 1}))
    assert again.row_counts["test/words"] == no_rows() | {"pages": 5, "seen": 10, "stored": 10}
