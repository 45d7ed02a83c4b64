from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import json
import re
import socket
import subprocess
import sys
import time
import zlib
from collections import Counter
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.compression import takes_gzip
from sandbox.faults import FAULTS, Asked, Raw
from sandbox.faults.orders import FaultError, Orders
from sandbox.faults.standing import Standing
from sandbox.server import Sandbox
from sandbox.sites import Reply
from sandbox.worlds import World
from tests.sandbox.test_sandbox_server import API, REPOSITORY, Running, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST = "/v3/search?count=24&type=models"
SECOND = f"{FIRST}&cursor=24"
LAST = f"{FIRST}&cursor=96"
WHOLE = 10.0  # seconds; far longer than any whole answer takes


@dataclass
class Wire:
    """All that came over the wire, and how it ended: ``closed``, ``reset`` or ``open``."""

    received: bytes
    end: str
    seconds: float

    @property
    def status(self) -> int:
        return int(self.received.split(b" ", 2)[1])

    @property
    def headers(self) -> dict[str, str]:
        lines = self.received.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    def json(self) -> Any:
        return json.loads(self.body)

    def is_whole(self) -> bool:
        return len(self.body) == int(self.headers["content-length"])


@dataclass
class Faulty:
    """A sandbox whose faults the tests order."""

    running: Running

    def order(self, spec: str) -> None:
        answer = self.running.get("any", "/_sandbox/faults", method="POST", body={"spec": spec})
        assert answer.status == 200, answer.body

    def served(self) -> dict[str, int]:
        served: dict[str, int] = self.running.get("any", "/_sandbox/faults").json()["served"]
        return served

    def ask(self, target: str, *, patience_s: float = WHOLE, headers: str = "", most: int = 2**30) -> Wire:
        """GET over a socket of its own, until the server ends it, `patience_s` passes or `most` bytes have come."""
        begin = time.monotonic()
        received = bytearray()
        end = "closed"
        with socket.create_connection(("127.0.0.1", self.running.port), timeout=patience_s) as connection:
            asking = f"GET {target} HTTP/1.1\r\nHost: {API}\r\nConnection: close\r\n{headers}\r\n"
            connection.sendall(asking.encode())
            try:
                while len(received) < most:
                    connection.settimeout(max(0.01, begin + patience_s - time.monotonic()))
                    if not (part := connection.recv(2**16)):
                        break
                    received += part
                else:
                    end = "open"
            except ConnectionResetError:
                end = "reset"
            except TimeoutError:
                end = "open"
        return Wire(bytes(received), end, time.monotonic() - begin)


@pytest.fixture(scope="module")
def faulty() -> Iterator[Faulty]:
    with running("--size", "120", "--no-drift", "--faults", "seed=1") as started:
        yield Faulty(started)


