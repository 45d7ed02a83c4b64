"""No log line shows a name, an id or an address, whoever writes it and however."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import Response
from scrapy.utils.log import failure_to_exc_info, logformatter_adapter
from twisted.python.failure import Failure

from crawlers.errors import ConfigurationError, LayoutChanged
from crawlers.frontier.lease import set_lease
from crawlers.items import Batch
from crawlers.logs import QuietLogFormatter, message_of, redact_logs

URL = "https://sketchfab.com/3d-models/dave-0123?user=dave#dave"
TEMPLATE = "sketchfab.com/3d-models/…"
REQUEST = Request(URL)
RESPONSE = Response(URL, status=404, request=REQUEST)
SPIDER = Spider(name="sketchfab")

Logged = Callable[[], str]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Redacted logging; gives the text that was logged so far."""
    factory, stream = logging.getLogRecordFactory(), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    redact_logs({"sketchfab.com", "site.example", "3d-models", "v3"})
    try:
        yield stream.getvalue
    finally:
        logging.setLogRecordFactory(factory)
        root.removeHandler(handler)
        root.setLevel(level)


logger = logging.getLogger("test.logs")


# The lines Scrapy 2.19 writes, most of them at DEBUG, with the kinds of arguments it gives them.
SCRAPYS_LINES: list[tuple[str, Any, str]] = [
    ("Crawled (%(status)s) %(request)s%(flags)s", {"status": 200, "request": REQUEST, "flags": ""},
     f"Crawled (200) <GET {TEMPLATE}>"),
    ("Retrying %(request)s (failed %(retry_times)d times): %(reason)s",
     {"request": REQUEST, "retry_times": 2, "reason": "503 Service Unavailable"},
     f"Retrying <GET {TEMPLATE}> (failed 2 times): 503 Service Unavailable"),
    ("Gave up retrying %(request)s (failed %(retry_times)d times): %(reason)s",
     {"request": REQUEST, "retry_times": 3, "reason": KeyError("dave")},
     f"Gave up retrying <GET {TEMPLATE}> (failed 3 times): KeyError (message withheld: it may hold page content)"),
    ("Redirecting (%(reason)s) to %(redirected)s from %(request)s",
     {"reason": 302, "redirected": REQUEST.replace(url="https://dave.example/dave"), "request": REQUEST},
     f"Redirecting (302) to <GET …/…> from <GET {TEMPLATE}>"),
    ("Forbidden by robots.txt: %(request)s", {"request": REQUEST}, f"Forbidden by robots.txt: <GET {TEMPLATE}>"),
    ("Error downloading %(request)s: %(f_exception)s", {"request": REQUEST, "f_exception": ValueError("dave")},
     f"Error downloading <GET {TEMPLATE}>: ValueError (message withheld: it may hold page content)"),
    ("Filtered duplicate request: %(request)s", {"request": REQUEST}, f"Filtered duplicate request: <GET {TEMPLATE}>"),
    ("Ignoring response %(response)r: HTTP status code is not handled or not allowed", {"response": RESPONSE},
     f"Ignoring response <404 {TEMPLATE}>: HTTP status code is not handled or not allowed"),
    ("Ignoring link (url length > %(maxlength)d): %(url)s ", {"maxlength": 9, "url": URL},
     f"Ignoring link (url length > 9): {TEMPLATE} "),
]  # fmt: skip


@pytest.mark.parametrize(("line", "arguments", "expected"), SCRAPYS_LINES, ids=[line for line, _, _ in SCRAPYS_LINES])
def test_lines_of_scrapy_show_path_templates(logged: Logged, line: str, arguments: Any, expected: str) -> None:
    logger.debug(line, arguments, extra={"spider": SPIDER})
    assert logged() == f"DEBUG {expected}\n"


@pytest.mark.parametrize("argument", [REQUEST, RESPONSE, URL, [URL], {"next": URL}, f"see {URL}"], ids=repr)
def test_an_argument_that_holds_an_address_shows_its_template(logged: Logged, argument: Any) -> None:
    logger.info("%s and %r", argument, argument)
    assert logged().count(TEMPLATE) == 2
    assert "dave" not in logged()


@pytest.mark.parametrize("character", list("'|`\\^{}[]()*!;,$&=+@:~%\xa0é名"))
def test_no_character_of_an_address_ends_it_early(logged: Logged, character: str) -> None:
    for url in (f"https://site.example/o{character}dave", f"https://site.example/search?q=o{character}dave"):
        logger.info("%s", Request(url))
        logger.info("got %r", url) if not character.isspace() else None
    assert "dave" not in logged()
    assert "site.example/…" in logged()


def test_an_address_in_plain_text_is_cut_and_the_text_around_it_is_kept(logged: Logged) -> None:
    logger.warning(f"before {URL} and <{URL}> after")  # noqa: G004  (as Scrapy itself does)
    assert logged() == f"WARNING before {TEMPLATE} and <{TEMPLATE}> after\n"


FAILURE = Failure(KeyError("dave"))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("argument", [KeyError("dave"), FAILURE, UnicodeDecodeError("utf-8", b"dave", 0, 1, "dave")])
def test_the_message_of_a_foreign_exception_is_withheld(logged: Logged, argument: Any) -> None:
    logger.error("failed: %s, %r", argument, argument)
    logger.error("failed: %(why)s", {"why": argument})
    logger.error(argument)
    assert logged().count("(message withheld: it may hold page content)") == 4
    assert "dave" not in logged()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ConfigurationError("name a folder: -s OUTPUT_DIR=<folder>"), "name a folder: -s OUTPUT_DIR=<folder>"),
        (LayoutChanged(TEMPLATE, "no list"), f"{TEMPLATE}: no list"),
        (sqlite3.OperationalError("database is locked"), "database is locked"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
        (IgnoreRequest("Forbidden by robots.txt"), "Forbidden by robots.txt"),
        (IgnoreRequest(), "IgnoreRequest"),
    ],
)
def test_messages_known_to_hold_no_page_content_are_shown(logged: Logged, error: Exception, message: str) -> None:
    logger.error("failed: %s", error)
    assert logged() == f"ERROR failed: {message}\n"


