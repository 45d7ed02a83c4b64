"""Real videos that a world of YouTube is loaded from; what is not known of them is drawn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from sandbox.worlds.youtube_video import Drawn, draw_video
from sandbox.worlds.youtube_vocabulary import TOPICS

if TYPE_CHECKING:
    from sandbox.worlds.youtube import YouTubeWorld
    from sandbox.worlds.youtube_video import Channel, Video


@dataclass(frozen=True, slots=True)
class ListedVideo:
    """A real video; None = not known."""

    video_id: str
    title: str
    channel_id: str | None
    channel_name: str | None
    published_on: dt.date | None
    view_count: int | None
    like_count: int | None
    category: str | None
    description: str
    last_tag: str | None
    embed: tuple[int, int] | None
    was_live: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """Real videos, and what each query finds of them, as places in `videos`."""

    videos: list[ListedVideo]
    lists: dict[str, list[int]]
    now: dt.datetime


def videos(listed: Listed, world: YouTubeWorld) -> list[Video]:
    """The videos; their channels are added to the world. All are public: of others nothing was kept."""
    rng = Random(f"{world.seed}/videos")
    channels: dict[str, Channel] = {}
    made: list[Video] = []
    for index, real in enumerate(listed.videos):
        topic = index % len(TOPICS)
        key = real.channel_id or real.channel_name or f"unknown {index}"
        if key not in channels:
            channels[key] = world.add_channel(rng, topic, channel_id=real.channel_id, name=real.channel_name)
        drawn = Drawn(index, real.video_id, channels[key], topic, "public", listed.now)
        video, _ = draw_video(rng, drawn, [channels[key].handle])
        _take(video, real, rng)
        made.append(video)
    return made


def _take(video: Video, real: ListedVideo, rng: Random) -> None:
    """Put what is known in the place of what was drawn."""
    video.title = real.title
    video.description = real.description
    video.tags = [real.last_tag] if real.last_tag else []
    video.was_live = real.was_live
    video.starts_at = video.ends_at = None
    video.blocked_in = []
    if real.published_on is not None:
        # Between noon and six in UTC: the same day in California.
        noon = dt.datetime.combine(real.published_on, dt.time(12), dt.UTC)
        video.published_at = noon + dt.timedelta(seconds=int(21_600 * rng.random()))
    if real.view_count is not None:
        video.view_count = real.view_count
    if real.like_count is not None or real.view_count is not None:
        video.like_count = real.like_count
    video.category = real.category or video.category
    if real.embed is not None:
        video.embed = video.picture = real.embed
