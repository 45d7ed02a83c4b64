"""The small languages all sites share: times, addresses that may be logged, and JSON as it really comes."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from crawlers.parsing.dates import utc
from crawlers.parsing.json_body import json_of, loads
from crawlers.parsing.urls import path_template

NOON = dt.datetime(2026, 9, 21, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-09-21T12:00:00Z", "2026-09-21T12:00:00", "2026-09-21 12:00:00.000000", "2026-09-21T20:00:00+08:00"],
)
def test_a_time_is_utc_whatever_zone_it_is_written_in(text: str) -> None:
    assert utc(text) == NOON
    assert (utc(text) or NOON).tzinfo is dt.UTC


def test_no_time_stays_none() -> None:
    assert utc(None) is None


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01", "21.09.2026", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"],
)
def test_what_is_no_time_is_an_error_of_the_row(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        utc(text)


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_is_the_same_moment_in_utc(time: dt.datetime) -> None:
    try:
        expected = time.astimezone(dt.UTC)
    except OverflowError:
        return
    assert utc(time.isoformat()) == expected


WORDS = frozenset({"sketchfab.com", "api.sketchfab.com", "3d-models", "users", "v3"})


@pytest.mark.parametrize(
    ("url", "template"),
    [
        ("https://sketchfab.com/3d-models/dave-s-car-0123", "sketchfab.com/3d-models/…"),
        ("https://api.sketchfab.com/v3/users/dave/?q=dave#dave", "api.sketchfab.com/v3/users/…"),
        ("https://dave:secret@sketchfab.com:8080/dave//users", "sketchfab.com/…/users"),
        ("https://SKETCHFAB.com/USERS/", "sketchfab.com/…"),
        ("https://sketchfab.com", "sketchfab.com"),
        ("//[dave", "…"),
        ("https://dave.example/users/dave", "…/users/…"),
        ("https://users.sketchfab.com/v3", "…/v3"),
        ("https://v3.sketchfab.com.dave.example/", "…"),
        ("file:///home/dave", "…/…/…"),
        ("data:text/plain,dave", "…/…/…"),
        ("dave", "…/…"),
        ("", "…"),
    ],
)
def test_a_template_shows_the_hosts_and_the_words_of_the_sites_routes(url: str, template: str) -> None:
    assert path_template(url, WORDS) == template


parts = st.one_of(st.sampled_from(sorted(WORDS)), st.text(max_size=6), st.text(max_size=6).map(quote))


@given(st.lists(parts), parts, parts)
def test_a_template_never_shows_a_segment_that_is_no_word(segments: list[str], query: str, fragment: str) -> None:
    host, *shown = path_template(f"https://site.example/{'/'.join(segments)}?{query}#{fragment}", WORDS).split("/")
    assert host == "…"
    assert set(shown) <= {*WORDS, "…"}


@given(st.text())
def test_anything_at_all_has_a_template(text: str) -> None:
    assert set(path_template(text, WORDS).split("/")) <= {*WORDS, "…"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(json_values, st.booleans())
def test_json_is_what_was_sent(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert loads(body) == value
    assert loads(b"\xef\xbb\xbf" + body) == value  # a byte order mark


@given(st.text(), st.sampled_from(["\ud83d", "\ude00", "\ude00\ud83d"]), st.text())
def test_half_characters_are_mended_wherever_they_stand_and_the_rest_is_kept(
    before: str, half: str, after: str
) -> None:
    broken, mended = before + half + after, before + "\ufffd" * len(half) + after
    assert loads(json.dumps({broken: [broken, 1, {"name": broken}]}).encode()) == {
        mended: [mended, 1, {"name": mended}]
    }


def test_a_nul_in_a_name_is_kept_and_bytes_that_are_no_text_are_marked() -> None:
    assert loads(rb'{"name": "a\u0000b"}') == {"name": "a\0b"}
    assert loads(b'{"name": "a\xffb"}') == {"name": "a\ufffdb"}


@pytest.mark.parametrize(
    ("charset", "declared"), [("gbk", "gb2312"), ("utf-8", "iso-8859-1"), ("utf-8", None), ("utf-8", "no charset")]
)
def test_text_is_utf_8_whatever_the_header_says_and_only_if_it_is_not_what_the_header_says(
    charset: str, declared: str | None
) -> None:
    header = {"Content-Type": f"application/json; charset={declared}" if declared else "application/json"}
    body = '{"name": "白い狐 и 页面"}'.encode(charset)
    assert json_of(Response("https://site.example", headers=header, body=body)) == {"name": "白い狐 и 页面"}


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"\xef\xbb\xbf", b'{"a": 1', b'{"a": "', b"[1,", b"<html>", b'{"a": "\x00"}', b"\x00", b"[" * 100_000],
)
def test_what_is_no_whole_json_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(body)


@given(json_values.filter(lambda value: isinstance(value, dict | list | str)), st.data())
def test_json_cut_short_is_an_error(value: Any, data: st.DataObject) -> None:
    body = json.dumps(value).encode()
    with pytest.raises(ValueError, match=r"."):
        loads(body[: data.draw(st.integers(0, len(body) - 1))])


def test_a_body_is_decoded_once() -> None:
    response = Response("https://site.example", body=b'{"a": []}')
    assert json_of(response) is json_of(response)
