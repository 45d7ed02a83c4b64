"""Which request is next: no slot gets more out than it has room for, and none stands in another's way."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.datasets.checksum import with_checksum
from crawlers.frontier.waiting import Waiting, WaitingRequests

SLOTS = ("a.example", "b.example", "c.example")


def empty(hot: int = 100) -> WaitingRequests:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE queue(lease INTEGER PRIMARY KEY, slot TEXT, rank INTEGER, request BLOB)")
    return WaitingRequests(db, hot)


def of(*slots: str) -> WaitingRequests:
    """One request for each slot named, in this order; lease 1 is the first."""
    made = empty()
    for lease, slot in enumerate(slots, 1):
        made.add(lease, Waiting(slot, 0, slot.encode()))
    return made


def take(waiting: WaitingRequests, room: Callable[[str], int]) -> int | None:
    found = waiting.take(frozenset(), room)
    return None if found is None else found[0]


def test_a_slot_without_room_gets_nothing_and_its_request_still_waits() -> None:
    waiting = of("a.example")
    assert take(waiting, lambda _: 0) is None
    assert waiting
    assert waiting.out == set()
    assert take(waiting, lambda _: 1) == 1


def test_a_slot_gets_no_more_out_than_its_room() -> None:
    waiting = of(*["a.example"] * 5)
    assert [take(waiting, lambda _: 2) for _ in range(4)] == [1, 2, None, None]
    waiting.end(1)
    assert [take(waiting, lambda _: 2) for _ in range(2)] == [3, None]


def test_a_request_put_back_makes_room_again() -> None:
    waiting = of("a.example", "a.example")
    assert take(waiting, lambda _: 1) == 1
    waiting.add(1, Waiting("a.example", 5, b"later"))
    assert [take(waiting, lambda _: 1) for _ in range(2)] == [2, None]


def test_a_slot_without_room_does_not_stop_the_others_whatever_its_priority() -> None:
    waiting = empty()
    for lease in (1, 2, 3):
        waiting.add(lease, Waiting("full.example", -9, b""))
    waiting.add(4, Waiting("free.example", 9, b""))
    waiting.add(5, Waiting("free.example", 9, b""))
    room = {"full.example": 1, "free.example": 7}.__getitem__
    assert [take(waiting, room) for _ in range(4)] == [1, 4, 5, None]


def test_room_that_shrinks_holds_for_what_is_taken_from_then_on() -> None:
    waiting = of(*["a.example"] * 4)
    assert [take(waiting, lambda _: 3) for _ in range(3)] == [1, 2, 3]
    waiting.end(1)
    assert take(waiting, lambda _: 1) is None
    waiting.end(2)
    waiting.end(3)
    assert take(waiting, lambda _: 1) == 4


@pytest.mark.parametrize("hot", [1, 3])
def test_room_holds_for_requests_that_wait_in_the_file_too(hot: int) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE queue(lease INTEGER PRIMARY KEY, slot TEXT, rank INTEGER, request BLOB)")
    requests = [(lease, SLOTS[lease % 2], with_checksum(b"")) for lease in range(1, 9)]
    db.executemany("INSERT INTO queue VALUES (?, ?, 0, ?)", requests)
    waiting = WaitingRequests(db, hot)
    found = [take(waiting, {SLOTS[0]: 0, SLOTS[1]: 2}.__getitem__) for _ in range(3)]
    assert found == [1, 3, None]
    waiting.end(1)
    assert take(waiting, {SLOTS[0]: 1, SLOTS[1]: 1}.__getitem__) == 2


steps = st.lists(st.one_of(st.sampled_from(SLOTS), st.just("take"), st.just("end")), max_size=60)


@given(steps, st.fixed_dictionaries({slot: st.integers(0, 3) for slot in SLOTS}))
def test_whatever_happens_no_slot_exceeds_its_room_and_every_request_with_room_comes(
    steps: list[str], room: dict[str, int]
) -> None:
    waiting, slot_of = empty(), dict[int, str]()
    for step in steps:
        if step == "end":
            for lease in sorted(waiting.out)[:1]:
                waiting.end(lease)
                del slot_of[lease]
        elif step == "take":
            before = Counter(slot_of[lease] for lease in waiting.out)
            idle = {slot_of[lease] for lease in slot_of if lease not in waiting.out}
            lease_or_none = take(waiting, room.__getitem__)
            could = {slot for slot in idle if before[slot] < room[slot]}
            assert (lease_or_none is None) == (not could)
            assert lease_or_none is None or slot_of[lease_or_none] in could
        else:
            lease = len(steps) + len(slot_of) + max(slot_of, default=0) + 1
            slot_of[lease] = step
            waiting.add(lease, Waiting(step, 0, b""))
        assert all(out <= room[slot] for slot, out in Counter(slot_of[lease] for lease in waiting.out).items())
