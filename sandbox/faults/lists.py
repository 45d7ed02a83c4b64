"""Lists that go wrong while they are paged through. They know one shape: JSON with `results`, `next` and `previous`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.faults.contents import is_object
from sandbox.faults.fault import Asked, Fault

if TYPE_CHECKING:
    from sandbox.sites import Reply

    List = dict[str, Any]

KIND = "Lists"
ROWS = 3  # that are repeated, moved or doubled
_TEXTS = ("displayName", "name", "title", "text")


def next_is_this(asked: Asked) -> Reply | None:
    """A page whose next page is itself."""
    page = _list(asked.normal())
    return _changed(asked, page, next=asked.url) if page and page["next"] else None


def next_is_earlier(asked: Asked) -> Reply | None:
    """A page whose next page is the one before it."""
    page = _list(asked.normal())
    return _changed(asked, page, next=page["previous"]) if page and page["next"] and page["previous"] else None


def endless_pages(asked: Asked) -> Reply | None:
    """A list without end: after the last page comes the same page under another URL, again and again."""
    page = _list(asked.normal())
    return _changed(asked, page, next=asked.further("endless_pages")) if page and not page["next"] else None


def page_repeated(asked: Asked) -> Reply | None:
    """A page with the rows of the page before it; its own rows are nowhere."""
    page = _list(asked.normal())
    before = _neighbour(asked, page, "previous")
    return _changed(asked, page, results=before["results"]) if page and before else None


def rows_repeated(asked: Asked) -> Reply | None:
    """A page that begins with the last 3 rows of the page before it, as when rows are added on top of the list."""
    page = _list(asked.normal())
    before = _neighbour(asked, page, "previous")
    return _changed(asked, page, results=before["results"][-ROWS:] + page["results"]) if page and before else None


def rows_moved(asked: Asked) -> Reply | None:
    """A page that ends with the first 3 rows of the page after it, in place of 3 rows that are then nowhere."""
    page = _list(asked.normal())
    after = _neighbour(asked, page, "next")
    return (
        _changed(asked, page, results=page["results"][:-ROWS] + after["results"][:ROWS])
        if page and after and len(page["results"]) > ROWS
        else None
    )


def rows_doubled(asked: Asked) -> Reply | None:
    """A page that ends with its first 3 rows once more: the same ids, other counts or names."""
    page = _list(asked.normal())
    if not page or not page["results"]:
        return None
    return _changed(asked, page, results=page["results"] + [_edited(row) for row in page["results"][:ROWS]])


def _list(reply: Reply) -> List | None:
    if not is_object(reply):
        return None
    page: List = json.loads(reply.body)  # orjson refuses half a surrogate pair, which the sites do serve
    return page if {"results", "next", "previous"} <= page.keys() else None


def _neighbour(asked: Asked, page: List | None, which: str) -> List | None:
    return _list(asked.page(page[which])) if page and page[which] else None


def _changed(asked: Asked, page: List, **changes: Any) -> Reply:
    return replace(asked.normal(), body=json.dumps({**page, **changes}).encode())


def _edited(row: dict[str, Any]) -> dict[str, Any]:
    """A row with all its counts one higher; where it has none, with another name."""
    counts = {name: value + 1 for name, value in row.items() if type(value) is int}
    return {**row, **(counts or {name: f"{row[name]} 2" for name in _TEXTS if isinstance(row.get(name), str)})}


LISTS = [
    Fault.of(answer, KIND, heals=False)
    for answer in (
        next_is_this, next_is_earlier, endless_pages, page_repeated, rows_repeated, rows_moved, rows_doubled,
    )
]  # fmt: skip
