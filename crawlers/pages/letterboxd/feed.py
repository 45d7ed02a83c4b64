"""A member's feed: the newest entries of the diary."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.letterboxd import DiaryEntry
from crawlers.pages.letterboxd.addresses import address_of
from crawlers.pages.letterboxd.selecting import changed, compiled, root_of

_ITEMS = compiled("/rss/channel/item")
_CHANNEL = compiled("/rss/channel[title and link]")
_ENTRY = re.compile(r"letterboxd-(?:watch|review)-([0-9]+)")
_LIST = re.compile(r"letterboxd-list-[0-9]+")
_FILM_PATH = re.compile(r"/[^/]+/film/([^/]+)/(?:[0-9]+/)?")
_ANSWERS = {"Yes": True, "No": False}


def diary(response: Response) -> Rows[DiaryEntry]:
    """The entries of a feed, at most 50, newest first. Lists stand between them, and are passed over.

    Source: https://letterboxd.com/<member>/rss/ (RSS 2.0).
    Raises: LayoutChanged: it is no feed.
    """
    root = root_of(response)
    if root is None or not is_feed(root):
        raise changed(response, "no channel of a feed")
    entries = [facts for facts in map(_facts, _ITEMS(root)) if not _LIST.fullmatch(facts.get("guid", ""))]
    return Rows(DiaryEntry, entries, partial(_read, member=address_of(response.url).member))


def is_feed(root: Any) -> bool:
    """Whether a document is a feed."""
    return bool(_CHANNEL(root))


def is_without_items(root: Any) -> bool:
    """Whether a feed has no item at all, which says that the member has logged nothing."""
    return not _ITEMS(root)


def _facts(item: Any) -> dict[str, str]:
    """The texts of an item by their names without prefix: no two of them meet."""
    return {etree.QName(child).localname: child.text or "" for child in item.iterchildren(etree.Element)}


def _read(facts: dict[str, str], *, member: str) -> dict[str, Any]:
    found, film = _ENTRY.fullmatch(facts["guid"]), _FILM_PATH.fullmatch(urlsplit(facts["link"]).path)
    if found is None or film is None:
        raise KeyError("entry_id" if found is None else "film_slug")
    watched = facts.get("watchedDate")
    rating = facts.get("memberRating")
    tmdb_type = "movie" if "movieId" in facts else "tv" if "tvId" in facts else None
    return {
        "entry_id": found[1],
        "user_id": member,
        "film_slug": film[1].lower(),
        "film_title": " ".join(facts["filmTitle"].split()),
        "year": int(facts["filmYear"]) if facts.get("filmYear") else None,
        "watched_on": dt.datetime.fromisoformat(watched).replace(tzinfo=dt.UTC) if watched else None,
        "rating": float(rating) if rating else None,
        "liked": _answer(facts, "memberLike"),
        "rewatch": _answer(facts, "rewatch"),
        "tmdb_id": facts.get("movieId") or facts.get("tvId"),
        "tmdb_type": tmdb_type,
    }


def _answer(facts: dict[str, str], name: str) -> bool | None:
    """Yes or No; None where the feed does not say. Raises: ValueError: it says something else."""
    if name not in facts:
        return None
    if facts[name] not in _ANSWERS:
        raise ValueError("neither Yes nor No")
    return _ANSWERS[facts[name]]
