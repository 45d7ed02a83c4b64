"""Recorded responses of YouTube, which lie outside this repository, and what is known to stand in each."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.http import Response

Respond = Callable[..., Response]

SEARCH = "https://www.youtube.com/youtubei/v1/search?prettyPrint=false"
RESULTS = "https://www.youtube.com/results?search_query=q"
PLAYER = "https://www.youtube.com/youtubei/v1/player?prettyPrint=false"
WATCH = "https://www.youtube.com/watch?v="
API = "https://www.googleapis.com/youtube/v3/"
JSON = {"Content-Type": "application/json; charset=UTF-8"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True)
class Recording:
    """A recorded body, and what somebody read in it."""

    name: str
    body: bytes
    expected: dict[str, Any]
    is_html: bool

    def at(self, url: str, respond: Respond, *, status: int = 200) -> Response:
        """The response that it is at this address."""
        return respond(url, self.body, status=status, headers=HTML if self.is_html else JSON)


def recordings(captures: Path) -> dict[str, Recording]:
    """All recordings by name, in the order of their names."""
    found = {}
    for path in sorted((captures / "youtube").glob("*.expected.json")):
        name = path.name.removesuffix(".expected.json")
        expected = json.loads(path.read_bytes())
        file = path.parent / expected["capture"]
        body = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        found[name] = Recording(name, body, expected, ".html" in file.name)
    return found
