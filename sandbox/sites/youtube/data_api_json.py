"""The resources of the Data API: a search result, a video. Keys as recorded in 2019, with those added since."""

from __future__ import annotations

import hashlib
import html
from typing import TYPE_CHECKING

from sandbox.sites.youtube import texts
from sandbox.worlds.youtube_vocabulary import CATEGORY_IDS, TOPICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.sites.youtube.parts import Json
    from sandbox.worlds.youtube_video import Channel, Video

SNIPPET = 150
_THUMBNAILS = (
    ("default", "default", 120, 90),
    ("medium", "mqdefault", 320, 180),
    ("high", "hqdefault", 480, 360),
    ("standard", "sddefault", 640, 480),
    ("maxres", "maxresdefault", 1280, 720),
)
PLAYER_WIDTH = 480  # where no other is asked for


def etag(*parts: object) -> str:
    """A name for the state of an answer."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:27]


def search_item(video: Video) -> Json:
    """A row of a search. Titles and names are HTML here, and nowhere else."""
    text = " ".join(video.description.split())
    return {
        "kind": "youtube#searchResult",
        "etag": etag("search", video.video_id),
        "id": {"kind": "youtube#video", "videoId": video.video_id},
        "snippet": {
            "publishedAt": texts.zulu(video.published_at),
            "channelId": video.channel.channel_id,
            "title": _html(video.title),
            "description": text if len(text) <= SNIPPET else f"{text[:SNIPPET]} ...",
            "thumbnails": _thumbnails(video, 3),
            "channelTitle": _html(video.channel.name),
            "liveBroadcastContent": _live(video),
            "publishTime": texts.zulu(video.published_at),
        },
    }


def channel_item(channel: Channel) -> Json:
    """A channel among the rows of a search that did not ask for videos alone."""
    snippet = {"channelId": channel.channel_id, "title": _html(channel.name), "channelTitle": _html(channel.name)}
    return {
        "kind": "youtube#searchResult",
        "etag": etag("search", channel.channel_id),
        "id": {"kind": "youtube#channel", "channelId": channel.channel_id},
        "snippet": snippet,
    }


def video_item(video: Video, parts: Sequence[str], box: Sequence[int | None]) -> Json:
    """A video with the parts that were asked for; `box` is the largest width and height of its player."""
    makers = {
        "snippet": _snippet,
        "contentDetails": _content_details,
        "statistics": _statistics,
        "status": _status,
        "topicDetails": _topics,
        "liveStreamingDetails": _live_details,
    }
    item: Json = {"kind": "youtube#video", "etag": etag(video.video_id, *parts), "id": video.video_id}
    for part in parts:
        if part == "player":
            item[part] = _player(video, box)
        elif part in makers and (value := makers[part](video)) is not None:
            item[part] = value
    return item


def _snippet(video: Video) -> Json:
    snippet: Json = {
        "publishedAt": texts.zulu(video.published_at),
        "channelId": video.channel.channel_id,
        "title": video.title,
        "description": video.description,
        "thumbnails": _thumbnails(video, 5 if video.is_hd else 4),
        "channelTitle": video.channel.name,
        "tags": video.tags,
        "categoryId": str(CATEGORY_IDS[video.category]),
        "liveBroadcastContent": _live(video),
        "localized": {"title": video.title, "description": video.description},
        "defaultAudioLanguage": video.audio_language,
    }
    absent = {"tags": not video.tags, "defaultAudioLanguage": video.audio_language is None}
    return {name: value for name, value in snippet.items() if not absent.get(name)}


def _content_details(video: Video) -> Json:
    age_restricted = video.state == "age_restricted"
    details: Json = {
        "duration": texts.iso_duration(video.duration_s or 0),
        "dimension": "2d",
        "definition": "hd" if video.is_hd else "sd",
        "caption": "true" if video.has_captions else "false",
        "licensedContent": video.kind == "official",
        "contentRating": {"ytRating": "ytAgeRestricted"} if age_restricted else {},
        "projection": "rectangular",
    }
    if video.blocked_in:  # whichever list is shorter
        few = len(video.countries) < len(video.blocked_in)
        details["regionRestriction"] = {"allowed": video.countries} if few else {"blocked": video.blocked_in}
    return details


def _statistics(video: Video) -> Json:
    """Counts as text; what the site does not say is not there."""
    counts = {
        "viewCount": video.view_count,
        "likeCount": video.like_count,
        "favoriteCount": 0,
        "commentCount": video.comment_count,
    }
    return {name: str(count) for name, count in counts.items() if count is not None}


def _status(video: Video) -> Json:
    return {
        "uploadStatus": "processed",
        "privacyStatus": "unlisted" if video.state == "unlisted" else "public",
        "license": video.license,
        "embeddable": True,
        "publicStatsViewable": True,
        "madeForKids": video.is_made_for_kids,
    }


def _live_details(video: Video) -> Json | None:
    """Of streams and premieres alone."""
    if video.starts_at is None:
        return None
    start = texts.zulu(video.starts_at)
    if video.state == "upcoming":
        return {"scheduledStartTime": start}
    details = {"actualStartTime": start, "scheduledStartTime": start}
    if video.ends_at is not None:
        return details | {"actualEndTime": texts.zulu(video.ends_at)}
    return details | {"concurrentViewers": str(video.watching_count)}


def _topics(video: Video) -> Json:
    pages = TOPICS[video.topic].encyclopedia
    return {"topicCategories": [f"https://en.wikipedia.org/wiki/{page}" for page in pages]}


def _player(video: Video, box: Sequence[int | None]) -> Json:
    """The player in the shape of the picture, as large as the box allows; its size is said only if a box was given."""
    limits = [(limit, side) for limit, side in zip(box, video.embed, strict=True) if limit]
    scale = min(limit / side for limit, side in limits or [(PLAYER_WIDTH, video.embed[0])])
    width, height = (round(side * scale) for side in video.embed)
    source = f"//www.youtube.com/embed/{video.video_id}"
    markup = f'<iframe width="{width}" height="{height}" src="{source}" frameborder="0" allowfullscreen></iframe>'
    sizes = {"embedHeight": str(height), "embedWidth": str(width)} if limits else {}
    return {"embedHtml": markup, **sizes}


def _live(video: Video) -> str:
    return video.state if video.state in {"live", "upcoming"} else "none"


def _thumbnails(video: Video, count: int) -> Json:
    return {
        size: {"url": f"https://i.ytimg.com/vi/{video.video_id}/{name}.jpg", "width": width, "height": height}
        for size, name, width, height in _THUMBNAILS[:count]
    }


def _html(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#39;")
