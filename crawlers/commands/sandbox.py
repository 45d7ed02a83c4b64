"""`scrapy sandbox`: serve the replicas by hand."""

from __future__ import annotations

import argparse
import os
import sys

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

_OPTIONS = {
    "port": ("N", "port of plain HTTP (default: a free one)"),
    "world": ("PATH", "a dataset to serve; without it all is invented"),
    "size": ("N", "size of the world, in models of Sketchfab (default 600); the other sites follow"),
    "seed": ("N", "another seed, another world"),
    "markup": ("WHEN", "generation of Letterboxd's pages: 2026 (default), 2025, middle or old"),
    "days-ago": ("N", "Letterboxd as it was N days ago, before its members added what came later"),
    "latency": ("MS", "milliseconds added to every answer"),
    "faults": ("SPEC", "faults on demand, e.g. 503:0.1,gzip_cut@/i/likes:0.05,seed=7; see docs/faults.md"),
    "accounts": ("SPEC", "walls that accounts meet, e.g. account-2=frozen:100; see docs/commands.md"),
}


class Command(ScrapyCommand):
    """Starts the sandbox, a process of its own, and waits until Ctrl-C ends it."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Serve the local replicas of the sites until Ctrl-C"

    def long_desc(self) -> str:
        return "Serve the local replicas of the sites on loopback until Ctrl-C; crawl them with -s SANDBOX=<url>."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        for name, (metavar, description) in _OPTIONS.items():
            parser.add_argument(f"--{name}", metavar=metavar, help=description)
        parser.add_argument("--list-faults", action="store_true", help="print the names of all faults, and end")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"sandbox takes options only, not {' '.join(args)}", print_help=False)
        command = [sys.executable, "-m", "sandbox", "--stay"]
        for name in _OPTIONS:
            if (value := getattr(opts, name.replace("-", "_"))) is not None:
                command += [f"--{name}", value]
        if opts.list_faults:
            command.append("--list-faults")
        os.execv(command[0], command)  # noqa: S606  (this process becomes it: no signal can miss it)
