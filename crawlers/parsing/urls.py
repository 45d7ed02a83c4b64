"""Addresses without what is personal in them."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit


def path_template(url: str, words: Collection[str]) -> str:
    """Host and path of a URL with whatever is not in `words` shown as ``…``; the query is left out.

    `words` are a site's hosts and the fixed segments of its routes: anything else may be a name or an id.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # not a URL at all: nothing of it is known to be safe
        return "…"
    segments = [segment if segment in words else "…" for segment in parts.path.split("/") if segment]
    return "/".join([host if host in words else "…", *segments])
