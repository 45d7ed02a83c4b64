"""Reading the markup of weibo.cn: XHTML with an XML declaration that is not well formed.

It is always read as HTML and as UTF-8, whatever the header says or lacks: taken for XML, as Scrapy does where the
header is missing, every query finds nothing. Emoji and links close spans that nobody opened, so that a text may end in
the middle of its element and go on behind it: texts are read from one landmark to the next, in the order of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from lxml import etree
from lxml.html import HTMLParser, document_fromstring
from scrapy.http import Response

Node = Any

# `recognise` and the page functions read the same page; the second one finds it parsed.
_parsed: WeakKeyDictionary[Response, Node] = WeakKeyDictionary()
_NOTHING = re.compile("[\u200b\u200c\u200d\ufeff]")
_SPACES = re.compile("[ \t\r\f\v\u00a0\u3000]+")
_LINE_ENDS = re.compile(" ?\n ?")
# Links that the site puts behind a text, which say where it stops.
_FOOTER = re.compile(r"(?:赞|转发|评论|原文评论|原文转发)\[|收藏$|组图共|原图$|显示地图$|关注[他她它]?$|举报$|操作$")
ADDRESS = re.compile(r"[a-z]{2,9}://\S+", re.IGNORECASE)
_ATOMS = frozenset({"cmt", "ct", "kt", "cc"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a post or comment, in page order. `kind`: ``text``, ``break``, ``emoji``, ``picture``, ``link``,
    ``open`` (of a ``span.ctt``), or the class of a span that is read as a whole: ``cmt``, ``ct``, ``kt``, ``cc``."""

    kind: str
    text: str = ""
    href: str = ""
    """Where a link leads, or the first link of a span; of a picture its class."""


def page_of(response: Response) -> Node:
    """The root element of a page, parsed once; treat it as read-only. Raises: ValueError: it holds no element."""
    if response not in _parsed:
        try:
            # An element of libxml2 that is used beside others keeps nothing alive: the root is held here.
            _parsed[response] = document_fromstring(response.body, parser=HTMLParser(encoding="utf-8"))
        except (etree.ParserError, etree.XMLSyntaxError):
            raise ValueError("a page without any element") from None
    return _parsed[response]


def text_of(node: Node) -> str:
    """All text below an element, tidied; emoji by their names."""
    return tidy("".join(token.text for token in tokens(node)))


def tidy(text: str) -> str:
    """One space for many, no invisible signs, nothing at either end."""
    return _LINE_ENDS.sub("\n", _SPACES.sub(" ", _NOTHING.sub("", text))).strip()


def tokens(node: Node) -> Iterator[Token]:
    """What stands below an element, in page order."""
    if node.text:
        yield Token("text", node.text)
    for child in node:
        if isinstance(child.tag, str):
            yield from _of_element(child)
        if child.tail:
            yield Token("text", child.tail)


def _of_element(node: Node) -> Iterator[Token]:
    css = node.get("class", "")
    match node.tag:
        case "br":
            yield Token("break", "\n")
        case "img":
            alt = node.get("alt", "")
            yield Token("emoji", alt) if alt.startswith("[") else Token("picture", "", css)
        case "a":
            yield Token("link", "".join(token.text for token in tokens(node)), node.get("href", ""))
            yield from (token for token in tokens(node) if token.kind == "picture")
        case "span" if css in _ATOMS:
            yield Token(css, "".join(token.text for token in tokens(node)), _first_link(node))
        case "script" | "style":
            return
        case _:
            if css == "ctt":
                yield Token("open")
            yield from tokens(node)


def _first_link(node: Node) -> str:
    return next((str(link.get("href", "")) for link in node.iter("a")), "")


def written(found: Iterable[Token]) -> str:
    """What somebody wrote: the text up to the first landmark behind it, without what the site puts there itself.

    Those are links to videos and, at the end, to a place or an app; each names somebody or something that the author
    did not write. Links of the author's own show an address, a topic or a mention.
    """
    pieces: list[Token] = []
    for token in found:
        if token.kind in {"ct", "cmt"} or (token.kind == "link" and _FOOTER.match(token.text.strip())):
            break
        if token.kind in {"text", "break", "emoji", "link"} and not _is_of_the_site(token):
            pieces.append(token)
    while pieces and not pieces[-1].text.strip(" \t\r\n\u00a0\u200b["):
        pieces.pop()
    kept = pieces[:-1] if pieces and _is_appended(pieces[-1]) else pieces
    text = tidy("".join(piece.text for piece in kept)) or tidy("".join(piece.text for piece in pieces))
    return text.removesuffix("[").rstrip()


def _is_of_the_site(token: Token) -> bool:
    return token.kind == "link" and ("/video/show" in token.href or token.text == "全文")


def _is_appended(token: Token) -> bool:
    """A link behind the text that shows a title instead of an address."""
    own = token.text.startswith(("#", "@")) or ADDRESS.match(token.text.strip())
    return token.kind == "link" and "sinaurl" in token.href and not own
