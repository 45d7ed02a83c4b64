"""The one file of a job, verb by verb: put, take, ack, fail, commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.datasets import spool
from crawlers.datasets.check import key_id_of
from crawlers.datasets.checksum import with_checksum
from crawlers.frontier.keys import start_key
from crawlers.frontier.store import Store
from crawlers.items import Batch, Invalid, Remember, Tally
from tests.unit.stores import TestStore, Word, after_kill, drain, locked, page, stored, taken, words


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TestStore]:
    (tmp_path / "job").mkdir()
    made = TestStore(tmp_path / "job" / "queue.sqlite")
    yield made
    made.close()


def test_requests_come_back_by_priority_and_among_equals_in_the_order_they_came(store: TestStore) -> None:
    for name, priority in (("a", 0), ("b", 5), ("c", 0), ("d", -5), ("e", 5), ("f", 0)):
        store.put(name.encode(), priority=priority)
    store.commit()
    reopened = after_kill(store)
    assert drain(store) == drain(reopened) == [b"b", b"e", b"a", b"c", b"f", b"d"]
    assert store.take() is None
    assert not store.waiting


def test_nothing_is_durable_before_a_commit(store: TestStore) -> None:
    store.put(b"first", key=b"1")
    store.ack(page(taken(store), "a"))
    store.put(b"second", key=b"2")
    store.ack(page(None, facts=[Remember("limit", 3)]))
    killed = after_kill(store)
    assert (killed.enqueued, killed.done, killed.pending) == (0, 0, 0)
    assert (words(killed), drain(killed), killed.recall("limit")) == ([], [], None)
    assert killed.put(b"second", key=b"2")  # not even seen


def test_after_a_kill_requests_in_flight_are_given_out_again_and_finished_ones_are_not(store: TestStore) -> None:
    for name in (b"done", b"in flight", b"failed", b"waiting"):
        store.put(name)
    done, _, failed = taken(store), taken(store), taken(store)
    store.ack(page(done, "a"))
    store.fail(failed, "ServerFailed")
    store.commit()
    killed = after_kill(store)
    assert killed.leases == frozenset()
    assert drain(killed) == [b"in flight", b"waiting"]
    assert words(killed) == ["a"]
    assert killed.failures() == [("ServerFailed", 1)]
    assert (killed.enqueued, killed.done, killed.failed, killed.pending) == (4, 1, 1, 2)


def test_rows_children_facts_and_the_end_of_a_page_are_durable_together(store: TestStore) -> None:
    store.put(b"parent", key=b"parent")
    store.commit()
    lease = taken(store)
    store.put(b"child", key=b"child")
    store.ack(page(lease, "a", "b", facts=[Remember("page", 1), Remember("known")]))
    before = after_kill(store)
    store.commit()
    after = after_kill(store)
    assert (drain(before), words(before), before.recall("page"), before.knows("known")) == (
        [b"parent"],
        [],
        None,
        False,
    )
    assert (drain(after), words(after), after.recall("page"), after.knows("known")) == ([b"child"], ["a", "b"], 1, True)


def test_taking_a_request_writes_nothing(store: TestStore) -> None:
    store.put(b"a")
    store.commit()
    taken(store)
    with locked(store):
        store.commit()  # nothing to write, so nobody is in the way


def test_a_request_that_comes_and_goes_between_two_commits_is_never_written_but_counted(store: TestStore) -> None:
    store.put(b"a")
    store.put(b"b")
    store.ack(page(taken(store)))
    store.fail(taken(store), "gone")
    store.commit()
    assert stored(store, "SELECT * FROM queue") == []
    killed = after_kill(store)
    assert (killed.enqueued, killed.done, killed.failed, killed.pending) == (2, 1, 1, 0)


def test_a_request_put_back_with_its_lease_replaces_its_row(store: TestStore) -> None:
    store.put(b"first try", priority=1, key=b"k")
    store.commit()
    lease = taken(store)
    assert store.put(b"second try", priority=-1, key=b"k", lease=lease)  # seen, and welcome all the same
    store.commit()
    assert stored(store, "SELECT lease, rank, request FROM queue") == [(lease, 1, with_checksum(b"second try"))]
    assert (store.enqueued, store.pending) == (1, 1)
    assert store.take() == (lease, b"second try")


def test_a_retry_not_yet_committed_when_the_process_dies_is_the_first_try_again(store: TestStore) -> None:
    store.put(b"first try")
    store.commit()
    store.put(b"second try", lease=taken(store))
    assert drain(after_kill(store)) == [b"first try"]


def test_a_request_put_back_is_not_ended_by_a_late_end_of_its_first_try(store: TestStore) -> None:
    """As when an errback yields the failed request again: its lease came along in the copied meta."""
    store.put(b"first try")
    lease = taken(store)
    store.put(b"second try", lease=lease)
    store.ack(page(lease))
    store.fail(lease, "late")
    assert (store.done, store.failed, store.pending) == (0, 0, 1)
    assert store.take() == (lease, b"second try")


def test_a_lease_that_has_ended_makes_a_new_request(store: TestStore) -> None:
    store.put(b"a")
    lease = taken(store)
    store.ack(page(lease))
    assert store.put(b"b", lease=lease)
    assert (store.enqueued, store.done, store.pending) == (2, 1, 1)


def test_a_page_ends_once(store: TestStore) -> None:
    store.put(b"a")
    lease = taken(store)
    store.fail(lease, "first")
    store.fail(lease, "second")
    store.ack(page(lease))
    store.commit()
    assert (store.done, store.failed, store.pending) == (0, 1, 0)
    assert store.failures() == [("first", 1)]


def test_a_request_seen_before_is_not_queued_also_after_a_kill(store: TestStore) -> None:
    assert store.put(b"a", key=b"k")
    assert not store.put(b"a", key=b"k")
    assert store.put(b"a")  # without a key nobody asks
    store.commit()
    assert not after_kill(store).put(b"a", key=b"k")


def test_values_and_marks_are_remembered_across_kills(store: TestStore) -> None:
    facts = [Remember("n", 0), Remember("s", "名"), Remember("d", {"a": [1, None]}), Remember("no", value=False)]
    store.ack(page(None, facts=[*facts, Remember("mark")]))
    store.commit()
    for found in (store, after_kill(store)):
        assert {fact.name: found.recall(fact.name) for fact in facts} == {fact.name: fact.value for fact in facts}
        assert found.knows("mark")
        assert not found.knows("n")  # a value is no mark
        assert found.recall("mark", "nothing") == "nothing"


def test_tallies_count_each_page_once_also_across_kills(store: TestStore) -> None:
    for name in (b"a", b"b", b"c"):
        store.put(name)
    first, second = taken(store), taken(store)
    for lease, names in ((first, ["film x", "film y", "film x"]), (second, ["film x", "other x"])):
        batch = page(lease)
        batch.add(Tally(names))
        store.ack(batch)
        if lease == first:
            store.commit()
    assert dict(store.tallied("film ")) == {"x": 3, "y": 1}
    killed = after_kill(store)  # before the second page was committed: it is read again, and was not counted
    assert dict(killed.tallied("film ")) == {"x": 2, "y": 1}
    assert dict(killed.tallied("")) == {"film x": 2, "film y": 1}
    assert killed.recall("film x") is None


def test_a_value_recalled_is_a_copy_and_looks_the_same_before_and_after_a_kill(store: TestStore) -> None:
    value = {"left": [1], "by_page": {}}
    store.ack(page(None, facts=[Remember("quota", value)]))
    value["left"] = []
    store.recall("quota")["by_page"]["x"] = 1  # as a callback might, whose page then fails
    assert store.recall("quota") == {"left": [1], "by_page": {}}
    store.commit()
    assert after_kill(store).recall("quota") == {"left": [1], "by_page": {}}


@pytest.mark.parametrize("way", ["locked", "full"])
def test_a_commit_that_fails_loses_nothing_and_a_later_one_writes_everything(store: TestStore, way: str) -> None:
    store.put(b"kept", key=b"kept")
    store.put(b"parent")
    store.commit()
    taken(store)
    long = [f"{number:06}" * 10 for number in range(2_000)]
    store.ack(page(taken(store), *long, facts=[Remember("n", 1), Remember("mark")]))
    store.put(b"child" * 1_000, key=b"child")
    for _ in range(2):
        if way == "locked":
            with locked(store), pytest.raises(sqlite3.OperationalError, match="locked"):
                store.commit()
        else:
            store.fill_disk()
            with pytest.raises(sqlite3.OperationalError, match="full"):
                store.commit()
    killed = after_kill(store)
    assert (drain(killed), words(killed), killed.done) == ([b"kept", b"parent"], [], 0)
    store.free_disk()
    store.put(b"later")
    store.commit()
    killed = after_kill(store)
    assert drain(killed) == [b"kept", b"child" * 1_000, b"later"]
    assert words(killed) == long
    assert (killed.recall("n"), killed.knows("mark")) == (1, True)
    assert not killed.put(b"child", key=b"child")


def test_whatever_fails_a_commit_no_transaction_stays_open(store: TestStore) -> None:
    store.ack(Batch(None, invalid={Word: [Invalid("half \ud83d", "KeyError")]}))
    with pytest.raises(UnicodeEncodeError):
        store.commit()
    with locked(store):  # another process can write
        pass


def test_rows_name_the_key_of_their_pseudonyms(tmp_path: Path) -> None:
    store = Store(tmp_path / "queue.sqlite", key_id="f9dcc082")
    store.ack(page(None, "good"))
    store.commit()
    ((_, blob),) = store.spooled("test/words")
    assert [key_id_of(batch.schema) for batch in spool.decode(blob)] == ["f9dcc082"]


def test_rows_leave_the_spool_only_as_far_as_they_are_in_a_part(store: TestStore) -> None:
    for word in ("a", "b"):
        store.ack(page(None, word))
        store.commit()
    bounds = store.spool_bounds("test/words")
    assert bounds is not None
    store.ack(page(None, "c"))
    store.commit()
    store.forget_spooled("test/words", bounds[1])
    assert words(after_kill(store)) == ["c"]
    assert store.spool_bounds("test/likes") is None


def test_what_start_yields_is_told_apart_by_its_content() -> None:
    batches = [
        page(None, "a"), page(None, "b"), page(None), page(None, facts=[Remember("a", 1)]),
        page(None, facts=[Remember("b", 1)]), Batch(None, invalid={Word: [Invalid("word", "missing")]}),
    ]  # fmt: skip
    assert len({start_key(batch) for batch in batches}) == len(batches)
    assert start_key(page(None, "a")) == start_key(page(None, "a"))


def test_a_slow_site_does_not_stand_in_the_way_of_the_others(store: TestStore) -> None:
    for number in range(3):
        store.put(b"slow %d" % number, slot="slow.example", priority=9)
    store.put(b"quick", slot="quick.example")
    store.put(b"other", slot="other.example")
    first = drain(store)[:3]
    assert sorted(first) == [b"other", b"quick", b"slow 0"]


def test_a_queue_larger_than_memory_comes_back_in_order_and_whole(tmp_path: Path) -> None:
    store = Store(tmp_path / "queue.sqlite", hot=3)
    for number in range(40):
        store.put(b"%02d" % number, priority=-number % 5, slot="a")
        if number % 7 == 0:
            store.commit()
    wanted = [b"%02d" % number for number in sorted(range(40), key=lambda number: (-(-number % 5), number))]
    found = []
    while (taken_ := store.take()) is not None:
        lease, request = taken_
        found.append(request)
        store.ack(Batch(lease))
        store.commit()
    assert found == wanted
    assert store.pending == 0
