"""Which request is next: fair between slots, by priority within one, and only so many in memory."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from crawlers.datasets.checksum import without_checksum

# Requests of a slot kept in memory, about 600 bytes each with what they hold; the rest waits in the file.
HOT = 10_000

Order = tuple[int, int]
"""Rank, which is the priority with its sign turned, and lease: smaller is sooner, so the oldest of equals is first."""
_EVERYTHING: Order = (-(2**63), 0)


class Waiting(NamedTuple):
    """A request that waits, or is out on lease."""

    slot: str
    rank: int
    request: bytes


@dataclass(slots=True)
class _Slot:
    heap: list[Order] = field(default_factory=list)
    floor: Order | None = None
    """From here on requests may wait in the file only; None if all are in memory."""
    out: int = 0
    """Requests taken and not yet ended or put back."""


class WaitingRequests:
    """The requests of a queue that have not ended, in memory as far as they will soon be needed.

    `held` has those in memory by lease: waiting ones, and all that are out. A slot is a host, or an account: taking
    prefers the slot with the fewest requests out, so that a slow site does not stand in the way of the others.
    """

    def __init__(self, db: sqlite3.Connection, hot: int = HOT) -> None:
        self._db = db
        self._hot = hot
        self.held: dict[int, Waiting] = {}
        self.out: set[int] = set()
        names = db.execute("SELECT DISTINCT slot FROM queue").fetchall()
        self._slots = {name: _Slot(floor=_EVERYTHING) for (name,) in names}

    def add(self, lease: int, waiting: Waiting) -> None:
        """A new request, or one that comes back."""
        if lease in self.out:
            self.out.discard(lease)
            self._slots[self.held[lease].slot].out -= 1
        self.held[lease] = waiting
        slot = self._slots.setdefault(waiting.slot, _Slot())
        heapq.heappush(slot.heap, (waiting.rank, lease))

    def take(self, ended: Container[int], room: Callable[[str], int]) -> tuple[int, bytes] | None:
        """The next request and its lease, of a slot that has room. `ended` leases may still be in the file."""
        while (chosen := self._next_slot(room)) is not None:
            name, slot = chosen
            if slot.floor is not None and (not slot.heap or slot.heap[0] >= slot.floor):
                self._load(name, slot, ended)
                continue
            _, lease = heapq.heappop(slot.heap)
            slot.out += 1
            self.out.add(lease)
            return lease, self.held[lease].request
        return None

    def end(self, lease: int) -> Waiting | None:
        """Take out a request that is out; None if it is not."""
        if lease not in self.out:
            return None
        self.out.discard(lease)
        ended = self.held.pop(lease)
        self._slots[ended.slot].out -= 1
        return ended

    def trim(self) -> None:
        """Let go of what need not be in memory. To be called when all of it is in the file."""
        for slot in self._slots.values():
            if len(slot.heap) > 2 * self._hot:
                slot.heap.sort()  # a sorted list is a heap
                slot.floor = min(slot.heap[self._hot], slot.floor or slot.heap[self._hot])
            if slot.floor is not None:
                floor = slot.floor
                for order in slot.heap:
                    if order >= floor:
                        del self.held[order[1]]
                slot.heap = [order for order in slot.heap if order < floor]
                heapq.heapify(slot.heap)

    def __bool__(self) -> bool:
        """Whether some request may wait. True at worst once too often: `take` finds out."""
        return any(slot.heap or slot.floor is not None for slot in self._slots.values())

    def _next_slot(self, room: Callable[[str], int]) -> tuple[str, _Slot] | None:
        waiting = [
            (name, slot)
            for name, slot in self._slots.items()
            if (slot.heap or slot.floor is not None) and slot.out < room(name)
        ]
        if len(waiting) < 2:
            return waiting[0] if waiting else None
        return min(waiting, key=lambda named: (named[1].out, named[1].heap[0] if named[1].heap else _EVERYTHING))

    def _load(self, name: str, slot: _Slot, ended: Container[int]) -> None:
        """Bring the next requests of a slot into memory."""
        assert slot.floor is not None  # noqa: S101  (the caller looked)
        floor, slot.floor = slot.floor, None
        loaded = 0
        for rank, lease, request in self._rows(name, floor):
            if lease in self.held or lease in ended:
                continue
            if loaded == self._hot:
                slot.floor = (rank, lease)
                break
            self.held[lease] = Waiting(name, rank, request)
            heapq.heappush(slot.heap, (rank, lease))
            loaded += 1

    def _rows(self, name: str, floor: Order) -> Iterator[tuple[int, int, bytes]]:
        query = "SELECT rank, lease, request FROM queue WHERE slot = ? AND (rank, lease) >= (?, ?) ORDER BY rank, lease"
        for rank, lease, stored in self._db.execute(query, (name, *floor)):
            yield rank, lease, without_checksum(stored)
