"""A results page of YouTube, from bytes to rows, beside the way most programs that read it go."""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy.http import HtmlResponse

from benchmarks.figures import Figure
from crawlers.pages import youtube
from tests.crawls.running import ROOT

PAGE_BYTES = 900_000
RECORDING = "results-html-2026-COMPOSED-test.html.gz"
URL = "https://www.youtube.com/results?search_query=test"
ROUNDS = 150
GOAL = 0.15
LAZY = re.compile(r"ytInitialData\s*=\s*(\{.+?\});</script>", re.DOTALL)


def measure(directory: Path) -> list[Figure]:  # noqa: ARG001  (a subject that writes nothing)
    """CPU of one page, best of ROUNDS taken in turn. Ours gives 20 validated rows and the state of the page; the other
    way gives 20 dicts of the same six values, neither validated nor checked for walls."""
    captures = Path(os.environ.get("CAPTURES_DIR", ROOT.parent / "shared" / "captures"))
    recording = captures / "youtube" / RECORDING
    if not recording.exists():
        return [Figure("pages", "results page, bytes to rows", f"skipped: there is no {recording}; set CAPTURES_DIR")]
    body = _page(gzip.decompress(recording.read_bytes()))
    assert _ours(body) == _theirs(body)  # noqa: S101  (both must read the same page)
    ours = theirs = float("inf")
    for _ in range(ROUNDS):
        ours, theirs = min(ours, _cpu_of(_ours, body)), min(theirs, _cpu_of(_theirs, body))
    return [
        Figure("pages", f"results page of {len(body) / 1000:.0f} kB, lazy regex and json", f"{theirs * 1e3:.2f} ms"),
        Figure("pages", "the same page, bytes to 20 rows", f"{ours * 1e3:.2f} ms"),
        Figure("pages", "ours / lazy regex and json", f"{ours / theirs:.3f}x", f"<= {GOAL}", ours / theirs <= GOAL),
    ]


def _page(body: bytes) -> bytes:
    """The recorded page, shortened by some of its program, which stands before the data."""
    return body[:100_000] + body[100_000 + len(body) - PAGE_BYTES :]


def _cpu_of(way: Callable[[bytes], Any], body: bytes) -> float:
    begun = time.process_time()
    way(body)
    return time.process_time() - begun


def _ours(body: bytes) -> list[tuple[Any, ...]]:
    response = HtmlResponse(URL, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
    youtube.recognise(response)
    rows = youtube.results(response, query="test", language="en", region="US")
    return [(row.video_id, row.title, row.channel_id) for row in rows]


def _theirs(body: bytes) -> list[tuple[Any, ...]]:
    found = LAZY.search(body.decode())
    assert found is not None  # noqa: S101
    columns = json.loads(found[1])["contents"]["twoColumnSearchResultsRenderer"]
    sections = columns["primaryContents"]["sectionListRenderer"]["contents"]
    rows = [
        {
            "video_id": video["videoId"],
            "title": video["title"]["runs"][0]["text"],
            "channel_id": video["ownerText"]["runs"][0]["navigationEndpoint"]["browseEndpoint"]["browseId"],
            "views": video.get("viewCountText", {}).get("simpleText"),
            "length": video.get("lengthText", {}).get("simpleText"),
            "published": video.get("publishedTimeText", {}).get("simpleText"),
        }
        for section in sections
        for item in section.get("itemSectionRenderer", {}).get("contents", [])
        if (video := item.get("videoRenderer"))
    ]
    return [(row["video_id"], row["title"], row["channel_id"]) for row in rows]
