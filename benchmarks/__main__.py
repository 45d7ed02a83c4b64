"""`make bench`: every measurement, as one table."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks import full_size


def main() -> int:
    """Run all; exit code 1 if a goal is missed."""
    with TemporaryDirectory(prefix="crawlers-bench-") as directory:
        figures = full_size.measure(Path(directory))
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
