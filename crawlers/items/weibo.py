"""Tables of Weibo: who follows whom, who was seen when, and what they post."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from crawlers.items.about import About, IdForm
from crawlers.items.expected import Expected
from crawlers.items.item import Item
from crawlers.items.markers import Count, FreeText, Handle, Key, Pseudonymize, Tokenize

ABOUT = About(
    title="Weibo",
    homepage="https://weibo.com",
    summary="People reached breadth-first over the lists of whom they follow, those lists, and what the people post.",
    sources="weibo.cn, the site for plain browsers, as a logged-in account sees it; its pages were last recorded in "
    "September 2025. Posts and profiles on request from the JSON of m.weibo.cn.",
    robots="robots.txt of all three hosts disallows everything for `*`. A crawl stops there, before its first page, "
    "unless it is told to ignore it.",
    terms="The site's terms do not provide for collecting by program. Nothing of the tables may lead to an account: "
    "names, profiles in words, places, devices and pictures are left out.",
    gaps="Lists are read five pages deep, ten rows each, and the site shows twenty pages at most; whoever it hides as "
    "spam leaves a page short. Counts of reposts and comments stop at 1,000,000. Three counts of 0 may be hidden ones.",
    ids={
        "user": IdForm("the account's number, 5 to 12 digits"),
        "post": IdForm("the post's decimal number, 8 to 20 digits"),
        "comment": IdForm("the comment's number, 8 to 20 digits"),
    },
)

USER_ID, POST_ID = r"^[1-9][0-9]{4,11}$", r"^[1-9][0-9]{7,19}$"
UserId = Annotated[str, Field(pattern=USER_ID)]
PostId = Annotated[str, Field(pattern=POST_ID)]

ListStatus = Literal["complete", "cut_by_limit", "empty", "hidden", "gone", "failed", "not_tried"]
"""complete: read to the end. cut_by_limit: there is more than was asked for, or than the site shows. empty: the page
says that there is nothing. hidden: it says that it is not shown. gone: the account is closed. failed: it could not be
read, or a page in its middle came empty twice. not_tried: the limit of users was reached before, or no page asked for.
"""


class User(Item):
    """One account whose profile and lists were read as far as asked for. One row per user; others that were seen are
    in ``weibo/discoveries``."""

    dataset: ClassVar[str] = "weibo/users"

    user_id: Annotated[UserId, Key(), Pseudonymize("user")]
    """The site's number of the account, published as a pseudonym; joins all tables of the site."""
    gender: Literal["f", "m"] | None = None
    """As the profile says; null where it does not."""
    province: Annotated[str, Field(pattern=r"^[一-鿿]{2,8}$")] | None = None
    """The first part of the place in the profile, in Chinese; ``其他`` (other) and ``海外`` (abroad) are among them."""
    follower_count: Count | None = None
    """Followers the site states."""
    followee_count: Count | None = None
    """Accounts followed, as the site states it."""
    post_count: Count | None = None
    """Posts the site states."""
    verified: bool | None = None
    """Whether the site has verified who it is; null where the profile could not be read."""
    follow_list_status: ListStatus
    """How far the list of accounts followed was read: ``complete``, ``cut_by_limit``, ``empty``, ``hidden``, ``gone``
    (the account is closed), ``failed`` or ``not_tried`` (after the limit of users)."""
    post_list_status: ListStatus
    """The same of the list of posts."""
    profile_status: Literal["complete", "gone", "failed"]
    """Whether the profile was read; ``gone``: the account is closed."""
    verified_type: Literal["person", "organisation"] | None = None
    """What was verified, where the badge was seen: ``person`` (yellow) or ``organisation`` (blue)."""
    level: Count | None = None
    """Level of the paid membership; null without one."""
    talents: Annotated[list[str] | None, FreeText()] = None
    """Fields for which the site calls the user an expert (达人); null where the source does not say."""
    tags: Annotated[list[str] | None, FreeText()] = None
    """Words users put on themselves, as far as the profile shows them; null where the source does not say."""
    rounded_counts: list[str] | None = None
    """Names of the counts above that the source rounds, such as ``follower_count`` given as 7164.8万."""


