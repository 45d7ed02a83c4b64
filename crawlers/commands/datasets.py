"""`scrapy datasets [<site>[/<table>]]`"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.filesize import decimal
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawlers.datasets.describe import TableInfo, describe
from crawlers.datasets.reference import marks, type_name
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.folders import as_options, hint_at_sandbox, in_sandbox, jobs_dir, output_dir, shown
from crawlers.frontier.jobs import list_jobs
from crawlers.items import Item, arrow_schema, table_of
from crawlers.terminal import standard_output

_WIDE = 100  # columns of the terminal from which key and personal columns fit into the overview
_VALUE_LENGTH = 40


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [<site>[/<table>]]"

    def short_desc(self) -> str:
        return "List the published tables: rows, size, key, personal columns, an example row"

    def long_desc(self) -> str:
        return (
            "List the published tables under OUTPUT_DIR: rows, size, bytes a row, key, personal columns (pseudonyms), "
            "last crawl, the line that opens the table, and one example row. With <site>/<table>: its columns, their "
            "types and meanings."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or any(argument.startswith("-") for argument in args):
            raise UsageError("give at most one site or table, e.g.: scrapy datasets sketchfab/likes")
        assert self.settings is not None  # noqa: S101  (Scrapy sets it before it runs a command)
        folder = output_dir(self.settings)
        site, _, name = args[0].rstrip("/").partition("/") if args else ("", "", "")
        try:
            table = table_of(f"{site}/{name}") if name else None
            found = describe(folder, site or None)
        except (ConfigurationError, DatasetError) as error:
            print(f"scrapy datasets: {error}", file=sys.stderr)
            self.exitcode = 6 if isinstance(error, DatasetError) else 2
            return
        console = standard_output()
        if table is not None:
            found = [info for info in found if info.table is table]
        if not found:
            wanted = table.dataset if table is not None else site or "any site"
            console.print(f"No tables of {wanted} in {shown(folder)} yet; {self._how(site, folder)}", soft_wrap=True)
        else:
            console.print(_overview(found, wide=console.width >= _WIDE))
            for info in found:
                _print_details(console, info, with_key=console.width < _WIDE)
        if table is not None:
            console.print()
            console.print(_columns(table))

    def _how(self, site: str, folder: Path) -> str:
        """How to get tables. A crawl that was killed has not published what it has; one that finished had nothing."""
        assert self.settings is not None  # noqa: S101  (Scrapy sets it before it runs a command)
        sandbox = in_sandbox(self.settings)
        elsewhere = self.settings.get("OUTPUT_DIR") or self.settings.get("JOBS_DIR")
        options = as_options(self.settings)
        jobs = list_jobs(jobs_dir(self.settings), site or None)
        if begun := sorted({job.site for job in jobs if job.state != "finished"}):
            publish = " and ".join(f"scrapy publish {name}{options}" for name in begun)
            return f"there are jobs, whose rows are published by: {publish}"
        how = f"scrapy crawl {site or '<site>'}{options}"
        if not elsewhere:
            how = "make demo" if sandbox else f"{how} (or try: make demo)"
        return f"get some with: {how}{hint_at_sandbox(self.settings, folder, 'datasets')}"


def _overview(found: Sequence[TableInfo], *, wide: bool) -> Table:
    overview = Table(box=None, pad_edge=False, header_style="bold")
    overview.add_column("dataset", no_wrap=True)
    for name in ("rows", "size", "bytes/row"):
        overview.add_column(name, justify="right", no_wrap=True)
    overview.add_column("last crawl (UTC)", overflow="fold")
    if wide:
        overview.add_column("key")
        overview.add_column("personal")
    for info in found:
        per_row = f"{info.bytes / info.rows:.1f}" if info.rows else "-"
        cells = [info.dataset, f"{info.rows:,}", decimal(info.bytes), per_row, _time(info.last_crawl)]
        overview.add_row(*cells, *([_names(info.key), _names(info.personal)] if wide else []))
    return overview


def _print_details(console: Console, info: TableInfo, *, with_key: bool) -> None:
    console.print()
    console.print(Text(info.dataset, style="bold"))
    if with_key:
        console.print(
            Padding(f"key: {_names(info.key)}; personal: {_names(info.personal)}", (0, 0, 0, 2), expand=False)
        )
    # One piece, however narrow the terminal: it is there to be copied.
    console.print(f"  pd.read_parquet({json.dumps(shown(info.path), ensure_ascii=False)})", soft_wrap=True)
    if info.example is not None:
        values = "  ".join(
            f"{name}={_value(value)}" for name, value in info.example.items() if value is not None and value != []
        )
        console.print(Padding(Text(values), (0, 0, 0, 2), expand=False))


def _columns(table: type[Item]) -> Table:
    columns = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("column", "type", "marks", "description"):
        columns.add_column(name, overflow="fold")
    for field in arrow_schema(table):
        metadata = {name.decode(): value.decode() for name, value in (field.metadata or {}).items()}
        description = metadata.pop("description", "")
        columns.add_row(field.name, type_name(field.type), marks(metadata), description)
    return columns


def _names(columns: Sequence[str]) -> str:
    return ", ".join(columns) or "none"


def _time(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment is not None else "-"


def _value(value: Any) -> str:
    """A value on one line: quoted, so that control characters show instead of acting, and cut."""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text if len(text) <= _VALUE_LENGTH else f"{text[: _VALUE_LENGTH - 1]}…"
