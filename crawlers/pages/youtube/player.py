"""The facts of one video in the answer of a player, which the page of the video carries too.

Two parts of it say much the same. `microformat` is what the site tells search engines, and is there even for videos
that cannot be played; `videoDetails` has the tags. Where both have a value the first is taken, since the Data API
agrees with it: lengths are rounded up in it, and down in the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.youtube import Source, Video
from crawlers.pages.youtube.availability import availability_of, is_known, microformat_of
from crawlers.pages.youtube.countries import all_but
from crawlers.pages.youtube.urls import ROUTE_WORDS
from crawlers.parsing.dates import utc
from crawlers.parsing.json_body import json_of
from crawlers.parsing.urls import path_template


def player_video(response: Response, *, video_id: str) -> Rows[Video]:
    """The one video a player was asked for; one that is not there has its id and its availability.

    Source: https://www.youtube.com/youtubei/v1/player with the video's id (JSON).
    Raises: LayoutChanged: the answer is no JSON object.
    """
    return Rows(Video, [_answer(response)], partial(read_video, video_id=video_id, source="web"))


def state_is_known(response: Response) -> bool:
    """Whether the site's word for the state of the video is one we know; if not, its availability is null.

    Source: as of `player_video`.
    """
    return is_known(_answer(response))


def _answer(response: Response) -> Mapping[str, Any]:
    answer = json_of(response)
    if not isinstance(answer, dict):
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no JSON object")
    # Some endpoints wrap the answer.
    wrapped = answer.get("playerResponse")
    return wrapped if isinstance(wrapped, dict) else answer


def read_video(answer: Mapping[str, Any], *, video_id: str, source: Source) -> dict[str, Any]:
    """The fields of `Video` from the answer of a player.

    Raises: LookupError, TypeError, ValueError: it is about another video, or a field is not what it has always been.
    """
    details, about = answer.get("videoDetails") or {}, microformat_of(answer)
    said_id = details.get("videoId", about.get("externalVideoId", video_id))
    if said_id != video_id:  # never a row: the site answers so when it does not mean to answer
        raise ValueError("an answer about another video")
    embed = about.get("embed") or {}
    live = about.get("liveBroadcastDetails") or {}
    return {
        "video_id": video_id,
        "title": details.get("title", _text(about.get("title"))),
        "channel_id": details.get("channelId", about.get("externalChannelId")),
        "channel_name": details.get("author", about.get("ownerChannelName")),
        "view_count": _number(details.get("viewCount", about.get("viewCount"))),
        "like_count": _number(about.get("likeCount")),
        # 0 is what is written of a stream, which has no length yet.
        "duration_s": _number(about.get("lengthSeconds", details.get("lengthSeconds"))) or None,
        "published_at": utc(about.get("publishDate", about.get("uploadDate"))),
        "category": about.get("category"),
        "tags": _tags(details),
        "width": embed.get("width"),
        "height": embed.get("height"),
        "availability": availability_of(answer),
        "description": _description(details, about),
        **_largest_picture(answer.get("streamingData") or {}),
        "is_short": about.get("isShortsEligible"),
        "is_live_content": details.get("isLiveContent"),
        "live_start_at": utc(live.get("startTimestamp")),
        "live_end_at": utc(live.get("endTimestamp")),
        "is_family_safe": about.get("isFamilySafe"),
        "blocked_countries": _blocked(about.get("availableCountries")),
        **_thumbnail(about.get("thumbnail") or {}),
        "playability": (answer.get("playabilityStatus") or {}).get("status"),
        "source": source,
    }


def _blocked(available: list[Any] | None) -> list[str] | None:
    return None if available is None else all_but(code for code in available if isinstance(code, str))


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _text(text: Mapping[str, Any] | None) -> str | None:
    return None if text is None else text.get("simpleText")


def _tags(details: Mapping[str, Any]) -> list[str] | None:
    """The key is left out without tags; where the title is left out too, the details were not asked for."""
    if "title" not in details:
        return None
    return [tag for tag in details.get("keywords", []) if isinstance(tag, str)]


def _description(details: Mapping[str, Any], about: Mapping[str, Any]) -> str | None:
    """An empty one is left out of one part, and a single space in the other."""
    if "title" in details:
        return str(details.get("shortDescription", ""))
    if not about:
        return None
    description = _text(about.get("description")) or ""
    return description if description.strip() else ""


def _largest_picture(streams: Mapping[str, Any]) -> dict[str, Any]:
    """The size of the picture itself, of all forms it is offered in. Sound alone has no height."""
    forms = [*streams.get("adaptiveFormats", []), *streams.get("formats", [])]
    pictures = [form for form in forms if form.get("height") and form.get("width")]
    if not pictures:
        return {}
    largest = max(pictures, key=lambda form: form["width"] * form["height"])
    return {"max_width": largest["width"], "max_height": largest["height"], "fps": largest.get("fps")}


def _thumbnail(holder: Mapping[str, Any]) -> dict[str, Any]:
    for picture in holder.get("thumbnails", []):
        if str(picture.get("url", "")).startswith("https://i.ytimg.com/"):
            return {
                "thumbnail_url": picture["url"].partition("?")[0],  # without a signature that is good for a while only
                "thumbnail_width": picture.get("width"),
                "thumbnail_height": picture.get("height"),
            }
    return {}
