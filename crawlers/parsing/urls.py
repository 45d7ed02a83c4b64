"""Addresses without what is personal in them."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit


def path_template(url: str, words: Collection[str]) -> str:
    """Host and path of a URL with every path segment outside `words` shown as ``…``; the query is left out.

    `words` are the fixed segments of a site's routes: whatever else stands in a path may be a name or an id.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # not a URL at all: nothing of it is known to be safe
        return "…"
    segments = [segment if segment in words else "…" for segment in parts.path.split("/") if segment]
    return "/".join([host, *segments])
