"""What a job has seen is known in memory and in its file alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.frontier.file_tables import TABLES
from crawlers.frontier.seen import SeenKeys


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(_database()) as connection:
        yield connection


def _database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(TABLES)
    return connection


def _write(db: sqlite3.Connection, seen: SeenKeys) -> None:
    db.executemany("INSERT INTO seen VALUES (?)", ((key,) for key in seen.new))
    seen.written()


@given(
    keys=st.lists(st.binary(min_size=1, max_size=2), max_size=20),
    asked=st.lists(st.binary(min_size=1, max_size=2), max_size=20),
    most=st.integers(0, 8),
    every=st.integers(1, 5),
)
def test_whether_a_key_was_seen_does_not_depend_on_how_many_fit_into_memory(
    keys: list[bytes], asked: list[bytes], most: int, every: int
) -> None:
    with closing(_database()) as db:
        seen, known = SeenKeys(db, most_in_memory=most), set()
        for number, key in enumerate(keys):
            assert (key in seen) is (key in known)
            if key not in seen:
                seen.add(key)
                known.add(key)
            if number % every == 0:
                _write(db, seen)
        assert [key in seen for key in asked] == [key in known for key in asked]


@pytest.mark.parametrize("most", [1, 5])
def test_a_resumed_job_knows_what_was_written(db: sqlite3.Connection, most: int) -> None:
    before = SeenKeys(db)
    for key in (b"a", b"b", b"c"):
        before.add(key)
    _write(db, before)
    before.add(b"never written")
    resumed = SeenKeys(db, most_in_memory=most)
    assert [key in resumed for key in (b"a", b"b", b"c", b"never written")] == [True, True, True, False]


def test_keys_that_are_written_are_no_longer_new(db: sqlite3.Connection) -> None:
    seen = SeenKeys(db, most_in_memory=1)
    seen.add(b"a")
    seen.add(b"b")
    assert seen.new == {b"a", b"b"}
    _write(db, seen)
    assert not seen.new
    assert b"a" in seen
    assert b"b" in seen
