"""Logs without people in them, at any level.

Scrapy and its parts print requests, whole items and exceptions, each of which may hold a name. Three things keep it
out: the formatter says nothing about items, every URL that reaches a log is cut to its path template, and an exception
shows its message only if it is one whose messages are known to hold no page content.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import traceback
from collections.abc import Callable, Collection
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawlers.errors import CrawlerError
from crawlers.frontier.lease import lease_of
from crawlers.items import Batch
from crawlers.parsing.urls import path_template

# Up to a character that no Request leaves unescaped; a quote or a bar may stand in a search query.
_URL = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|(?:data|file|blob|mailto|javascript):)[^\s<>\"]+", re.IGNORECASE)
_WITHHELD = "(message withheld: it may hold page content)"
_SAFE_ERRORS = (CrawlerError, OSError, sqlite3.Error, ImportError, MemoryError)
_SAFE_PACKAGES = ("scrapy.", "twisted.", "OpenSSL.")


class QuietLogFormatter(LogFormatter):
    """Says that a page came and a request failed, by path template; never what an item holds."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> None:  # type: ignore[override]
        return None

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {"level": logging.WARNING, "msg": "dropped a whole page: %s", "args": (_kind(item),)}

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {"level": logging.ERROR, "msg": "a pipeline failed on %s", "args": (_kind(item),)}

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:
        return {
            "level": logging.DEBUG,
            "msg": "Crawled (%s) %s, request %s",
            "args": (response.status, request, lease_of(request)),
        }

    def spider_error(
        self, failure: Failure, request: Request, response: Response | Failure, spider: Spider
    ) -> LogFormatterResult:
        return {"level": logging.ERROR, "msg": "the page function or callback failed on %s", "args": (request,)}

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        return {"level": logging.ERROR, "msg": "giving up on %s", "args": (request,)}


def _kind(item: Any) -> str:
    return repr(item) if isinstance(item, Batch) else type(item).__name__


def quiet_start() -> None:
    """Leave out what Scrapy says at every start (components, settings): a crawl's own lines would drown in it."""
    for name in ("scrapy.addons", "scrapy.middleware", "scrapy.crawler", "scrapy.core.engine", "scrapy-playwright"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # They miss the middleware that sends referrers, which is off so that no URL leaves with another request.
    logging.getLogger("scrapy.downloadermiddlewares.redirect").setLevel(logging.ERROR)


def redact_logs(path_words: Collection[str]) -> None:
    """From now on every log record of this process is redacted; `path_words` are the site's fixed path segments."""
    logging.raiseExceptions = False  # a log call that cannot be formatted would print its raw arguments
    logging.setLogRecordFactory(_record_factory(path_words))


def _record_factory(path_words: Collection[str]) -> Callable[..., logging.LogRecord]:
    def redact(text: str) -> str:
        return _URL.sub(lambda found: path_template(found.group(), path_words), text) if ":" in text else text

    class RedactedRecord(logging.LogRecord):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if self.exc_info and self.exc_info[1] is not None:
                # Formatters use this text if it is there, and would format the exception with its message if not.
                self.exc_text = redact(_explain(self.exc_info[1]))

        def getMessage(self) -> str:  # noqa: N802  (the name of the standard library)
            if isinstance(self.args, tuple):
                self.args = tuple(_safe(argument) for argument in self.args)
            elif isinstance(self.args, dict):
                self.args = {name: _safe(argument) for name, argument in self.args.items()}
            text = _safe(self.msg) if isinstance(self.msg, BaseException | Failure) else super().getMessage()
            if self.name == "asyncio":  # after its first line it prints tasks, with what they raised or returned
                text = text.partition("\n")[0]
            text = redact(text)
            if self.exc_text and text.endswith(self.exc_text):  # as Scrapy's line on a download that failed
                self.exc_info = self.exc_text = None
            return text

    return RedactedRecord


def _safe(argument: Any) -> Any:
    """Log arguments are made harmless before they become text."""
    if isinstance(argument, Failure):
        argument = argument.value
    return message_of(argument) if isinstance(argument, BaseException) else argument


def message_of(error: BaseException) -> str:
    """What may be said of an exception: its class, and its message where that is known to hold no page content."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, _SAFE_ERRORS) or name.startswith(_SAFE_PACKAGES):
        return str(error) or type(error).__name__
    return f"{type(error).__name__} {_WITHHELD}"


def _explain(error: BaseException) -> str:
    """A traceback whose frames show code but no values; one line for an error that explains itself."""
    if isinstance(error, CrawlerError) or type(error).__module__ == "scrapy.exceptions":
        return message_of(error)  # a download that failed has no story in our code
    frames = "".join(traceback.format_tb(error.__traceback__))
    cause = f"\ncaused by {message_of(error.__cause__)}" if error.__cause__ is not None else ""
    return f"{frames}{message_of(error)}{cause}"
