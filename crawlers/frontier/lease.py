"""How a request carries its row in the store, and what happens when its download fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from itemadapter import is_item
from scrapy import Request
from twisted.python.failure import Failure

from crawlers.errors import CrawlStopping, PageGone
from crawlers.frontier.store import Store
from crawlers.items import Batch, Rows

_LEASE = "lease"  # in Request.meta, which retries and redirects copy: they replace the row they come from


def lease_of(request: Request | None) -> int | None:
    """The row in the store that this request was taken from; None for one that was never queued."""
    return None if request is None else request.meta.get(_LEASE)


def set_lease(request: Request, lease: int) -> None:
    request.meta[_LEASE] = lease


def drop_lease(request: Request) -> None:
    """A child that copied its parent's meta must not be taken for a retry of the parent."""
    request.meta.pop(_LEASE, None)


class LeasedErrback:
    """A request's errback with its lease: what it yields becomes one Batch, as a callback's output does.

    Output of an errback after a failed download passes no spider middleware, so nobody else could pack it. Without an
    errback of its own, a page that is gone is done, and any other failure is a dead letter.
    """

    __name__ = "errback"  # Scrapy looks at it

    def __init__(self, store: Store, lease: int, errback: Callable[..., Any] | None) -> None:
        self.errback = errback
        self._store = store
        self._lease = lease

    def __call__(self, failure: Failure) -> AsyncIterator[Batch] | list[Batch] | Failure:
        if isinstance(failure.value, CrawlStopping):
            return failure
        if self.errback is not None:
            return self._packed(self.errback(failure))
        if isinstance(failure.value, PageGone):
            return [Batch(self._lease)]
        self._store.fail(self._lease, type(failure.value).__name__)
        return failure

    async def _packed(self, output: Any) -> AsyncIterator[Batch]:
        batch = Batch(self._lease)
        if isinstance(output, AsyncIterator):
            async for result in output:
                batch.add(result)
        elif isinstance(output, Iterable) and not isinstance(output, Rows) and not is_item(output):
            for result in output:
                batch.add(result)
        else:
            batch.add(output)
        yield batch
