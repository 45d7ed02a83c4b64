"""What a search lists, page by page, and what a reader of all pages has seen: the truth that crawls are held against.

The Data API gives `size` rows a page, each page beginning with the last row of the one before, and ends near 500. The
web pages give 20, then 19 to 25, repeat a row here and there, and end near 600.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.worlds.youtube_video import Video

Source = Literal["api", "web"]
API_DEPTH = 500
WEB_FIRST_PAGE = 20
WEB_DEPTH, WEB_DEPTH_SPREAD = 566, 50
LOCKUP_EVERY = 11  # one of so many rows beyond the first page comes in the newer form


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of a search, where it is first seen."""

    query: str
    position: int
    """Place in the rows as they come, 0 first; rows that are repeated count."""
    page: int
    """1 is the first."""
    video: Video
    is_lockup: bool
    """Whether it comes as a lockup, with views cut to two or three figures."""


def api_pages(videos: Sequence[Video], size: int) -> list[list[Video]]:
    """The pages of ``search.list``; one empty page if there is nothing."""
    step = max(1, size - 1)
    pages = [list(videos[:size])]
    while (number := len(pages)) * size < API_DEPTH and number * step + (size > 1) < len(videos):
        pages.append(list(videos[number * step : number * step + size])[: API_DEPTH - number * size])
    return pages


def web_pages(query: str, videos: Sequence[Video]) -> list[list[Video]]:
    """The pages of the web search; one empty page if there is nothing."""
    depth = WEB_DEPTH + _draw(query, "depth") % WEB_DEPTH_SPREAD
    rest = list(videos[:depth])
    pages = [rest[:WEB_FIRST_PAGE]]
    rest = rest[WEB_FIRST_PAGE:]
    while rest:
        draw = _draw(query, len(pages))
        page, rest = rest[: 19 + draw % 7], rest[19 + draw % 7 :]
        if len(pages) % 3 == 2:  # what was on the page before comes again
            page.insert(draw % (len(page) + 1), pages[-1][-1])
        pages.append(page)
    return pages


def is_lockup(query: str, page: int, video: Video) -> bool:
    """Whether the web lists the row in the newer form."""
    return page > 1 and _draw(query, video.video_id) % LOCKUP_EVERY == 0


def ends_with_a_message(query: str) -> bool:
    """Whether the last rows are followed by one more page, which says that there are no more."""
    return _draw(query, "end") % 2 == 0


def first_seen(query: str, pages: Sequence[Sequence[Video]], *, lockups: bool) -> Iterator[Hit]:
    """Every video of the pages once, where it stands first."""
    seen: set[str] = set()
    position = 0
    for number, page in enumerate(pages, 1):
        for video in page:
            if video.video_id not in seen:
                seen.add(video.video_id)
                yield Hit(query, position, number, video, lockups and is_lockup(query, number, video))
            position += 1


def _draw(query: str, what: object) -> int:
    return zlib.crc32(f"{query}/{what}".encode())
