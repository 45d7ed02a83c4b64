"""Small pieces of the web's JSON that stand in many places: texts, links, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from sandbox.worlds.youtube_video import Channel

Json = dict[str, Any]


def simple(text: str, label: str | None = None) -> Json:
    """A text in one piece, with the label that screen readers get."""
    return {"simpleText": text, **({"accessibility": accessible(label)} if label else {})}


def runs(*parts: str) -> Json:
    """A text in several pieces."""
    return {"runs": [{"text": part} for part in parts]}


def accessible(label: str) -> Json:
    """What screen readers get."""
    return {"accessibilityData": {"label": label}}


def channel_endpoint(channel: Channel) -> Json:
    """The link to a channel; handles in other scripts are percent-encoded."""
    path = f"/@{quote(channel.handle)}"
    return {
        "commandMetadata": {
            "webCommandMetadata": {
                "url": path,
                "webPageType": "WEB_PAGE_TYPE_CHANNEL",
                "rootVe": 3611,
                "apiUrl": "/youtubei/v1/browse",
            }
        },
        "browseEndpoint": {"browseId": channel.channel_id, "canonicalBaseUrl": path},
    }


def plain_channel_endpoint(channel: Channel) -> Json:
    """The link to a channel by its id, as dialogues have it."""
    url = f"/channel/{channel.channel_id}"
    metadata = {"url": url, "webPageType": "WEB_PAGE_TYPE_CHANNEL", "rootVe": 3611, "apiUrl": "/youtubei/v1/browse"}
    return {
        "commandMetadata": {"webCommandMetadata": metadata},
        "browseEndpoint": {"browseId": channel.channel_id},
    }


def watch_endpoint(video_id: str, extra: str = "") -> Json:
    """The link to a video's page."""
    return {
        "commandMetadata": {
            "webCommandMetadata": {
                "url": f"/watch?v={video_id}{extra}",
                "webPageType": "WEB_PAGE_TYPE_WATCH",
                "rootVe": 3832,
            }
        },
        "watchEndpoint": {"videoId": video_id},
    }


def reel_endpoint(video_id: str) -> Json:
    """The link to a short."""
    return {
        "commandMetadata": {
            "webCommandMetadata": {"url": f"/shorts/{video_id}", "webPageType": "WEB_PAGE_TYPE_SHORTS", "rootVe": 37414}
        },
        "reelWatchEndpoint": {"videoId": video_id, "sequenceProvider": "REEL_WATCH_SEQUENCE_PROVIDER_RPC"},
    }


def thumbnails(video_id: str, *sizes: tuple[str, int, int]) -> Json:
    """Pictures: name of the file, width, height."""
    return {
        "thumbnails": [
            {"url": f"https://i.ytimg.com/vi/{video_id}/{name}.jpg", "width": width, "height": height}
            for name, width, height in sizes
        ]
    }


def decorated_avatar(channel: Channel) -> Json:
    """The channel's picture, with the link to it."""
    return {
        "avatar": {"avatarViewModel": {"image": {"sources": [avatar(channel)]}, "avatarImageSize": "AVATAR_SIZE_M"}},
        "a11yLabel": f"Go to channel {channel.name}",
        "rendererContext": {"commandContext": {"onTap": {"innertubeCommand": channel_endpoint(channel)}}},
    }


def avatar(channel: Channel) -> Json:
    """A channel's picture."""
    return {"url": f"https://yt3.ggpht.com/ytc/{channel.index:x}=s68-c-k", "width": 68, "height": 68}
