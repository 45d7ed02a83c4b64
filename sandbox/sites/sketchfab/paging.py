"""What all lists of Sketchfab share: how a request asks for a page, cursors, and the envelope of a page.

Pages hold 24 rows; a larger `count` is ignored, a smaller one obeyed. Cursors are decimal offsets in searches and
base64 text (``o=24``) elsewhere; `next` repeats the request's parameters, sorted, with the new cursor.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from sandbox.sites import Reply

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

API_HOST = "api.sketchfab.com"
PAGE_SIZE = 24

Query = dict[str, list[str]]


class BadRequestError(ValueError):
    """A parameter the site answers with 400."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list a request asks for. `opaque`: its cursors are base64."""

    path: str
    query: Query
    start: int
    count: int
    opaque: bool

    @classmethod
    def of(cls, path: str, query: Query, *, opaque: bool) -> Page:
        start = _decoded(query["cursor"][0]) if opaque and "cursor" in query else number(query, "cursor")
        return cls(path, query, start, count(query), opaque)

    @property
    def end(self) -> int:
        return self.start + self.count

    def reply(self, results: Sequence[Any], length: int, template: str = "") -> Reply:
        """The envelope around the rows of this page of a list with `length` rows."""
        following = self._cursor(self.end) if self.end < length else None
        previous = self._cursor(max(0, self.start - self.count)) if self.start else None
        page = {
            "cursors": {"next": following, "previous": previous},
            "next": self._url(following),
            "previous": self._url(previous),
            "results": results,
        }
        return Reply(template or self.path, orjson.dumps(page))

    def _cursor(self, offset: int) -> str:
        return base64.b64encode(f"o={offset}".encode()).decode() if self.opaque else str(offset)

    def _url(self, cursor: str | None) -> str | None:
        parameters = {**self.query, "count": [str(self.count)], "cursor": [cursor]}
        url = f"https://{API_HOST}{self.path}?{urlencode(sorted(parameters.items()), doseq=True)}"
        return url if cursor is not None else None


def count(query: Query) -> int:
    """Rows of a page: what is asked for where it is 1 to 23, else 24."""
    asked = query.get("count", [""])[0]
    return int(asked) if re.fullmatch(r"[1-9]|1[0-9]|2[0-3]", asked) else PAGE_SIZE


def number(query: Query, key: str, default: int = 0) -> int:
    """A parameter that is a whole number."""
    value = query.get(key, [str(default)])[0]
    if not re.fullmatch(r"[0-9]{1,12}", value):
        raise BadRequestError(f"{key}: not a decimal number")
    return int(value)


def choice(query: Query, key: str, default: str, choices: Collection[str]) -> str:
    """A parameter that is one of some words."""
    value = query.get(key, [default])[0]
    if value not in choices:
        raise BadRequestError(f"{key}: not one of {', '.join(sorted(choices))}")
    return value


def not_found(template: str) -> Reply:
    return Reply(template, b'{"detail":"Not found."}', 404)


def _decoded(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if not re.fullmatch(r"o=[0-9]{1,9}", text):
        raise BadRequestError("cursor: invalid")
    return int(text[2:])
