"""How far a crawl is, as figures and in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from crawlers.frontier.row_counts import no_rows

if TYPE_CHECKING:
    from crawlers.frontier.store import Store
    from crawlers.items import Item
    from crawlers.middlewares.backoff import Wait

PACE_OVER_S = 60.0
"""A pace is taken over the last minute: the delay of a site makes shorter spells say nothing."""
_LOGIN = "LoginRequired"


class Pace:
    """Pages per second, and whether the queue still grows, over the last minute."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int, int]] = deque()  # time.monotonic(), requests ended, requests ever enqueued

    def note(self, now: float, store: Store) -> None:
        """What there is at this moment."""
        self._notes.append((now, store.done + store.failed, store.enqueued))
        while len(self._notes) > 2 and self._notes[1][0] < now - PACE_OVER_S:
            self._notes.popleft()

    @property
    def per_s(self) -> float:
        """Requests that ended, per second; 0 before the second note."""
        (then, ended, _), (now, ended_now, _) = self._notes[0], self._notes[-1]
        return (ended_now - ended) / (now - then) if now > then else 0.0

    @property
    def grows(self) -> bool:
        """Whether pages still lead to further pages, so that nobody knows how many there will be."""
        return self._notes[-1][2] > self._notes[0][2]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a crawl stands. `rows` are those stored so far, by table; `waits` the pauses that sites asked for."""

    site: str
    done: int
    failed: int
    pending: int
    rows: dict[str, int]
    per_s: float
    grows: bool
    waits: Sequence[Wait]

    @classmethod
    def of(cls, site: str, store: Store, tables: Sequence[type[Item]], pace: Pace, waits: Sequence[Wait]) -> Self:
        counts = store.row_counts
        rows = {table.table(): counts.get(table.dataset, no_rows())["stored"] for table in tables}
        return cls(site, store.done, store.failed, store.pending, rows, pace.per_s, pace.grows, waits)

    def line(self) -> str:
        """All of it in one plain line."""
        failed = f"{self.failed:,} failed, " if self.failed else ""
        parts = [f"{self.done:,} pages done, {failed}{self.pending:,} waiting, {self.rows_text()}", self.rate_text()]
        return f"{self.site}: {'; '.join([*parts, *self.waits_text()])}"

    def rows_text(self) -> str:
        """``525 models, 13,033 likes``"""
        return ", ".join(f"{count:,} {table}" for table, count in self.rows.items())

    def rate_text(self) -> str:
        """``12.0 pages/s, about 3 min left``, or ``at least`` where pages still lead to others."""
        rate = f"{self.per_s:.1f} pages/s"
        if not self.per_s or not self.pending:
            return rate
        return f"{rate}, {'at least' if self.grows else 'about'} {duration(self.pending / self.per_s)} left"

    def waits_text(self) -> list[str]:
        """``waiting 61 s because the site asked``, one each; the host or account is named where there are several."""
        several = len(self.waits) > 1
        return [
            f"{f'{wait.slot}: ' if several else ''}waiting {wait.left_s:.0f} s because {wait.why}"
            for wait in self.waits
        ]


def duration(seconds: float) -> str:
    """``40 s``, ``3 min``, ``2 h 05 min``, ``3 d 4 h``"""
    minutes = round(seconds / 60)
    if seconds < 99:
        return f"{seconds:.0f} s"
    if minutes < 99:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def resumed(crawl_id: str, store: Store) -> str:
    """What a crawl finds when it goes on: ``1,240 pages done, 0 lost, 311 waiting, 12 need a login``.

    Lost are requests that are pending by the job's counts and are not in its file.
    """
    failures = dict(store.failures())
    lost = store.pending - store.queued()
    found = f"resumed crawl {crawl_id}: {store.done:,} pages done, {lost:,} lost, {store.pending:,} waiting"
    if logins := failures.pop(_LOGIN, 0):
        found += f", {logins:,} need a login"
    if failures:
        found += f", {sum(failures.values()):,} failed ({', '.join(f'{why} {n:,}' for why, n in failures.items())})"
    return found
