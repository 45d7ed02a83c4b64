"""`make bench`: every measurement but those of BY_NAME, as one table. `--quick`: G1 to G4. `python -m benchmarks
memory`: one of them."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks import (
    browser_pages,
    counted,
    full_size,
    grids,
    latency,
    letterboxd_full,
    likes,
    memory,
    results_page,
    storage,
    words,
)
from benchmarks.figures import Figure
from sandbox.worlds import World

Measure = Callable[[Path], list[Figure]]

SUBJECTS: dict[str, Measure] = {
    "full_size": full_size.measure,
    "letterboxd_full": letterboxd_full.measure,
    "likes": likes.measure,
    "grids": grids.measure,
    "latency": latency.measure,
    "counted": counted.measure,
    "browser_pages": browser_pages.measure,
    "results_page": results_page.measure,
    "words": words.measure,
    "writing": storage.quick,
    "storage": storage.measure,
}
QUICK: dict[str, Measure] = {"likes": likes.quick, "grids": grids.quick, "writing": storage.quick}
BY_NAME: dict[str, Measure] = {"memory": memory.measure}  # takes three minutes, and has no peer
ROWS = [*(f"G{number}" for number in range(1, 11)), "full size", "queue", "pages", "words", "peers"]
VERSIONS = ("scrapy", "pyarrow", "duckdb", "pydantic", "crawlee", "aiohttp", "beautifulsoup4", "requests")


def main() -> int:
    """Run all, or those that are named; exit code 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="subject", help=", ".join(SUBJECTS | BY_NAME))
    parser.add_argument("--quick", action="store_true", help="G1 to G4, with fewer pages and rounds")
    options = parser.parse_args()
    known = QUICK if options.quick else SUBJECTS | BY_NAME
    if unknown := set(options.subjects) - set(known):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    started = time.monotonic()
    figures = []
    for name in options.subjects or [name for name in known if name not in BY_NAME]:
        print(f"{name} ... ", end="", file=sys.stderr, flush=True)
        since = time.monotonic()
        figures += _apart(known[name])
        print(f"{time.monotonic() - since:.0f} s", file=sys.stderr, flush=True)
    Console(width=140, highlight=False).print(_table(figures, time.monotonic() - started))
    return 1 if any(figure.met is False for figure in figures) else 0


def _apart(measure: Measure) -> list[Figure]:
    """Measure in a process of its own: Linux counts the memory of a process as used by those that it starts."""
    with (
        TemporaryDirectory(prefix="crawlers-bench-") as directory,
        ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process,
    ):
        return process.submit(measure, Path(directory)).result()


def _table(figures: list[Figure], took_s: float) -> Table:
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    load = f"load {os.getloadavg()[1]:.1f}, {took_s:.0f} s"
    table = Table(title="benchmarks", caption=f"{machine}; {versions}; seed {World().seed}; {load}")
    for column in ("", "what", "figure", "goal", "verdict"):
        table.add_column(column)
    for figure in sorted(figures, key=lambda figure: ROWS.index(figure.row)):
        table.add_row(figure.row, figure.what, figure.shown, figure.goal, figure.verdict)
    return table


if __name__ == "__main__":
    sys.exit(main())
