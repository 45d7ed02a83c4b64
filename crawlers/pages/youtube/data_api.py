"""Answers of the Data API v3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.youtube import Availability, SearchResult, Video
from crawlers.pages.youtube.countries import ALL, all_but
from crawlers.pages.youtube.urls import ROUTE_WORDS
from crawlers.parsing.dates import utc
from crawlers.parsing.durations import iso_seconds
from crawlers.parsing.json_body import json_of
from crawlers.parsing.urls import path_template

# Names of the categories by id, in English, as the website has them.
CATEGORIES = {
    "1": "Film & Animation", "2": "Autos & Vehicles", "10": "Music", "15": "Pets & Animals", "17": "Sports",
    "18": "Short Movies", "19": "Travel & Events", "20": "Gaming", "21": "Videoblogging", "22": "People & Blogs",
    "23": "Comedy", "24": "Entertainment", "25": "News & Politics", "26": "Howto & Style", "27": "Education",
    "28": "Science & Technology", "29": "Nonprofits & Activism", "30": "Movies", "31": "Anime/Animation",
    "32": "Action/Adventure", "33": "Classics", "34": "Comedy", "35": "Documentary", "36": "Drama", "37": "Family",
    "38": "Foreign", "39": "Horror", "40": "Sci-Fi/Fantasy", "41": "Thriller", "42": "Shorts", "43": "Shows",
    "44": "Trailers",
}  # fmt: skip
LONGEST_SHORT_S = 181  # three minutes, rounded up


def api_results(
    response: Response, *, query: str, page: int, first_position: int, language: str, region: str, sort_order: str
) -> Rows[SearchResult]:
    """The videos of a page of the API's search, at most 50, in its order; the first stands at `first_position`.

    The last of a page may come again as the first of the next.

    Source: https://www.googleapis.com/youtube/v3/search?part=snippet&type=video&q=<query>&… (JSON).
    Raises: LayoutChanged: the answer has no list of items.
    """
    asked = {
        "query": query, "page": page, "language": language, "region": region, "sort_order": sort_order, "source": "api",
    }  # fmt: skip
    return Rows(SearchResult, enumerate(_items(response), first_position), partial(_read_result, asked=asked))


def next_page_token(response: Response) -> str | None:
    """What to ask the next page of a search with; None on the last.

    Source: as of `api_results`. Raises: LayoutChanged: the token is no text.
    """
    token = _answer(response).get("nextPageToken")
    if token is not None and not (isinstance(token, str) and token):
        raise _changed(response, "a nextPageToken that is no text")
    return token


def api_videos(response: Response, *, video_ids: Sequence[str], region: str) -> Rows[Video]:
    """The videos asked for, at most 50, in the order they were asked for.

    Those that are private, removed or never were are missing in the answer, which does not say which: their rows have
    an id and nothing else. `region` is the country that videos are to be seen in.

    Source: https://www.googleapis.com/youtube/v3/videos?id=<video_ids>&part=… (JSON).
    Raises: LayoutChanged: the answer has no list of items.
    """
    found = {item.get("id"): item for item in _items(response) if isinstance(item, dict)}
    nodes = [(video_id, found.get(video_id)) for video_id in dict.fromkeys(video_ids)]
    return Rows(Video, nodes, partial(_read_video, region=region))


def _answer(response: Response) -> Mapping[str, Any]:
    answer = json_of(response)
    if not isinstance(answer, dict):
        raise _changed(response, "no JSON object")
    return answer


def _items(response: Response) -> list[Any]:
    items = _answer(response).get("items")
    if not isinstance(items, list):
        raise _changed(response, "no list under 'items'")
    return items


def _changed(response: Response, found: str) -> LayoutChanged:
    return LayoutChanged(path_template(response.url, ROUTE_WORDS), found)


def _read_result(node: tuple[int, Mapping[str, Any]], *, asked: dict[str, Any]) -> dict[str, Any]:
    position, item = node
    snippet = item["snippet"]
    return {
        **asked,
        "position": position,
        "video_id": item["id"]["videoId"],
        "title": snippet["title"],
        "channel_id": snippet["channelId"],
        "channel_name": snippet.get("channelTitle"),
        "published_at": utc(snippet.get("publishedAt")),
        "snippet": snippet.get("description") or None,
        "is_live": snippet.get("liveBroadcastContent") == "live",
        "is_upcoming": snippet.get("liveBroadcastContent") == "upcoming",
    }


def _read_video(node: tuple[str, Mapping[str, Any] | None], *, region: str) -> dict[str, Any]:
    video_id, item = node
    if item is None:
        return {"video_id": video_id, "source": "api"}
    snippet = item["snippet"]
    content, statistics = item.get("contentDetails") or {}, item.get("statistics") or {}
    status, live = item.get("status") or {}, item.get("liveStreamingDetails") or {}
    is_for_adults = (content.get("contentRating") or {}).get("ytRating") == "ytAgeRestricted"
    blocked = _blocked(content)
    availability = _availability(item, region=region, blocked=blocked or [], is_for_adults=is_for_adults)
    length = content.get("duration")
    return {
        "video_id": video_id,
        "title": snippet["title"],
        "channel_id": snippet["channelId"],
        "channel_name": snippet.get("channelTitle"),
        "view_count": _number(statistics.get("viewCount")),
        "like_count": _number(statistics.get("likeCount")),
        "comment_count": _number(statistics.get("commentCount")),
        "duration_s": (iso_seconds(length) or None) if length is not None else None,
        "published_at": utc(snippet.get("publishedAt")),
        "category": CATEGORIES.get(snippet.get("categoryId", "")),
        "tags": snippet.get("tags", []),
        **_offered_size(item, availability),
        "availability": availability,
        "description": snippet.get("description", ""),
        "live_start_at": utc(live.get("actualStartTime", live.get("scheduledStartTime"))),
        "live_end_at": utc(live.get("actualEndTime")),
        "is_family_safe": False if is_for_adults else None,
        "is_made_for_kids": status.get("madeForKids"),
        "blocked_countries": blocked,
        "license": status.get("license"),
        "definition": content.get("definition"),
        "has_captions": {"true": True, "false": False}.get(content.get("caption", "")),
        "audio_language": snippet.get("defaultAudioLanguage"),
        "topics": _topics(item.get("topicDetails")),
        **_thumbnail(snippet.get("thumbnails") or {}),
        "source": "api",
    }


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _blocked(content: Mapping[str, Any]) -> list[str] | None:
    """The countries in which the video is not to be seen: the API names these, or the others."""
    if not content:
        return None
    restriction = content.get("regionRestriction") or {}
    if "allowed" in restriction:
        return all_but(restriction["allowed"])
    return sorted(ALL.intersection(restriction.get("blocked", [])))


def _availability(
    item: Mapping[str, Any], *, region: str, blocked: Sequence[str], is_for_adults: bool
) -> Availability | None:
    """For whom the video is; None where the API leaves it open: it names neither Shorts nor videos for members, which
    have no views to be seen."""
    status = (item.get("status") or {}).get("privacyStatus")
    broadcast = item["snippet"].get("liveBroadcastContent")
    if is_for_adults:
        return "age_restricted"
    if status == "private":
        return "private"
    if region in blocked:
        return "region_blocked"
    if broadcast in {"live", "upcoming"}:
        return "live" if broadcast == "live" else "upcoming"
    if status == "unlisted":
        return "unlisted"
    has_views = "viewCount" in (item.get("statistics") or {})
    return "public" if status == "public" and has_views and not _may_be_short(item) else None


def _may_be_short(item: Mapping[str, Any]) -> bool:
    """Whether the website may take the video for a Short: of up to three minutes, and not wider than high."""
    length = (item.get("contentDetails") or {}).get("duration")
    width, height = _player_size(item)
    return length is None or (iso_seconds(length) <= LONGEST_SHORT_S and (width is None or width <= (height or 0)))


def _player_size(item: Mapping[str, Any]) -> tuple[int | None, int | None]:
    player = item.get("player") or {}
    return _number(player.get("embedWidth")), _number(player.get("embedHeight"))


def _offered_size(item: Mapping[str, Any], availability: Availability | None) -> dict[str, Any]:
    """The player's size as pages state it. The API fits the player to any size it is asked for, so it gives no more
    than a shape; of high definition in the usual shape, pages say 1280 by 720. Streams have a size of their own."""
    definition = (item.get("contentDetails") or {}).get("definition")
    is_usual = definition == "hd" and _player_size(item) == (1280, 720) and "liveStreamingDetails" not in item
    return {"width": 1280, "height": 720} if is_usual and availability not in {"live", "upcoming"} else {}


def _topics(details: Mapping[str, Any] | None) -> list[str] | None:
    """``Rock_music`` from ``https://en.wikipedia.org/wiki/Rock_music``."""
    if details is None:
        return None
    paths = [urlsplit(url).path for url in details.get("topicCategories", [])]
    return [unquote(path.removeprefix("/wiki/")) for path in paths if path.startswith("/wiki/")]


def _thumbnail(thumbnails: Mapping[str, Any]) -> dict[str, Any]:
    """The largest that pages name, too: they have no name for the one in between (``standard``)."""
    picture = thumbnails.get("maxres") or thumbnails.get("high") or {}
    if not str(picture.get("url", "")).startswith("https://i.ytimg.com/"):
        return {}
    return {
        "thumbnail_url": picture["url"],
        "thumbnail_width": picture.get("width"),
        "thumbnail_height": picture.get("height"),
    }
