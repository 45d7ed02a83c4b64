"""`make bench`: every measurement, as one table; `python -m benchmarks memory` takes one of them."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks import full_size, letterboxd_full, memory, overhead, results_page, storage, words

# Always in this order: the first two would count in what memory this process has gained by then.
SUBJECTS = {
    "full_size": full_size.measure,
    "letterboxd_full": letterboxd_full.measure,
    "memory": memory.measure,
    "overhead": overhead.measure,
    "results_page": results_page.measure,
    "words": words.measure,
    "writing": storage.quick,
    "storage": storage.measure,
}


def main() -> int:
    """Run all, or those that are named; exit code 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="subject", help=f"{', '.join(SUBJECTS)}; without any, all")
    subjects = parser.parse_args().subjects or list(SUBJECTS)
    if unknown := set(subjects) - set(SUBJECTS):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    figures = []
    for subject in (name for name in SUBJECTS if name in subjects):
        with TemporaryDirectory(prefix="crawlers-bench-") as directory:
            figures += SUBJECTS[subject](Path(directory))
    versions = ", ".join(f"{name} {version(name)}" for name in ("scrapy", "pyarrow", "duckdb", "pydantic"))
    table = Table(title="benchmarks", caption=f"{platform.machine()}, Python {platform.python_version()}, {versions}")
    for column in ("what", "figure", "goal", ""):
        table.add_column(column)
    for figure in figures:
        table.add_row(figure.what, figure.shown, figure.goal or "", "" if figure.met is None else figure.verdict)
    Console(width=120, highlight=False).print(table)
    return 1 if any(figure.met is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
