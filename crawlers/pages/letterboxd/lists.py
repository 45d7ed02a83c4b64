"""What all lists of the site share: the numbers of their pages, and the link to the next."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urljoin
from weakref import WeakKeyDictionary

from scrapy.http import Response

from crawlers.pages.letterboxd.addresses import Address, address_of, page_path
from crawlers.pages.letterboxd.selecting import changed, compiled, root_of, text_of, whole_number, with_class

_END = compiled(f"/descendant::div[{with_class('pagination')}]")
_NEXT = compiled(f".//div[{with_class('paginate-nextprev')}]/a[{with_class('next')}]/@href")
_NO_NEXT = compiled(f".//div[{with_class('paginate-disabled')}]/span[{with_class('next')}]")
_CURRENT = compiled(f".//li[{with_class('paginate-current')}]")
_NUMBERED = compiled(f".//li[{with_class('paginate-page')}]")


class Pagination(NamedTuple):
    """What stands at the end of a list: the link to the next page as it is there, whether its place is there without
    the link, the number of this page and of the last. Both numbers are 1 where none are shown, and this page's is 0 if
    only that is missing."""

    following: str | None
    says_it_ends: bool
    page: int
    last: int


# `recognise` asks for the end of a list, and the spider for the next page: found once.
_ends: WeakKeyDictionary[Response, Pagination] = WeakKeyDictionary()


def pagination(response: Response) -> Pagination:
    """The end of the list on a page; a list of one page may have none."""
    if response not in _ends:
        _ends[response] = _read_end(root_of(response))
    return _ends[response]


def _read_end(root: Any) -> Pagination:
    ends = _END(root)
    if not ends:
        return Pagination(None, says_it_ends=False, page=1, last=1)
    end = ends[0]
    current = [number for number in map(_number, _CURRENT(end)) if number]
    numbers = [number for number in map(_number, _NUMBERED(end)) if number]
    page = current[0] if current else 0 if numbers else 1
    return Pagination(next(iter(_NEXT(end)), None), bool(_NO_NEXT(end)), page, max(numbers, default=1))


def next_page(response: Response) -> str | None:
    """The URL of the next page of any list; None at the end.

    Raises: LayoutChanged: the link is to no next page of the same list. A page must not choose what is fetched.
    """
    href, address = pagination(response).following, address_of(response.url)
    if href is None:
        return None
    if not is_further(href, address):
        raise changed(response, "a list whose 'next' is no next page of it")
    return urljoin(response.url, page_path(address, address.page + 1))


def is_further(href: str | None, address: Address) -> bool:
    """Whether a link leads from the page at `address` to the next page of the same list."""
    return href is not None and href.lower() == page_path(address, address.page + 1).lower()


def _number(element: Any) -> int:
    """``1,204``; the dots between the numbers give 0."""
    return whole_number(text_of(element)) or 0
