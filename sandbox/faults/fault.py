"""What a fault is: a named function from what was asked to the answer that goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urljoin, urlsplit

from sandbox.sites import SiteRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.sites import Reply, Site


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that no HTTP server would give: bytes as they go over the wire. The connection never serves again."""

    steps: Iterable[bytes | float]
    """Bytes are sent; a number is a pause in seconds, cut short when the client leaves."""
    status: int = 0
    """For the request log, as is `template`; 0 where no status is sent."""
    reset: bool = False
    """End with a TCP reset instead of an orderly close."""
    template: str = ""


@dataclass(slots=True)
class Asked:
    """One GET of a page, and the site that would answer it."""

    site: Site
    host: str
    target: str
    """Path and query as they were asked."""
    headers: Mapping[str, str] = field(default_factory=dict)
    gzip: bool = False
    """Whether the client takes gzip."""
    step: int = 0
    """How far the client has followed a chain of URLs that a fault hands out; 0 where it is in none."""
    _normal: Reply | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """The real URL."""
        return f"https://{self.host}{self.target}"

    def normal(self) -> Reply:
        """What the site answers; it is asked once, and not at all by a fault that does not need it."""
        if self._normal is None:
            self._normal = self.page(self.url)
        return self._normal

    def page(self, url: str) -> Reply:
        """What the site answers to another URL, which may be relative to this one."""
        parts = urlsplit(urljoin(self.url, url))
        host = parts.hostname or self.host
        return self.site.respond(SiteRequest(host, unquote(parts.path), parts.query, headers=self.headers))

    def further(self, name: str) -> str:
        """The URL of the next step of the chain that the fault `name` hands out; it comes back with `step` + 1."""
        return f"{self.url}{'&' if '?' in self.target else '?'}{TRAIL}{name}={self.step + 1}"


TRAIL = "sandbox_"
"""Begins the query parameter that marks the URLs of a chain: ``sandbox_redirect_chain=3``."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way for an answer to go wrong."""

    name: str
    kind: str
    """The heading it stands under in the documentation."""
    description: str
    answer: Callable[[Asked], Reply | Raw | None]
    """None: this page cannot go wrong in this way, or the client did not ask for what would."""
    heals: bool = True
    """Asking again later, as a crawler should, gets the page: these are the faults of `all`."""
    lasting: bool = False
    """A fact about the URL, not about the moment: a URL has it always or never."""

    @classmethod
    def of(
        cls, answer: Callable[[Asked], Reply | Raw | None], kind: str, *, heals: bool = True, lasting: bool = False
    ) -> Self:
        """A fault named after its function and described by the function's docstring."""
        description = " ".join((answer.__doc__ or "").split())
        return cls(answer.__name__, kind, description, answer, heals=heals, lasting=lasting)
