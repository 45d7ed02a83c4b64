"""The JSON of m.weibo.cn: a person, the person's posts, and the text of a long one.

Two more functions are for notebooks that read saved pages. No crawl asks for these: comments are read on weibo.cn, and
of the JSON of weibo.com, where posts are written alike, only strangers' pages of 2021 are known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from lxml.html import fragment_fromstring
from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.weibo import Comment, Post
from crawlers.pages.weibo.counters import counted, counts
from crawlers.pages.weibo.ids import mobile_posts_url
from crawlers.pages.weibo.markup import ADDRESS, Token, tidy, tokens
from crawlers.pages.weibo.posts import cut_chain
from crawlers.pages.weibo.states import ROUTE_WORDS, json_data
from crawlers.pages.weibo.times import clock, moment
from crawlers.parsing.urls import path_template

_GENDERS = {"m": "m", "f": "f"}
_COUNTS = {"like_count": "attitudes_count", "repost_count": "reposts_count", "comment_count": "comments_count"}
_STATED = {"post_count": "statuses_count", "followee_count": "follow_count", "follower_count": "followers_count"}
_A_POST, _SEVERAL = 9, 11  # kinds of cards
_PINNED = 2
HIDDEN_ADDRESS = "网页链接"  # what the site shows in place of every address


def mobile_profile(response: Response) -> dict[str, Any]:
    """What a profile says, as fields of `User`; the place and the tags are not among it. Nothing, where the page says
    that there is nothing.

    Source: https://m.weibo.cn/api/container/getIndex?type=uid&value=<user_id> (JSON).
    Raises: LayoutChanged: it is there, and of another shape.
    """
    user = json_data(response).get("userInfo")
    if user is None:
        return {}
    with _known(response, "a profile"):
        return _read_profile(user)


def _read_profile(user: dict[str, Any]) -> dict[str, Any]:
    kind = -1 if user.get("verified_type") is None else user["verified_type"]
    stated = {name: counted(user[key]) for name, key in _STATED.items() if user.get(key) is not None}
    return {
        "gender": _GENDERS.get(user.get("gender", "")),
        "verified": bool(user.get("verified")),
        "verified_type": None if kind < 0 or not user.get("verified") else "person" if kind == 0 else "organisation",
        "level": max(0, int(user.get("mbrank") or 0)) or None,
        **{name: count.value for name, count in stated.items()},
        "rounded_counts": [name for name, count in stated.items() if count.is_rounded or count.is_capped],
    }


def mobile_posts(response: Response, *, user_id: str) -> Rows[Post]:
    """The posts of the owner on a page of the list; others', and advertisements, are left out.

    Source: https://m.weibo.cn/api/container/getIndex?containerid=107603<user_id>&… (JSON, cards).
    Raises: LayoutChanged: there are cards of another shape.
    """
    with _known(response, "cards"):
        nodes = [post for post in _posts(json_data(response).get("cards") or []) if _id(post.get("user")) == user_id]
    return Rows(Post, nodes, partial(_read_post, now=clock(response)))


def ajax_posts(response: Response, *, user_id: str) -> Rows[Post]:
    """The posts of the owner on a saved page of the list of weibo.com; for notebooks, no crawl asks for it.

    Source: https://weibo.com/ajax/statuses/mymblog?uid=<user_id>&page=<n>&feature=0 (JSON).
    """
    nodes = [post for post in json_data(response).get("list") or [] if _id(post.get("user")) == user_id]
    return Rows(Post, nodes, partial(_read_post, now=clock(response)))


def mobile_following(response: Response, *, user_id: str) -> str | None:
    """The URL of the next page of posts; None at the end. Old pages number it, new ones name the post it begins with.

    Source: https://m.weibo.cn/api/container/getIndex?containerid=107603<user_id>&… (JSON).
    Raises: LayoutChanged: what says so is of another shape.
    """
    with _known(response, "cardlistInfo"):
        card_list = json_data(response).get("cardlistInfo") or {}
        for name in ("since_id", "page"):
            if str(card_list.get(name) or "").isdecimal():
                return mobile_posts_url(user_id, f"{name}={card_list[name]}")
        return None


def mobile_text(response: Response) -> str:
    """The whole text of a long post.

    Source: https://m.weibo.cn/statuses/extend?id=<mid> (JSON).
    Raises: LayoutChanged: there is none.
    """
    text = json_data(response).get("longTextContent")
    if not isinstance(text, str):
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no longTextContent")
    return cut_chain(_written(text))


def mobile_comments(response: Response, *, post_id: str) -> Rows[Comment]:
    """The comments of a saved page, without the hot ones beside them; for notebooks, no crawl asks for it.

    Source: https://m.weibo.cn/api/comments/show?id=<mid>&page=<n> (JSON).
    """
    found = json_data(response).get("data") or []
    return Rows(Comment, found, partial(_read_comment, post_id=post_id, now=clock(response)))


@contextmanager
def _known(response: Response, what: str) -> Iterator[None]:
    """What is read here has the shape that it always had. Raises: LayoutChanged: it has not."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError):
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), f"{what} of a shape that is not known") from None


