"""Settings that cannot work are refused by name, with what would work; all others pass."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from crawlers import settings as defaults
from crawlers.errors import ConfigurationError
from crawlers.folders import in_sandbox
from crawlers.given_settings import OURS, check_given
from crawlers.replicas import find_sandbox

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def given(**values: Any) -> Settings:
    """Settings as on the command line of a crawl of this project."""
    settings = Settings()
    settings.setmodule(defaults, "project")
    settings.update(values, "cmdline")
    return settings


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("BACKOFF_FIRST_S", "fast", "BACKOFF_FIRST_S=60"),
        ("PROGRESS_INTERVAL_S", "", "PROGRESS_INTERVAL_S=60"),
        ("ACCOUNT_BREAK_S", "-1", "ACCOUNT_BREAK_S=3600"),
        ("DOWNLOAD_DELAY", "nan", "DOWNLOAD_DELAY=2"),
        ("DOWNLOAD_TIMEOUT", "inf", "DOWNLOAD_TIMEOUT=60"),
        ("CONCURRENT_REQUESTS", "1.5", "CONCURRENT_REQUESTS=0"),
        ("SANDBOX_SIZE", "large", "SANDBOX_SIZE=600"),
    ],
)
def test_a_number_that_is_none_is_refused_with_one_that_is(name: str, value: str, valid: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(f"reading {name}={value}: it is not a ")) as refused:
        check_given(given(**{name: value}), "sketchfab")
    assert f"-s {valid}" in str(refused.value)


def test_a_switch_that_is_neither_on_nor_off_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"ROBOTSTXT_OBEY=no: .*-s ROBOTSTXT_OBEY=True or .*=False"):
        check_given(given(ROBOTSTXT_OBEY="no"), "sketchfab")
    check_given(given(ROBOTSTXT_OBEY="False", RETRY_ENABLED="1"), "sketchfab")


@pytest.mark.parametrize(
    ("name", "meant"), [("SANDBX", "SANDBOX"), ("OUTPUTDIR", "OUTPUT_DIR"), ("PSEUDONYM_KEYFILE", "PSEUDONYM_KEY_FILE")]
)
def test_a_name_that_is_nearly_one_of_ours_is_refused(name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}: .*did you mean -s {meant}="):
        check_given(given(**{name: "True"}), "sketchfab")


def test_settings_of_ours_of_scrapy_and_of_others_pass() -> None:
    check_given(given(), "sketchfab")
    check_given(given(OUTPUT_DIR="out", JOBDIR="x", MY_OWN="1", DOWNLOAD_DELAY="0.5", SANDBOX_SEED=3), "sketchfab")


def test_our_settings_are_those_of_the_documentation() -> None:
    ours = PAGE.read_text(encoding="utf-8").partition("## Ours\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", ours, re.MULTILINE)) == OURS


@pytest.mark.parametrize("value", ["Ture", "127.0.0.1:80", "https://127.0.0.1:80", "httpx"])
def test_a_sandbox_that_is_neither_on_nor_off_nor_an_address_is_refused(value: str) -> None:
    assert in_sandbox(given(SANDBOX=value)), "the site itself would be crawled"
    with pytest.raises(ConfigurationError, match=rf"SANDBOX={value}: .*SANDBOX=True.*http://127.*SANDBOX=False"):
        find_sandbox(given(SANDBOX=value))


def test_a_csv_feed_takes_the_rows_of_one_table() -> None:
    csv = {"format": "csv"}
    with pytest.raises(ConfigurationError, match=r"rows\.csv: .*sketchfab/likes.*FEEDS \(docs/settings\.md"):
        check_given(given(FEEDS={"rows.jsonl": {"format": "jsonlines"}, "rows.csv": csv}), "sketchfab")
    for feed in ({**csv, "fields": ["user_id"]}, {**csv, "item_filter": "crawlers.extensions.feeds.TableFilter"}):
        check_given(given(FEEDS={"rows.csv": feed}), "sketchfab")
