"""Pages of likes through all pipelines into a job and a published table, without HTTP:

    python -m benchmarks.driving DIRECTORY ROWS [--store-only]

Every row is another like. Each page is a request that was queued and taken, as in a crawl; commits come every
PAGES_PER_COMMIT pages and parts are sealed as a crawl seals them. `--store-only` leaves the pipelines out: rows arrive
as the last of them would get them. Prints as JSON: CPU seconds of the pages, of sealing, of merging and of the dataset
card, and the peak memory in KiB of this process before it publishes, and after. Another job with one page goes before
this one, so that no import counts; it is published only when the memory of the crawl has been read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scrapy.utils.test import get_crawler

from benchmarks.usage import peak_kib
from crawlers import settings
from crawlers.datasets.card import write_card
from crawlers.datasets.publish import publish
from crawlers.extensions.finish import SEAL_BYTES, SEAL_ROWS
from crawlers.frontier.job import Job, JobIdentity
from crawlers.frontier.sealing import seal
from crawlers.items import Batch, Rows
from crawlers.items.sketchfab import Like
from crawlers.pipelines.anonymize import AnonymizePipeline
from crawlers.pipelines.deduplicate import DeduplicatePipeline
from crawlers.pipelines.store_rows import StorePipeline
from crawlers.pipelines.tokenize_text import TokenizePipeline
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from crawlers.spiders.sketchfab import SketchfabSpider

PAGE = 24
PAGES_PER_COMMIT = 500  # a commit comes every half second, and on loopback a thousand pages a second
LIKES_PER_MODEL = 22  # of the real list
LIKES_PER_PERSON = 10
ODD_1, ODD_2 = 0x9E3779B97F4A7C15F39CC0605CEDC835, 0xC2B2AE3D27D4EB4F165667B19E3779F9
KEY = PseudonymKey.from_hex("5eed" * 16, "the benchmark")


def pages(rows: int) -> Iterator[list[dict[str, Any]]]:
    """`rows` different likes in pages of 24, as a page function reads them; the same on every run."""
    people = rows // LIKES_PER_PERSON + 1
    page = []
    for number in range(rows):
        model, position = divmod(number, LIKES_PER_MODEL)
        person = (number * 7919 + model) % people  # the people of a model are far from each other
        ids = {"user_id": _uid(person, ODD_1), "model_id": _uid(model, ODD_2)}
        page.append({**ids, "position": position, "likes_source": "model"})
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _uid(number: int, odd: int) -> str:
    """Another 32 hex digits for each number: what is multiplied by an odd number modulo a power of two stays apart."""
    return f"{(number + 1) * odd % 2**128:032x}"


async def drive(job: Job, rows: int, *, store_only: bool) -> dict[str, float]:
    """Bring the pages into the job and seal them; CPU seconds of either."""
    spent = {"pages_s": 0.0, "seal_s": 0.0}
    crawler = get_crawler(SketchfabSpider, {"STATS_CLASS": settings.STATS_CLASS})
    crawler.spider = SketchfabSpider()
    store_rows = StorePipeline(crawler, job)
    pipelines: list[Any] = [
        AnonymizePipeline(Pseudonymizer(KEY), crawler.stats),
        DeduplicatePipeline(crawler.stats),
        TokenizePipeline(),
    ]
    source = pages(rows)
    while made := list(islice(source, PAGES_PER_COMMIT)):  # before the clock starts
        since = time.process_time()
        for page in made:
            job.store.put(b"a request of some hundred bytes" * 8, slot="sketchfab.com")
            taken = job.store.take()
            assert taken is not None  # noqa: S101  (it was put just now)
            batch = Batch(taken[0])
            if store_only:
                batch.rows[Like] = page
                batch.pseudonymized = True
            else:
                batch.add(Rows(Like, page, dict))
                for pipeline in pipelines:
                    batch = await pipeline.process_item(batch)
            await store_rows.process_item(batch)
        job.store.commit()
        sizes = job.store.spool_size().values()
        spent["pages_s"] += time.process_time() - since
        if sum(n for n, _ in sizes) >= SEAL_ROWS or sum(size for _, size in sizes) >= SEAL_BYTES:
            spent["seal_s"] += _sealed_in(job)
    spent["seal_s"] += _sealed_in(job)
    return spent


def _sealed_in(job: Job) -> float:
    since = time.process_time()
    seal(job)
    return time.process_time() - since


def bring(directory: Path, rows: int, *, store_only: bool) -> dict[str, float]:
    """Bring the rows into a job, and seal them."""
    job = Job(directory / "jobs" / "sketchfab" / "bench", JobIdentity("sketchfab", {}, KEY.key_id, None))
    found = asyncio.run(drive(job, rows, store_only=store_only))
    job.close()
    return found


def published(directory: Path) -> dict[str, float]:
    """Publish what was brought."""
    since = time.process_time()
    table = publish("sketchfab", directory / "output", directory / "jobs", KEY.key_id)[Like.dataset]
    published_s = time.process_time() - since
    since = time.process_time()
    write_card("sketchfab", directory / "output", directory)  # once more, to know its part
    card_s = time.process_time() - since
    return {"merge_s": published_s - card_s, "card_s": card_s, "rows": table.rows, "bytes": table.bytes}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.driving", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("--store-only", action="store_true", help="leave the pipelines out")
    options = parser.parse_args()
    with TemporaryDirectory() as one_page:
        bring(Path(one_page), PAGE, store_only=options.store_only)
        found = bring(options.directory, options.rows, store_only=options.store_only)
        found["crawl_kib"] = peak_kib(os.getpid())
        published(Path(one_page))
        found |= published(options.directory)
    found["peak_kib"] = peak_kib(os.getpid())
    print(json.dumps(found))


if __name__ == "__main__":
    main()
