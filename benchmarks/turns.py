"""Several ways to read the same pages, each a process of its own, measured in turn."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.usage import usage_of
from tests.crawls.running import ROOT, environment


class Served(NamedTuple):
    """A sandbox, and how many pages a crawl of it reads. `members`: a file with those of Letterboxd, where it matters
    who is read."""

    url: str
    pages: int
    members: Path | None = None


Way = Callable[[Served, Path], list[str]]
"""The command of a crawl whose files go into a directory."""


class PerPage(NamedTuple):
    """Milliseconds of CPU per page, starts not counted: the best round and the worst. `in_all`: seconds of the best
    round with its start."""

    best: float
    worst: float
    in_all: float

    def __str__(self) -> str:
        return f"{self.best:.2f}-{self.worst:.2f} ms"


def cpu_per_page(
    ways: Mapping[str, Way], many: Served, few: Served, directory: Path, *, rounds: int
) -> dict[str, PerPage]:
    """What a page costs each way, best of `rounds` in which all ways take their turn.

    CPU is user and system time of the crawl and of the processes it starts, so publishing is in it. All ways read `few`
    pages, too: what that takes is subtracted, and those pages with it, so that starting Python counts on no side.
    """
    cpu_s: dict[tuple[str, Served], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, way in ways.items():
            for served in (many, few):
                cpu_s[name, served].append(run(way, served, directory))
    costs = {}
    for name in ways:
        start, whole = min(cpu_s[name, few]), cpu_s[name, many]
        best, worst = ((extreme(whole) - start) / (many.pages - few.pages) * 1e3 for extreme in (min, max))
        costs[name] = PerPage(best, worst, min(whole))
    return costs


def run(way: Way, served: Served, directory: Path) -> float:
    """Crawl one way into the empty folder `directory`/crawl; the seconds of CPU it took."""
    empty = directory / "crawl"
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir()
    process = subprocess.Popen(
        way(served, empty), cwd=ROOT, env=environment(None), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    return usage_of(process).cpu_s
