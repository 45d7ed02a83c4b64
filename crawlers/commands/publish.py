"""`scrapy publish <site>`"""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawlers.datasets.card import card_file
from crawlers.datasets.publish import publish
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.folders import jobs_dir, output_dir, shown


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <site>"

    def short_desc(self) -> str:
        return "Merge what crawls have staged into the published tables, now"

    def long_desc(self) -> str:
        return (
            "Merge the rows that finished, stopped and running crawls of a site have staged into its published tables. "
            "A crawl does this itself when it ends; use it to read the rows of a crawl that is still running, or after "
            "a crawl was killed. Exit code 6: a table could not be merged into, and is unchanged."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or args[0].startswith("-"):
            raise UsageError("give one site, e.g.: scrapy publish sketchfab")
        assert self.settings is not None  # noqa: S101  (Scrapy sets it before it runs a command)
        site = args[0]
        try:
            # The rows themselves say which key made their pseudonyms; no key is needed to merge them.
            published = publish(site, output_dir(self.settings), jobs_dir(self.settings), key_id=None)
        except (ConfigurationError, DatasetError) as error:
            print(f"scrapy publish: {error}", file=sys.stderr)
            self.exitcode = 6 if isinstance(error, DatasetError) else 2
            return
        for dataset, table in published.items():
            print(f"{dataset}: {table.rows:,} rows ({table.new_rows:,} new), {table.bytes:,} bytes")
        if published:
            print(f"dataset card: {shown(card_file(site, output_dir(self.settings)))}")
        else:
            print(f"{site}: nothing is waiting to be published in {jobs_dir(self.settings)}")
