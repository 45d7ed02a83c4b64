"""What each site says to a request; one module or package per site. No site knows of HTTP servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `template` is the path with its ids replaced (``/v3/models/{uid}``), for the request log."""

    template: str
    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """What a site is asked. `path` is decoded; `query` is the raw text after the question mark."""

    host: str
    path: str
    query: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    """As the server hands them on, a mapping that does not mind upper and lower case; in a test a plain dict."""
    body: bytes = b""


class Site(Protocol):
    """One site, on one or several hosts."""

    hosts: tuple[str, ...]

    def respond(self, request: SiteRequest) -> Reply:
        """Answer a request. HEAD comes as GET; a site that takes no POST says so with 405 (`method_not_allowed`)."""
        ...


def method_not_allowed() -> Reply:
    """The answer to a method that the site, or this path of it, does not take."""
    return Reply("(method)", b'{"detail":"Method not allowed."}', 405, headers={"Allow": "GET, HEAD"})
