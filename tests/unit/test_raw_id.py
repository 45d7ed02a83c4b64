"""Whether a stored request or fact names a person: neither missed in disguise, nor seen in somebody else's name."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.frontier.raw_id import RawId

UID = "9f2c4e6a8b0d1f3e5a7c9b1d3f5e7a90"
NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "value",
    [
        f"https://example.com/users/{UID}/likes",
        f"https://example.com/none-{UID}",
        f"https://example.com/likes?count=24&user={UID}#top",
        f"https://example.com/login?next=https%3A%2F%2Fexample.com%2Fu%252F{UID}",
        f"https://example.com/users/{UID.upper()}.json",
        f'{{"user": "{UID}"}}'.encode(),
        {"page": 3, "people": ["somebody", {"uid": UID}]},
        {"seen": {UID: 1}},
        UID,
        f"user {UID}",
    ],
)
def test_an_id_is_found_wherever_it_stands(value: Any) -> None:
    assert RawId(UID).stands_in(value)


@pytest.mark.parametrize("value", [f"{UID}0", f"x{UID}", UID[:-1], "", None, True, 3, 2.5, [], {}, b"", NEVER])
def test_what_is_not_the_id_is_not_found(value: Any) -> None:
    assert not RawId(UID).stands_in(value)


@pytest.mark.parametrize("other", ["davenport", "dave_2", "thedave", "dave1"])
def test_a_name_is_not_found_in_longer_names(other: str) -> None:
    assert RawId("dave").stands_in("https://letterboxd.com/Dave/films/page/2/")
    assert not RawId("dave").stands_in(f"https://letterboxd.com/{other}/films/")


def test_a_long_number_is_found_behind_a_prefix_and_a_short_one_is_not() -> None:
    assert RawId("1234567890").stands_in("https://m.weibo.cn/api/container/getIndex?containerid=1005051234567890")
    assert RawId("1234567890").stands_in({"uid": 1234567890})
    assert not RawId("123").stands_in("page 1234")


@pytest.mark.parametrize("raw", ["林小雨", "Renée", "ümit-ö"])
def test_other_scripts_are_found_in_any_encoding_and_unicode_form(raw: str) -> None:
    for value in (f"/n/{quote(raw)}?x=1", json.dumps({"name": raw}).encode(), f"@{raw}说", f"u/{raw.upper()}".encode()):
        assert RawId(raw).stands_in(value)


@pytest.mark.parametrize("raw", ["a+b", "a.b", "UC_-x.*", "-lead", "tail-", "50%", "[x]"])
def test_signs_in_an_id_are_only_signs(raw: str) -> None:
    assert RawId(raw).stands_in({"id": raw})
    assert RawId(raw).stands_in(f"https://example.com/?id={quote(raw, safe='')}&x=1")
    assert not RawId("a.b").stands_in("axb")


@given(st.text("abc123_-.", min_size=1, max_size=12), st.sampled_from(["/u/{}/x", "?u={}", "{}", "x {} y"]))
def test_an_id_is_found_between_separators(raw: str, where: str) -> None:
    assert RawId(raw).stands_in(where.format(raw))


def test_an_id_is_not_shown() -> None:
    assert UID not in repr(RawId(UID))
