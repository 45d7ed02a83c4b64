"""The same crawl of Sketchfab in bare Scrapy, with nothing of ours but the way to the sandbox.

    python -m benchmarks.peers.stock_scrapy --sandbox URL --feed rows.jsonl [--jobdir DIR --queue jobdir|sqlite]

Dict items, `response.json()`, `response.follow`, a jsonlines feed. The last line on stdout is JSON: `finish_reason`,
`rows` (items scraped), `requests` (sent, retries and robots.txt among them), `errors` (logged) and `cpu_s` (seconds of
this process). Exit code 0 if the crawl finished, else 1.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess

from crawlers import settings as our_settings

MIN_LIKES = 5
LIST_URL = "https://api.sketchfab.com/v3/search?count=24&sort_by=-likeCount&type=models"
LIKES_URL = "https://sketchfab.com/i/likes?count=24&model={}&offset=0"
QUEUES = {
    "jobdir": {},
    "sqlite": {
        "SCHEDULER_DISK_QUEUE": "scrapy.squeues.PickleLifoSQLiteQueue",
        "SCHEDULER_START_DISK_QUEUE": "scrapy.squeues.PickleFifoSQLiteQueue",
    },
}

FASTER = (
    "CONCURRENT_ITEMS", "COOKIES_ENABLED", "REFERER_ENABLED", "URLLENGTH_LIMIT", "STATS_CLASS", "STATS_DUMP",
    "METAREFRESH_ENABLED", "WARN_ON_GENERATOR_RETURN_VALUE",
)  # fmt: skip

Output = Iterator[dict[str, Any] | Request]


class SketchfabSpider(Spider):
    """List of models, most liked first -> for each model, the pages of its likes; `only` keeps one table."""

    name = "sketchfab"
    allowed_domains = ["sketchfab.com"]  # noqa: RUF012  (Scrapy's own shape, as below)
    start_urls = [LIST_URL]  # noqa: RUF012
    only: str | None = None

    def parse(self, response: Any) -> Output:
        page = response.json()
        liked = [model for model in page["results"] if model["likeCount"] >= MIN_LIKES]
        for model in liked:
            if self.only != "likes":
                yield model_row(model)
            if self.only != "models":
                kwargs = {"model_id": model["uid"]}
                yield response.follow(LIKES_URL.format(model["uid"]), self.parse_likes, cb_kwargs=kwargs)
        if page["next"] and liked:
            yield response.follow(page["next"], self.parse, priority=1)

    def parse_likes(self, response: Any, model_id: str, first_position: int = 0) -> Output:
        page = response.json()
        for position, person in enumerate(page["results"], first_position):
            yield {"table": "likes", "user_id": person["uid"], "model_id": model_id, "position": position}
        if page["next"]:
            kwargs = {"model_id": model_id, "first_position": first_position + len(page["results"])}
            yield response.follow(page["next"], self.parse_likes, cb_kwargs=kwargs)


def model_row(model: dict[str, Any]) -> dict[str, Any]:
    """The columns of our table of models that a page of the list fills, as the site gives them."""
    archives = model["archives"]
    return {
        "table": "models",
        "model_id": model["uid"],
        "name": model["name"],
        "user_id": model["user"]["uid"],
        "username": model["user"]["username"],
        "user_plan": model["user"]["account"],
        "like_count": model["likeCount"],
        "view_count": model["viewCount"],
        "comment_count": model["commentCount"],
        "tags": [tag["slug"] for tag in model["tags"]],
        "categories": [category["name"] for category in model["categories"]],
        "license": (model["license"] or {}).get("uid"),
        "published_at": model["publishedAt"],
        "created_at": model["createdAt"],
        "staffpicked_at": model["staffpickedAt"],
        "description": model["description"],
        "is_downloadable": model["isDownloadable"],
        "face_count": model["faceCount"],
        "vertex_count": model["vertexCount"],
        "animation_count": model["animationCount"],
        "sizes_bytes": {name: (archives.get(name) or {}).get("size") for name in ("glb", "gltf", "usdz", "source")},
        "is_age_restricted": model["isAgeRestricted"],
        "thumbnails": [image["url"] for image in model["thumbnails"]["images"]],
    }


def settings_at(sandbox: str) -> dict[str, Any]:
    """Scrapy's own, but for the way to the sandbox and the pace our crawls have there."""
    handler = "crawlers.downloads.SandboxDownloadHandler"
    # A local sandbox, also where the environment names a proxy.
    with build_opener(ProxyHandler({})).open(f"{sandbox.rstrip('/')}/_sandbox", timeout=10) as answer:
        hosts = json.load(answer)["hosts"]
    return {
        "SANDBOX_URL": sandbox.rstrip("/"),
        "SANDBOX_HOSTS": hosts,
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "HTTPPROXY_ENABLED": False,
        "ROBOTSTXT_OBEY": True,  # as a new Scrapy project has it
        "DOWNLOAD_DELAY": 0,
        # Per host as ours; all but the pages of the list, one at a time, go to one host.
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "CONCURRENT_REQUESTS": 16,
        "LOG_LEVEL": "INFO",  # the default prints every row
    }


