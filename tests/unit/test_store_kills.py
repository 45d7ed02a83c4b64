"""The store against a simple model of it, under random pages, failures, commits that fail, and kills."""

from __future__ import annotations

import copy
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crawlers.frontier.waiting import HOT
from crawlers.items import Remember
from tests.unit.stores import TestStore, after_kill, locked, page, words

NAMES = st.sampled_from(["a", "b", "c"])
KEYS = st.one_of(st.none(), st.sampled_from([b"k1", b"k2", b"k3", b"k4"]))
PRIORITIES = st.integers(-1, 1)


@dataclass
class Model:
    """What a job knows. Committing keeps a copy; a kill goes back to it."""

    requests: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # lease -> priority, request
    leased: list[int] = field(default_factory=list)
    keys: set[bytes] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    enqueued: int = 0
    done: int = 0
    failures: list[str] = field(default_factory=list)

    def waiting(self) -> list[int]:
        """Leases in the order they are given out: highest priority first, then oldest."""
        free = set(self.requests) - set(self.leased)
        return sorted(free, key=lambda lease: (-self.requests[lease][0], lease))

    def put(self, request: bytes, priority: int, key: bytes | None) -> bool:
        if key in self.keys:
            return False
        self.keys |= {key} if key is not None else set()
        self.enqueued += 1
        self.requests[self.enqueued] = (priority, request)
        return True


class StoreUnderKills(RuleBasedStateMachine):
    """Every page is stored wholly or still in the queue, whatever happens when."""

    hot = HOT

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="store-", dir=_fast_folder()))
        (self.folder / "begun").mkdir()
        self.store = TestStore(self.folder / "begun" / "queue.sqlite", self.hot)
        self.now = Model()
        self.durable = Model()
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    def request(self) -> bytes:
        self.number += 1
        return b"request %d" % self.number

    def a_lease(self, index: int) -> int:
        return self.now.leased.pop(index % len(self.now.leased))

    @rule(priority=PRIORITIES, key=KEYS)
    def put(self, priority: int, key: bytes | None) -> None:
        request = self.request()
        assert self.store.put(request, priority=priority, key=key) == self.now.put(request, priority, key)

    @rule()
    def take(self) -> None:
        waiting = self.now.waiting()
        expected = (waiting[0], self.now.requests[waiting[0]][1]) if waiting else None
        assert self.store.take() == expected
        self.now.leased += waiting[:1]

    @precondition(lambda self: self.now.leased)
    @rule(index=st.integers(0, 9), priority=PRIORITIES, key=KEYS)
    def put_back(self, index: int, priority: int, key: bytes | None) -> None:
        """A retry: it replaces its row, whatever its key."""
        lease, request = self.a_lease(index), self.request()
        assert self.store.put(request, priority=priority, key=key, lease=lease)
        self.now.requests[lease] = (priority, request)

    @precondition(lambda self: self.now.leased)
    @rule(
        index=st.integers(0, 9), rows=st.lists(NAMES, max_size=3), children=st.lists(KEYS, max_size=3),
        value=st.none() | st.tuples(NAMES, st.integers()), mark=st.none() | NAMES,
    )  # fmt: skip
    def end_a_page(
        self, index: int, rows: list[str], children: list[bytes | None], value: tuple[str, int] | None, mark: str | None
    ) -> None:
        lease = self.a_lease(index)
        for key in children:
            child = self.request()
            assert self.store.put(child, key=key) == self.now.put(child, 0, key)
        facts = [Remember(*value)] if value is not None else []
        facts += [Remember(mark)] if mark is not None else []
        self.store.ack(page(lease, *rows, facts=facts))
        del self.now.requests[lease]
        self.now.done += 1
        self.now.words += rows
        self.now.values |= dict([value]) if value is not None else {}
        self.now.marks |= {mark} if mark is not None else set()

    @precondition(lambda self: self.now.leased)
    @rule(index=st.integers(0, 9), reason=NAMES)
    def fail(self, index: int, reason: str) -> None:
        lease = self.a_lease(index)
        self.store.fail(lease, reason)
        del self.now.requests[lease]
        self.now.failures.append(reason)

    @rule(lease=st.integers(1, 9))
    def end_what_is_not_out(self, lease: int) -> None:
        """An errback after an ack, or a page whose request was put back meanwhile, ends nothing twice."""
        if lease not in self.now.leased:
            self.store.fail(lease, "twice")
            self.store.ack(page(lease))

    @rule()
    def commit(self) -> None:
        self.store.commit()
        self.durable = copy.deepcopy(self.now)

    @precondition(lambda self: self.now != self.durable)
    @rule()
    def commit_while_another_process_writes(self) -> None:
        before = copy.deepcopy(self.now)
        if _in_file(before) != _in_file(self.durable):
            with locked(self.store), pytest.raises(sqlite3.OperationalError):
                self.store.commit()

    @rule(priority=PRIORITIES)
    def a_page_between_two_commits(self, priority: int) -> None:
        """Its request is never in the file, and still counts."""
        self.commit()
        self.put(priority + 10, None)
        self.take()
        self.end_a_page(-1, [], [], None, None)

    @rule(committed=st.booleans())
    def kill(self, committed: bool) -> None:
        if committed:
            self.commit()
        killed, self.store = self.store, after_kill(self.store)
        killed.close()
        shutil.rmtree(killed.path.parent)
        self.now = copy.deepcopy(self.durable)
        self.now.leased = []

    @rule()
    def end_in_good_order(self) -> None:
        self.commit()
        self.store.close()
        self.store = TestStore(self.store.path, self.hot)
        self.now.leased = []

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        if not hasattr(self, "store"):
            return
        store, now = self.store, self.now
        assert store.enqueued == now.enqueued == store.done + store.failed + store.pending
        assert (store.done, store.failed) == (now.done, len(now.failures))
        assert store.pending == len(now.requests)
        assert store.leases == set(now.leased)
        assert store.waiting or not now.waiting()
        assert {name: store.recall(name) for name in now.values} == now.values
        assert {name for name in "abc" if store.knows(name)} == now.marks

    @invariant()
    def what_was_committed_is_in_the_file(self) -> None:
        if not hasattr(self, "store"):
            return
        assert words(self.store) == self.durable.words
        assert sorted(self.store.failures()) == sorted(
            (reason, self.durable.failures.count(reason)) for reason in set(self.durable.failures)
        )


def _in_file(model: Model) -> Model:
    """Leases are only in memory."""
    changed = copy.deepcopy(model)
    changed.leased = []
    return changed


def _fast_folder() -> str | None:
    """Kills of a process need no disk: what the system was given survives them."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


StoreUnderKills.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestStoreUnderKills = StoreUnderKills.TestCase


class StoreWithLittleMemoryUnderKills(StoreUnderKills):
    """The same while nearly all of the queue is in the file only."""

    hot = 2


StoreWithLittleMemoryUnderKills.TestCase.settings = StoreUnderKills.TestCase.settings
TestStoreWithLittleMemoryUnderKills = StoreWithLittleMemoryUnderKills.TestCase
