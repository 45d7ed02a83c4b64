"""One video of the YouTube world, and how its values are drawn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sandbox.worlds import youtube_text
from sandbox.worlds import youtube_vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sandbox.worlds.youtube_vocabulary import Kind

State = Literal[
    "public",
    "short",
    "live",
    "upcoming",
    "unlisted",
    "age_restricted",
    "members_only",
    "region_blocked",
    "private",
    "removed",
    "channel_closed",
]
GONE: frozenset[State] = frozenset({"private", "removed", "channel_closed"})
"""Searches may still find these, but only the id and the state can be had of them."""

# Share of the videos in each state, one at least; the rest is public.
STATE_SHARES: dict[State, float] = {
    "short": 0.06,
    "live": 0.012,
    "upcoming": 0.01,
    "age_restricted": 0.012,
    "members_only": 0.01,
    "region_blocked": 0.006,
    "private": 0.008,
    "removed": 0.008,
    "channel_closed": 0.005,
    "unlisted": 0.004,
}

# Width and height of the embedded player, and how often; the picture itself may be larger and of another shape.
EMBEDS = ((1280, 720),) * 94 + ((960, 720),) * 3 + ((640, 360),) * 2 + ((480, 360),)
PICTURES = {
    (1280, 720): ((3840, 2160), (3840, 1634), (1920, 1080), (1920, 1080), (1920, 640), (1280, 720)),
    (960, 720): ((1440, 1080), (960, 720)),
    (640, 360): ((640, 360), (854, 480)),
    (480, 360): ((480, 360), (320, 240)),
    (202, 360): ((1080, 1920), (720, 1280)),
}


@dataclass(slots=True)
class Channel:
    """Who uploads. `handle` is without the @; `channel_id` is UC and 22 characters."""

    index: int
    channel_id: str
    handle: str
    name: str
    topic: int
    subscriber_count: int
    is_verified: bool


@dataclass(slots=True)
class Video:
    """What is true of a video. `index` is the place in `YouTubeWorld.videos`; times are UTC, whole seconds; None = the
    site does not say."""

    index: int
    video_id: str
    title: str
    channel: Channel
    topic: int
    kind: str
    state: State
    description: str
    tags: list[str]
    category: str
    published_at: dt.datetime
    duration_ms: int | None
    """None for streams that are under way or to come."""
    view_count: int | None
    """Of streams the total so far; None for members' videos."""
    like_count: int | None
    """None where ratings are switched off."""
    comment_count: int | None
    """None where comments are switched off, and for streams under way or to come."""
    embed: tuple[int, int]
    """Width and height of the embedded player: 1280 x 720 for nearly all, whatever the picture is."""
    picture: tuple[int, int]
    """Width and height of the largest picture."""
    fps: int
    license: str
    """``youtube`` or ``creativeCommon``."""
    audio_language: str | None
    is_made_for_kids: bool
    has_captions: bool
    was_live: bool
    starts_at: dt.datetime | None
    """When the stream began, or will begin."""
    ends_at: dt.datetime | None
    """When the stream ended."""
    watching_count: int | None
    """People who watch a live stream now, or wait for it."""
    blocked_in: list[str]
    """Countries where it cannot be watched."""
    partners: list[Channel] = field(default_factory=list)
    """Further channels that made it together with `channel`."""

    @property
    def duration_s(self) -> int | None:
        """Seconds, rounded up, as all pages state them; only `videoDetails.lengthSeconds` is rounded down."""
        return None if self.duration_ms is None else -(-self.duration_ms // 1000)

    @property
    def is_gone(self) -> bool:
        """Whether only the id and the state can still be had."""
        return self.state in GONE

    @property
    def is_hd(self) -> bool:
        """Whether the site calls it high definition."""
        return max(self.picture) >= 1280

    @property
    def countries(self) -> list[str]:
        """Where it can be watched."""
        return [code for code in words.COUNTRIES if code not in self.blocked_in]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is settled about a video before its values are drawn."""

    index: int
    video_id: str
    channel: Channel
    topic: int
    state: State
    now: dt.datetime


def draw_video(rng: Random, drawn: Drawn, handles: Sequence[str]) -> tuple[Video, list[str]]:
    """A video, and the telephone numbers in its description."""
    topic, state = words.TOPICS[drawn.topic], drawn.state
    kind = youtube_text.kind(rng)
    text, numbers = youtube_text.description(rng, drawn.channel.handle, drawn.channel.channel_id, handles)
    published_at = drawn.now - dt.timedelta(seconds=3600 + int(4.2e8 * rng.random() ** 2))
    is_stream = state in {"live", "upcoming"}
    views = _views(rng, kind, (drawn.now - published_at).days)
    embed = (202, 360) if state == "short" else rng.choice(EMBEDS)
    was_live = is_stream or (kind.name == "live" and state != "short" and rng.random() < 0.3)
    duration_ms = None if is_stream else _duration_ms(rng, kind, state)
    starts_at = published_at if was_live else None
    if is_stream:
        published_at = drawn.now - dt.timedelta(seconds=1800 + int(80_000 * rng.random()))
        starts_at = published_at + dt.timedelta(seconds=600)
        if state == "upcoming":
            starts_at = drawn.now + dt.timedelta(seconds=3600 * (2 + int(200 * rng.random())))
    video = Video(
        index=drawn.index,
        video_id=drawn.video_id,
        title=youtube_text.title(rng, _forms(state, kind), topic),
        channel=drawn.channel,
        topic=drawn.topic,
        kind=kind.name,
        state=state,
        description=text,
        tags=youtube_text.tags(rng, topic, drawn.channel.name),
        category=words.CATEGORIES[kind.category if rng.random() < 0.9 else 22],
        published_at=published_at,
        duration_ms=duration_ms,
        view_count={"members_only": None, "upcoming": 0}.get(state, views),
        like_count=None if rng.random() < 0.04 else views * (5 + int(60 * rng.random())) // 1000,
        comment_count=None if is_stream or rng.random() < 0.05 else views * int(9 * rng.random()) // 1000,
        embed=embed,
        picture=rng.choice(PICTURES[embed]),
        fps=rng.choice((24, 25, 30, 30, 50, 60)),
        license="creativeCommon" if rng.random() < 0.05 else "youtube",
        audio_language=rng.choice((None, None, "en", "en", "pt-BR", "ja")),
        is_made_for_kids=rng.random() < 0.03,
        has_captions=rng.random() < 0.2,
        was_live=was_live,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(seconds=duration_ms // 1000) if starts_at and duration_ms else None,
        watching_count=int(10 ** (4 * rng.random())) if is_stream else None,
        blocked_in=_blocked_in(rng, state),
    )
    return video, numbers


def _forms(state: State, kind: Kind) -> Sequence[str]:
    special = {"short": words.SHORT_TITLES, "live": words.LIVE_TITLES, "upcoming": words.UPCOMING_TITLES}
    return special.get(state, kind.titles)


def _views(rng: Random, kind: Kind, age_days: int) -> int:
    """Heavy-tailed over seven powers of ten; older videos have more, and so has what the kind draws."""
    return int(10 ** (0.5 + 5.5 * rng.random() ** 1.5) * kind.draw * (0.3 + age_days / 1500))


def _blocked_in(rng: Random, state: State) -> list[str]:
    """Everywhere but in two countries, or in two countries only, which hardly anybody notices."""
    if state == "region_blocked":
        return [code for code in words.COUNTRIES if code not in {"JP", "KR"}]
    return ["KP", "SY"] if rng.random() < 0.03 else []


def _duration_ms(rng: Random, kind: Kind, state: State) -> int:
    """Mostly with a fraction of a second, which sources round differently."""
    if state == "short":
        return 8000 + int(170_000 * rng.random() ** 2)
    seconds = kind.shortest_s + int((kind.longest_s - kind.shortest_s) * rng.random() ** 2)
    return seconds * 1000 + int(1000 * rng.random()) * (rng.random() < 0.9)
