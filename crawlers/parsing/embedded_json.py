"""JSON that a page carries for its own scripts."""

from __future__ import annotations

import html
from typing import Any
from weakref import WeakKeyDictionary

from scrapy.http import HtmlResponse

from crawlers.parsing.json_body import loads

# `recognise` and the page function both read the block; the second one finds it decoded.
_decoded: WeakKeyDictionary[HtmlResponse, dict[str, Any]] = WeakKeyDictionary()


def commented_json(response: HtmlResponse, element_id: str) -> Any:
    """The JSON in the HTML comment inside the element with this id, decoded once; treat it as read-only.

    ``<div id="x"><!--{&#34;name&#34;: &#34;Tom &amp;amp; Co&#34;}--></div>`` gives ``{"name": "Tom &amp; Co"}``.
    A comment is no text of its element (``::text`` finds nothing), and one level of the escaping is the page's.

    Raises: LookupError: there is not exactly one comment in elements with this id. ValueError: it is not JSON.
    """
    blocks = _decoded.setdefault(response, {})
    if element_id not in blocks:
        comments = response.xpath("//*[@id=$id]/comment()", id=element_id)
        if len(comments) != 1:
            raise LookupError(f"{len(comments)} comments in elements with the id {element_id!r}, not 1")
        blocks[element_id] = loads(html.unescape(comments[0].root.text or "").encode())
    return blocks[element_id]
