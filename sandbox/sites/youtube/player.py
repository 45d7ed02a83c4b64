"""The player's answer about a video: `videoDetails`, `microformat`, `streamingData`, and whether it can be played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sites.youtube import texts
from sandbox.sites.youtube.parts import runs, thumbnails
from sandbox.sites.youtube.session import OTHER_CLIENTS, response_context

if TYPE_CHECKING:
    import datetime as dt

    from sandbox.sites.youtube.parts import Json
    from sandbox.sites.youtube.session import Client
    from sandbox.worlds.youtube_video import State, Video

# Status and reason; the others are OK. `{}` is filled with how long it takes.
PLAYABILITY: dict[State, tuple[str, str]] = {
    "upcoming": ("LIVE_STREAM_OFFLINE", "This live event will begin in {}."),
    "age_restricted": ("LOGIN_REQUIRED", "This video may be inappropriate for some users."),
    "members_only": (
        "UNPLAYABLE",
        "This video is available to this channel's members. Join this channel to get access to exclusive content.",
    ),
    "region_blocked": ("UNPLAYABLE", "The uploader has not made this video available in your country"),
    "private": ("LOGIN_REQUIRED", "This video is private"),
    "removed": ("ERROR", "This video has been removed by the uploader"),
    "channel_closed": (
        "ERROR",
        "This video is no longer available because the YouTube account associated with this video has been terminated.",
    ),
}
UNKNOWN = ("ERROR", "This video is unavailable")
# Pictures below the largest one: height and name of the quality.
LADDER = ((1080, "hd1080"), (720, "hd720"), (360, "medium"), (144, "tiny"))


def player(video: Video | None, client: Client, now: dt.datetime) -> Json:
    """The whole answer; an unknown video is None. Of videos that are gone only the state is said."""
    answer: Json = {"responseContext": response_context(client, "yt_web_watch")}
    if video is None or video.is_gone:
        status, reason = PLAYABILITY[video.state] if video else UNKNOWN
        return answer | {"playabilityStatus": _unavailable(status, reason), "trackingParams": "CAAQu2kiEwjo"}
    answer["playabilityStatus"] = _playability(video, now)
    if video.state not in PLAYABILITY:
        answer["streamingData"] = _streaming_data(video)
    answer["videoDetails"] = _details(video)
    if client.name not in OTHER_CLIENTS:
        answer["microformat"] = {"playerMicroformatRenderer": _microformat(video)}
    return answer | {"trackingParams": "CAAQu2kiEwjo"}


def thumbnail(video: Video) -> tuple[str, int, int]:
    """The largest picture that a page names: file, width, height."""
    return ("maxresdefault", 1280, 720) if video.is_hd else ("hqdefault", 480, 360)


def _unavailable(status: str, reason: str) -> Json:
    screen = {"playerErrorMessageRenderer": {"reason": runs(reason), "icon": {"iconType": "ERROR_OUTLINE"}}}
    return {"status": status, "reason": reason, "errorScreen": screen, "contextParams": "Q0FBU0FnZ0E="}


def _playability(video: Video, now: dt.datetime) -> Json:
    if video.state not in PLAYABILITY:
        return {"status": "OK", "playableInEmbed": True, "contextParams": "Q0FFU0FnZ0I="}
    status, reason = PLAYABILITY[video.state]
    if video.state == "age_restricted":
        return {**_unavailable(status, reason), "desktopLegacyAgeGateReason": 1}
    if video.state != "upcoming" or video.starts_at is None:
        return _unavailable(status, reason)
    hours = int((video.starts_at - now).total_seconds()) // 3600
    slate = {
        "scheduledStartTime": str(int(video.starts_at.timestamp())),
        "mainText": runs("Live in ", f"{hours} hours"),
    }
    streamability = {"videoId": video.video_id, "offlineSlate": {"liveStreamOfflineSlateRenderer": slate}}
    return {
        "status": status,
        "reason": reason.format(f"{hours} hours"),
        "playableInEmbed": True,
        "liveStreamability": {"liveStreamabilityRenderer": streamability},
        "contextParams": "Q0FFU0FnZ0M=",
    }


def _details(video: Video) -> Json:
    """Lengths are cut to whole seconds here, and rounded up everywhere else. Keys without a value are not there."""
    details: Json = {
        "videoId": video.video_id,
        "title": video.title,
        "lengthSeconds": str((video.duration_ms or 0) // 1000),
        "keywords": video.tags,
        "channelId": video.channel.channel_id,
        "isOwnerViewing": False,
        "shortDescription": video.description,
        "isCrawlable": video.state != "unlisted",
        "thumbnail": thumbnails(video.video_id, ("hqdefault", 168, 94), ("hqdefault", 336, 188), thumbnail(video)),
        "isLive": True,
        "isUpcoming": True,
        "allowRatings": video.like_count is not None,
        "viewCount": str(video.view_count),
        "author": video.channel.name,
        "isPrivate": False,
        "isUnpluggedCorpus": False,
        "isLiveContent": video.was_live,
    }
    absent = {
        "keywords": not video.tags,
        "isLive": video.state != "live",
        "isUpcoming": video.state != "upcoming",
        "viewCount": video.view_count is None,
    }
    return {name: value for name, value in details.items() if not absent.get(name)}


def _microformat(video: Video) -> Json:
    page = f"https://www.youtube.com/{'shorts/' if video.state == 'short' else 'watch?v='}{video.video_id}"
    published = texts.pacific(video.published_at)
    micro: Json = {
        "thumbnail": thumbnails(video.video_id, thumbnail(video)),
        "embed": {
            "iframeUrl": f"https://www.youtube.com/embed/{video.video_id}",
            "width": video.embed[0],
            "height": video.embed[1],
        },
        "title": {"simpleText": video.title},
        "description": {"simpleText": video.description or " "},
        "lengthSeconds": str(video.duration_s or 0),
        "ownerProfileUrl": f"http://www.youtube.com/@{video.channel.handle}",
        "externalChannelId": video.channel.channel_id,
        "isFamilySafe": video.state != "age_restricted",
        "availableCountries": video.countries,
        "isUnlisted": video.state == "unlisted",
        "hasYpcMetadata": False,
        "viewCount": str(video.view_count),
        "category": video.category,
        "publishDate": published,
        "ownerChannelName": video.channel.name,
        "liveBroadcastDetails": _broadcast(video),
        "uploadDate": published,
        "isShortsEligible": video.state == "short",
        "externalVideoId": video.video_id,
        "likeCount": str(video.like_count),
        "canonicalUrl": page,
    }
    absent = {
        "lengthSeconds": video.state == "live",
        "viewCount": video.view_count is None,
        "liveBroadcastDetails": video.starts_at is None,
        "likeCount": video.like_count is None,
    }
    return {name: value for name, value in micro.items() if not absent.get(name)}


def _broadcast(video: Video) -> Json:
    times = {"startTimestamp": video.starts_at, "endTimestamp": video.ends_at}
    stated = {name: moment.isoformat() for name, moment in times.items() if moment is not None}
    return {"isLiveNow": video.state == "live", **stated}


def _streaming_data(video: Video) -> Json:
    """The pictures that can be had, the largest first, and a sound without one."""
    width, height = video.picture
    sizes = [(width, height, "highest"), *_smaller(width, height)]
    pictures = [
        {
            "itag": 313 - place,
            "mimeType": 'video/webm; codecs="vp9"',
            "bitrate": 900 * w,
            "width": w,
            "height": h,
            "quality": quality,
            "fps": video.fps,
            "qualityLabel": f"{min(w, h)}p",
            "approxDurationMs": str(video.duration_ms or 0),
        }
        for place, (w, h, quality) in enumerate(sizes)
    ]
    sound = {"itag": 251, "mimeType": 'audio/webm; codecs="opus"', "bitrate": 130_000, "audioChannels": 2}
    combined = {**pictures[-1], "itag": 18, "mimeType": 'video/mp4; codecs="avc1.42001E, mp4a.40.2"'}
    return {"expiresInSeconds": "21540", "formats": [combined], "adaptiveFormats": [*pictures, sound]}


def _smaller(width: int, height: int) -> list[tuple[int, int, str]]:
    return [(width * lower // height, lower, quality) for lower, quality in LADDER if lower < height]
