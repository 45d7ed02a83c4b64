"""A video as a row of the web's lists: `videoRenderer`, and the newer `lockupViewModel`. Keys as recorded in 2026."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sites.youtube import texts
from sandbox.sites.youtube.parts import (
    accessible,
    avatar,
    channel_endpoint,
    decorated_avatar,
    plain_channel_endpoint,
    reel_endpoint,
    runs,
    simple,
    thumbnails,
    watch_endpoint,
)

if TYPE_CHECKING:
    import datetime as dt

    from sandbox.sites.youtube.parts import Json
    from sandbox.sites.youtube.texts import Words
    from sandbox.worlds.youtube_video import Video

SNIPPET = 110  # characters of a description that a row shows


def video_renderer(video: Video, now: dt.datetime, language: Words) -> Json:
    """A video as a search result."""
    seconds = video.duration_s
    row: Json = {
        "videoId": video.video_id,
        "thumbnail": thumbnails(video.video_id, ("hq720", 360, 202), ("hq720", 720, 404)),
        "title": _title(video),
        "longBylineText": _byline(video),
        **_times(video, now, language),
        **_view_counts(video, language),
        "navigationEndpoint": (reel_endpoint if video.state == "short" else watch_endpoint)(video.video_id),
    }
    if badges := _badges(video, now):
        row["badges"] = badges
    if video.channel.is_verified and not video.partners:
        row["ownerBadges"] = [_verified()]
    row |= {
        "ownerText": _byline(video),
        "shortBylineText": _byline(video),
        "trackingParams": "CAAQ3DAYACITCMTs",
        "showActionMenu": False,
        "menu": _menu(video.video_id),
        "channelThumbnailSupportedRenderers": {
            "channelThumbnailWithLinkRenderer": {
                "thumbnail": {"thumbnails": [avatar(video.channel)]},
                "navigationEndpoint": channel_endpoint(video.channel),
                "accessibility": accessible(f"Go to channel {video.channel.name}"),
            }
        },
        "thumbnailOverlays": _overlays(video, seconds),
    }
    if video.description and video.state != "upcoming":
        row["detailedMetadataSnippets"] = [_snippet(video.description)]
    if video.state == "upcoming" and video.starts_at is not None:
        row["upcomingEventData"] = {
            "startTime": str(int(video.starts_at.timestamp())),
            "isReminderSet": False,
            "upcomingEventText": runs("Premieres ", "DATE_PLACEHOLDER"),
        }
    else:
        row["inlinePlaybackEndpoint"] = watch_endpoint(video.video_id, "&pp=YAHIAQE%3D")
    return row | {
        "searchVideoResultEntityKey": f"Egt{video.video_id}IOcCKAE",
        "avatar": {"decoratedAvatarViewModel": decorated_avatar(video.channel)},
    }


def lockup(video: Video, now: dt.datetime, language: Words) -> Json:
    """A video in the newer form: views are short, nothing is said of captions or snippets."""
    facts: list[str] = []
    if video.watching_count is not None:
        facts.append(f"{texts.short_count(video.watching_count, language)} {_waits(video)}")
    elif video.view_count is not None:
        facts.append(texts.short_views(video.view_count, language))
    if video.watching_count is None:
        facts.append(texts.age(video.published_at, now, language))
    badge, style = {
        "live": ("LIVE", "THUMBNAIL_OVERLAY_BADGE_STYLE_LIVE"),
        "upcoming": ("UPCOMING", "THUMBNAIL_OVERLAY_BADGE_STYLE_DEFAULT"),
        "short": ("SHORTS", "THUMBNAIL_OVERLAY_BADGE_STYLE_DEFAULT"),
    }.get(video.state, (texts.clock(video.duration_s or 0), "THUMBNAIL_OVERLAY_BADGE_STYLE_DEFAULT"))
    sources = thumbnails(video.video_id, ("hq720", 360, 202), ("hq720", 720, 404))["thumbnails"]
    names = " and ".join(one.name for one in (video.channel, *video.partners))
    return {
        "contentImage": {
            "thumbnailViewModel": {
                "image": {"sources": sources},
                "overlays": [
                    {
                        "thumbnailBottomOverlayViewModel": {
                            "badges": [{"thumbnailBadgeViewModel": {"text": badge, "badgeStyle": style}}]
                        }
                    }
                ],
            }
        },
        "metadata": {
            "lockupMetadataViewModel": {
                "title": {"content": video.title},
                "image": {"decoratedAvatarViewModel": decorated_avatar(video.channel)},
                "metadata": {
                    "contentMetadataViewModel": {
                        "metadataRows": [_row(names), _row(*facts)],
                        "delimiter": " • ",
                    }
                },
                "menuButton": {},
            }
        },
        "contentId": video.video_id,
        "contentType": "LOCKUP_CONTENT_TYPE_VIDEO",
        "rendererContext": {
            "commandContext": {"onTap": {"innertubeCommand": watch_endpoint(video.video_id)}},
        },
    }


def _row(*parts: str) -> Json:
    return {"metadataParts": [{"text": {"content": part}} for part in parts]}


def _title(video: Video) -> Json:
    """A video without a title has no runs, only the label."""
    seconds = video.duration_s
    label = f"{video.title or chr(0xAD)}{f' {texts.spoken(seconds)}' if seconds else ''}"
    return {**(runs(video.title) if video.title else {}), "accessibility": accessible(label)}


def _byline(video: Video) -> Json:
    """The channel; of several only the names, and their ids in a dialogue."""
    if not video.partners:
        return {"runs": [{"text": video.channel.name, "navigationEndpoint": channel_endpoint(video.channel)}]}
    together = (video.channel, *video.partners)
    items = [
        {
            "listItemViewModel": {
                "title": {"content": one.name},
                "subtitle": {"content": f"\u200e\u2068@{one.handle}\u2069"},
                "rendererContext": {"commandContext": {"onTap": {"innertubeCommand": plain_channel_endpoint(one)}}},
            }
        }
        for one in together
    ]
    dialog = {"dialogViewModel": {"customContent": {"listViewModel": {"listItems": items}}}}
    command = {"showDialogCommand": {"panelLoadingStrategy": {"inlineContent": dialog}}}
    return {"runs": [{"text": " and ".join(one.name for one in together), "navigationEndpoint": command}]}


def _times(video: Video, now: dt.datetime, language: Words) -> Json:
    """Age and length; a stream that is under way or to come has neither."""
    if video.duration_s is None:
        return {}
    age = texts.age(video.published_at, now, language)
    return {
        "publishedTimeText": simple(f"Streamed {age}" if video.was_live and "ago" in age else age),
        "lengthText": simple(texts.clock(video.duration_s), texts.spoken(video.duration_s)),
    }


def _view_counts(video: Video, language: Words) -> Json:
    """Exact and short; of streams how many watch or wait; of members' videos nothing."""
    if video.watching_count is not None:
        parts = (texts.grouped(video.watching_count, language), f" {_waits(video)}")
        short = runs(texts.short_count(video.watching_count, language), f" {_waits(video)}")
        return {**({"viewCountText": runs(*parts)} if video.state == "live" else {}), "shortViewCountText": short}
    if video.view_count is None:
        return {}
    short_text = texts.short_views(video.view_count, language)
    return {
        "viewCountText": simple(texts.views(video.view_count, language)),
        "shortViewCountText": simple(short_text, short_text),
    }