def parse_page(name: str) -> None:
    raise KeyError(name)


def test_a_traceback_shows_code_and_no_values(logged: Logged) -> None:
    try:
        try:
            parse_page("dave")
        except KeyError as error:
            raise RuntimeError(f"cannot read {error}") from error
    except RuntimeError as error:
        logger.exception("the page function failed on %s", REQUEST)
        logger.info("again", exc_info=failure_to_exc_info(Failure(error)))  # type: ignore[no-untyped-call]
    assert "in test_a_traceback_shows_code_and_no_values" in logged()
    assert logged().count("RuntimeError (message withheld") == 2
    assert logged().count("caused by KeyError (message withheld") == 2
    assert "'dave'" not in logged()
    assert "cannot read 'dave'" not in logged()


def raise_(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (LayoutChanged(TEMPLATE, "no list"), f"{TEMPLATE}: no list"),
        (ResponseDataLossError("the response ends early"), "the response ends early"),
        (IgnoreRequest(), "IgnoreRequest"),
    ],
)
def test_an_error_of_ours_or_a_download_that_failed_needs_no_traceback(
    logged: Logged, error: Exception, message: str
) -> None:
    try:
        raise_(error)
    except type(error):
        logger.exception("failed on %s", REQUEST)
        assert logged() == f"ERROR failed on <GET {TEMPLATE}>\n{message}\n"
        logger.exception("once more, %s: %s", REQUEST, error)  # as Scrapy does
    assert logged().endswith(f"\nERROR once more, <GET {TEMPLATE}>: {message}\n")


@pytest.mark.parametrize(
    "address",
    [
        "data:text/html,dave",
        "file:dave",
        "file:///home/dave",
        "mailto:dave@site.example",
        "blob:dave",
        "JavaScript:dave",
    ],
)
def test_an_address_without_a_host_shows_nothing(logged: Logged, address: str) -> None:
    logger.warning("next is %s", address)
    assert "dave" not in logged()
    assert logged().startswith("WARNING next is …")


def test_a_host_that_is_not_the_sites_is_not_shown(logged: Logged) -> None:
    logger.warning("next is https://dave.example/v3 and https://sketchfab.com.dave.example/v3")
    assert logged() == "WARNING next is …/v3 and …/v3\n"


def test_a_task_whose_error_nobody_saw_shows_no_values(logged: Logged) -> None:
    async def page(name: str) -> None:
        parse_page(name)

    async def crawl() -> None:
        task = asyncio.ensure_future(page("dave"))
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(crawl())
    assert "Task exception was never retrieved\n" in logged()
    assert "'dave'" not in logged()


def test_numbers_and_plain_words_stay_as_they_are(logged: Logged) -> None:
    logger.info("%s: %d pages, %.1f pages/s, %s%%", "sketchfab", 3, 1.25, 7)
    assert logged() == "INFO sketchfab: 3 pages, 1.2 pages/s, 7%\n"


def test_a_logging_call_without_arguments_is_no_format(logged: Logged) -> None:
    logger.info("100% done")
    assert logged() == "INFO 100% done\n"


BATCH = Batch(lease=3)
LEASED = Request(URL)
set_lease(LEASED, 7)
FORMATTED: dict[str, tuple[Any, str]] = {
    "crawled": (
        QuietLogFormatter().crawled(LEASED, RESPONSE, SPIDER),
        f"DEBUG Crawled (404) <GET {TEMPLATE}>, request 7",
    ),
    "dropped": (
        QuietLogFormatter().dropped({"name": "dave"}, KeyError("dave"), RESPONSE, SPIDER),
        "WARNING dropped a whole page: dict",
    ),
    "item_error": (
        QuietLogFormatter().item_error(BATCH, KeyError("dave"), RESPONSE, SPIDER),
        "ERROR a pipeline failed on <Batch lease=3 rows: none; requests: 0>",
    ),
    "spider_error": (
        QuietLogFormatter().spider_error(FAILURE, REQUEST, RESPONSE, SPIDER),
        f"ERROR the page function or callback failed on <GET {TEMPLATE}>",
    ),
    "download_error": (
        QuietLogFormatter().download_error(FAILURE, REQUEST, SPIDER, "dave was not found"),
        f"ERROR giving up on <GET {TEMPLATE}>",
    ),
}


@pytest.mark.parametrize("name", FORMATTED)
def test_the_formatter_speaks_of_pages_and_never_of_what_they_hold(logged: Logged, name: str) -> None:
    result, expected = FORMATTED[name]
    logger.log(*logformatter_adapter(result))
    assert logged() == f"{expected}\n"


def test_items_are_not_logged_at_all() -> None:
    formatter: Any = QuietLogFormatter()  # mypy: a method that returns only None
    assert formatter.scraped(BATCH, RESPONSE, SPIDER) is None


def test_what_may_be_said_of_an_exception_never_includes_a_foreign_message() -> None:
    assert message_of(KeyError("dave")) == "KeyError (message withheld: it may hold page content)"
    assert message_of(ConfigurationError("give a number")) == "give a number"
