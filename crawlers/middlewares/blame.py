"""Whose fault it is that a request fails again and again: its page's, or the site's."""

from __future__ import annotations

from typing import NamedTuple


class Failed(NamedTuple):
    """What is known of a request that has just failed once more."""

    times: int
    """How often it has failed, this time included."""
    alone: bool
    """Whether a page of its slot that was asked for after its first failure has been good: the fault is its own."""


class Blame:
    """Remembers which requests failed, and when each slot was last asked for a page that turned out good; all times are
    of time.monotonic().

    In memory only: a resumed crawl gives every request new chances.
    """

    def __init__(self) -> None:
        self._failed: dict[int, tuple[float, int]] = {}  # lease -> when it failed first, and how often since
        self._good: dict[str, float] = {}  # slot -> when its newest good page was asked for

    def good_page(self, slot: str, sent_at: float) -> None:
        """A page of data came; it had been asked for at `sent_at`."""
        self._good[slot] = max(sent_at, self._good.get(slot, 0.0))

    def failed(self, slot: str, lease: int, failed_at: float) -> Failed:
        """The request of this lease failed; its first try, if it was retried before, at `failed_at`."""
        first, times = self._failed.get(lease, (failed_at, 0))
        self._failed[lease] = first, times + 1
        return Failed(times + 1, self._good.get(slot, 0.0) > first)

    def ended(self, lease: int) -> None:
        """The request of this lease will not be tried again."""
        self._failed.pop(lease, None)
