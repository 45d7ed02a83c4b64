"""Crawls that are killed, and what must be left of them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from tests.crawls.running import ROOT, Crawls, RunningSandbox, environment

# Differ between any two crawls of the same site.
PROVENANCE = {"first_seen_at", "fetched_at", "crawl_id"}
SLOW = ("-s", "DOWNLOAD_DELAY=0.008", "-s", "DOWNLOAD_DELAY_JITTER=0")


@dataclass(frozen=True)
class Tables:
    """The published rows of Sketchfab as a multiset, without what differs between any two crawls."""

    rows: Counter[tuple[object, ...]]

    @classmethod
    def of(cls, crawls: Crawls) -> Tables:
        rows: Counter[tuple[object, ...]] = Counter()
        for path in sorted((crawls.output / "sketchfab").glob("*/*.parquet")):
            table = pq.read_table(path)
            columns = [name for name in table.column_names if name not in PROVENANCE]
            for row in table.select(columns).to_pylist():
                rows[(path.stem, *(tuple(value) if isinstance(value, list) else value for value in row.values()))] += 1
        return cls(rows)

    def lost(self, undisturbed: Tables) -> int:
        return (undisturbed.rows - self.rows).total()

    def doubled(self, undisturbed: Tables) -> int:
        return (self.rows - undisturbed.rows).total()


def crash(crawls: Crawls, sandbox: RunningSandbox, point: str, number: int) -> int:
    """Crawl, and be killed at a named point; the exit code."""
    scrapy = crawls.command("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", *SLOW)
    command = [sys.executable, "-m", "tests.kills.crash", point, str(number), *scrapy[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment(None), capture_output=True, check=False).returncode


def crawl_and_signal(
    crawls: Crawls, sandbox: RunningSandbox, number: signal.Signals, after_s: float, extra: Sequence[str] = ()
) -> int:
    """Crawl, and be signalled after some seconds if it has not ended by then; the exit code."""
    crawl = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", *SLOW, *extra)
    deadline = time.monotonic() + after_s
    while crawl.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    if crawl.poll() is None:
        os.kill(crawl.pid, number)
    crawl.communicate()
    return crawl.returncode


def finish(crawls: Crawls, sandbox: RunningSandbox) -> subprocess.CompletedProcess[str]:
    """The same command, until its end."""
    return crawls.crawl(sandbox, *SLOW)


def jobs_are_private(jobs: Path) -> bool:
    return all(not folder.stat().st_mode & 0o077 for folder in jobs.rglob("*") if folder.is_dir())


def moments(seed: int, count: int, longest_s: float) -> list[float]:
    """Random moments of a crawl, printed with their seed so that a failure can be repeated."""
    chosen = [random.Random(f"{seed}/{index}").uniform(0.5, longest_s) for index in range(count)]
    print(f"kills with seed {seed}: {', '.join(f'{moment:.2f} s' for moment in chosen)}")
    return chosen
