"""One result of a search of the website, in its older and its newer form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

from crawlers.pages.youtube.parts import Browse, Endpoint, Struct, Text
from crawlers.parsing.count_text import count_in
from crawlers.parsing.durations import clock_seconds


class _Badge(Struct):
    label: str | None = None
    style: str = ""


class _BadgeHolder(Struct):
    metadata_badge_renderer: _Badge | None = None


class _Snippet(Struct):
    snippet_text: Text | None = None


class _TimeStatus(Struct):
    style: str = ""


class _Overlay(Struct):
    thumbnail_overlay_time_status_renderer: _TimeStatus | None = None


class _Upcoming(Struct):
    start_time: str | None = None


class Video(Struct):
    """A result in its older form, as far as we want it."""

    video_id: str
    title: Text | None = None
    owner_text: Text | None = None
    long_byline_text: Text | None = None
    short_byline_text: Text | None = None
    view_count_text: Text | None = None
    length_text: Text | None = None
    published_time_text: Text | None = None
    detailed_metadata_snippets: tuple[_Snippet, ...] = ()
    badges: tuple[_BadgeHolder, ...] = ()
    owner_badges: tuple[_BadgeHolder, ...] = ()
    navigation_endpoint: Endpoint | None = None
    thumbnail_overlays: tuple[_Overlay, ...] = ()
    upcoming_event_data: _Upcoming | None = None


class _Part(Struct):
    text: Text | None = None


class _Row(Struct):
    metadata_parts: tuple[_Part, ...] = ()


class _ContentMetadata(Struct):
    metadata_rows: tuple[_Row, ...] = ()


class _MetadataHolder(Struct):
    content_metadata_view_model: _ContentMetadata | None = None


class _OnTap(Struct):
    innertube_command: Endpoint | None = None


class _CommandContext(Struct):
    on_tap: _OnTap | None = None


class _RendererContext(Struct):
    command_context: _CommandContext | None = None


class _Avatar(Struct):
    renderer_context: _RendererContext | None = None


class _AvatarHolder(Struct):
    decorated_avatar_view_model: _Avatar | None = None


class _LockupMetadata(Struct):
    title: Text | None = None
    image: _AvatarHolder | None = None
    metadata: _MetadataHolder | None = None


class _LockupMetadataHolder(Struct):
    lockup_metadata_view_model: _LockupMetadata | None = None


class _ThumbnailBadge(Struct):
    text: str = ""
    badge_style: str = ""


class _ThumbnailBadgeHolder(Struct):
    thumbnail_badge_view_model: _ThumbnailBadge | None = None


class _LockupBadges(Struct):
    badges: tuple[_ThumbnailBadgeHolder, ...] = ()
    thumbnail_badges: tuple[_ThumbnailBadgeHolder, ...] = ()


class _LockupOverlay(Struct):
    thumbnail_bottom_overlay_view_model: _LockupBadges | None = None
    thumbnail_overlay_badge_view_model: _LockupBadges | None = None


class _Thumbnail(Struct):
    overlays: tuple[_LockupOverlay, ...] = ()


class _ThumbnailHolder(Struct):
    thumbnail_view_model: _Thumbnail | None = None


class Lockup(Struct):
    """A result, or a thing of another kind, in the newer form."""

    content_type: str = ""
    content_id: str = ""
    metadata: _LockupMetadataHolder | None = None
    content_image: _ThumbnailHolder | None = None


VIDEO, LOCKUP = "videoRenderer", "lockupViewModel"
_decoders: dict[str, msgspec.json.Decoder[Video] | msgspec.json.Decoder[Lockup]] = {
    VIDEO: msgspec.json.Decoder(Video),
    LOCKUP: msgspec.json.Decoder(Lockup),
}
Result = Video | Lockup | tuple[str, bytes | msgspec.Raw]
"""A result of a search: decoded, or its name and what is still to be decoded."""


def read_result(result: Result, language: str) -> dict[str, Any]:
    """The fields of `SearchResult` that the result itself says. `language` is that of its texts.

    Raises: ValueError: it is none of the known shapes.
    """
    decoded = _decoders[result[0]].decode(result[1]) if isinstance(result, tuple) else result
    return _read_video(decoded, language) if isinstance(decoded, Video) else _read_lockup(decoded, language)


def _read_video(video: Video, language: str) -> dict[str, Any]:
    badges = [held.metadata_badge_renderer for held in video.badges if held.metadata_badge_renderer is not None]
    statuses = [held.thumbnail_overlay_time_status_renderer for held in video.thumbnail_overlays]
    overlays = {status.style for status in statuses if status is not None}
    is_live = "LIVE" in overlays or any(badge.style == "BADGE_STYLE_TYPE_LIVE_NOW" for badge in badges)
    is_upcoming = video.upcoming_event_data is not None or "UPCOMING" in overlays
    owner = video.owner_text or video.long_byline_text or video.short_byline_text or Text()
    link = video.navigation_endpoint
    leads_to_shorts = link is not None and link.reel_watch_endpoint is not None
    return {
        "video_id": video.video_id,
        "title": video.title.whole if video.title else "",
        **_audience(_whole(video.view_count_text), language, is_live=is_live, is_upcoming=is_upcoming),
        "duration_s": None if video.length_text is None else _seconds(video.length_text.whole),
        **_channel([run.navigation_endpoint for run in owner.runs if run.navigation_endpoint is not None]),
        "channel_name": owner.whole or None,
        "channel_is_verified": any(
            "VERIFIED" in held.metadata_badge_renderer.style
            for held in video.owner_badges
            if held.metadata_badge_renderer is not None
        ),
        "published_text": _whole(video.published_time_text),
        "snippet": next((s.snippet_text.whole for s in video.detailed_metadata_snippets if s.snippet_text), None),
        "is_live": is_live,
        "is_upcoming": is_upcoming,
        "is_short": leads_to_shorts or "SHORTS" in overlays,
        "starts_at": _moment(video.upcoming_event_data),
        "badges": [badge.label for badge in badges if badge.label],
    }


def _read_lockup(lockup: Lockup, language: str) -> dict[str, Any]:
    """The newer form: the parts of its lines have no names, and views are abbreviated."""
    about = (lockup.metadata.lockup_metadata_view_model if lockup.metadata else None) or _LockupMetadata()
    badges = list(_thumbnail_badges(lockup))
    is_live = any(badge.badge_style.endswith("_LIVE") for badge in badges)
    length = next((seconds for badge in badges if (seconds := _seconds(badge.text)) is not None), None)
    lines = _lines(about)
    # The last line says how many watch, and how old it is; before it stands the channel. A channel that stands alone
    # must not be taken for an age: its name would be published.
    last = lines[-1] if lines and (len(lines) > 1 or len(lines[-1]) > 1) else []
    audience, age = _audience_and_age(last, is_video=length is not None, is_live=is_live)
    is_upcoming = audience is not None and length is None and "waiting" in audience
    return {
        "video_id": lockup.content_id,
        "title": about.title.whole if about.title else "",
        **_audience(audience, language, is_live=is_live, is_upcoming=is_upcoming),
        "duration_s": length,
        **_channel([link] if (link := _avatar_link(about)) is not None else []),
        "channel_name": lines[0][0] if lines and lines[0] is not last else None,
        "published_text": None if is_upcoming or is_live else age,
        "is_live": is_live,
        "is_upcoming": is_upcoming,
        "badges": [],
    }


def _audience_and_age(line: list[str], *, is_video: bool, is_live: bool) -> tuple[str | None, str | None]:
    """What the last line of a lockup says. Without a length, only English tells views from people who wait; a single
    part is an age, unless people watch: the views of videos for members are not shown."""
    audience = line[0] if line else None
    if audience is None or is_live or "view" in audience or "waiting" in audience:
        return audience, line[1] if len(line) > 1 else None
    if len(line) == 1:
        return None, audience
    return audience if is_video else None, line[1]


def _avatar_link(about: _LockupMetadata) -> Endpoint | None:
    avatar = about.image.decorated_avatar_view_model if about.image else None
    context = avatar.renderer_context.command_context if avatar and avatar.renderer_context else None
    return context.on_tap.innertube_command if context and context.on_tap else None


def _lines(about: _LockupMetadata) -> list[list[str]]:
    described = about.metadata.content_metadata_view_model if about.metadata else None
    rows = described.metadata_rows if described else []
    lines = [[part.text.whole for part in row.metadata_parts if part.text is not None] for row in rows]
    return [line for line in lines if line]


def _thumbnail_badges(lockup: Lockup) -> Iterator[_ThumbnailBadge]:
    thumbnail = lockup.content_image.thumbnail_view_model if lockup.content_image else None
    for overlay in thumbnail.overlays if thumbnail else ():
        for held in (overlay.thumbnail_bottom_overlay_view_model, overlay.thumbnail_overlay_badge_view_model):
            for badge in held.badges + held.thumbnail_badges if held else ():
                if badge.thumbnail_badge_view_model is not None:
                    yield badge.thumbnail_badge_view_model


def _audience(text: str | None, language: str, *, is_live: bool, is_upcoming: bool) -> dict[str, Any]:
    """Views, or people watching. Those who wait for what is still to come are neither."""
    if text is None or is_upcoming:
        return {}
    with suppress(ValueError):
        count, is_approximate = count_in(text, language)
        if is_live:
            return {"watching_count": count}
        return {"view_count": count, "view_count_is_approximate": is_approximate}
    return {}


def _channel(links: list[Endpoint]) -> dict[str, Any]:
    """The id of the first channel that is linked."""
    browsed = (link.browse_endpoint or _first_listed(link.show_dialog_command) for link in links)
    ids = (browse.browse_id for browse in browsed if browse is not None and browse.browse_id)
    return {"channel_id": next(ids, None)}


def _first_listed(tree: Any) -> Browse | None:
    """The first link of the list of channels that made a video together."""
    if isinstance(tree, dict):
        link = tree.get("browseEndpoint")
        if isinstance(link, dict) and isinstance(link.get("browseId"), str):
            return Browse(browse_id=link["browseId"])
        tree = [*tree.values()]
    if isinstance(tree, list):
        return next((found for inner in tree if (found := _first_listed(inner)) is not None), None)
    return None


def _whole(text: Text | None) -> str | None:
    return (text.whole or None) if text is not None else None


def _seconds(text: str) -> int | None:
    """A length on a badge; a badge may also say SHORTS or CC."""
    try:
        return clock_seconds(text)
    except ValueError:
        return None


def _moment(upcoming: _Upcoming | None) -> dt.datetime | None:
    if upcoming is None or upcoming.start_time is None:
        return None
    return dt.datetime.fromtimestamp(int(upcoming.start_time), dt.UTC)
