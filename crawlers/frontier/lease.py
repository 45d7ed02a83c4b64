"""How a request carries its row in the store, and what happens when its download fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from itemadapter import is_item
from scrapy import Request
from scrapy.exceptions import CloseSpider, IgnoreRequest
from twisted.python.failure import Failure

from crawlers.errors import CrawlStopping, PageGone
from crawlers.frontier.turns import Turns
from crawlers.items import Batch, Rows

_LEASE = "lease"  # in Request.meta, which retries and redirects copy: they replace the row they come from
_ESSENTIAL = "essential"
_REPLACEABLE = "replaceable"


def lease_of(request: Request | None) -> int | None:
    """The row in the store that this request was taken from; None for one that was never queued."""
    return None if request is None else request.meta.get(_LEASE)


def set_lease(request: Request, lease: int) -> None:
    request.meta[_LEASE] = lease


def drop_lease(request: Request) -> None:
    """A child that copied its parent's meta must not be taken for a retry of the parent."""
    request.meta.pop(_LEASE, None)


def essential(request: Request) -> Request:
    """Mark a request without whose page the crawl would end short: a page of a list that leads to all the rest.

    If such a page is lost, the crawl ends with a reason, and the request stays in the queue.
    """
    request.meta[_ESSENTIAL] = True
    return request


def is_essential(request: Request | None) -> bool:
    return request is not None and bool(request.meta.get(_ESSENTIAL))


def replaceable(request: Request) -> Request:
    """Mark a request for which the spider has another one, in its errback, if robots.txt rules it out.

    So the crawl does not end for its sake, as it does where robots.txt rules out what it begins with.
    """
    request.meta[_REPLACEABLE] = True
    return request


def is_replaceable(request: Request) -> bool:
    return bool(request.meta.get(_REPLACEABLE))


def is_ruled_out(error: BaseException | None) -> bool:
    """Whether a request failed because robots.txt rules it out. Scrapy has one class for all that it refuses."""
    return type(error) is IgnoreRequest and str(error) == "Forbidden by robots.txt"


class LeasedErrback:
    """A request's errback with its lease: what it yields becomes one Batch, as a callback's output does.

    Output of an errback after a failed download passes no spider middleware, so nobody else could pack it, nor make it
    wait for its turn. Without an errback of its own, a page that is gone is done; any other failure, and one that the
    errback itself raises, goes to `give_up`.
    """

    __name__ = "errback"  # Scrapy looks at it

    def __init__(
        self, request: Request, lease: int, give_up: Callable[[Request, BaseException | None], None], turns: Turns
    ) -> None:
        self.errback: Callable[..., Any] | None = request.errback
        self._request = request
        self._lease = lease
        self._give_up = give_up
        self._turns = turns

    def __call__(self, failure: Failure) -> AsyncIterator[Batch] | list[Batch] | Failure:
        if isinstance(failure.value, CrawlStopping):
            return failure
        if self.errback is not None:
            return self._packed(failure, self.errback)
        if isinstance(failure.value, PageGone) and not is_essential(self._request):
            return [Batch(self._lease)]
        self._give_up(self._request, failure.value)
        return failure

    async def after(self, error: Exception) -> Batch | None:
        """What the request's own errback makes of a page that its callback could not read; None: there is no errback.

        Raises: whatever the errback does.
        """
        if self.errback is None:
            return None
        failure = Failure(error)  # type: ignore[no-untyped-call]
        failure.request = self._request  # type: ignore[attr-defined]  # as Scrapy does
        return await self._batch(failure, self.errback)

    async def _packed(self, failure: Failure, errback: Callable[..., Any]) -> AsyncIterator[Batch]:
        try:
            batch = await self._batch(failure, errback)
        except CloseSpider:
            raise
        except Exception as error:
            # Scrapy sends no signal when an errback raises the very failure it was given.
            self._give_up(self._request, error)
            raise
        yield batch

    async def _batch(self, failure: Failure, errback: Callable[..., Any]) -> Batch:
        batch = Batch(self._lease)
        await self._turns.begin(self._lease)
        try:
            output = errback(failure)
            if isinstance(output, AsyncIterator):
                async for result in output:
                    batch.add(result)
            elif isinstance(output, Iterable) and not isinstance(output, Rows) and not is_item(output):
                for result in output:
                    batch.add(result)
            else:
                batch.add(output)
        except BaseException:
            self._turns.end(self._lease)
            raise
        return batch
