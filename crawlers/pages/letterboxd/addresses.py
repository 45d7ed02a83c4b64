"""Addresses of Letterboxd: how each is made, and what kind of page one leads to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

SITE = "https://letterboxd.com"
TMDB_HOST = "api.themoviedb.org"
RATED = ".5-5"
"""The part of an address that asks for the films with any rating."""

ROUTE_WORDS = frozenset(
    {
        "letterboxd.com",
        "members",
        "popular",
        "this",
        "week",
        "month",
        "year",
        "page",
        "film",
        "films",
        "rated",
        RATED,
        "by",
        "date",
        "rss",
        "robots.txt",
        TMDB_HOST,
        "3",
        "movie",
        "tv",
    }
)


class Kind(StrEnum):
    """What a page shows."""

    POPULAR = "popular"  # members, the most popular first
    FILM_MEMBERS = "film_members"  # members who rated a film
    FILM = "film"
    GRID = "grid"  # films of a member
    FEED = "feed"
    TMDB = "tmdb"
    OTHER = "other"


_PAGE = r"(?:page/(?P<page>[1-9][0-9]{0,5})/?)?"
_PATHS = {
    Kind.POPULAR: rf"(?P<base>/members/popular/(?:this/[a-z-]+/)?){_PAGE}",
    Kind.FILM_MEMBERS: rf"(?P<base>/film/(?P<slug>[^/]+)/members/(?:rated/(?P<rated>[^/]+)/)?){_PAGE}",
    Kind.FILM: r"(?P<base>/film/(?P<slug>[^/]+)/)",
    Kind.GRID: rf"(?P<base>/(?P<member>[^/]+)/films/(?:rated/(?P<rated>[^/]+)/)?(?:by/[a-z-]+/)?){_PAGE}",
    Kind.FEED: r"(?P<base>/(?P<member>[^/]+)/rss/)",
}
_PATTERNS = {kind: re.compile(path) for kind, path in _PATHS.items()}
_TMDB_PATH = re.compile(r"/3/(?P<type>movie|tv)/(?P<id>[0-9]+)")
_ONE_RATING = re.compile(r"[0-5]?(?:\.[05])?")


class Address(NamedTuple):
    """An address taken apart. `base` is the path of a list's first page; `page` is 1 where there is no list."""

    kind: Kind
    base: str = ""
    page: int = 1
    parts: Mapping[str, str | None] = {}

    @property
    def member(self) -> str:
        """Whose page it is, lower-case."""
        return (self.parts.get("member") or "").lower()

    @property
    def slug(self) -> str:
        """The film whose page it is, lower-case."""
        return (self.parts.get("slug") or "").lower()

    @property
    def rated(self) -> str | None:
        """Which ratings the films of a list have: ``.5-5``, ``4.5``, ``none``; None = it is a list of all."""
        return self.parts.get("rated")

    @property
    def is_rated(self) -> bool:
        """Whether the list holds films with a rating only."""
        return self.rated not in {None, "none"}

    @property
    def is_filtered(self) -> bool:
        return self.rated is not None

    @property
    def stars(self) -> float | None:
        """The one rating that all films of the list have, if it is a list of one rating."""
        rated = self.rated or ""
        return float(rated) if rated and rated != "." and _ONE_RATING.fullmatch(rated) else None


@lru_cache(maxsize=64)  # of a page, `recognise` and several page functions ask
def address_of(url: str) -> Address:
    """The kind of page behind an address, with what its path names."""
    parts = urlsplit(url)
    if parts.hostname == TMDB_HOST:
        return Address(Kind.TMDB if _TMDB_PATH.fullmatch(parts.path) else Kind.OTHER)
    for kind, pattern in _PATTERNS.items():
        if parts.hostname == "letterboxd.com" and (found := pattern.fullmatch(parts.path)):
            values = found.groupdict()
            return Address(kind, values["base"], int(values.get("page") or 1), values)
    return Address(Kind.OTHER)


def page_path(address: Address, page: int) -> str:
    """The path of another page of the same list."""
    return f"{address.base}page/{page}/"


def popular_url(time: str | None = None) -> str:
    """The first page of the popular members, 30 a page: of all times, or of this ``week``, ``month`` or ``year``."""
    return f"{SITE}/members/popular/{f'this/{time}/' if time else ''}page/1/"


def film_members_url(slug: str) -> str:
    """The first page of the members who rated a film, 25 a page."""
    return f"{SITE}/film/{slug}/members/rated/{RATED}/"


def grid_url(member: str, *, rated: str | None = None, newest_first: bool = False) -> str:
    """The first page of a member's films, 72 a page.

    `rated`: ``.5-5`` for those with a rating, ``4.5`` for those with that one, ``none`` for those without; None for
    all. The site's own order is that of release; `newest_first` is that in which they were added.
    """
    filtered = f"rated/{rated}/" if rated else ""
    return f"{SITE}/{member}/films/{filtered}{'by/date/' if newest_first else ''}"


def one_by_one(*, rated_only: bool) -> list[str]:
    """The values of `rated` that split a member's films into lists that share none: one a rating, best first."""
    ratings = [f"{half_stars / 2:g}".removeprefix("0") for half_stars in range(10, 0, -1)]
    return ratings if rated_only else [*ratings, "none"]


def feed_url(member: str) -> str:
    """A member's feed: the 50 newest entries of the diary."""
    return f"{SITE}/{member}/rss/"


def film_url(slug: str) -> str:
    """The page of a film."""
    return f"{SITE}/film/{slug}/"


def tmdb_url(tmdb_type: str, tmdb_id: str) -> str:
    """A film (``movie``) or series (``tv``) in the API of The Movie Database."""
    return f"https://{TMDB_HOST}/3/{tmdb_type}/{tmdb_id}"
