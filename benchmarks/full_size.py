"""The real list of 28,806 models with likes to the published totals, served and crawled back whole."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.figures import Figure
from benchmarks.storage import KEY_COLUMNS, column_bytes
from benchmarks.usage import Usage, usage_of
from sandbox.worlds import World
from tests.crawls.comparing import differences
from tests.crawls.running import BY_MODEL, KEY, ROOT, Crawls, running_sandbox

NO_END = 1_000_000  # models


def measure(directory: Path) -> list[Figure]:
    """Crawl the full world once; compare it with what was served, and weigh it.

    Its list has no end before its models do, as that of the real site may have: what is in no part of a list that is
    cut off, no crawl can reach. The crawl's own CPU time counts, the sandbox's does not. Sizes are of the published
    file; the psv is what the system that inspired this table wrote for the same rows.
    """
    path = Path(os.environ.get("DATASETS_DIR", ROOT.parent / "shared" / "datasets")) / "rec-a-sketch"
    if not path.exists():
        return [Figure("full size", "full-size crawl", f"skipped: there is no {path}; set DATASETS_DIR")]
    crawls = Crawls(directory, BY_MODEL)
    with running_sandbox(world=path, search_depth=NO_END) as sandbox:
        started = time.perf_counter()
        used = usage_of(crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", key=KEY))
        elapsed = time.perf_counter() - started
    world = World.load(path)
    found = differences(crawls.output, world, KEY)
    (manifest,) = crawls.manifests()
    requests = manifest["requests"]["done"]
    likes = crawls.output / "sketchfab" / "likes" / "likes.parquet"
    rows = pq.read_metadata(likes).num_rows
    key_bytes = sum(column_bytes(likes)[name] for name in KEY_COLUMNS)
    psv = _psv_bytes(world, directory / "likes.psv")
    total = likes.stat().st_size
    return [
        Figure(
            "full size", "all real likes: crawl(serve(world)) = world", "; ".join(found) or "equal", "equal", not found
        ),
        Figure("full size", "models, likes, requests", f"{len(world.sketchfab.models):,}, {rows:,}, {requests:,}"),
        *cost("likes", rows, requests, elapsed, used),
        Figure(
            "full size", "like row, key columns", f"{key_bytes / rows:.2f} bytes", "<= 5.0", key_bytes / rows <= 5.0
        ),
        Figure("full size", "like row, all columns", f"{total / rows:.2f} bytes", "<= 11", total / rows <= 11),
        Figure("full size", "likes as psv / as published", f"{psv / total:.1f}x"),
    ]


def cost(what: str, rows: int, requests: int, elapsed_s: float, used: Usage) -> list[Figure]:
    """What a crawl of all real likes, or ratings, took; by the clock it is beside a sandbox on the same cores."""
    cpu = f"{used.cpu_s:.0f} s; {rows / used.cpu_s:,.0f}"
    return [
        Figure(
            "full size", f"all real {what}: wall time; {what} per second", f"{elapsed_s:.0f} s; {rows / elapsed_s:,.0f}"
        ),
        Figure("full size", f"all real {what}: CPU of crawl and publish; {what} per second of it", cpu),
        Figure("full size", f"all real {what}: CPU per request", f"{used.cpu_s / requests * 1e3:.2f} ms"),
        Figure("full size", f"all real {what}: peak memory of crawl or publish", f"{used.rss_kib / 1024:.0f} MiB"),
    ]


def _psv_bytes(world: World, path: Path) -> int:
    names = {model.model_id: model.name for model in world.sketchfab.models}
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        writer = csv.writer(file, delimiter="|")
        writer.writerow(["modelname", "mid", "uid"])
        writer.writerows((names[model], model, user) for user, model, _ in world.sketchfab.likes())
    return path.stat().st_size
