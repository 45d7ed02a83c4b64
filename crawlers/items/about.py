"""What a reader of a site's tables should know of where they come from; `ABOUT` of each module of this package."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crawlers.errors import TypeDefinitionError


class IdForm(NamedTuple):
    """How a site writes ids of one kind: in words, and as a pattern where columns take more than that."""

    words: str
    pattern: str = ".*"


@dataclass(frozen=True, slots=True)
class About:
    """A site, in words that its dataset card prints. Every text is one or two plain sentences."""

    title: str
    """The site's own name, e.g. ``Sketchfab``."""
    homepage: str
    summary: str
    """What the tables hold, in one sentence."""
    sources: str
    """Where the rows come from: which pages or which API, and since when that is known to answer."""
    robots: str
    """What robots.txt says of these pages, and what a crawl does by default."""
    terms: str
    """What the site's terms say of collecting and of passing on."""
    gaps: str
    """What the tables lack or bend by the way they are collected."""
    ids: Mapping[str, IdForm] = field(default_factory=dict)
    """The forms of the ids that become pseudonyms, by kind; `scrapy forget` takes no other."""


def about(site: str) -> About:
    """What is known of a site that has tables. Raises: TypeDefinitionError: its module does not say."""
    known = getattr(importlib.import_module(f"crawlers.items.{site}"), "ABOUT", None)
    if not isinstance(known, About):
        raise TypeDefinitionError(f"crawlers.items.{site} does not say what its tables are; add ABOUT = About(...)")
    return known
