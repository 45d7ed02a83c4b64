"""Selecting by class in HTML: expressions compiled once, for pages of which a crawl reads a hundred thousand."""

from __future__ import annotations

import re
from typing import Any
from weakref import WeakKeyDictionary

from lxml import etree
from parsel.selector import SafeXMLParser, create_root_node
from scrapy.http import Response, TextResponse, XmlResponse

from crawlers.errors import LayoutChanged
from crawlers.pages.letterboxd.addresses import ROUTE_WORDS
from crawlers.parsing.urls import path_template

_WHOLE_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*|[0-9]+")


def with_class(*names: str) -> str:
    """The XPath condition that an element has one of these classes."""
    # The first half is cheap, and false for nearly every element of a page.
    return " or ".join(
        f"(contains(@class, '{name}') and contains(concat(' ', normalize-space(@class), ' '), ' {name} '))"
        for name in names
    )


def compiled(path: str) -> etree.XPath:
    """An XPath expression, to be called with an element; it gives a list.

    Where no condition is a position, ``/descendant::ul[…]`` finds what ``//ul[…]`` does at a third of the cost: for the
    latter libxml2 gathers every node of the page first.
    """
    return etree.XPath(path, smart_strings=False)


# Not `response.selector`: it and its response hold each other, and the tree of a page, some megabytes, would stay until
# the collector comes. `recognise` and the page function both read the page; the second one finds it parsed.
_roots: WeakKeyDictionary[Response, Any] = WeakKeyDictionary()


def root_of(response: Response) -> Any:
    """The root element of a page of HTML or XML, parsed once; None for an empty page and for anything else."""
    if not isinstance(response, TextResponse) or not response.body:
        return None
    if response not in _roots:
        # Of HTML without the methods of `lxml.html`, which cost a call into Python for every element that is met.
        parser = SafeXMLParser if isinstance(response, XmlResponse) else etree.HTMLParser
        _roots[response] = create_root_node("", parser, body=response.body, encoding=response.encoding)
    return _roots[response]


def text_of(element: Any) -> str:
    """The text of an element with single spaces; the site writes some of them as no-break spaces."""
    return " ".join("".join(element.itertext()).split())


def whole_number(text: str) -> int | None:
    """``1,204`` or ``1204``; None for any other text."""
    return int(text.replace(",", "")) if _WHOLE_NUMBER.fullmatch(text) else None


def changed(response: Response, found: str) -> LayoutChanged:
    """The error for a page that lacks a landmark; `found` says in words what was there instead."""
    return LayoutChanged(path_template(response.url, ROUTE_WORDS), found)
