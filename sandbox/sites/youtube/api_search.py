"""The parameters of ``search.list``, and what they leave of what a query finds."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sandbox.sites.youtube.errors import ApiError
from sandbox.worlds.youtube_vocabulary import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sandbox.worlds.youtube_video import Video

ORDERS: dict[str, Callable[[Video], Any] | None] = {
    "relevance": None,
    "date": lambda video: -video.published_at.timestamp(),
    "viewCount": lambda video: -(video.view_count or 0),
    "rating": lambda video: -(video.like_count or 0) / ((video.view_count or 0) + 1),
    "title": lambda video: video.title,
}
DURATIONS = {"any": (0, 10**9), "short": (0, 240), "medium": (240, 1201), "long": (1201, 10**9)}
EVENTS = {"live", "upcoming", "completed"}
FOR_VIDEOS_ONLY = ("videoDuration", "eventType", "videoCategoryId", "videoDefinition")


@dataclass(frozen=True, slots=True)
class ApiSearch:
    """A call of ``search.list`` that is in order. `page` 0 is the first; `anything`: not videos alone."""

    query: str
    size: int
    page: int
    order: str
    region: str
    anything: bool
    after: dt.datetime | None
    before: dt.datetime | None
    duration: str
    event: str | None
    category: str | None
    definition: str
    channel_id: str | None

    @classmethod
    def parse(cls, parameters: dict[str, str]) -> Self:
        """Raises: ApiError: a parameter that is missing or not legal."""
        if "part" not in parameters:
            raise ApiError.required("part")
        kinds = set(parameters.get("type", "video,channel,playlist").split(","))
        narrow = [name for name in FOR_VIDEOS_ONLY if name in parameters]
        if narrow and kinds != {"video"}:
            raise ApiError(400, "invalidSearchFilter", f"{narrow[0]} needs type=video", location=narrow[0])
        size = _number(parameters, "maxResults", 5, 50)
        token = parameters.get("pageToken")
        event = parameters.get("eventType")
        if event is not None:
            _choice(parameters, "eventType", "live", EVENTS)
        return cls(
            query=parameters.get("q", ""),
            size=size,
            page=_offset(token) // size if token else 0,
            order=_choice(parameters, "order", "relevance", ORDERS),
            region=_region(parameters),
            anything="video" not in kinds or len(kinds) > 1,
            after=_moment(parameters, "publishedAfter"),
            before=_moment(parameters, "publishedBefore"),
            duration=_choice(parameters, "videoDuration", "any", DURATIONS),
            event=event,
            category=parameters.get("videoCategoryId"),
            definition=_choice(parameters, "videoDefinition", "any", {"any", "high", "standard"}),
            channel_id=parameters.get("channelId"),
        )

    def apply(self, videos: list[Video]) -> list[Video]:
        """The videos that pass, in order."""
        kept = [video for video in videos if self._passes(video)]
        key = ORDERS[self.order]
        return kept if key is None else sorted(kept, key=key)

    def _passes(self, video: Video) -> bool:
        shortest, longest = DURATIONS[self.duration]
        return (
            (self.after is None or video.published_at >= self.after)
            and (self.before is None or video.published_at < self.before)
            and (self.duration == "any" or shortest <= (video.duration_s or -1) < longest)
            and (self.event is None or self.event == _event(video))
            and (self.category is None or CATEGORIES.get(_whole(self.category)) == video.category)
            and (self.definition == "any" or (self.definition == "high") == video.is_hd)
            and self.channel_id in {None, video.channel.channel_id}
        )

    def token(self, page: int, *, back: bool = False) -> str:
        """``CDIQAA``: how many rows are before the page, and whether it was left behind."""
        offset = page * self.size
        high = bytes([offset & 127 | 128, offset >> 7]) if offset > 127 else bytes([offset])
        return base64.urlsafe_b64encode(b"\x08" + high + b"\x10" + bytes([back])).decode().rstrip("=")


def _event(video: Video) -> str | None:
    if video.state in {"live", "upcoming"}:
        return video.state
    return "completed" if video.was_live else None


def _offset(token: str) -> int:
    try:
        message = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        message = b""
    found = re.fullmatch(rb"\x08([\x80-\xff]?)([\x00-\x7f])\x10[\x00\x01]", message, re.DOTALL)
    if not found:
        message_text = "The request specifies an invalid page token."
        raise ApiError(400, "invalidPageToken", message_text, location="pageToken")
    low, high = found.groups()
    return (low[0] & 127) + (high[0] << 7) if low else high[0]


def _region(parameters: dict[str, str]) -> str:
    region = parameters.get("regionCode", "US")
    if not re.fullmatch(r"[A-Za-z]{2}", region):
        raise ApiError(400, "invalidRegionCode", f"Invalid region code: {region}", location="regionCode")
    return region.upper()


def _moment(parameters: dict[str, str], name: str) -> dt.datetime | None:
    """RFC 3339, with a zone."""
    text = parameters.get(name)
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or "T" not in text:
        raise ApiError(400, "invalidParameter", f"Invalid value for {name}: {text}", location=name)
    return moment


def _number(parameters: dict[str, str], name: str, default: int, most: int) -> int:
    text = parameters.get(name, str(default))
    if not re.fullmatch(r"\d{1,4}", text) or not 1 <= int(text) <= most:
        message = f"Invalid value '{text}'. Values must be within the range: [0, {most}]"
        raise ApiError(400, "invalidParameter", message, location=name)
    return int(text)


def _choice(parameters: dict[str, str], name: str, default: str, choices: Collection[str]) -> str:
    value = parameters.get(name, default)
    if value not in choices:
        raise ApiError(400, "invalidParameter", f"Invalid value '{value}' for {name}", location=name)
    return value


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else 0
