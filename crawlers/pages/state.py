"""The states a page can be in, decided before any page function reads it."""

from __future__ import annotations

import importlib
from enum import StrEnum
from typing import Protocol, cast

from scrapy.http import Response


class PageState(StrEnum):
    """What a response is. Only OK and EMPTY are data; everything else is an event and never reaches a callback."""

    OK = "ok"
    EMPTY = "empty"  # proven empty: the page itself says there is nothing
    GONE = "gone"  # deleted, private or never there
    RATE_LIMITED = "rate_limited"  # asked to wait
    QUOTA_EXCEEDED = "quota_exceeded"  # what we may ask for is used up, until the quota is renewed
    BLOCKED = "blocked"  # a challenge or a ban
    LOGIN_REQUIRED = "login_required"
    CONSENT = "consent"  # a consent page stands before the content
    CHANGED = "changed"  # none of the pages we know


class PageModule(Protocol):
    """What `crawlers.pages.<site>` offers besides its page functions."""

    ROUTE_WORDS: frozenset[str]
    """The site's hosts and the fixed path segments of its routes: all of a URL that may be logged."""

    def recognise(self, response: Response) -> PageState:
        """What a response is, whatever its status: nothing else keeps an error page from the callback."""
        ...


def page_module(site: str) -> PageModule:
    """The page module of a site."""
    return cast("PageModule", importlib.import_module(f"crawlers.pages.{site}"))
