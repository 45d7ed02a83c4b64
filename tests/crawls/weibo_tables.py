"""What a crawl of Weibo published against what its world holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from crawlers.pages.weibo.markup import tidy
from crawlers.pipelines.scrub import scrub
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from sandbox.worlds import World
from sandbox.worlds.weibo import Crawled
from sandbox.worlds.weibo_posts import Post
from tests.crawls.running import Crawls

IGNORED_ROBOTS = ("-s", "ROBOTSTXT_OBEY=False")
MENTION = re.compile(r"@(?:user|[0-9a-f]{32})")  # whom it means depends on who was found before
STATUSES = ["user_id", "follow_list_status", "post_list_status"]
POSTS = [
    "post_id", "user_id", "text", "is_retweet", "original_post_id", "like_count", "repost_count", "comment_count",
    "created_at", "picture_count", "has_video", "is_pinned", "is_truncated",
]  # fmt: skip


class Truth:
    """The rows that a crawl of `world` must publish, under the pseudonyms of its key."""

    def __init__(self, world: World, crawled: Crawled, key: str | None = None) -> None:
        self.world = world.weibo
        self.crawled = crawled
        pseudonymizer = Pseudonymizer(PseudonymKey.from_hex(key or world.pseudonym_key or "", "the comparison"))
        self.user: Callable[[str], str] = pseudonymizer.of("weibo.user")
        self.post: Callable[[str], str] = pseudonymizer.of("weibo.post")
        self.comment: Callable[[str], str] = pseudonymizer.of("weibo.comment")

    def discoveries(self) -> list[tuple[Any, ...]]:
        """(user, index, depth, from whom), in order."""
        return [
            (self.user(uid), index, depth, self.user(origin) if origin else None)
            for uid, index, depth, origin in self.crawled.discoveries
        ]

    def follows(self) -> set[tuple[Any, ...]]:
        return {(self.user(source), self.user(target), rank) for source, target, rank in self.crawled.follows}

    def statuses(self) -> set[tuple[Any, ...]]:
        """(user, status of the list of followees, of the list of posts). A profile that is gone tells of both."""
        follow, post = self.crawled.follow_status, self.crawled.post_status
        return {
            (self.user(uid), "gone" if post[uid] == "gone" else follow[uid], post[uid]) for uid in self.crawled.users
        }

    def posts(self) -> set[tuple[Any, ...]]:
        return {self._post(post) for post in self.crawled.posts}

    def _post(self, post: Post) -> tuple[Any, ...]:
        return (
            self.post(post.mid), self.user(post.author.uid), self._text(post),
            post.is_retweet, self.post(post.original.mid) if post.original else None, *post.shown_counts,
            post.created_at, len(post.pictures), post.has_video, post.is_pinned, False,
        )  # fmt: skip

    def _text(self, post: Post) -> str:
        return MENTION.sub("@", scrub(tidy(post.text)))

    def comments(self) -> set[tuple[Any, ...]]:
        """(comment, post, author, likes, whether it is hot, when)"""
        return {
            (
                self.comment(one.cid),
                self.post(post.mid),
                self.user(one.author.uid),
                one.like_count,
                one.is_hot,
                one.created_at,
            )
            for post in self.crawled.posts
            for one in self.world.comments(post)
        }


def rows(crawls: Crawls, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    """The rows of a published table, in its order; mentions in texts without whom they mean."""
    values = [crawls.table(table, "weibo")[column].to_pylist() for column in columns]
    if "text" in columns:
        place = columns.index("text")
        values[place] = [MENTION.sub("@", text) for text in values[place]]
    return list(zip(*values, strict=True))


def discoveries(crawls: Crawls) -> list[tuple[Any, ...]]:
    """(user, index, depth, from whom), in the order of discovery."""
    found = rows(crawls, "discoveries", ["user_id", "discovery_index", "depth", "discovered_from"])
    return sorted(found, key=lambda row: row[1])


def edges(crawls: Crawls) -> set[tuple[Any, ...]]:
    return set(rows(crawls, "follows", ["source_id", "target_id", "rank"]))


def check_mentions(crawls: Crawls, truth: Truth) -> None:
    """Who is mentioned and was seen before has a pseudonym in the text; whoever else has none."""
    named = {truth.post(post.mid): post for post in truth.crawled.posts}
    pseudonyms = {nickname: truth.user(person.uid) for nickname, person in truth.world.by_nickname.items()}
    seen = {target for _, target, _ in truth.crawled.follows}
    known = 0
    for row in crawls.table("posts", "weibo").select(["post_id", "text"]).to_pylist():
        mentioned = [part.text[1:] for part in named[row["post_id"]].parts if part.kind == "mention"]
        shown = MENTION.findall(row["text"])
        assert len(shown) == len(mentioned)
        for mention, nickname in zip(shown, mentioned, strict=True):
            assert mention in {"@user", f"@{pseudonyms[nickname]}"}
            known += mention != "@user"
            mentions_self = nickname == named[row["post_id"]].author.nickname
            if truth.world.by_nickname[nickname].uid not in seen and not mentions_self:
                assert mention == "@user"
    assert known > 20
