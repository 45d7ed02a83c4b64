"""The page of a film or series."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.letterboxd import Film
from crawlers.pages.letterboxd.addresses import Kind, address_of
from crawlers.pages.letterboxd.json_ld import json_ld, minutes_of, names, poster_of, year_of
from crawlers.pages.letterboxd.selecting import changed, compiled, root_of, text_of, with_class

_OG = {what: compiled(f"//meta[@property='og:{what}']/@content") for what in ("type", "url")}
# filmtitle: until July 2025.
_TITLE = compiled(f"//h1[{with_class('primaryname')}]//span[{with_class('name')}] | //h1[{with_class('filmtitle')}]")
_ORIGINAL = compiled(f"//h2[{with_class('originalname')}]")
_NUMBERS = [
    compiled("//@data-report-url[starts-with(., '/ajax/film:')]"),
    compiled(f"//*[@id='backdrop' or {with_class('js-backdrop')}]/@data-production-uid"),
]
_YEAR = compiled(f"//*[{with_class('releasedate')}]/a[starts-with(@href, '/films/year/')]")
_TAGLINE = compiled(f"//*[{with_class('tagline')}]")
_DESCRIPTION = compiled("//meta[@name='description']/@content")
_FOOTER = compiled(f"//p[{with_class('text-footer')}]")
_IMDB = compiled("//a[@data-track-action='IMDb']/@href")
_TMDB = compiled("//a[@data-track-action='TMDB' or @data-track-action='TMDb']/@href")  # TMDb until August 2025


def _tab(name: str, *paths: str) -> Any:
    """Links of a tab to addresses that begin with one of `paths`; the ids of the tabs changed in May 2026."""
    begins = " or ".join(f"starts-with(@href, '{path}')" for path in paths)
    return compiled(f"//*[@id='tab-{name}' or @id='tab-panel-{name}']//a[{begins}]")


_GENRES = _tab("genres", "/films/genre/")  # themes stand there too
_COUNTRIES = _tab("details", "/films/country/")
_STUDIOS = _tab("details", "/studio/")
_LANGUAGES = _tab("details", "/films/language/")
_DIRECTORS = _tab("crew", "/director/")
_ACTORS = _tab("cast", "/actor/")

_FILM_UID = re.compile(r"(?:^|/)film:([0-9]+)")
_MINUTES = re.compile(r"([0-9,]+)\s*mins?\b")
_IMDB_ID = re.compile(r"/(tt[0-9]+)(?:/|$)")
_TMDB_PATH = re.compile(r"/(movie|tv)/([0-9]+)/?")


def film(response: Response) -> Rows[Film]:
    """The one film of a page, without what The Movie Database says of it.

    Source: https://letterboxd.com/film/<slug>/ (HTML; JSON-LD in either shape, or none).
    Raises: LayoutChanged: there is no film, or its JSON-LD cannot be read.
    """
    root = root_of(response)
    if root is None or not is_film(root):
        raise changed(response, "no film with a number and a title")
    try:
        facts = json_ld(root)
    except ValueError as error:
        raise changed(response, "a film whose JSON-LD is not what it has been") from error
    return Rows(Film, [root], lambda page: _read(page, facts))


def is_film(root: Any) -> bool:
    """Whether a page says that it is that of a film: its kind, the film's address, number and title."""
    kinds = _OG["type"](root)
    return kinds == ["video.movie"] and bool(_slug(root)) and bool(_film_id(root)) and bool(_TITLE(root))


def _read(root: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    rating = facts.get("aggregateRating") or {}
    tmdb_type, tmdb_id = _tmdb(root)
    original = _ORIGINAL(root)
    return {
        "film_id": _film_id(root),
        "slug": _slug(root),
        "title": text_of(_TITLE(root)[0]),
        "year": _year(root) or year_of(facts),
        "genres": facts.get("genre") or _texts(_GENRES, root),
        "directors": names(facts, "director") or _texts(_DIRECTORS, root),
        "runtime_min": _minutes(root) or minutes_of(facts),
        "tmdb_id": tmdb_id,
        "imdb_id": _imdb(root),
        "average_rating": rating.get("ratingValue"),
        "rating_count": rating.get("ratingCount"),
        "review_count": rating.get("reviewCount"),
        "tmdb_type": tmdb_type,
        "original_title": text_of(original[0]) if original else None,
        "actors": names(facts, "actor", "actors") or _texts(_ACTORS, root),
        "countries": names(facts, "countryOfOrigin") or _texts(_COUNTRIES, root),
        "studios": names(facts, "productionCompany") or _texts(_STUDIOS, root),
        "languages": sorted(_texts(_LANGUAGES, root)),
        "tagline": next((text for text in map(text_of, _TAGLINE(root)) if text), None),
        "description": next(iter(_DESCRIPTION(root)), None) or None,
        "poster_url": poster_of(facts),
    }


def _slug(root: Any) -> str:
    """The film's name in addresses, which after a redirect is another than the one asked for."""
    address = address_of(next(iter(_OG["url"](root)), ""))
    return address.slug if address.kind is Kind.FILM else ""


def _film_id(root: Any) -> str | None:
    for find in _NUMBERS:
        for value in find(root):
            if found := _FILM_UID.search(value):
                return found[1]
    return None


def _year(root: Any) -> int | None:
    return next((int(text) for text in map(text_of, _YEAR(root)) if text.isdecimal()), None)


def _minutes(root: Any) -> int | None:
    footers = _FOOTER(root)
    found = _MINUTES.search(text_of(footers[0])) if footers else None
    return int(found[1].replace(",", "")) if found else None


def _imdb(root: Any) -> str | None:
    found = _IMDB_ID.search(next(iter(_IMDB(root)), ""))
    return found[1] if found else None


def _tmdb(root: Any) -> tuple[str | None, str | None]:
    """Kind and number from the link: the attributes of the body call a series a film without a number."""
    found = _TMDB_PATH.fullmatch(urlsplit(next(iter(_TMDB(root)), "")).path)
    return (found[1], found[2]) if found else (None, None)


def _texts(find: Any, root: Any) -> list[str]:
    return list(dict.fromkeys(filter(None, map(text_of, find(root)))))
