"""Selecting by class in HTML: expressions compiled once, for pages of which a crawl reads a hundred thousand."""

from __future__ import annotations

from typing import Any

from lxml import etree
from scrapy.http import Response, TextResponse

from crawlers.errors import LayoutChanged
from crawlers.pages.letterboxd.addresses import ROUTE_WORDS
from crawlers.parsing.urls import path_template


def with_class(*names: str) -> str:
    """The XPath condition that an element has one of these classes."""
    return " or ".join(f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in names)


def compiled(path: str) -> etree.XPath:
    """An XPath expression, to be called with an element; it gives a list."""
    return etree.XPath(path, smart_strings=False)


def root_of(response: Response) -> Any:
    """The root element of a page of HTML or XML, parsed once; None for an empty page and for anything else."""
    if not isinstance(response, TextResponse) or not response.body:
        return None
    root = response.selector.root
    return root if isinstance(root, etree._Element) else None


def text_of(element: Any) -> str:
    """The text of an element with single spaces; the site writes some of them as no-break spaces."""
    return " ".join("".join(element.itertext()).split())


def changed(response: Response, found: str) -> LayoutChanged:
    """The error for a page that lacks a landmark; `found` says in words what was there instead."""
    return LayoutChanged(path_template(response.url, ROUTE_WORDS), found)
