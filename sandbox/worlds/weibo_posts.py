"""The posts of Weibo and the comments on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from sandbox.worlds import weibo_text
from sandbox.worlds import weibo_vocabulary as words
from sandbox.worlds.weibo_ids import bid_of, mid_at, picture_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.worlds.weibo_people import Person
    from sandbox.worlds.weibo_text import Parts

BEIJING = dt.timezone(dt.timedelta(hours=8))
NOW = dt.datetime(2026, 1, 2, 7, 20, tzinfo=BEIJING)
"""The clock of the site stands still, at a moment when it is still the day before in UTC, and soon after New Year."""
SHORT_DATES = dt.timedelta(days=10)  # so long pages write neither year nor seconds
CAP = 1_000_000
MOST_COMMENTS = 24  # that can be read, on three pages
EMPTY_COUNTS = 0.03  # share of the posts whose counts the site hides as 0


@dataclass(slots=True, eq=False)
class Post:
    """A post. Times have whole minutes, because lists show no more, but those before 2014, which show seconds."""

    mid: str
    author: Person
    created_at: dt.datetime
    """Beijing time."""
    parts: Parts
    """The author's own words; of a retweet the reason alone."""
    chain: Parts
    """Of a retweet: what those it went through had said, as it stands behind the reason."""
    is_retweet: bool
    original: Post | None
    """What was passed on; None also where that was deleted."""
    pictures: list[str]
    has_video: bool
    place: str | None
    source: str | None
    like_count: int
    repost_count: int
    comment_count: int
    is_pinned: bool = False

    @property
    def bid(self) -> str:
        return bid_of(self.mid)

    @property
    def text(self) -> str:
        """The author's own words, whole, as a reader sees them."""
        return weibo_text.plain(self.parts)

    @property
    def text_on_mobile(self) -> str:
        """The same as m.weibo.cn shows it."""
        return weibo_text.plain(self.parts, on_mobile=True)

    @property
    def is_long(self) -> bool:
        """Whether lists show only its beginning, and a link 全文."""
        return len(self.text) > weibo_text.SHOWN

    @property
    def shown_counts(self) -> tuple[int, int, int]:
        """Likes, reposts and comments as pages show them: the latter two at most 1,000,000."""
        return self.like_count, min(self.repost_count, CAP), min(self.comment_count, CAP)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a post; the hot ones stand on its first page, and once more in their place."""

    cid: str
    author: Person
    created_at: dt.datetime
    parts: Parts
    like_count: int
    region: str | None
    is_hot: bool

    @property
    def text(self) -> str:
        return weibo_text.plain(self.parts)


class Writer:
    """Invents the posts of one person after the other; they retweet what was written before."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(f"{seed}/weibo/posts")
        self._originals: list[Post] = []

    def posts(self, author: Person, near: list[Person], count: int) -> list[Post | None]:
        """`count` places of a list of posts, newest first, up to two pinned ones above; None: a post that is not shown,
        which leaves its page short."""
        rng = self._rng
        recent = 0.25 if author.index % 3 == 0 else 0.0
        posts = sorted(
            (self._post(author, near, recent=rng.random() < recent) for _ in range(count)),
            key=lambda post: int(post.mid),
            reverse=True,
        )
        places: list[Post | None] = list(posts)
        if count > 5 and (author.index == 0 or rng.random() < 0.3):
            for _ in range(1 + int(2 * rng.random()) if author.index else 2):
                pinned = posts[int(count / 2 + count / 2 * rng.random())]
                if not pinned.is_pinned:
                    pinned.is_pinned = True
                    places.remove(pinned)
                    places.insert(0, pinned)
        if count > 12 and (author.index == 0 or rng.random() < 0.5):
            for _ in range(1 + int(3 * rng.random())):
                places.insert(3 + int((len(places) - 4) * rng.random()), None)
        return places

    def _post(self, author: Person, near: list[Person], *, recent: bool) -> Post:
        rng = self._rng
        draw = rng.random
        created_at = _moment(rng, recent=recent)
        is_retweet = bool(self._originals) and draw() < 0.3
        mid = mid_at(created_at, int(2**22 * draw()))
        original = self._original(author, mid) if is_retweet and draw() < 0.95 else None
        likes = 0 if draw() < EMPTY_COUNTS else 1 + int(author.follower_count ** (0.2 + 0.7 * draw()))
        pictures = 0 if is_retweet else int(10 * draw() ** 3)
        first_picture = int(1e6 * draw())
        post = Post(
            mid=mid,
            author=author,
            created_at=created_at,
            parts=weibo_text.reason(rng, author.community, near)
            if is_retweet
            else weibo_text.post(rng, author.community, near, long=draw() < 0.14),
            chain=weibo_text.chain(rng, author.community, near) if is_retweet else (),
            is_retweet=is_retweet,
            original=original,
            pictures=[picture_name(author.uid, first_picture + number) for number in range(pictures)],
            has_video=not is_retweet and not pictures and draw() < 0.1,
            place=author.place if not is_retweet and draw() < 0.15 else None,
            source=rng.choice(words.SOURCES) if draw() < 0.85 else None,
            like_count=likes,
            repost_count=likes // 5 * (30 if draw() < (0.05 if author.index else 0.3) else 1),
            comment_count=likes and int(MOST_COMMENTS * 1.3 * draw() ** 2),
        )
        if not is_retweet:
            self._originals.append(post)
        return post

    def _original(self, author: Person, mid: str) -> Post | None:
        """Something older, mostly of the same community: the best of eight draws; None if all are newer."""
        found = [self._originals[int(len(self._originals) * self._rng.random())] for _ in range(8)]
        older = [post for post in found if int(post.mid) < int(mid)]
        return next((post for post in older if post.author.community == author.community), next(iter(older), None))


def comments(seed: int, post: Post, people: Sequence[Person]) -> list[Comment]:
    """All comments on a post that can be read, newest first."""
    rng = Random(f"{seed}/weibo/comments/{post.mid}")
    count = min(post.comment_count, MOST_COMMENTS)
    made = []
    for _ in range(count):
        author = people[int(len(people) * rng.random())]
        near = [people[int(len(people) * rng.random())]]
        late = dt.timedelta(seconds=int(60 * 400 ** (2 * rng.random())))
        created_at = min(post.created_at + late, NOW - dt.timedelta(minutes=1)).replace(microsecond=0)
        likes = int(200 * rng.random() ** 8)
        made.append(
            Comment(
                cid=mid_at(created_at, int(2**22 * rng.random())),
                author=author,
                created_at=_as_shown(created_at),
                parts=weibo_text.remark(rng, author.community, near),
                like_count=likes,
                region=author.province if rng.random() < 0.8 else None,
                is_hot=likes > 60,
            )
        )
    return sorted(made, key=lambda comment: int(comment.cid), reverse=True)


def _moment(rng: Random, *, recent: bool) -> dt.datetime:
    """Within the last two days, or the years before; a few from the first years of the site."""
    if recent:
        back = dt.timedelta(minutes=int(2880 * rng.random() ** 3))
    elif rng.random() < 0.05:
        return dt.datetime(2011 + int(3 * rng.random()), 10, 8, 15, 42, int(60 * rng.random()), tzinfo=BEIJING)
    else:
        back = dt.timedelta(minutes=2880 + int(1_000_000 * rng.random() ** 2))
    return NOW - back


def _as_shown(moment: dt.datetime) -> dt.datetime:
    """Of late pages show no seconds."""
    return moment.replace(second=0) if NOW - moment < SHORT_DATES else moment
