"""How long a site asks to wait."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from crawlers.middlewares.backoff import retry_after_s


def asked(value: str | bytes, date: dt.datetime | str | None = None) -> float | None:
    headers: dict[str, str | bytes] = {"Retry-After": value}
    if date is not None:
        headers["Date"] = date if isinstance(date, str) else format_datetime(date, usegmt=True)
    return retry_after_s(Response("https://site.example", status=429, headers=headers))


def in_an_hour() -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("7", 7), (" 120 ", 120), ("007", 7), ("86400", 86_400)])
def test_seconds_are_seconds(value: str, seconds: float) -> None:
    assert asked(value) == seconds


def test_a_date_is_the_time_until_then() -> None:
    assert asked(format_datetime(in_an_hour(), usegmt=True)) == pytest.approx(3600, abs=5)
    assert asked(format_datetime(in_an_hour().astimezone(dt.timezone(dt.timedelta(hours=8))))) == pytest.approx(
        3600, abs=5
    )


def test_a_date_without_zone_is_utc() -> None:
    assert asked(f"{in_an_hour():%a, %d %b %Y %H:%M:%S}") == pytest.approx(3600, abs=5)


def test_a_date_in_the_past_asks_for_no_wait() -> None:
    assert asked("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize("skew", [dt.timedelta(hours=-5), dt.timedelta(hours=5), dt.timedelta(days=-4000)])
def test_a_date_is_read_by_the_clock_of_the_site(skew: dt.timedelta) -> None:
    site = dt.datetime.now(dt.UTC).replace(microsecond=0) + skew
    assert asked(format_datetime(site + dt.timedelta(seconds=90), usegmt=True), date=site) == 90


def test_a_site_without_a_usable_clock_is_read_by_ours() -> None:
    assert asked(format_datetime(in_an_hour(), usegmt=True), date="yesterday") == pytest.approx(3600, abs=5)


@pytest.mark.parametrize("value", ["", "-5", "1.5", "soon", "1e3", "²", "5 seconds", "Wed, 99 Oct 2015 07:28:00 GMT"])
def test_what_is_neither_is_as_good_as_nothing(value: str) -> None:
    assert asked(value.encode()) is None


def test_a_response_without_the_header_asks_for_nothing() -> None:
    assert retry_after_s(Response("https://site.example", status=429)) is None


@given(st.one_of(st.binary(max_size=40), st.text().map(str.encode), st.integers().map(lambda n: str(n).encode())))
def test_no_header_makes_it_fail_or_wait_less_than_nothing(value: bytes) -> None:
    wait = asked(value)
    assert wait is None or wait >= 0
