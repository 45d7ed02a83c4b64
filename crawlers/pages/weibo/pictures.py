"""Pages of weibo.cn with pictures. Their names hold the number of whoever posted them: count them, and keep none."""

from __future__ import annotations

import re

from scrapy.http import Response

from crawlers.pages.weibo.markup import page_of, text_of

_COUNT = re.compile(r"\((\d+)张\)")


def picture_urls(response: Response) -> list[str]:
    """The addresses of the pictures of a post or of an album, small ones, in page order.

    Source: https://weibo.cn/mblog/picAll/<bid>?rl=1 and https://weibo.cn/album/<id>?rl=1 (XHTML).
    """
    links = page_of(response).xpath("//a[starts-with(@href, '/mblog/pic/') or contains(@href, '/photo/')]/img/@src")
    return [str(source) for source in links]


def albums(response: Response) -> list[int | None]:
    """How many pictures each album of a person has, in page order; None where the page does not say.

    Source: https://weibo.cn/<user_id>/photo?tf=6_008 (XHTML).
    """
    names = page_of(response).xpath("//div[@class='c']/a[starts-with(@href, '/album/')]")
    return [int(found[1]) if (found := _COUNT.search(text_of(name))) else None for name in names]
