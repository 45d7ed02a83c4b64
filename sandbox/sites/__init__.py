"""What each site says to a host, a path and a query; one module per site. No site knows of HTTP servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `template` is the path with its ids replaced (``/v3/models/{uid}``), for the request log."""

    template: str
    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Site(Protocol):
    """One site, on one or several hosts."""

    hosts: tuple[str, ...]

    def respond(self, host: str, path: str, query: str) -> Reply:
        """Answer a GET. `path` is decoded; `query` is the raw text after the question mark."""
        ...
