"""The filters of a web search: `sp` in addresses, `params` in JSON. Base64 of a small protobuf."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from sandbox.worlds.youtube_video import Video

POPULARITY = 3  # by rating (1) and by date (2) are ignored since February 2026
VIDEOS_ONLY, SHORTS_ONLY = 1, 9
_DAYS = {2: 1, 3: 7, 4: 31, 5: 366}  # uploaded today, this week, this month, this year
_SECONDS = {1: (0, 240), 2: (1200, 10**9), 3: (240, 1200), 4: (0, 180), 5: (180, 1200)}

Fields = dict[int, "int | bytes"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; 0 = not."""

    order: int = 0
    uploaded: int = 0
    type: int = 0
    duration: int = 0

    @classmethod
    def parse(cls, params: str) -> Filters:
        """From base64, percent-encoded once, twice or not at all; what is not understood is ignored, as on the site."""
        outer = _fields(_decoded(params))
        inner = outer.get(2, b"")
        found = _fields(inner) if isinstance(inner, bytes) else {}
        values = [value if isinstance(value, int) else 0 for value in (outer.get(1), *map(found.get, (1, 2, 3)))]
        return cls(*values)

    @property
    def has_other_things(self) -> bool:
        """Whether channels, playlists and so on may stand among the videos."""
        return self.type == 0

    def apply(self, videos: list[Video], now: dt.datetime) -> list[Video]:
        """The videos that pass, in the order that is asked for."""
        if self.type not in {0, VIDEOS_ONLY, SHORTS_ONLY}:
            return []
        kept = [video for video in videos if self._passes(video, now)]
        if self.order == POPULARITY:
            kept.sort(key=lambda video: -(video.view_count or 0))
        return kept

    def _passes(self, video: Video, now: dt.datetime) -> bool:
        if self.type == SHORTS_ONLY and video.state != "short":
            return False
        if self.uploaded in _DAYS and now - video.published_at > dt.timedelta(days=_DAYS[self.uploaded]):
            return False
        if self.duration in _SECONDS:
            shortest, longest = _SECONDS[self.duration]
            return video.duration_s is not None and shortest <= video.duration_s < longest
        return True


def _decoded(params: str) -> bytes:
    text = unquote(unquote(params)).rstrip("=")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _fields(message: bytes) -> Fields:
    """Numbers and byte strings of a protobuf message, by field; the part up to the first thing that is neither."""
    fields: Fields = {}
    while message:
        tag, message = _varint(message)
        value, message = _varint(message)
        if tag & 7 == 0:
            fields[tag >> 3] = value
        elif tag & 7 == 2 and value <= len(message):
            fields[tag >> 3], message = message[:value], message[value:]
        else:
            break
    return fields


def _varint(message: bytes) -> tuple[int, bytes]:
    number = 0
    for place, byte in enumerate(message):
        number |= (byte & 127) << (7 * place)
        if byte < 128:
            return number, message[place + 1 :]
    return number, b""
