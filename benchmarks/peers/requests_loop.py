"""Who likes the models of Sketchfab, as the system that inspired this table collects it: a loop with `requests`.

    python -m benchmarks.peers.requests_loop --sandbox URL --feed likes.psv [--features]

One request at a time, each on a connection of its own; the ids of people are hashed and every row is written at once,
``model name|model id|user id`` under no header. The list of models is read from the API, since the page that the
original scrolled through in a browser is gone. `--features` asks for the page of every model, too, in this order after
all likes, as the original does to learn its tags and categories; they go into a second file, ``<feed>.features``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import hmac
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from benchmarks.peers.at_sandbox import at_sandbox
from benchmarks.peers.stock_scrapy import LIKES_URL, LIST_URL, MIN_LIKES
from sandbox.worlds import World

MODEL_URL = "https://api.sketchfab.com/v3/models/{}"


class Site:
    """The site, by way of a sandbox."""

    def __init__(self, sandbox: str) -> None:
        self._sandbox = sandbox

    def get(self, url: str) -> Any:
        where, headers = at_sandbox(self._sandbox, url)
        return requests.get(where, headers=headers, timeout=60).json()

    def models(self) -> Iterator[dict[str, Any]]:
        """Those with MIN_LIKES or more, most liked first."""
        following = LIST_URL
        while following:
            page = self.get(following)
            for model in page["results"]:
                if model["likeCount"] < MIN_LIKES:
                    return
                yield model
            following = page["next"]

    def likes(self, model_id: str) -> Iterator[dict[str, Any]]:
        following = LIKES_URL.format(model_id)
        while following:
            page = self.get(following)
            yield from page["results"]
            following = page["next"]


def main() -> int:
    """Crawl; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.requests_loop", description=__doc__)
    parser.add_argument("--sandbox", required=True, metavar="URL", help="a running sandbox")
    parser.add_argument("--feed", required=True, type=Path, metavar="FILE", help="where the likes go")
    parser.add_argument("--features", action="store_true", help="ask for the page of every model, too")
    parser.add_argument("--no-likes", action="store_true", help="ask for nobody who likes a model")
    options = parser.parse_args()
    site, key = Site(options.sandbox.rstrip("/")), World().pseudonym_key
    models = list(site.models())
    with options.feed.open("w", encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.writer(file, delimiter="|")
        for model in [] if options.no_likes else models:
            for person in site.likes(model["uid"]):
                rows.writerow([model["name"], model["uid"], pseudonym(str(key), person["uid"])])
    if options.features:
        with options.feed.with_suffix(".features").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, delimiter="|")
            for model in models:
                page = site.get(MODEL_URL.format(model["uid"]))
                rows.writerows([model["uid"], "tag", tag["slug"]] for tag in page["tags"])
                rows.writerows([model["uid"], "category", category["name"]] for category in page["categories"])
    return 0


def pseudonym(key: str, user_id: str) -> str:
    """As in our tables, so that the rows can be compared."""
    return hmac.new(bytes.fromhex(key), b"sketchfab.user\0" + user_id.encode(), hashlib.sha256).hexdigest()[:32]


if __name__ == "__main__":
    sys.exit(main())
