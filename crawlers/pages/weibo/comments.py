"""The comments below a post of weibo.cn."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import Any

from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.weibo import Comment
from crawlers.pages.weibo.ids import uid_in
from crawlers.pages.weibo.markup import Node, Token, page_of, text_of, tidy, tokens, written
from crawlers.pages.weibo.times import clock, stamped

_LIKES = re.compile(r"赞\[(\d+)\]")
_STATED = re.compile(r"评论\[(\d+)\]")


def comments(response: Response, *, post_id: str) -> Rows[Comment]:
    """The comments of a page, ten and on the first page the hot ones, which come again in their place.

    Source: https://weibo.cn/comment/<bid>?page=<n> (XHTML). The pager may claim 100,000 pages; fewer can be read.
    """
    nodes = page_of(response).xpath("//div[@class='c'][starts-with(@id, 'C_')]")
    return Rows(Comment, nodes, partial(_read_comment, post_id=post_id, now=clock(response)))


def comment_count(response: Response) -> int | None:
    """How many comments there are, as the page of a post states it.

    Source: https://weibo.cn/comment/<bid> (XHTML).
    """
    for tab in page_of(response).xpath("//span[@class='pms']"):
        if found := _STATED.search(text_of(tab)):
            return int(found[1])
    return None


def _read_comment(node: Node, *, post_id: str, now: dt.datetime | None) -> dict[str, Any]:
    found = list(tokens(node))
    start = next((place for place, token in enumerate(found) if token.kind == "open"), None)
    if start is None:
        raise KeyError("text")
    time = next((token.text for token in found if token.kind == "ct"), None)
    if time is None:
        raise KeyError("created_at")
    likes = next((match for token in found if token.kind == "cc" and (match := _LIKES.search(token.text))), None)
    return {
        "comment_id": node.get("id").removeprefix("C_"),
        "post_id": post_id,
        "user_id": _author(found),
        "text": written(found[start + 1 :]),
        "created_at": stamped(tidy(time), now),
        "like_count": int(likes[1]) if likes else None,
        "is_hot": any(token.kind == "kt" and "热门" in token.text for token in found),
        "nickname": next((token.text for token in found[:start] if token.kind == "link"), None),
    }


def _author(found: list[Token]) -> str:
    for token in found:
        if token.kind == "link" and token.text == "举报" and (user_id := uid_in(token.href, "fuid")):
            return user_id
    raise KeyError("user_id")
