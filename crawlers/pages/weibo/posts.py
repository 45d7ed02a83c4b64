"""Pages of weibo.cn with posts: the list of a person's own, and one post in full."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import Any

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.weibo import Post
from crawlers.pages.weibo.counters import counted, counts
from crawlers.pages.weibo.ids import bid_in, home_of, mid_of, uid_in
from crawlers.pages.weibo.markup import Node, Token, page_of, text_of, tidy, tokens, written
from crawlers.pages.weibo.states import ROUTE_WORDS
from crawlers.pages.weibo.times import clock, stamped
from crawlers.parsing.urls import path_template

NOTHING_SAID = "转发微博"  # what the site writes in place of the reason that nobody gave
_COUNTS = {"赞": "like_count", "转发": "repost_count", "评论": "comment_count"}
_COUNT = re.compile(r"(赞|转发|评论)\[([^\]]+)\]")
_PICTURES = re.compile(r"组图共(\d+)张")


def posts(response: Response, *, user_id: str) -> Rows[Post]:
    """The posts of the owner on a page of the list, at most ten and the pinned ones; others' among them are left out.

    Source: https://weibo.cn/<user_id>/profile?page=<n> and https://weibo.cn/<word>?page=<n> (XHTML).
    """
    root = page_of(response)
    nodes = root.xpath("//div[@class='c'][starts-with(@id, 'M_')][string-length(@id) > 2]")
    title = next((text_of(node) for node in root.xpath("//title")), "")
    read = partial(_read_post, now=clock(response), nickname=title.removesuffix("的微博") or None)
    return Rows(Post, nodes, read).where(lambda post: post.user_id == user_id)


def full_text(response: Response) -> str:
    """The author's own words on the page of one post, where they are whole.

    Source: https://weibo.cn/comment/<bid> and https://weibo.cn/repost/<bid> (XHTML).
    Raises: LayoutChanged: there is no post, or no text where it has always been.
    """
    found = list(tokens(_post_node(response)))
    try:
        return own_words(found) if _is_retweet(found) else written(_after(found, "open")).removeprefix(":").lstrip()
    except LookupError:
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "a post without a text") from None


def own_words(found: list[Token]) -> str:
    """Why somebody passed a post on: not what earlier ones had said, which stands behind the first ``//@``.

    Raises: LookupError: it does not say 转发理由, and so no text.
    """
    places = [place for place, token in enumerate(found) if token.kind == "cmt" and "转发理由" in token.text]
    if not places:
        raise KeyError("text")
    return cut_chain(written(found[places[0] + 1 :]))


def cut_chain(said: str) -> str:
    """The words before the first ``//@``; none where the site wrote some in place of nobody's."""
    own = tidy(said.partition("//@")[0])
    return "" if own == NOTHING_SAID else own


def _post_node(response: Response) -> Node:
    nodes = page_of(response).xpath("//div[@class='c'][@id='M_']")
    if not nodes:
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no post where its page has always had it")
    return nodes[0]


def _read_post(node: Node, *, now: dt.datetime | None, nickname: str | None) -> dict[str, Any]:
    """The fields of `Post` from one block of a list. Raises: LookupError, ValueError: one of them is missing."""
    found = list(tokens(node))
    links = [token for token in found if token.kind == "link"]
    bid = node.get("id").removeprefix("M_")
    is_retweet = _is_retweet(found)
    is_truncated = any(link.text == "全文" and bid_in(link.href) == bid for link in links)
    text = own_words(found) if is_retweet else written(_after(found, "open"))
    return {
        "post_id": mid_of(bid),
        "user_id": _author(links),
        "text": text.removesuffix("...") if is_truncated else text,
        "is_retweet": is_retweet,
        **_original(found),
        "created_at": _time(found, now),
        **_counts(links),
        "picture_count": 0 if is_retweet else _picture_count(found),
        "has_video": not is_retweet and any("/video/show" in link.href for link in links),
        "is_pinned": any(token.kind == "kt" and "置顶" in token.text for token in found),
        "is_truncated": is_truncated,
        "nickname": nickname,
    }


def _is_retweet(found: list[Token]) -> bool:
    return any(token.kind == "cmt" and tidy(token.text).startswith(("转发了", "转发理由")) for token in found)


def _after(found: list[Token], kind: str) -> list[Token]:
    """What follows the first token of a kind. Raises: LookupError: there is none, and so no text."""
    places = [place for place, token in enumerate(found) if token.kind == kind]
    if not places:
        raise KeyError("text")
    return found[places[0] + 1 :]


def _author(links: list[Token]) -> str:
    """Whose post it is, as its link 转发 says: a list may hold posts of others."""
    for link in links:
        if link.text.startswith("转发[") and (user_id := uid_in(link.href)):
            return user_id
    raise KeyError("user_id")


def _original(found: list[Token]) -> dict[str, Any]:
    """What a retweet passes on, and whose it is where the link to the author has the number."""
    header = next((token for token in found if token.kind == "cmt" and tidy(token.text).startswith("转发了")), None)
    bid = next((bid_in(t.href) for t in found if t.kind == "link" and t.text.startswith("原文评论[")), None)
    if header is None or bid is None:
        return {"original_post_id": None, "original_user_id": None}
    return {"original_post_id": mid_of(bid), "original_user_id": home_of(header.href)[0]}


def _counts(links: list[Token]) -> dict[str, Any]:
    """The last counter of each kind: those of an original come first, and are no links but for 原文评论."""
    found = [match for link in links if (match := _COUNT.fullmatch(link.text.strip()))]
    shown = {_COUNTS[match[1]]: counted(match[2]) for match in found}
    return counts({name: shown[name] for name in _COUNTS.values()})


def _picture_count(found: list[Token]) -> int:
    for token in found:
        if token.kind == "link" and (match := _PICTURES.match(token.text)):
            return int(match[1])
    return sum(token.kind == "picture" and token.href == "ib" for token in found)


def _time(found: list[Token], now: dt.datetime | None) -> dt.datetime | None:
    """When it was posted, which the last stamp says: that of an original comes first."""
    stamp = next((token.text for token in reversed(found) if token.kind == "ct"), None)
    if stamp is None:
        raise KeyError("created_at")
    return stamped(tidy(stamp), now)
