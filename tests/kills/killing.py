"""Crawls that are killed, and what must be left of them."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass

import pyarrow.parquet as pq

from crawlers.frontier.scheduler import COMMIT_INTERVAL_S
from tests.crawls.running import ROOT, Crawls, RunningSandbox, environment

# Differ between any two crawls of the same site.
PROVENANCE = frozenset({"first_seen_at", "fetched_at", "crawl_id"})
SLOW = ("-s", "DOWNLOAD_DELAY=0.008", "-s", "DOWNLOAD_DELAY_JITTER=0")
LONGEST_RUN_S = 120.0


@dataclass(frozen=True)
class Tables:
    """The published rows of Sketchfab as a multiset, without what differs between any two crawls."""

    rows: Counter[tuple[object, ...]]

    @classmethod
    def of(cls, crawls: Crawls, without: AbstractSet[str] = frozenset()) -> Tables:
        """All that is published, but for PROVENANCE and the columns `without`."""
        rows: Counter[tuple[object, ...]] = Counter()
        for path in sorted((crawls.output / "sketchfab").glob("[!_]*/*.parquet")):
            table = pq.read_table(path)
            columns = [name for name in table.column_names if name not in PROVENANCE | without]
            for row in table.select(columns).to_pylist():
                rows[(path.stem, *(tuple(value) if isinstance(value, list) else value for value in row.values()))] += 1
        return cls(rows)

    def lost(self, undisturbed: Tables) -> int:
        return (undisturbed.rows - self.rows).total()

    def doubled(self, undisturbed: Tables) -> int:
        return (self.rows - undisturbed.rows).total()


@dataclass(frozen=True, slots=True)
class Interruption:
    """A signal that comes `later_s` seconds after a process has had `after` answers.

    By answers alone no crawl would be hit while it waits for its disk, since none come then.
    """

    signal: signal.Signals
    after: int
    later_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.signal.name} {self.later_s:.2f} s after {self.after} requests"


KILL_ONLY = (signal.SIGKILL,)


def interruptions(
    seed: int, count: int, longest: int, signals: tuple[signal.Signals, ...] = KILL_ONLY
) -> list[Interruption]:
    """Random moments, the same for the same seed: 1 to `longest` requests after a start, and at any point between two
    commits."""
    chosen = random.Random(seed)
    return [
        Interruption(chosen.choice(signals), chosen.randint(1, longest), chosen.uniform(0, COMMIT_INTERVAL_S))
        for _ in range(count)
    ]


def interrupt(crawl: subprocess.Popen[str], sandbox: RunningSandbox, interruption: Interruption) -> bool:
    """Signal a crawl that was started just now, and wait until it is gone; False if it ended by itself before.

    Raises: TimeoutError: it neither ends nor asks for more.
    """
    wanted = sandbox.ask("requests")["total"] + interruption.after
    deadline = time.monotonic() + LONGEST_RUN_S
    while crawl.poll() is None and sandbox.ask("requests")["total"] < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"waiting for {interruption}: {crawl.args!r} does not get there")
        time.sleep(0.01)
    with suppress(subprocess.TimeoutExpired):
        crawl.wait(interruption.later_s)
    if crawl.poll() is None:
        crawl.send_signal(interruption.signal)
    crawl.communicate(timeout=LONGEST_RUN_S)
    # Killed by the signal, or ended in its own way because of it.
    return crawl.returncode in {-interruption.signal, 128 + interruption.signal}


def crash(crawls: Crawls, point: str, number: int, *arguments: str) -> int:
    """Run a Scrapy command, and be killed at a named point; the exit code."""
    command = [sys.executable, "-m", "tests.kills.crash", point, str(number), *crawls.command(*arguments)[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment(None), capture_output=True, check=False).returncode
