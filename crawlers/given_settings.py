"""Whether the settings that a crawl was given can work, asked before it has a job."""

from __future__ import annotations

import math
from difflib import get_close_matches
from typing import TYPE_CHECKING

from scrapy.settings import SETTINGS_PRIORITIES, default_settings

from crawlers.errors import ConfigurationError
from crawlers.items import tables

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

OURS = frozenset(
    {
        "OUTPUT_DIR",
        "JOBS_DIR",
        "JOB",
        "PSEUDONYM_KEY_FILE",
        "SANDBOX",
        "SANDBOX_WORLD",
        "SANDBOX_SIZE",
        "SANDBOX_SEED",
        "SANDBOX_FAULTS",
        "SANDBOX_ACCOUNTS",
        "CONTACT_URL",
        "ACCOUNTS_FILE",
        "ACCOUNTS",
        "ACCOUNT_BREAK_S",
        "BACKOFF_FIRST_S",
        "PROGRESS_INTERVAL_S",
    }
)
"""The settings that Scrapy does not know."""

# An example of each: seconds are floats, all else is counted.
_NUMBERS: dict[str, float] = {
    "ACCOUNT_BREAK_S": 3600.0,
    "BACKOFF_FIRST_S": 60.0,
    "PROGRESS_INTERVAL_S": 60.0,
    "SANDBOX_SIZE": 600,
    "SANDBOX_SEED": 0,
    "DOWNLOAD_DELAY": 2.0,
    "DOWNLOAD_TIMEOUT": 60.0,
    "DOWNLOAD_MAXSIZE": 64 * 2**20,
    "DOWNLOAD_WARNSIZE": 32 * 2**20,
    "CONCURRENT_REQUESTS": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "CONCURRENT_ITEMS": 1,
    "RETRY_TIMES": 2,
    "REDIRECT_MAX_TIMES": 20,
    "CLOSESPIDER_TIMEOUT": 3600.0,
    "CLOSESPIDER_ITEMCOUNT": 1000,
    "CLOSESPIDER_PAGECOUNT": 1000,
    "CLOSESPIDER_ERRORCOUNT": 10,
}


def check_given(settings: BaseSettings, site: str) -> None:
    """Make sure that no setting is misspelt, no number or switch a word, and no CSV file to hold several tables.

    Raises: ConfigurationError: one is.
    """
    _check_names(settings)
    _check_switches(settings)
    _check_numbers(settings)
    _check_feeds(settings, site)


def _check_names(settings: BaseSettings) -> None:
    for name in settings:
        if settings.getpriority(name) != SETTINGS_PRIORITIES["cmdline"] or name in OURS:
            continue
        if not hasattr(default_settings, name) and (close := get_close_matches(name, OURS, n=1, cutoff=0.8)):
            raise ConfigurationError(
                f"reading the setting {name}: there is none of this name; did you mean -s {close[0]}=<value>?"
            )


def _check_switches(settings: BaseSettings) -> None:
    for name in settings:
        if isinstance(getattr(default_settings, name, None), bool):
            try:
                settings.getbool(name)
            except ValueError:
                raise ConfigurationError(
                    f"reading {name}={settings[name]}: it is on or off; give one, as in -s {name}=True or "
                    f"-s {name}=False"
                ) from None


def _check_numbers(settings: BaseSettings) -> None:
    for name, example in _NUMBERS.items():
        if (given := settings.get(name)) is None:
            continue
        counted = isinstance(example, int)
        try:
            number: float = int(given) if counted else float(given)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not 0 <= number < math.inf:
            kind = "a whole number" if counted else "a number of seconds"
            raise ConfigurationError(
                f"reading {name}={given}: it is not {kind}, 0 or more; give one, as in -s {name}={example}"
            )


def _check_feeds(settings: BaseSettings, site: str) -> None:
    """The columns of a CSV file are those of its first row: of rows of other tables, most values would be lost."""
    names = sorted(table.dataset for table in tables(site))
    if len(names) < 2 or settings.get("FEED_EXPORT_FIELDS"):
        return
    for uri, feed in settings.getdict("FEEDS").items():
        if feed.get("format") == "csv" and not feed.get("fields") and not feed.get("item_filter"):
            raise ConfigurationError(
                f"writing the feed {uri}: a CSV file takes the rows of one table, and there are {', '.join(names)}; "
                "write .jsonl, or choose a table with an item_filter in FEEDS (docs/settings.md, Feeds)"
            )