class Discovery(Item):
    """One account that was seen. One row per user: when (``fetched_at``), how deep, and in whose list first."""

    dataset: ClassVar[str] = "weibo/discoveries"

    user_id: Annotated[UserId, Key(), Pseudonymize("user")]
    """The account that was seen."""
    discovery_index: Count
    """Its place in the order of discovery, the first root is 0."""
    depth: Count
    """Steps from a root, which has 0."""
    discovered_from: Annotated[str | None, Field(pattern=USER_ID), Pseudonymize("user")] = None
    """In whose list it was seen first; null for a root."""


class Follow(Item):
    """One account that another follows. One row per (source, target), also of targets beyond the limit of users."""

    dataset: ClassVar[str] = "weibo/follows"
    # A list may be hidden by whoever it belongs to, and a crawl may start there.
    expected: ClassVar[Expected] = Expected(min_rows=0, max_missing_share=0.5)

    source_id: Annotated[UserId, Key(), Pseudonymize("user")]
    """Who follows."""
    target_id: Annotated[UserId, Key(), Pseudonymize("user")]
    """Who is followed."""
    rank: Annotated[Count, Field(ge=1)]
    """Place in the list, newest first: ten to a page, 1 is the first row of the first page, 11 of the second. Rows that
    the site hides as spam leave the last places of their page empty."""
    target_nickname: Annotated[str | None, Handle(of="target_id", remembered=True)] = None
    """The name of who is followed; never published."""


class Post(Item):
    """One post in the list of its author. One row per post."""

    dataset: ClassVar[str] = "weibo/posts"
    expected: ClassVar[Expected] = Expected(min_rows=0, max_null_share={"created_at": 0.05, "like_count": 0.05})

    post_id: Annotated[PostId, Key(), Pseudonymize("post")]
    """The site's decimal number of the post, published as a pseudonym."""
    user_id: Annotated[UserId, Pseudonymize("user")]
    """The author."""
    text: Annotated[str, FreeText(), Tokenize("zh")]
    """The author's own words, scrubbed of personal references; of a retweet the reason up to the first ``//@``, empty
    if none was given. Emoji are written by name, as in ``[doge]``."""
    text_tokens: list[str] | None = None
    """Words of the text, without stop words."""
    is_retweet: bool
    """Whether it passes on another post."""
    original_post_id: Annotated[str | None, Field(pattern=POST_ID), Pseudonymize("post")] = None
    """What it passes on; null for own posts and where the original was deleted."""
    like_count: Count | None = None
    """Likes the site states."""
    repost_count: Count | None = None
    """Reposts the site states."""
    comment_count: Count | None = None
    """Comments the site states."""
    created_at: dt.datetime | None = None
    """When it was posted, UTC; to the minute on most pages; null where the page gives it in words that need the time of
    the response, which the response lacks."""
    capped_counts: list[str]
    """Names of the counts above that stop at 1,000,000: there are at least so many."""
    rounded_counts: list[str]
    """Names of the counts above that the source rounds."""
    picture_count: Count
    """Pictures of the post itself; a retweet has none."""
    has_video: bool
    """Whether a video is part of it."""
    is_pinned: bool
    """Whether it is pinned above newer posts, as far as the page says so."""
    is_truncated: bool
    """Whether the text is cut because its page in full could not be read."""
    original_user_id: Annotated[str | None, Field(pattern=USER_ID), Pseudonymize("user")] = None
    """The author of what it passes on, where the page gives the number."""
    nickname: Annotated[str | None, Handle(of="user_id")] = None
    """The author's name; never published."""


class Comment(Item):
    """One comment on a post. One row per comment."""

    dataset: ClassVar[str] = "weibo/comments"
    expected: ClassVar[Expected] = Expected(min_rows=0, max_null_share={"created_at": 0.05})

    comment_id: Annotated[PostId, Key(), Pseudonymize("comment")]
    """The site's number of the comment, published as a pseudonym."""
    post_id: Annotated[PostId, Pseudonymize("post")]
    """The post; joins ``weibo/posts``."""
    user_id: Annotated[UserId, Pseudonymize("user")]
    """Who commented."""
    text: Annotated[str, FreeText(), Tokenize("zh")]
    """The comment, scrubbed of personal references."""
    text_tokens: list[str] | None = None
    """Words of the comment, without stop words."""
    created_at: dt.datetime | None = None
    """When it was written, UTC; null as for posts."""
    like_count: Count | None = None
    """Likes the site states."""
    is_hot: bool
    """Whether the site shows it among the hot ones."""
    nickname: Annotated[str | None, Handle(of="user_id")] = None
    """The name of who commented; never published."""
