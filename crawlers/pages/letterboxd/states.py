"""What kind of page a response of Letterboxd, or of The Movie Database, is."""

from __future__ import annotations

import re
from typing import Any

from scrapy.http import HtmlResponse, Response, XmlResponse

from crawlers.pages.letterboxd.addresses import Address, Kind, address_of
from crawlers.pages.letterboxd.feed import is_feed, is_without_items
from crawlers.pages.letterboxd.film import is_film
from crawlers.pages.letterboxd.grids import parts_of
from crawlers.pages.letterboxd.members import (
    FILM_MEMBERS_SIZE,
    POPULAR_SIZE,
    has_members,
    has_nobody,
    names_a_film,
)  # fmt: skip
from crawlers.pages.letterboxd.selecting import compiled, root_of, text_of, with_class
from crawlers.pages.letterboxd.tmdb import is_described
from crawlers.pages.state import PageState
from crawlers.parsing.html_end import has_end
from crawlers.parsing.json_body import json_of

_TITLE = compiled("//head/title")
# What the site itself says where there is no page: nobody of that name, or a page that its member keeps private.
_MESSAGE = compiled(f"//body[{with_class('error')}]//section[{with_class('message')}]//strong")
# Cloudflare's numbers: 1015 asks for patience; the others (1006, 1010, 1020, …) refuse.
_NUMBER = re.compile(rb"\s*error code: (1[0-9]{3})\s*")
_RATE_LIMITED = b"You are being rate limited"
_CHALLENGE = (b"<title>Just a moment...</title>", b"_cf_chl_opt")


def recognise(response: Response) -> PageState:
    """Tell pages of data from walls.

    OK: a page with every landmark that its kind has always had (`_has_landmarks`). EMPTY: a list of films that states
    0 of them, or as many as stand on the pages before it; a film that nobody has seen; a feed without items.
    GONE: 404, 410, and 403 with the site's own message, which is a private page. RATE_LIMITED: 429, and Cloudflare's
    error 1015 whatever its status. BLOCKED: Cloudflare's challenge, whatever its status, and any other 403.
    LOGIN_REQUIRED: 401, a wrong key of The Movie Database. CHANGED: anything else.
    """
    if (response.headers.get(b"cf-mitigated") or b"").lower() == b"challenge":
        return PageState.BLOCKED
    if response.status == 200:
        state = _state_of_success(response)
        return (_wall(response) or state) if state is PageState.CHANGED else state
    if (wall := _wall(response)) is not None:
        return wall
    match response.status:
        case 401:
            return PageState.LOGIN_REQUIRED
        case 403:
            return PageState.GONE if _has_message(response) else PageState.BLOCKED
        case 404 | 410:
            return PageState.GONE
        case 429:
            return PageState.RATE_LIMITED
    return PageState.CHANGED


def _wall(response: Response) -> PageState | None:
    """A wall that says so in its body. A page of data may hold the same words; it is known before this is asked."""
    body = response.body
    number = _NUMBER.fullmatch(body[:100])
    if number or _RATE_LIMITED in body:
        return PageState.RATE_LIMITED if not number or number[1] == b"1015" else PageState.BLOCKED
    return PageState.BLOCKED if any(sign in body for sign in _CHALLENGE) else None


def _has_message(response: Response) -> bool:
    """Whether the site itself refuses: every answer passes Cloudflare, so its headers prove nothing."""
    root = root_of(response)
    if root is None or not isinstance(response, HtmlResponse):
        return False
    return any(map(text_of, _MESSAGE(root))) or any(text_of(title) == "Private" for title in _TITLE(root))


def _state_of_success(response: Response) -> PageState:
    address = address_of(response.url)
    if address.kind is Kind.TMDB:
        return _state_of_tmdb(response)
    root = root_of(response)
    if root is None or not _is_complete(response):
        return PageState.CHANGED
    if address.kind is Kind.GRID:
        parts = parts_of(response)
        if not parts.is_owned or not (parts.is_empty or parts.is_whole):
            return PageState.CHANGED
        return PageState.EMPTY if parts.is_empty else PageState.OK
    if _is_proven_empty(root, address):
        return PageState.EMPTY
    return PageState.OK if _has_landmarks(response, root, address) else PageState.CHANGED


def _state_of_tmdb(response: Response) -> PageState:
    try:
        return PageState.OK if is_described(json_of(response)) else PageState.CHANGED
    except ValueError:
        return PageState.CHANGED


def _is_complete(response: Response) -> bool:
    """Whether the document has its end."""
    if isinstance(response, XmlResponse):
        return b"</rss>" in response.body[-200:]
    return isinstance(response, HtmlResponse) and has_end(response.body)


def _is_proven_empty(root: Any, address: Address) -> bool:
    match address.kind:
        case Kind.FILM_MEMBERS:
            return names_a_film(root) and has_nobody(root)
        case Kind.FEED:
            return is_feed(root) and is_without_items(root)
    return False


def _has_landmarks(response: Response, root: Any, address: Address) -> bool:
    match address.kind:
        case Kind.POPULAR:
            return has_members(response, address, POPULAR_SIZE)
        case Kind.FILM_MEMBERS:
            return names_a_film(root) and has_members(response, address, FILM_MEMBERS_SIZE)
        case Kind.FILM:
            return is_film(root)
        case Kind.FEED:
            return is_feed(root)
    return False