def _posts(cards: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for card in cards:
        if card.get("card_type") == _A_POST and isinstance(card.get("mblog"), dict):
            yield card["mblog"]
        elif card.get("card_type") == _SEVERAL:
            yield from _posts(card.get("card_group") or [])


def _read_post(post: dict[str, Any], *, now: dt.datetime | None) -> dict[str, Any]:
    """The fields of `Post` from a post's JSON object. Raises: LookupError, TypeError, ValueError: one is missing."""
    original = post.get("retweeted_status")
    text = tidy(post["text_raw"]) if "text_raw" in post else _written(post["text"])
    is_long = bool(post.get("isLongText"))
    return {
        "post_id": str(post["id"]),
        "user_id": str(post["user"]["id"]),
        "text": (cut_chain(text) if original is not None else text).removesuffix("..." if is_long else ""),
        "is_retweet": original is not None,
        # A deleted original has an id that leads nowhere, and no user.
        "original_post_id": str(original["id"]) if original and original.get("user") else None,
        "original_user_id": _id((original or {}).get("user")),
        "created_at": moment(post["created_at"], now),
        **counts({name: counted(post[key]) for name, key in _COUNTS.items() if post.get(key) is not None}),
        "picture_count": len(post.get("pics") or post.get("pic_ids") or ()),  # `pics` may be an object: "0", "1", ...
        "has_video": (post.get("page_info") or {}).get("type") == "video" or "视频" in _titles(post["text"]),
        "is_pinned": post.get("mblogtype") == _PINNED or post.get("isTop") == 1,
        "is_truncated": is_long,
        "nickname": post["user"].get("screen_name"),
    }


def _read_comment(comment: dict[str, Any], *, post_id: str, now: dt.datetime | None) -> dict[str, Any]:
    return {
        "comment_id": str(comment["id"]),
        "post_id": post_id,
        "user_id": str(comment["user"]["id"]),
        "text": _written(comment["text"]),
        "created_at": moment(comment["created_at"], now),
        "like_count": comment.get("like_counts"),
        "is_hot": False,
        "nickname": comment["user"].get("screen_name"),
    }


def _id(user: dict[str, Any] | None) -> str | None:
    return str(user["id"]) if user and user.get("id") else None


def _written(text: str) -> str:
    """What somebody wrote, from the HTML of a post: addresses are put back, titles of what was linked left out."""
    return tidy("".join(_shown(token) for token in _tokens(text)))


def _shown(token: Token) -> str:
    if token.kind != "link" or token.text.startswith(("#", "@")) or ADDRESS.match(token.text):
        return token.text
    return token.href if token.text == HIDDEN_ADDRESS and ADDRESS.match(token.href) else ""


def _titles(text: str) -> str:
    """The titles that the site shows of what a text links to."""
    return " ".join(token.text for token in _tokens(text) if token.kind == "link" and not _shown(token))


def _tokens(text: str) -> list[Token]:
    return list(tokens(fragment_fromstring(text, create_parent="div")))
