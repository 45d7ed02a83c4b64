"""Rows per second where every answer takes 50 ms: G5. Time by the clock, since waiting is the subject."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks import full_pages, ways
from benchmarks.figures import Figure
from benchmarks.turns import Served, Way, run

LATENCY_MS = 50
ROUNDS = 2
# So many models that either takes its time: ours reads 1,959 pages at 16 a time, the loop 147.
OURS, LOOP, FEW = 40 * full_pages.PAGE, 3 * full_pages.PAGE, full_pages.PAGE
GOAL = 12.0


def measure(directory: Path) -> list[Figure]:
    """Pages per second, best of ROUNDS in turn. The time for a few pages is subtracted, and those pages, on both sides;
    the rows of both are compared for G1 and are 24 a page."""
    with (
        full_pages.serving("likes", OURS, latency_ms=LATENCY_MS) as large,
        full_pages.serving("likes", LOOP, latency_ms=LATENCY_MS) as middle,
        full_pages.serving("likes", FEW, latency_ms=LATENCY_MS) as few,
    ):
        ours = theirs = 0.0
        for _ in range(ROUNDS):
            ours = max(ours, _pages_per_s(ways.ours, large, few, directory))
            theirs = max(theirs, _pages_per_s(ways.requests_loop, middle, few, directory))
    ratio, rows = ours / theirs, full_pages.PAGE
    return [
        Figure(
            "G5", f"like crawl at {LATENCY_MS} ms, 16 at a time / requests loop, rows per second",
            f"{ratio:.1f}x ({ours * rows:,.0f} / {theirs * rows:,.0f} rows/s)", f">= {GOAL:g}x", ratio >= GOAL,
        )
    ]  # fmt: skip


def _pages_per_s(way: Way, many: Served, few: Served, directory: Path) -> float:
    elapsed = []
    for served in (many, few):
        since = time.perf_counter()
        run(way, served, directory)
        elapsed.append(time.perf_counter() - since)
    return (many.pages - few.pages) / (elapsed[0] - elapsed[1])
