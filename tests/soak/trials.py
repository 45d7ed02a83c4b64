"""A trial: crawls of one sandbox, interrupted by a schedule and run again until the schedule is used up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.peers.comparing import feed_rows
from tests.crawls.running import BY_MODEL, ROOT, Crawls, RunningSandbox
from tests.kills.killing import Interruption, Tables, interrupt

Rows = Counter[tuple[object, ...]]
MOST_RUNS = 20  # a crawl that ends so often without having finished never will


class Crawler(Protocol):
    """One crawl that can be begun and resumed by the same command, each time as a process of its own."""

    def start(self) -> subprocess.Popen[str]: ...

    def has_finished(self, code: int) -> bool:
        """Whether a process that ended by itself leaves nothing to resume. Raises: AssertionError: not as it must."""

    def rows(self) -> Rows:
        """What it has to show for it."""


@dataclass(frozen=True)
class Ours:
    """A crawl of ours; it is compared in all columns but PROVENANCE and those `without`."""

    sandbox: RunningSandbox
    directory: Path
    arguments: Sequence[str] = ()
    without: AbstractSet[str] = frozenset()

    @property
    def crawls(self) -> Crawls:
        return Crawls(self.directory, BY_MODEL)

    def start(self) -> subprocess.Popen[str]:
        return self.crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={self.sandbox.url}", *self.arguments)

    def has_finished(self, code: int) -> bool:
        if code != 0:
            return False
        # Each resume kept the crawl's id and so its manifest, and every request came to an end.
        (manifest,) = self.crawls.manifests()
        requests = manifest["requests"]
        assert requests["enqueued"] == requests["done"] + requests["failed"] + requests["pending"], requests
        assert requests["pending"] == 0, requests
        assert requests["failed"] == 0, requests
        return True

    def rows(self) -> Rows:
        return Tables.of(self.crawls, self.without).rows


@dataclass(frozen=True)
class Peer:
    """A crawl of stock Scrapy with JOBDIR; compared in the key columns, and in likes and positions."""

    sandbox: RunningSandbox
    directory: Path
    queue: str

    @property
    def _feed(self) -> Path:
        return self.directory / "rows.jsonl"

    def start(self) -> subprocess.Popen[str]:
        self.directory.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable, "-m", "benchmarks.peers.stock_scrapy", "--sandbox", self.sandbox.url,
            "--feed", str(self._feed), "--jobdir", str(self.directory / "job"), "--queue", self.queue,
        ]  # fmt: skip
        return subprocess.Popen(
            command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )

    def has_finished(self, code: int) -> bool:
        return True  # it says so, or it cannot be resumed

    def rows(self) -> Rows:
        return feed_rows(self._feed, self.sandbox.ask("")["pseudonym_key"])


@dataclass
class Outcome:
    """What a trial came to. `expected`, `lost` and `doubled` are rows, summed over its crawls."""

    who: str
    crawls: int = 0
    signals: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    expected: int = 0
    lost: int = 0
    doubled: int = 0

    def add(self, found: Rows, undisturbed: Rows) -> None:
        self.crawls += 1
        self.expected += undisturbed.total()
        self.lost += (undisturbed - found).total()
        self.doubled += (found - undisturbed).total()


def trial(
    who: str,
    serve: Callable[[int], AbstractContextManager[RunningSandbox]],
    begin: Callable[[RunningSandbox, int], Crawler],
    schedule: Sequence[Interruption],
    wanted: Rows,
) -> Outcome:
    """Interrupt crawls as the schedule says, each resumed until it finishes, and compare all with the rows `wanted`.

    Crawl by crawl, by number, `serve` gives it a sandbox and `begin` makes it. One that finishes while interruptions
    are left is followed by another: the faults of its sandbox are used up, and its list has come to rest. Prints one
    line per interruption and per crawl.
    """
    outcome = Outcome(who)
    left = list(schedule)
    while left:
        with serve(outcome.crawls) as sandbox:
            crawler = begin(sandbox, outcome.crawls)
            _crawl_to_the_end(crawler, sandbox, left, outcome)
            outcome.add(crawler.rows(), wanted)
            outcome.requests += sandbox.ask("requests")["total"]
        _say(f"{who}: crawl {outcome.crawls} has ended; rows lost so far {outcome.lost}, doubled {outcome.doubled}")
    return outcome


def _crawl_to_the_end(crawler: Crawler, sandbox: RunningSandbox, left: list[Interruption], outcome: Outcome) -> None:
    """Run one crawl until it finishes; the interruptions that hit it are taken from those that are left."""
    runs_in_a_row = 0
    while runs_in_a_row < MOST_RUNS:
        process = crawler.start()
        if left and interrupt(process, sandbox, left[0]):
            interruption = left.pop(0)
            outcome.signals[interruption.signal.name] += 1
            runs_in_a_row = 0
            _say(f"{outcome.who}: {interruption}, {len(left)} left")
            continue
        _, log = process.communicate()
        if crawler.has_finished(process.returncode):
            return
        runs_in_a_row += 1
        _say(f"{outcome.who}: ended with exit code {process.returncode}; running it again:\n{log}")
    raise AssertionError(f"{outcome.who}: does not finish in {MOST_RUNS} runs")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
