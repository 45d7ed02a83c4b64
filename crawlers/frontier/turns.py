"""Pages take turns: what one yields is in the store before the next is read."""

from __future__ import annotations

import asyncio


class Turns:
    """Whose output is on its way into the store: that of one page at a time, known by the lease of its request.

    So what a callback or an errback recalls is what the page before it remembered, and no two pages count from the same
    number.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._lease: int | None = None

    async def begin(self, lease: int | None) -> None:
        """Wait until no other page is on its way. A page that fails within its own turn goes on in it."""
        if lease is None or lease != self._lease:
            await self._lock.acquire()
            self._lease = lease

    def end(self, lease: int | None) -> None:
        """The output of this page is stored, or will never be; that of any other does not matter."""
        if self._lock.locked() and lease == self._lease:
            self._lease = None
            self._lock.release()
