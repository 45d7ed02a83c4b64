"""`scrapy jobs`: what is running, unfinished and failed, and how the accounts are."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from pathlib import Path
from typing import Any

from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawlers.datasets.publish import publish
from crawlers.datasets.records import brief
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.folders import hint_at_sandbox, jobs_dir, output_dir, shown
from crawlers.frontier.account_states import AccountState
from crawlers.frontier.jobs import JobSummary, drop, job_directory, list_jobs, retry_failed
from crawlers.items import tables
from crawlers.terminal import standard_output


class Command(ScrapyCommand):
    """Lists jobs; with an option, changes one."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [<site>]"

    def short_desc(self) -> str:
        return "List jobs: what is running, unfinished, failed"

    def long_desc(self) -> str:
        return (
            "List the jobs under JOBS_DIR with their arguments and counts, and why requests failed. --drop publishes a "
            "job's rows and deletes the job; --retry-failed puts its failed requests back into the queue; --accounts "
            "lists the accounts that crawled instead, and which of them rest or are of no more use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--drop", metavar="JOB", help="publish the rows of a job that is not running, and delete it"
        )
        parser.add_argument(
            "--retry-failed", metavar="JOB", help="put the failed requests of a job back into its queue"
        )
        parser.add_argument("--accounts", action="store_true", help="list the accounts of the jobs and their states")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or any(argument.startswith("-") for argument in args):
            raise UsageError("give at most one site, e.g.: scrapy jobs sketchfab")
        assert self.settings is not None  # noqa: S101  (Scrapy sets it before it runs a command)
        folder = jobs_dir(self.settings)
        try:
            if opts.drop:
                self._drop(job_directory(folder, opts.drop))
            elif opts.retry_failed:
                directory = job_directory(folder, opts.retry_failed)
                moved = retry_failed(directory)
                then = "run the job's command again" if moved else "nothing is left to do for them"
                print(f"{moved:,} failed requests are back in the queue; {then}")
            else:
                if args:
                    tables(args[0])  # refuses a site that does not exist
                jobs = list_jobs(folder, args[0] if args else None)
                if opts.accounts:
                    _show_accounts(jobs, folder)
                elif jobs:
                    _show(jobs)
                else:
                    standard_output().print(self._none(folder), soft_wrap=True)
        except (ConfigurationError, DatasetError) as error:
            print(f"scrapy jobs: {error}", file=sys.stderr)
            self.exitcode = 6 if isinstance(error, DatasetError) else 2

    def _drop(self, directory: Path) -> None:
        assert self.settings is not None  # noqa: S101  (Scrapy sets it before it runs a command)
        site, output, jobs = directory.parent.name, output_dir(self.settings), jobs_dir(self.settings)
        waiting = drop(directory, lambda: publish(site, output, jobs, None))
        rows = "its rows are published" if waiting else "no rows of it were waiting to be published"
        print(f"dropped {site}/{directory.name}; {rows}")

    def _none(self, folder: Path) -> str:
        assert self.settings is not None  # noqa: S101  (Scrapy sets it before it runs a command)
        return f"No jobs in {shown(folder)}{hint_at_sandbox(self.settings, folder, 'jobs') or '.'}"


def _show(jobs: list[JobSummary]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("job", "state"):
        table.add_column(name, no_wrap=True)
    table.add_column("arguments", overflow="fold")
    for name in ("done", "failed", "pending"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for job in jobs:
        given = {name: value for name, value in job.arguments.items() if value not in (None, "", [])}
        arguments = " ".join(f"{name}={_shown(value)}" for name, value in given.items())
        why = ", ".join(f"{reason} {count:,}" for reason, count in job.failures.items())
        numbers = (f"{count:,}" for count in (job.done, job.failed, job.pending))
        table.add_row(f"{job.site}/{job.name}", job.state, arguments, *numbers, why)
    standard_output().print(table)


def _show_accounts(jobs: list[JobSummary], folder: Path) -> None:
    console, moment = standard_output(), time.time()
    if not any(job.accounts for job in jobs):
        console.print(f"No accounts in the jobs of {shown(folder)}.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("job", "account", "state"):
        table.add_column(name, no_wrap=True)
    table.add_column("requests", justify="right", no_wrap=True)
    table.add_column("rests until (UTC)", no_wrap=True)
    table.add_column("why", overflow="fold")
    for job in jobs:
        for account in job.accounts:
            state = account.now(moment)
            ends = dt.datetime.fromtimestamp(account.rest_ends_at, dt.UTC)
            until = f"{ends:%Y-%m-%d %H:%M:%S}" if state is AccountState.RESTING else ""
            why = "" if state is AccountState.ACTIVE else account.why
            table.add_row(f"{job.site}/{job.name}", account.name, state, f"{account.requests:,}", until, why)
    console.print(table)


def _shown(value: Any) -> str:
    value = brief(value)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
