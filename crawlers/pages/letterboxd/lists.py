"""What all lists of the site share: the numbers of their pages, and the link to the next."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from scrapy.http import Response

from crawlers.pages.letterboxd.addresses import Address, address_of, page_path
from crawlers.pages.letterboxd.selecting import changed, compiled, root_of, text_of, with_class

_NEXT = compiled(f"//div[{with_class('paginate-nextprev')}]/a[{with_class('next')}]/@href")
_NO_NEXT = compiled(f"//div[{with_class('paginate-disabled')}]/span[{with_class('next')}]")
_CURRENT = compiled(f"//li[{with_class('paginate-current')}]")
_NUMBERED = compiled(f"//li[{with_class('paginate-page')}]")
_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*|[0-9]+")


def next_page(response: Response) -> str | None:
    """The URL of the next page of any list; None at the end.

    Raises: LayoutChanged: the link is to no next page of the same list. A page must not choose what is fetched.
    """
    href, address = following(root_of(response)), address_of(response.url)
    if href is None:
        return None
    if not is_further(href, address):
        raise changed(response, "a list whose 'next' is no next page of it")
    return urljoin(response.url, page_path(address, address.page + 1))


def following(root: Any) -> str | None:
    """The link to the next page as it stands there."""
    links = _NEXT(root)
    return links[0] if links else None


def is_further(href: str | None, address: Address) -> bool:
    """Whether a link leads from the page at `address` to the next page of the same list."""
    return href is not None and href.lower() == page_path(address, address.page + 1).lower()


def says_it_ends(root: Any) -> bool:
    """Whether the place of the link to the next page is there without the link."""
    return bool(_NO_NEXT(root))


def page_numbers(root: Any) -> tuple[int, int]:
    """The number of this page and of the last one; 1 and 1 for a list that shows no numbers, 0 if only this one's is
    missing."""
    current = [number for number in map(_number, _CURRENT(root)) if number]
    numbers = [number for number in map(_number, _NUMBERED(root)) if number]
    return (current[0] if current else 0 if numbers else 1), max(numbers, default=1)


def _number(element: Any) -> int:
    """``1,204``; the dots between the numbers give 0."""
    text = text_of(element)
    return int(text.replace(",", "")) if _NUMBER.fullmatch(text) else 0
