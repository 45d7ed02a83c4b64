"""The 1,039,665 real ratings of July 2026, served and crawled back whole from a file with their 4,375 members."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.figures import Figure
from benchmarks.full_size import cost
from benchmarks.usage import usage_of
from sandbox.worlds import World
from tests.crawls.letterboxd import rating_differences
from tests.crawls.running import KEY, ROOT, Crawls, running_sandbox

SOURCE = "ratings_2026-07.parquet"
RATINGS = 1_039_665


def measure(directory: Path) -> list[Figure]:
    """Crawl the whole world once, rated lists only; compare it with what was served, and weigh it.

    The crawl's own CPU time and memory count, with publishing; the sandbox's do not. Rows per second are of the time
    from its start to its end, beside a sandbox on the same cores.
    """
    path = Path(os.environ.get("DATASETS_DIR", ROOT.parent / "shared" / "datasets")) / "letterboxd"
    if not path.exists():
        return [Figure("full size", "all real ratings", f"skipped: there is no {path}; set DATASETS_DIR")]
    names = directory / "members.txt"
    names.write_text("\n".join(sorted(set(pq.read_table(path / SOURCE)["username"].to_pylist()))))
    crawls = Crawls(directory)
    with running_sandbox(world=path) as sandbox:
        started = time.perf_counter()
        crawl = crawls.start(
            "crawl", "letterboxd", "-s", f"SANDBOX={sandbox.url}", "-a", f"members_file={names}", "-a", "max_members=0",
            key=KEY,
        )  # fmt: skip
        used = usage_of(crawl)
        elapsed = time.perf_counter() - started
    found = rating_differences(crawls.output, World.load(path), KEY)
    (manifest,) = crawls.manifests("letterboxd")
    requests = manifest["requests"]["done"]
    table = crawls.output / "letterboxd" / "ratings" / "ratings.parquet"
    rows = pq.read_metadata(table).num_rows
    per_thousand = 1000 * requests / rows
    return [
        Figure(
            "full size",
            "all real ratings: crawl(serve(world)) = world",
            "; ".join(found) or "equal",
            "equal",
            not found,
        ),
        Figure("full size", "ratings, requests", f"{rows:,}, {requests:,}", f"{RATINGS:,} ratings", rows == RATINGS),
        Figure("full size", "requests per 1,000 ratings (median 275 a member)", f"{per_thousand:.1f}"),
        *cost("ratings", rows, requests, elapsed, used),
        Figure("full size", "a rating, all columns", f"{table.stat().st_size / rows:.2f} bytes"),
    ]
