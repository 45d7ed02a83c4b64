"""The same crawl of Sketchfab with crawlee's HttpCrawler, its rows kept in memory.

    python -m benchmarks.peers.crawlee_crawl --sandbox URL [--feed rows.jsonl]

Neither validated, hashed nor written; with `--feed` they are written when all is done, so that they can be compared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from crawlee import ConcurrencySettings, Request
from crawlee.crawlers import HttpCrawler, HttpCrawlingContext
from crawlee.storage_clients import MemoryStorageClient

from benchmarks.peers.at_sandbox import at_sandbox
from benchmarks.peers.stock_scrapy import LIKES_URL, LIST_URL, MIN_LIKES, model_row

CONCURRENT = 16  # as the others have there


async def crawl(sandbox: str) -> HttpCrawler:
    """Crawl all pages; the rows are in the crawler's dataset."""
    crawler = HttpCrawler(
        storage_client=MemoryStorageClient(),
        concurrency_settings=ConcurrencySettings(
            min_concurrency=CONCURRENT, desired_concurrency=CONCURRENT, max_concurrency=CONCURRENT
        ),
        configure_logging=False,
    )

    def page(url: str, label: str, **user_data: Any) -> Request:
        where, headers = at_sandbox(sandbox, url)
        return Request.from_url(where, headers=headers, label=label, user_data=user_data)

    @crawler.router.handler("models")
    async def models(context: HttpCrawlingContext) -> None:
        found = json.loads(await context.http_response.read())
        liked = [model for model in found["results"] if model["likeCount"] >= MIN_LIKES]
        await context.push_data([model_row(model) for model in liked])
        requests = [page(LIKES_URL.format(model["uid"]), "likes", model=model["uid"], first=0) for model in liked]
        if found["next"] and liked:
            requests.append(page(found["next"], "models"))
        await context.add_requests(requests)

    @crawler.router.handler("likes")
    async def likes(context: HttpCrawlingContext) -> None:
        found = json.loads(await context.http_response.read())
        model_id, first = str(context.request.user_data["model"]), int(str(context.request.user_data["first"]))
        rows = [
            {"table": "likes", "user_id": person["uid"], "model_id": model_id, "position": position}
            for position, person in enumerate(found["results"], first)
        ]
        await context.push_data(rows)
        if found["next"]:
            await context.add_requests([page(found["next"], "likes", model=model_id, first=first + len(rows))])

    await crawler.run([page(LIST_URL, "models")])
    return crawler


async def run(sandbox: str, feed: Path | None) -> int:
    """Crawl; the exit code."""
    crawler = await crawl(sandbox)
    if feed is not None:
        with feed.open("w") as file:
            async for row in (await crawler.get_dataset()).iterate_items():
                file.write(f"{json.dumps(row)}\n")
    return 0 if crawler.statistics.state.requests_failed == 0 else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.crawlee_crawl", description=__doc__)
    parser.add_argument("--sandbox", required=True, metavar="URL", help="a running sandbox")
    parser.add_argument("--feed", type=Path, metavar="FILE", help="where the rows go in the end, as JSON lines")
    options = parser.parse_args()
    return asyncio.run(run(options.sandbox.rstrip("/"), options.feed))


if __name__ == "__main__":
    sys.exit(main())
