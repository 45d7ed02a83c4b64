"""JSON that a page carries for its own scripts."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from scrapy.http import HtmlResponse

from crawlers.parsing.json_body import loads

# `recognise` and the page function both read the block; the second one finds it decoded.
_decoded: WeakKeyDictionary[HtmlResponse, dict[str, Any]] = WeakKeyDictionary()

T = TypeVar("T")
# What stands between the name of a variable and the object or list assigned to it: ` = `, or `"] = ` of window["x"].
_ASSIGNS = re.compile(rb"""(?:["']\])?\s*=\s*(?=[\[{])""")
# And what stands before it: the beginning of a script, or of a line of one, which no string can hold.
_BEGINS = re.compile(rb"""(?P<after>[>\n])[ \t\r]*(?:(?:var|let|const)[ \t]+|window\.|window\[["'])?\Z""")


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


def assigned_json(body: bytes, name: str, decode: Callable[[bytes], T]) -> T:
    """What a script of the page assigns to the variable `name` as JSON, decoded.

    ``var x = {"a": 1};`` and ``window["x"] = {"a": 1};`` give ``decode(b'{"a": 1}')``. The page is searched as bytes
    and not parsed: a page of 900 kB costs 0.2 ms. The statement has to begin a script, or a line of one: a title may
    hold it, too. A script ends at ``</script``, which JSON inside it cannot hold. Where more of the script follows the
    value, its end is found by reading it, which costs ten times as much.

    Raises: LookupError: no script assigns JSON to it. ValueError: what it assigns is not JSON, or was cut short.
    """
    start = _start_of_value(body, name.encode())
    value = body[start : _end_of_script(body, start)].rstrip(b"; \t\r\n")
    try:
        return decode(value)
    except ValueError:
        text = value.decode("utf-8", "replace")
        _, length = json.JSONDecoder().raw_decode(text)
        if length == len(text):
            raise
        return decode(text[:length].encode())


def _start_of_value(body: bytes, name: bytes) -> int:
    place = body.find(name)
    while place != -1:
        assigns = _ASSIGNS.match(body, place + len(name))
        if assigns is not None and _begins_a_statement(body, place):
            return assigns.end()
        place = body.find(name, place + len(name))
    raise LookupError(f"no script assigns JSON to {name.decode()!r}")


def _end_of_script(body: bytes, start: int) -> int:
    # JSON for a page has hardly any "<", and one byte is found ten times as fast as eight.
    place = body.find(b"<", start)
    while place != -1 and not body.startswith(b"</script", place):
        place = body.find(b"<", place + 1)
    return place if place != -1 else len(body)


def _begins_a_statement(body: bytes, place: int) -> bool:
    begins = _BEGINS.search(body[max(0, place - 80) : place])
    script = body.rfind(b"<script", 0, place)
    if begins is None or script <= body.rfind(b"</script", 0, place):
        return False
    return begins["after"] == b"\n" or body.find(b">", script) == max(0, place - 80) + begins.start()
