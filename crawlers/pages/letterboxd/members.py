"""Tables of members: the popular ones, 30 a page, and those who rated a film, 25 a page."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.letterboxd import Member, Rating
from crawlers.pages.letterboxd.addresses import Address
from crawlers.pages.letterboxd.lists import is_further, pagination
from crawlers.pages.letterboxd.selecting import changed, compiled, root_of, text_of, whole_number, with_class
from crawlers.pages.letterboxd.tiles import film_id_of, film_title_of

POPULAR_SIZE = 30
FILM_MEMBERS_SIZE = 25

# Until autumn 2025 it was a table of persons.
_ROWS = compiled(f"//table[{with_class('member-table', 'person-table')}]//tr[td[{with_class('table-person')}]]")
_NAME = compiled(f".//td[{with_class('table-person')}]//a[{with_class('name')}]")
_REVIEWS = compiled(f".//small[{with_class('metadata')}]/a[contains(@href, '/reviews/')]")
_STATS = {
    what: compiled(f".//td[{with_class('table-stats')}]/a[contains(@href, {path!r})]")
    for what, path in (("watched", "/films/"), ("lists", "/lists/"), ("likes", "/likes/"))
}
_RATING = compiled(f".//td[{with_class('col-rating')}]//span[{with_class('rating')}]/@class")
_LIKE_CELL = compiled(f".//td[{with_class('col-like')}]")
_LIKED = compiled(f".//*[{with_class('icon-liked')}]")
# The film whose page it is stands above the table; posters of other films may follow it.
_FILM = compiled(f"//header[{with_class('production-page-header')}]//*[@data-item-slug]")
_PEOPLE = compiled(f"//li[{with_class('js-route-watches')}]/a/@title")
_RATED = re.compile(r"(?<!\S)rated-([0-9]+)(?!\S)")


def members(response: Response, *, first_rank: int = 1) -> Rows[Member]:
    """The members on one page of the popular ones, at most 30; the first has the rank `first_rank`.

    Source: https://letterboxd.com/members/popular/…page/<n>/ (HTML).
    Raises: LayoutChanged: the page has no table of members.
    """
    return Rows(Member, enumerate(_rows(response), first_rank), _read_member)


def film_ratings(response: Response) -> Rows[Rating]:
    """What the members on one page of those who rated a film gave it, at most 25, without their `position`.

    `liked` is None where the table has no column for it.

    Source: https://letterboxd.com/film/<slug>/members/rated/.5-5/page/<n>/ (HTML).
    Raises: LayoutChanged: the page has no table of members although it has some, or does not say which film it is.
    """
    root = root_of(response)
    rows = [] if root is not None and has_nobody(root) else _rows(response)
    if not (films := _FILM(root)):
        raise changed(response, "no film above the members")
    film = {
        "film_id": film_id_of(films[0]),
        "film_slug": films[0].get("data-item-slug"),
        "film_title": film_title_of(films[0]),
    }
    return Rows(Rating, rows, partial(_read_rating, film=film))


def has_members(response: Response, address: Address, size: int) -> bool:
    """Whether a page has a table with members and says what comes after it; `size` of them fill a page."""
    rows, end = _ROWS(root_of(response)), pagination(response)
    if end.following is not None:
        return bool(rows) and is_further(end.following, address)
    return bool(rows) and (end.says_it_ends or len(rows) < size)


def names_a_film(root: Any) -> bool:
    """Whether a page of those who rated a film says which film it is."""
    return bool(_FILM(root))


def has_nobody(root: Any) -> bool:
    """Whether a page of those who rated a film says itself that nobody has seen it."""
    return any(text.split()[:1] == ["0"] for text in _PEOPLE(root)) and not _ROWS(root)


def _rows(response: Response) -> list[Any]:
    root = root_of(response)
    rows: list[Any] = _ROWS(root) if root is not None else []
    if not rows:
        raise changed(response, "no table with members")
    return rows


def _read_member(entry: tuple[int, Any]) -> dict[str, Any]:
    rank, row = entry
    reviews = _REVIEWS(row)
    return {
        "user_id": _member(row),
        "films_watched_count": _stat(row, "watched"),
        "review_count": _count(reviews[0]) if reviews else 0,
        "list_count": _stat(row, "lists"),
        "rank": rank,
        "like_count": _stat(row, "likes"),
    }


def _read_rating(row: Any, *, film: dict[str, Any]) -> dict[str, Any]:
    liked = _LIKE_CELL(row)
    (classes,) = _RATING(row)
    found = _RATED.search(classes)
    if found is None:
        raise KeyError("rating")
    return {
        **film,
        "user_id": _member(row),
        "rating": int(found[1]) / 2,
        "liked": bool(_LIKED(liked[0])) if liked else None,
    }


def _member(row: Any) -> str:
    """``/dave/`` gives ``dave``."""
    (name,) = _NAME(row)
    member: str = name.get("href").strip("/").lower()
    return member


def _stat(row: Any, what: str) -> int | None:
    links = _STATS[what](row)
    return _count(links[0]) if links else None


def _count(element: Any) -> int:
    """The number that a text begins with: ``1,234 reviews``. Raises: ValueError: it begins with something else."""
    number = whole_number(text_of(element).split(" ")[0])
    if number is None:
        raise ValueError("not a number")
    return number
