"""Every fault of the sandbox as it arrives."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import zlib
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.faults import FAULTS
from tests.sandbox.test_sandbox_server import API
from tests.sandbox.wire import GZIP, LAST, SECOND, WHOLE, Faulty, Wire

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Case:
    """How a fault shows: `check` gets what came and the body as it should be."""

    check: Callable[[Wire, bytes], bool]
    target: str = SECOND
    headers: str = ""
    patience_s: float = WHOLE
    most: int = 2**30


def _status(status: int, *, retry_after: str | None = None, location: str | None = None) -> Case:
    def check(wire: Wire, _normal: bytes) -> bool:
        found = (wire.status, wire.headers.get("retry-after"), wire.headers.get("location"))
        return found == (status, retry_after, location)

    return Case(check)


def _dated(status: int) -> Case:
    def check(wire: Wire, _normal: bytes) -> bool:
        wait = parsedate_to_datetime(wire.headers["retry-after"]) - dt.datetime.now(dt.UTC)
        return wire.status == status and dt.timedelta(0) < wait <= dt.timedelta(seconds=2)

    return Case(check)


def _unzip(packed: bytes) -> tuple[bytes, bool]:
    """What can be unpacked, and whether the trailer was there."""
    unpacker = zlib.decompressobj(31)
    return unpacker.decompress(packed), unpacker.eof


def _rows(change: Callable[[list[Any], list[Any], list[Any]], list[Any]]) -> Case:
    """The rows of the second page as `change` says: from the rows of the first page, its own and the third's."""

    def check(wire: Wire, normal: bytes) -> bool:
        page = json.loads(normal)
        rows = change(_PAGES[0]["results"], page["results"], _PAGES[2]["results"])
        return wire.is_whole() and bool(wire.json() == {**page, "results": rows})

    return Case(check)


_PAGES: list[dict[str, Any]] = []


@pytest.fixture(scope="module", autouse=True)
def _pages(pages: list[dict[str, Any]]) -> None:
    _PAGES[:] = pages


def _next(change: Callable[[dict[str, Any]], str], target: str = SECOND) -> Case:
    return Case(lambda wire, normal: wire.json() == {**json.loads(normal), "next": change(json.loads(normal))}, target)


def _edited(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value + 1 if type(value) is int else value for name, value in row.items()}