def _waits(video: Video) -> str:
    return "watching" if video.state == "live" else "waiting"


def _badges(video: Video, now: dt.datetime) -> list[Json]:
    badges: list[Json] = []
    if video.state == "live":
        badges.append({"icon": {"iconType": "LIVE"}, "style": "BADGE_STYLE_TYPE_LIVE_NOW", "label": "LIVE"})
    if video.state == "members_only":
        badges.append({"style": "BADGE_STYLE_TYPE_MEMBERS_ONLY", "label": "Members only"})
    if (now - video.published_at).days < 7:
        badges.append({"style": "BADGE_STYLE_TYPE_SIMPLE", "label": "New"})
    if max(video.picture) >= 3840:
        badges.append({"style": "BADGE_STYLE_TYPE_SIMPLE", "label": "4K"})
    if video.has_captions:
        badges.append({"style": "BADGE_STYLE_TYPE_SIMPLE", "label": "Subtitles"})
    elif video.fps == 50:
        badges.append({"style": "BADGE_STYLE_TYPE_SIMPLE"})  # one without a label exists
    return [{"metadataBadgeRenderer": badge} for badge in badges]


def _verified() -> Json:
    return {
        "metadataBadgeRenderer": {
            "icon": {"iconType": "CHECK_CIRCLE_THICK"},
            "style": "BADGE_STYLE_TYPE_VERIFIED",
            "tooltip": "Verified",
            "accessibilityData": {"label": "Verified"},
        }
    }


def _overlays(video: Video, seconds: int | None) -> list[Json]:
    style, text = {"short": ("SHORTS", "SHORTS"), "live": ("LIVE", "LIVE"), "upcoming": ("UPCOMING", "UPCOMING")}.get(
        video.state, ("DEFAULT", texts.clock(seconds or 0))
    )
    return [
        {"thumbnailOverlayTimeStatusRenderer": {"text": simple(text, text), "style": style}},
        {"thumbnailOverlayNowPlayingRenderer": {"text": runs("Now playing")}},
    ]


def _menu(video_id: str) -> Json:
    """What can be done with a row; it names the video several times more."""
    queue = {"videoId": video_id, "videoIds": [video_id], "videoCommand": watch_endpoint(video_id)}
    action = {"addToPlaylistCommand": {**queue, "listType": "PLAYLIST_EDIT_LIST_TYPE_QUEUE"}}
    item = {
        "text": runs("Add to queue"),
        "icon": {"iconType": "ADD_TO_QUEUE_TAIL"},
        "serviceEndpoint": {"signalServiceEndpoint": {"signal": "CLIENT_SIGNAL", "actions": [action]}},
    }
    return {"menuRenderer": {"items": [{"menuServiceItemRenderer": item}], "accessibility": accessible("Action menu")}}


def _snippet(description: str) -> Json:
    """The beginning of a description on one line, cut without regard for words."""
    line = " ".join(description.split())
    text = line if len(line) <= SNIPPET else line[:SNIPPET] + "..."
    return {"snippetText": runs(text), "snippetHoverText": runs("From the video description"), "maxOneLine": False}
