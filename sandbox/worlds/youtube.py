"""The world of YouTube: channels, their videos, and which of these a query finds."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import zlib
from random import Random
from typing import TYPE_CHECKING

from sandbox.worlds import youtube_listed
from sandbox.worlds.people import Names
from sandbox.worlds.youtube_search import api_pages, first_seen, web_pages
from sandbox.worlds.youtube_video import STATE_SHARES, Channel, Drawn, State, Video, draw_video
from sandbox.worlds.youtube_vocabulary import ODD_TITLES, TOPICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.worlds.youtube_listed import Listed
    from sandbox.worlds.youtube_search import Hit, Source

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)  # the day of the invented world: ages of videos are counted to it
VIDEOS_PER_SIZE = 2  # the size counts the models of Sketchfab: one video for two of them
VIDEOS_PER_CHANNEL = 3
FOUND_ELSEWHERE = 0.05  # share of the videos that a second query finds
COLLABORATIONS = 0.015
PLAYED = frozenset({"live", "cover"})  # kinds of videos that show music being played
OTHER_TITLES = frozenset({"short", "live", "upcoming"})  # states whose titles do not tell the kind
WHIMS = 1 / 12
# Views that careless readers get wrong: none, one, a million and more (the first lost all but 18,212), beyond 32 bits.
ODD_VIEWS = (0, 1, 999, 1000, 1_000_000, 18_212_147, 2_147_483_648, 8_700_000_123)


class YouTubeWorld:
    """All of YouTube there is.

    `videos`: in no order. `lists`: what each of the known queries finds, most relevant first. `listed`: real videos and
    lists of them; None invents all, with half as many videos as `size` says.
    """

    def __init__(self, seed: int, size: int, *, canary: bool = False, listed: Listed | None = None) -> None:
        self.seed = seed
        self.canary = canary
        self.numbers: list[str] = []
        """Telephone numbers that stand in descriptions."""
        self.now = NOW if listed is None else listed.now
        self._names = Names(zlib.crc32(f"{seed}/youtube".encode()), canary=canary)
        self.channels: list[Channel] = []
        self.lists: dict[str, list[Video]]
        if listed is None:
            self.videos = self._invent(max(1, size // VIDEOS_PER_SIZE))
            self.lists = self._relevance()
        else:
            self.videos = youtube_listed.videos(listed, self)
            self.lists = {query: [self.videos[place] for place in places] for query, places in listed.lists.items()}
        self.by_id = {video.video_id: video for video in self.videos}
        self._words = [frozenset(_words(video.title)) for video in self.videos]

    @property
    def queries(self) -> list[str]:
        """The queries that find what was planted for them; others find titles that hold all of their words."""
        return list(self.lists)

    def correction(self, query: str) -> str | None:
        """The query as the site would spell it, where it takes it for a slip."""
        return next((topic.correction for topic in TOPICS if topic.query == _normal(query)), None)

    def found(self, query: str) -> list[Video]:
        """All that the query finds, most relevant first, without limit."""
        known = self.lists.get(_normal(query))
        if known is not None:
            return known
        wanted = frozenset(_words(query))
        found = [video for video in self.videos if wanted and wanted <= self._words[video.index]]
        return sorted(
            (video for video in found if video.state != "unlisted"), key=lambda video: -(video.view_count or 0)
        )

    def hits(self, query: str, source: Source, size: int = 50) -> list[Hit]:
        """What somebody sees of a query who reads all pages; `size`: rows of a page of the API."""
        videos, normal = self.found(query), _normal(query)
        pages = api_pages(videos, size) if source == "api" else web_pages(normal, videos)
        return list(first_seen(normal, pages, lockups=source == "web"))

    def labels(self) -> dict[str, int]:
        """What somebody says of each video, by its id, who likes to see music played: 1 = would watch it, 0 = not. One
        answer in twelve is a whim."""
        rng = Random(f"{self.seed}/labels")
        played = [video.kind in PLAYED and video.state not in OTHER_TITLES for video in self.videos]
        return {
            video.video_id: int(likes != (rng.random() < WHIMS))
            for video, likes in zip(self.videos, played, strict=True)
        }

    def canaries(self) -> list[str]:
        """Everything that names a channel: ids, handles, names."""
        return [text for one in self.channels for text in (one.channel_id, one.handle, one.name)]

    def add_channel(
        self, rng: Random, topic: int, *, channel_id: str | None = None, name: str | None = None
    ) -> Channel:
        """One more channel, with the id and name of a real one or invented ones; a canary world invents both."""
        index = len(self.channels)
        handle, invented = self._names.username(index), self._names.display_name(index)
        channel = Channel(
            index=index,
            channel_id=channel_id if channel_id and not self.canary else self._channel_id(index),
            handle=handle,
            name=name if name and not self.canary else invented,
            topic=topic,
            subscriber_count=int(10 ** (1 + 6 * rng.random())),
            is_verified=rng.random() < 0.5,
        )
        self.channels.append(channel)
        return channel

    def _channel_id(self, index: int) -> str:
        """UC and 22 characters, as the site's."""
        digest = hashlib.sha256(f"{self.seed}/channel/{index}".encode()).digest()
        if self.canary:
            return "UCcnry" + base64.b32encode(digest).decode().lower()[:18]
        return "UC" + base64.urlsafe_b64encode(digest).decode()[:22]

    def _invent(self, count: int) -> list[Video]:
        rng = Random(f"{self.seed}/videos")
        for _ in range(max(2, count // VIDEOS_PER_CHANNEL)):
            self.add_channel(rng, int(len(TOPICS) * rng.random()))
        by_topic = [[one for one in self.channels if one.topic == topic] for topic in range(len(TOPICS))]
        handles = [one.handle for one in self.channels]
        videos: list[Video] = []
        for index, state in enumerate(_states(count, rng)):
            topic = index % len(TOPICS)
            near = by_topic[topic] or self.channels
            # The third power gives few channels many videos.
            channel = near[int(len(near) * rng.random() ** 3)]
            drawn = Drawn(index, _video_id(self.seed, index), channel, topic, state, self.now)
            video, numbers = draw_video(rng, drawn, handles)
            if rng.random() < COLLABORATIONS and len(self.channels) > 2:
                video.partners = [one for one in rng.sample(self.channels, 2) if one is not channel][:1]
            if rng.random() < 0.01:
                video.title = f"{video.title[:70]} feat. @{rng.choice(handles)}"
            self.numbers += numbers
            videos.append(video)
        _make_odd([video for video in videos if video.state == "public"], rng)
        return videos

    def _relevance(self) -> dict[str, list[Video]]:
        """What each query finds: its topic's videos, and some of others'."""
        rng = Random(f"{self.seed}/relevance")
        lists: dict[str, list[tuple[float, Video]]] = {topic.query: [] for topic in TOPICS}
        queries = list(lists)
        for video in self.videos:
            if video.state == "unlisted":
                continue
            places = {queries[video.topic]}
            if rng.random() < FOUND_ELSEWHERE:
                places.add(rng.choice(queries))
            for query in sorted(places):
                # Much seen comes early, but not strictly: no order of any column.
                lists[query].append((rng.random() ** 2 * ((video.view_count or 1) + 10) ** 0.2, video))
        by_score = {query: sorted(found, key=lambda scored: -scored[0]) for query, found in lists.items()}
        return {query: [video for _, video in found] for query, found in by_score.items()}


def _states(count: int, rng: Random) -> list[State]:
    """Each state at least once where a tenth of the videos is enough for that; a small world has a few of them."""
    states: list[State] = []
    for state, share in STATE_SHARES.items():
        states += [state] * max(1, round(share * count))
    rng.shuffle(states)
    states = states[: max(count // 10, min(len(states), count // 6))]
    everywhere: list[State] = states + ["public"] * (count - len(states))
    rng.shuffle(everywhere)
    return everywhere


def _make_odd(videos: Sequence[Video], rng: Random) -> None:
    """Odd titles and odd views, each once, spread over the list; in a small world as many as a tenth of it holds."""
    few = max(1, len(videos) // 10)
    for video, title in zip(rng.sample(videos, min(len(videos), len(ODD_TITLES), few)), ODD_TITLES, strict=False):
        video.title = title
    for video, views in zip(rng.sample(videos, min(len(videos), len(ODD_VIEWS), few)), ODD_VIEWS, strict=False):
        video.view_count = views
        video.like_count = video.like_count and views // 40
        video.comment_count = video.comment_count and views // 500


def _video_id(seed: int, index: int) -> str:
    """11 letters, digits, - and _."""
    digest = hashlib.sha256(f"{seed}/video/{index}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:11]


def _normal(query: str) -> str:
    return " ".join(query.lower().split())


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