GZIP = "Accept-Encoding: gzip, deflate\r\n"


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
def _pages(faulty: Faulty) -> None:
    faulty.order("")
    _PAGES[:] = [faulty.ask(f"{FIRST}&cursor={cursor}").json() for cursor in range(0, 120, 24)]
    assert _PAGES[-1]["next"] is None


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
    "slow_loris": Case(
        lambda wire, normal: wire.body == normal[:3] and wire.end == "open" and len(normal) > 1000, patience_s=1.3
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


class Pages:
    """A site of HTML."""

    hosts: tuple[str, ...] = ("pages.example",)
    body = "<html><body id='top'><p class=\"row\">页面 丏 😀</p></body></html>".encode()

    def respond(self, host: str, path: str, query: str) -> Reply:
        return Reply(path, self.body, content_type="text/html; charset=utf-8")


def _ask_html(spec: str) -> bytes:
    async def ask() -> bytes:
        sandbox = Sandbox(World(0, 5))
        sandbox.add(Pages())
        sandbox.order_faults(spec)
        async with sandbox.serve() as ports:
            reader, writer = await asyncio.open_connection("127.0.0.1", ports.plain)
            writer.write(b"GET / HTTP/1.1\r\nHost: pages.example\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()
            return answer

    return asyncio.run(ask())


def test_html_can_lack_its_end_or_be_redesigned() -> None:
    cut = Pages.body[: len(Pages.body) * 2 // 3]
    head, _, body = _ask_html("html_cut").partition(b"\r\n\r\n")
    assert body == cut
    assert f"Content-Length: {len(cut)}".encode() in head
    assert b"<body id='new-top'><p class=\"new-row\">" in _ask_html("changed_layout")
    assert _ask_html("json_cut").endswith(Pages.body)


def test_html_in_gbk_escapes_what_gbk_lacks() -> None:
    answer = _ask_html("gbk_as_gb2312")
    assert b"Content-Type: text/html; charset=gb2312" in answer
    assert "页面 丏 &#128512;".encode("gbk") in answer


def test_a_chain_of_redirects_ends_after_50(faulty: Faulty) -> None:
    faulty.order("redirect_chain")
    target, redirects = SECOND, 0
    while (answer := faulty.ask(target)).status == 302:
        target = answer.headers["location"].removeprefix(f"https://{API}")
        redirects += 1
    assert (redirects, answer.json()) == (50, _PAGES[1])


def test_a_list_without_end_goes_on(faulty: Faulty) -> None:
    faulty.order("endless_pages")
    target = LAST
    for step in range(1, 6):
        page = faulty.ask(target).json()
        assert page["results"] == _PAGES[-1]["results"]
        assert page["next"].endswith(f"&cursor=96&sandbox_endless_pages={step}")
        target = page["next"].removeprefix(f"https://{API}")


def test_faults_of_gzip_wait_for_a_client_that_takes_it(faulty: Faulty) -> None:
    faulty.order("gzip_cut")
    assert faulty.ask(SECOND).json() == _PAGES[1]
    assert faulty.served() == {}
    assert faulty.ask(SECOND, headers=GZIP).headers["content-encoding"] == "gzip"
    assert faulty.served() == {"gzip_cut": 1}


def test_normal_pages_are_packed_when_large_and_the_client_takes_gzip(faulty: Faulty) -> None:
    faulty.order("")
    answer = faulty.ask(SECOND, headers=GZIP)
    assert answer.is_whole()
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body)) == _PAGES[1]
    assert "content-encoding" not in faulty.ask("/robots.txt", headers=GZIP).headers
    with running("--size", "30", "--no-gzip") as plain:
        assert "content-encoding" not in Faulty(plain).ask(FIRST, headers=GZIP).headers


@pytest.mark.parametrize(
    ("header", "takes"),
    [("gzip, deflate, br", True), ("br;q=1.0, GZIP;q=0.5", True), ("gzip; q=0", False), ("br", False), ("", False)],
)
def test_accept_encoding_is_read(header: str, *, takes: bool) -> None:
    assert takes_gzip(header) is takes


def test_a_hanging_answer_keeps_nobody_from_another(faulty: Faulty) -> None:
    faulty.order(f"hang@{FIRST}&cursor=24")
    with socket.create_connection(("127.0.0.1", faulty.running.port)) as waiting:
        waiting.sendall(f"GET {SECOND} HTTP/1.1\r\nHost: {API}\r\n\r\n".encode())
        time.sleep(0.1)
        assert faulty.ask(FIRST).seconds < 1


# How orders are understood and applied, without a server.


def _standing(spec: str, seed: int = 0) -> Standing:
    return Standing(Orders.parse(spec, hosts=(*Pages.hosts, "other.example"), seed=seed))


def _asked(target: str, host: str = Pages.hosts[0]) -> Asked:
    return Asked(Pages(), host, target)


def _hit(standing: Standing, target: str, host: str = Pages.hosts[0]) -> str:
    """The template of what went wrong, without ``(fault )``; empty where nothing did."""
    answer = standing.answer(_asked(target, host))
    return answer.template.removeprefix("(fault ").removesuffix(")") if answer else ""


def _hits(spec: str, targets: list[str], seed: int = 0) -> dict[str, str]:
    standing = _standing(spec, seed)
    return {target: _hit(standing, target) for target in targets}


TARGETS = [f"/page/{number}" for number in range(4000)]


def test_a_rate_is_a_share_of_the_requests() -> None:
    hits = Counter(_hits("503:0.1,gzip_cut:0.9,json_cut:0.9,502:0.05", TARGETS).values())
    assert hits["status_503"] == pytest.approx(400, rel=0.15)
    assert hits["status_502"] == pytest.approx(180, rel=0.2)
    assert hits.keys() == {"status_503", "status_502", ""}


def test_what_goes_wrong_depends_on_seed_and_url_and_not_on_order() -> None:
    hits = _hits("503:0.1,all:0.1", TARGETS)
    assert _hits("503:0.1,all:0.1", TARGETS[::-1]) == hits
    assert _hits("503:0.1,all:0.1", TARGETS, seed=1) != hits
    assert _hits("503:0.1,all:0.1,seed=1", TARGETS) == _hits("503:0.1,all:0.1", TARGETS, seed=1)


def test_another_entry_does_not_change_what_an_entry_hits() -> None:
    alone = _hits("503:0.1", TARGETS)
    both = _hits("502:0.01,503:0.1", TARGETS)
    assert all(both[target] in {hit, "status_502"} for target, hit in alone.items())


@pytest.mark.parametrize(
    ("spec", "hits"),
    [
        ("503", ["status_503", "", "", "", ""]),
        ("503:x3", ["status_503", "status_503", "status_503", "", ""]),
        ("503:xall", ["status_503"] * 5),
        ("503,502", ["status_503", "status_502", "", "", ""]),
        ("503,502,500,408", ["status_503", "status_502", "", "", ""]),
        ("503,502,500,408,per_url=3", ["status_503", "status_502", "status_500", "", ""]),
        ("503,502,500:x1", ["status_503", "status_502", "status_500", "", ""]),
        ("404", ["status_404"] * 5),
        ("404:x2", ["status_404", "status_404", "", "", ""]),
    ],
)
def test_a_url_fails_so_many_times_and_then_no_more(spec: str, hits: list[str]) -> None:
    standing = _standing(spec)
    assert [_hit(standing, "/page") for _ in range(5)] == hits


def test_a_lasting_fault_belongs_to_the_url() -> None:
    standing = _standing("410:0.1")
    times = [[_hit(standing, target) for target in TARGETS[:1000]] for _ in range(3)]
    assert times[0] == times[1] == times[2]
    assert times[0].count("status_410") == pytest.approx(100, rel=0.3)


def test_all_means_every_fault_that_asking_again_mends() -> None:
    hits = set(_hits("all", TARGETS).values())
    of_html = {name for name, fault in FAULTS.items() if fault.heals} - {name for name in FAULTS if "json_" in name}
    assert hits == of_html - {"gzip_cut", "gzip_without_trailer", "not_gzip"}
    assert not hits & {"status_404", "status_401", "gzip_bomb", "login_page", "rows_moved", "redirect_to_itself"}


@pytest.mark.parametrize(
    ("spec", "host", "target", "hit"),
    [
        ("503@/a", "pages.example", "/abc", True),
        ("503@/a", "pages.example", "/b/a", False),
        ("503@/a?x=1", "other.example", "/a?x=1&y=2", True),
        ("503@other.example", "other.example", "/a", True),
        ("503@other.example/a", "pages.example", "/a", False),
        ("503", "pages.example", "/robots.txt", False),
        ("503@/", "pages.example", "/robots.txt", False),
        ("503@/robots.txt", "pages.example", "/robots.txt", True),
        (" 503@/b:1.0 ;; 503@/a:x1 ", "pages.example", "/a", True),
    ],
)
def test_an_entry_says_where(spec: str, host: str, target: str, *, hit: bool) -> None:
    assert bool(_hit(_standing(spec), target, host)) is hit


def test_a_replaced_page_is_never_asked_of_the_site() -> None:
    class Closed(Pages):
        def respond(self, host: str, path: str, query: str) -> Reply:
            raise AssertionError(path)

    answer = _standing("reset_before_answer").answer(Asked(Closed(), "pages.example", "/"))
    assert isinstance(answer, Raw)
    assert _standing("503").answer(Asked(Closed(), "pages.example", "/")) is not None


# Command line and control endpoint.

BAD_SPECS = [
    ("sunshine", "there is no fault 'sunshine'"),
    ("gzip_cutt", "did you mean gzip_cut"),
    ("503:2", "neither a rate"),
    ("503:0", "neither a rate"),
    ("503:x0", "nor a number of times"),
    ("503:0.1:0.2", "one too many"),
    ("503@", "nothing after the @"),
    ("503@www.example.com/", "names a host without a replica"),
    ("seed=tomorrow", "not a whole number"),
]


@pytest.mark.parametrize(("spec", "reason"), BAD_SPECS)
def test_a_spec_that_makes_no_sense_is_refused_in_one_line(faulty: Faulty, spec: str, reason: str) -> None:
    with pytest.raises(FaultError, match=re.escape(reason)) as refused:
        _standing(spec)
    assert "\n" not in str(refused.value)
    faulty.order("status_418")
    answer = faulty.running.get("any", "/_sandbox/faults", method="POST", body={"spec": f"502,{spec}"})
    assert answer.status == 400
    assert reason in answer.json()["detail"]
    assert faulty.ask(FIRST).status == 418  # what stood still stands


def test_a_bad_spec_on_the_command_line_is_one_line_and_exit_2() -> None:
    command = [sys.executable, "-m", "sandbox", "--size", "5", "--faults", "503:0.1,sunshine"]
    ended = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "there is no fault 'sunshine'" in ended.stderr


def test_the_seed_is_printed() -> None:
    command = [sys.executable, "-m", "sandbox", "--size", "5", "--seed", "9", "--faults", "503:0.1@/v3/,seed=4"]
    bad = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=False)
    assert bad.returncode == 2  # the place stands before the amounts
    for seed, printed in (("", 9), (",seed=4", 4)):
        command[-1] = f"503@/v3/:0.1{seed}"
        ended = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=True)
        assert ended.stderr == f"sandbox: faults 503@/v3/:0.1,seed={printed},per_url=2\n"


def test_the_names_of_all_faults_can_be_listed() -> None:
    command = [sys.executable, "-m", "sandbox", "--list-faults"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(FAULTS)


def test_the_control_endpoint_shows_orders_and_ends_them(faulty: Faulty) -> None:
    faulty.order("503@/v3/search:x2;all:0.001;seed=5")
    assert [faulty.ask(FIRST).status for _ in range(3)] == [503, 503, 200]
    assert faulty.running.get("any", "/_sandbox/faults").json() == {
        "spec": "503@/v3/search:x2,all:0.001,seed=5,per_url=2",
        "seed": 5,
        "per_url": 2,
        "entries": {"503@/v3/search:x2": 2, "all:0.001": 0},
        "served": {"status_503": 2},
    }
    log = faulty.running.get("any", "/_sandbox/requests").json()
    assert log["by_path"][f"{API}(fault status_503)"] >= 2
    ended = faulty.running.get("any", "/_sandbox/faults", method="DELETE").json()
    assert ended == {"spec": "", "entries": {}, "served": {}}
    assert faulty.running.get("any", "/_sandbox/faults", method="POST", body={"sepc": "503"}).status == 400
