"""`scrapy crawl`, with exit codes that say how the crawl ended."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from crawlers.datasets.card import card_file
from crawlers.datasets.describe import describe
from crawlers.datasets.seal import staged_rows
from crawlers.errors import CrawlerError, DatasetError, did_you_mean
from crawlers.extensions.finish import STOPPED, FinishCrawl
from crawlers.folders import as_options, jobs_dir, output_dir, shown

logger = logging.getLogger(__name__)

# Finish reason -> exit code, and what it means for whoever started the crawl.
ENDINGS: dict[str, tuple[int, str]] = {
    "finished": (0, "everything was crawled"),
    "robots_disallowed": (
        2,
        "robots.txt rules out pages this crawl rests on; -s ROBOTSTXT_OBEY=False is yours to decide",
    ),
    "bad_argument": (2, "an argument names what the site does not have; see the message above"),
    "source_gone": (2, "the endpoint this source rests on no longer answers; choose another source"),
    "unreachable": (1, "the site cannot be reached; run the same command to go on when it can"),
    "blocked": (3, "the site blocks us; wait for hours, then run the same command to go on"),
    "login_required": (3, "the site wants a login; renew the credentials, then run the same command to go on"),
    "layout_changed": (4, "pages are not what we know; look at the bodies saved in the job, then run the same command"),
    "expectations_failed": (4, "the tables are not what they should be; see the manifest"),
    "quota_exceeded": (5, "the quota is used up; run the same command when it is renewed"),
    "storage_error": (6, "a file could not be written; see the message above, then run the same command to go on"),
}
STOPPED_BY = {signal.SIGINT: 130, signal.SIGTERM: 143}
_SELDOM = ("duplicate", "invalid", "forgotten", "missing")  # columns that are left out where there are none
LONGEST_STOP_S = 5.0  # container stops give 10 s before they kill


class Command(ScrapyCrawl):
    """Runs a spider; adds exit codes and a closing table to Scrapy's own command."""

    def long_desc(self) -> str:
        return (
            "Run a spider of the project. The same command resumes what it left unfinished. Exit codes: 0 finished, "
            "1 unreachable or ended early, 2 refused before the first page, 3 blocked or login required, 4 layout or "
            "expectations, 5 quota, 6 storage, 130/143 stopped by a signal."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("crawl takes the name of one spider; `scrapy list` shows them", print_help=False)
        assert self.crawler_process is not None  # noqa: S101  (scrapy.cmdline makes it before calling run)
        try:
            crawler = self._create_crawler(args[0])
        except KeyError:
            meant = did_you_mean(args[0], self.crawler_process.spider_loader.list())
            print(f"scrapy crawl: there is no spider {args[0]!r}; `scrapy list` shows them{meant}", file=sys.stderr)
            self.exitcode = 2
            return
        received = _note_signals(crawler)
        running: Any = self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        error = running.exception() if running.done() and not running.cancelled() else None
        if isinstance(error, CrawlerError):
            print(f"scrapy crawl: {error}", file=sys.stderr)
            if crawler.settings["LOG_FILE"]:
                logger.error("%s: refused: %s", crawler.spidercls.name, error)
            self.exitcode = 6 if isinstance(error, DatasetError) else 2
        elif error is not None:
            raise error
        else:
            self._report(crawler, received)

    def _report(self, crawler: Crawler, received: list[int]) -> None:
        reason = str(crawler.stats.get_value("finish_reason"))
        finish = crawler.get_extension(FinishCrawl)
        if (finish is None or finish.record is None) and reason != "storage_error":
            reason = STOPPED  # a signal while the crawl published: Scrapy has a reason by then, and we have no record
        code, meaning = ENDINGS.get(reason, (1, "the crawl ended early; run the same command to go on"))
        if received and reason == STOPPED:  # else it had ended by itself
            code, meaning = STOPPED_BY[signal.Signals(received[0])], "stopped; run the same command to go on"
        self.exitcode = code
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        if finish is not None and finish.record is not None and not finish.refused:
            output = output_dir(crawler.settings)
            console.print(_closing_table(finish.record, output))
            if waiting := _waiting_rows(crawler):
                console.print(waiting, markup=False)
            if (card := card_file(crawler.spidercls.name, output)).exists():
                console.print(f"dataset card: {shown(card)}", markup=False)
            if reason in {"blocked", "login_required"} and (no_account := finish.without_accounts()):
                meaning = no_account
            if served := finish.faults_served():
                faults = ", ".join(f"{name} {count:,}" for name, count in served.items())
                console.print(f"faults that the sandbox has served: {faults}", markup=False)
            if reason == "finished" and (failed := finish.record["requests"]["failed"]):
                why = ", ".join(f"{name} {count:,}" for name, count in finish.record["requests"]["failures"].items())
                meaning = (
                    f"all but {failed:,} requests that failed ({why}); `scrapy jobs --retry-failed` tries them again"
                )
        last = f"{crawler.spidercls.name}: {reason}: {meaning}"
        console.print(last, markup=False)
        if crawler.settings["LOG_FILE"]:  # the only thing that whoever runs crawls on a server looks at
            logger.log(logging.INFO if code == 0 else logging.ERROR, "%s", last)


def _note_signals(crawler: Crawler) -> list[int]:
    """The signals that stop the crawl, as they come.

    Scrapy's own handlers do the stopping, and wait for downloads that run. They get LONGEST_STOP_S; what has not come
    by then stays in the queue, and the process ends.
    """
    received: list[int] = []

    def wrap_handlers() -> None:
        loop = asyncio.get_running_loop()
        for number in STOPPED_BY:
            scrapys = signal.getsignal(number)
            if callable(scrapys):
                signal.signal(number, partial(note, loop, scrapys))

    def note(loop: asyncio.AbstractEventLoop, scrapys: Any, number: int, frame: FrameType | None) -> None:
        received.append(number)
        with suppress(RuntimeError):  # a signal that comes before the crawl is set up finds no extensions
            if (finish := crawler.get_extension(FinishCrawl)) is not None:
                finish.stopped_by = number
                loop.call_soon_threadsafe(loop.call_later, LONGEST_STOP_S, end_now, finish)
        scrapys(number, frame)

    def end_now(finish: FinishCrawl) -> None:
        ending.append(asyncio.ensure_future(leave(finish)))

    async def leave(finish: FinishCrawl) -> None:
        if finish.record is None:  # else it is ending by itself
            await finish.leave_downloads()
            try:
                if waiting := _waiting_rows(crawler):
                    print(waiting, file=sys.stderr, flush=True)
            finally:
                os._exit(STOPPED_BY[signal.Signals(received[0])])

    ending: list[asyncio.Task[None]] = []  # asyncio itself does not hold them
    # Scrapy installs its handlers before the loop runs, and the first step of the crawl may take seconds.
    asyncio.get_event_loop().call_soon(wrap_handlers)
    return received


def _waiting_rows(crawler: Crawler) -> str:
    """What brings those rows of the site that are not in its tables yet; nothing where there are none."""
    site = crawler.spidercls.name
    if not (rows := staged_rows(jobs_dir(crawler.settings), site)):
        return ""
    command = f"scrapy publish {site}{as_options(crawler.settings)}"
    return f"{rows:,} rows wait to be brought into the tables: {command}"


def _closing_table(record: dict[str, Any], output: Path) -> Table:
    requests = record["requests"]
    caption = (
        f"requests: {requests['enqueued']:,} = {requests['done']:,} done + {requests['failed']:,} failed "
        f"+ {requests['pending']:,} pending"
    )
    table = Table(title=f"{shown(output / record['spider'])}  ·  crawl {record['crawl_id']}")
    seldom = [name for name in _SELDOM if any(counts[name] for counts in record["tables"].values())]
    table.add_column("table", overflow="fold")
    for name in ("stored", *seldom, "rows now", "size"):
        table.add_column(name, justify="right", overflow="fold")
    there = {info.dataset: info for info in describe(output, record["spider"])}
    again = []  # a page may be met twice, and a resumed crawl does not recall which rows it stored
    for dataset, counts in record["tables"].items():
        info = there.get(dataset)
        table.add_row(
            dataset.partition("/")[2],
            *(f"{counts[name]:,}" for name in ("stored", *seldom)),
            f"{info.rows:,}" if info else "-",
            decimal(info.bytes) if info else "-",
        )
        if counts["published"] and info and counts["stored"] > info.rows:
            again.append(dataset.partition("/")[2])
    if again:
        caption += f"\n{', '.join(again)}: some rows were met and stored more than once; the table has each key once"
    table.caption = caption
    return table
