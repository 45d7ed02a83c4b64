"""`scrapy export <site> <directory>`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawlers.datasets.check import table_file
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.exports import exporter
from crawlers.folders import make_folder, output_dir, shown
from crawlers.items import tables


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <site> <directory>"

    def short_desc(self) -> str:
        return "Write a site's tables as the files of the system that inspired it"

    def long_desc(self) -> str:
        return (
            "Write the published tables of a site as the files of the system that inspired it, so that code written "
            "for those runs on ours. Ids of people are pseudonyms. Exit code 2: no such site, or no tables; 6: a table "
            "cannot be read, or a file not be written."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 2:
            raise UsageError("give a site and a directory, e.g.: scrapy export sketchfab export/")
        assert self.settings is not None  # noqa: S101  (Scrapy sets it before it runs a command)
        site, directory = args[0], Path(args[1]).expanduser().resolve()
        output = output_dir(self.settings)
        try:
            _check_tables(site, output)
            files = exporter(site)
            make_folder(directory, None)
            for written in files.export(output, directory):
                note = f"  {written.note}" if written.note else ""
                print(f"{shown(written.path)}: {written.rows:,} rows{note}")
        except (ConfigurationError, DatasetError, OSError) as error:
            print(f"scrapy export: {error}", file=sys.stderr)
            self.exitcode = 2 if isinstance(error, ConfigurationError) else 6


def _check_tables(site: str, output: Path) -> None:
    if not any(table_file(table, output).exists() for table in tables(site)):
        raise ConfigurationError(
            f"there are no tables of {site} in {shown(output)}; crawl it first, or name another -s OUTPUT_DIR"
        )