CASES: dict[str, Case] = {
    "empty_200": Case(lambda wire, _: wire.status == 200 and wire.is_whole() and wire.body == b""),
    "status_204": Case(lambda wire, _: wire.status == 204 and wire.body == b""),
    "status_304": Case(lambda wire, _: wire.status == 304 and wire.body == b""),
    **{
        f"status_{status}": _status(status)
        for status in (301, 302, 400, 401, 403, 404, 408, 410, 418, 429, 500, 502, 503, 504)
    },
    **{f"status_{status}": _status(status) for status in (520, 521, 522, 523, 524, 530, 999)},
    "status_429_seconds": _status(429, retry_after="1"),
    "status_503_seconds": _status(503, retry_after="1"),
    "status_429_date": _dated(429),
    "status_503_date": _dated(503),
    "length_too_long": Case(
        lambda wire, normal: wire.body == normal and int(wire.headers["content-length"]) == len(normal) + 1000
    ),
    "length_too_short": Case(
        lambda wire, normal: wire.body == normal and int(wire.headers["content-length"]) == len(normal) // 2
    ),
    "chunked_cut": Case(
        lambda wire, normal: (
            wire.headers["transfer-encoding"] == "chunked"
            and wire.body == b"%x\r\n%b\r\n" % (len(normal) // 2, normal[: len(normal) // 2])
        )
    ),
    "closed_in_body": Case(
        lambda wire, normal: (
            wire.body == normal[: len(normal) // 2]
            and not {"content-length", "transfer-encoding"} & wire.headers.keys()
            and wire.end == "closed"
        )
    ),
    "reset_before_answer": Case(lambda wire, _: (wire.received, wire.end) == (b"", "reset")),
    "reset_in_body": Case(
        lambda wire, normal: (
            wire.body == normal[: len(normal) // 2]
            and int(wire.headers["content-length"]) == len(normal)
            and wire.end == "reset"
        )
    ),
    "garbage": Case(lambda wire, _: len(wire.received) == 600 and b"HTTP" not in wire.received),
    "long_header": Case(lambda wire, normal: len(wire.headers["x-padding"]) == 70_000 and wire.body == normal),
    "hang": Case(lambda wire, _: (wire.received, wire.end) == (b"", "open"), patience_s=0.4),
    "slow_loris": Case(  # two bytes a second, however long a busy machine took
        lambda wire, normal: (
            normal.startswith(wire.body)
            and 2 <= len(wire.body) <= 2 + 2 * wire.seconds
            and wire.end == "open"
            and len(normal) > 1000
        ),
        patience_s=1.3,
    ),
    "slow_answer": Case(lambda wire, normal: wire.body == normal and wire.seconds >= 2),
    "huge_body": Case(
        lambda wire, _: wire.headers["content-length"] == str(100 * 2**20) and len(wire.body) > 2**22, most=2**23
    ),
    "huge_body_unannounced": Case(
        lambda wire, _: "content-length" not in wire.headers and len(wire.body) == 100 * 2**20
    ),
    "gzip_cut": Case(
        lambda wire, normal: (
            wire.is_whole()
            and normal.startswith(_unzip(wire.body)[0])
            and 0.3 * len(normal) < len(_unzip(wire.body)[0]) < len(normal)
            and not _unzip(wire.body)[1]
        ),
        headers=GZIP,
    ),
    "gzip_without_trailer": Case(
        lambda wire, normal: wire.is_whole() and _unzip(wire.body) == (normal, False), headers=GZIP
    ),
    "not_gzip": Case(
        lambda wire, normal: wire.is_whole() and wire.headers["content-encoding"] == "gzip" and wire.body == normal,
        headers=GZIP,
    ),
    "gzip_bomb": Case(
        lambda wire, _: 48_000 < len(wire.body) < 49_500 and len(gzip.decompress(wire.body)) == 50_000_000,
        headers=GZIP,
    ),
    "wrong_charset": Case(
        lambda wire, normal: (
            wire.headers["content-type"] == "application/json; charset=iso-8859-1"
            and wire.body == normal
            and not wire.body.isascii()
        )
    ),
    "gbk_as_gb2312": Case(
        lambda wire, normal: (
            wire.headers["content-type"] == "application/json; charset=gb2312"
            and json.loads(wire.body.decode("gbk")) == json.loads(normal)
        )
    ),
    "redirect_to_itself": _status(302, location=f"https://{API}{SECOND}"),
    "redirect_chain": _status(302, location=f"https://{API}{SECOND}&sandbox_redirect_chain=1"),
    "redirect_offsite": _status(302, location="https://www.offsite.invalid/"),
    "redirect_to_file": _status(302, location="file:///etc/passwd"),
    "json_malformed": Case(lambda wire, normal: wire.is_whole() and wire.body == normal[:-1] + b",}"),
    "json_cut": Case(lambda wire, normal: wire.is_whole() and wire.body == normal[: len(normal) // 2]),
    "changed_layout": Case(
        lambda wire, normal: (
            {name.removeprefix("new_"): value for name, value in wire.json().items()} == json.loads(normal)
            and "results" not in wire.json()
        )
    ),
    "captcha_page": Case(lambda wire, _: wire.status == 200 and wire.is_whole() and b"gokuProps" in wire.body),
    "login_page": Case(lambda wire, _: wire.status == 200 and b'type="password"' in wire.body),
    "consent_page": Case(lambda wire, _: wire.status == 200 and b"cookies" in wire.body),
    "next_is_this": _next(lambda _: f"https://{API}{SECOND}"),
    "next_is_earlier": _next(lambda page: str(page["previous"])),
    "endless_pages": _next(lambda _: f"https://{API}{LAST}&sandbox_endless_pages=1", LAST),
    "page_repeated": _rows(lambda before, _own, _after: before),
    "rows_repeated": _rows(lambda before, own, _after: before[-3:] + own),
    "rows_moved": _rows(lambda _before, own, after: own[:-3] + after[:3]),
    "rows_doubled": _rows(lambda _before, own, _after: own + [_edited(row) for row in own[:3]]),
}
OF_HTML = {"html_cut"}


def test_every_fault_is_tested_and_described() -> None:
    assert CASES.keys() | OF_HTML == FAULTS.keys()
    for name, fault in FAULTS.items():
        assert (fault.name, re.fullmatch("[a-z0-9_]+", name) is not None) == (name, True)
        assert fault.description.endswith(".")
        assert fault.kind


@pytest.mark.parametrize("name", CASES)
def test_a_fault_arrives_as_described_and_once_for_a_url(faulty: Faulty, name: str) -> None:
    case = CASES[name]
    faulty.order("")
    normal = faulty.ask(case.target).body
    faulty.order(name)
    came = faulty.ask(case.target, headers=case.headers, patience_s=case.patience_s, most=case.most)
    assert case.check(came, normal), came.received[:300]
    assert faulty.served() == {name: 1}
    again = faulty.ask(case.target)
    assert (again.body == normal) is not FAULTS[name].lasting