def settings_like_ours() -> dict[str, Any]:
    """What of our settings makes any Scrapy faster. Not the pace: it is the sandbox's for both."""
    return {
        **{name: getattr(our_settings, name) for name in FASTER},
        "DOWNLOADER_MIDDLEWARES": {"scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None},
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
            "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
        },
        "EXTENSIONS": {
            "scrapy.extensions.logstats.LogStats": None,
            "crawlers.extensions.garbage.RarerCollections": 0,
        },
    }


def settings_for(options: argparse.Namespace) -> dict[str, Any]:
    """Scrapy's own, but for the way to the sandbox, the feed, the queue, and what the options say."""
    settings = settings_at(options.sandbox) | {
        # A resumed crawl goes on with the feed it left. ASCII, Scrapy's default: as UTF-8 the feed drops every row with
        # half a surrogate pair, of which the site has some.
        "FEEDS": {options.feed: {"format": "jsonlines", "overwrite": options.jobdir is None}},
        "JOBDIR": str(options.jobdir) if options.jobdir else None,
        **QUEUES.get(options.queue, {}),
        **(settings_like_ours() if options.our_settings else {}),
    }
    return settings | dict(pair.split("=", 1) for pair in options.settings)


def crawl(settings: dict[str, Any], **arguments: Any) -> int:
    """Crawl and print what came of it; the exit code."""
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(SketchfabSpider)
    process.crawl(crawler, **arguments)
    process.start()
    stat = crawler.stats.get_value
    usage = resource.getrusage(resource.RUSAGE_SELF)
    result = {
        "finish_reason": stat("finish_reason"),
        "rows": stat("item_scraped_count", 0),
        "requests": stat("downloader/request_count", 0),
        "errors": stat("log_count/ERROR", 0),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
    }
    print(json.dumps(result), flush=True)
    return 0 if result["finish_reason"] == "finished" else 1


def parsed_options(description: str | None, program: str) -> argparse.Namespace:
    """The options of this program and of those that are made of it."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--sandbox", required=True, metavar="URL", help="a running sandbox")
    parser.add_argument("--feed", required=True, type=Path, metavar="FILE", help="where the rows go, as JSON lines")
    parser.add_argument("--jobdir", type=Path, metavar="DIR", help="Scrapy's JOBDIR, to stop and to resume")
    parser.add_argument("--queue", choices=["memory", *QUEUES], default="memory", help="where requests wait")
    parser.add_argument("--only", choices=["likes", "models"], help="the one table to keep; default: both")
    parser.add_argument("--our-settings", action="store_true", help="with those of ours that make any Scrapy faster")
    parser.add_argument("--settings", nargs="*", default=[], metavar="NAME=VALUE", help="further settings of Scrapy")
    options = parser.parse_args()
    if (options.queue == "memory") != (options.jobdir is None):
        parser.error("--queue jobdir and --queue sqlite need --jobdir DIR; --queue memory takes none")
    return options


def main() -> int:
    options = parsed_options(__doc__, "benchmarks.peers.stock_scrapy")
    return crawl(settings_for(options), only=options.only)


if __name__ == "__main__":
    sys.exit(main())
