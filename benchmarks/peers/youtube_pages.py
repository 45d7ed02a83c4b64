"""Facts on videos from the pages of YouTube, as the system that inspired this table collects them.

    python -m benchmarks.peers.youtube_pages --sandbox URL --feed videos.jsonl --queries "folk rock,cello songs"

A hundred results pages of every query, whatever is on them, then the page of every video found. The original asked for
results with `p=1` to `p=100`; today each of these is the first page, so here further results come from continuations as
long as there are any.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from benchmarks.peers.at_sandbox import at_sandbox

PAGES = 100
RESULTS_URL = "https://www.youtube.com/results?search_query={}&sp=CAI%253D&p={}"
CONTINUATION_URL = "https://www.youtube.com/youtubei/v1/search"
WATCH_URL = "https://www.youtube.com/watch?v={}"
NO_CONSENT = {"Cookie": "SOCS=CAE="}
RESULTS = re.compile(r"ytInitialData\s*=\s*(\{.+?\});</script>", re.DOTALL)
VIDEO = re.compile(r"ytInitialPlayerResponse\s*=\s*(\{.+?\});(?:var|</script>)", re.DOTALL)
CLIENT = re.compile(r'"INNERTUBE_CONTEXT_CLIENT_VERSION":"([^"]+)"')


def found_in(tree: Any, name: str) -> Iterator[Any]:
    """All values of that name, wherever they stand."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == name:
                yield value
            else:
                yield from found_in(value, name)
    elif isinstance(tree, list):
        for value in tree:
            yield from found_in(value, name)


class Site:
    """The site, by way of a sandbox."""

    def __init__(self, sandbox: str) -> None:
        self._sandbox = sandbox

    def get(self, url: str) -> str:
        where, headers = at_sandbox(self._sandbox, url)
        return requests.get(where, headers=headers | NO_CONSENT, timeout=60).text

    def continuation(self, token: str, version: str) -> Any:
        where, headers = at_sandbox(self._sandbox, CONTINUATION_URL)
        client = {"clientName": "WEB", "clientVersion": version, "hl": "en", "gl": "US"}
        body: Any = {"context": {"client": client}, "continuation": token}
        return requests.post(where, json=body, headers=headers | NO_CONSENT, timeout=60).json()

    def results(self, query: str) -> Iterator[str]:
        """The ids on PAGES pages."""
        tree: Any = None
        token = version = ""
        for number in range(1, PAGES + 1):
            if token:
                tree = self.continuation(token, version)
            else:
                page = self.get(RESULTS_URL.format(query.replace(" ", "+"), number))
                tree = json.loads(RESULTS.findall(page)[0]) if number == 1 else None
                version = CLIENT.findall(page)[0]
            yield from (video["videoId"] for video in found_in(tree, "videoRenderer"))
            yield from (video["contentId"] for video in found_in(tree, "lockupViewModel"))
            token = next((further["token"] for further in found_in(tree, "continuationCommand")), "")

    def video(self, video_id: str) -> dict[str, Any]:
        page = json.loads(VIDEO.findall(self.get(WATCH_URL.format(video_id)))[0])
        details = page.get("videoDetails", {})
        count = details.get("viewCount")
        return {"video_id": video_id, "view_count": None if count is None else int(count)}


def main() -> int:
    """Crawl; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.youtube_pages", description=__doc__)
    parser.add_argument("--sandbox", required=True, metavar="URL", help="a running sandbox")
    parser.add_argument("--feed", required=True, type=Path, metavar="FILE", help="where the videos go, as JSON lines")
    parser.add_argument("--queries", required=True, help="what to search for, comma-separated")
    options = parser.parse_args()
    site = Site(options.sandbox.rstrip("/"))
    found = dict.fromkeys(video_id for query in options.queries.split(",") for video_id in site.results(query))
    with options.feed.open("w") as file:
        file.writelines(f"{json.dumps(site.video(video_id))}\n" for video_id in found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
