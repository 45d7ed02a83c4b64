"""Faults over several pages, in HTML, and what stays as it is while others fail."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from typing import Any

import pytest

from sandbox.compression import takes_gzip
from sandbox.server import Sandbox
from sandbox.worlds import World
from tests.sandbox.html_site import Pages
from tests.sandbox.test_sandbox_server import API, running
from tests.sandbox.wire import FIRST, GZIP, LAST, SECOND, Faulty


def _ask_html(spec: str) -> bytes:
    async def ask() -> bytes:
        sandbox = Sandbox(World(0, 5))
        sandbox.add(Pages.hosts, Pages)
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


def test_a_chain_of_redirects_ends_after_50(faulty: Faulty, pages: list[dict[str, Any]]) -> None:
    faulty.order("redirect_chain")
    target, redirects = SECOND, 0
    while (answer := faulty.ask(target)).status == 302:
        target = answer.headers["location"].removeprefix(f"https://{API}")
        redirects += 1
    assert (redirects, answer.json()) == (50, pages[1])


def test_a_list_without_end_goes_on(faulty: Faulty, pages: list[dict[str, Any]]) -> None:
    faulty.order("endless_pages")
    target = LAST
    for step in range(1, 6):
        page = faulty.ask(target).json()
        assert page["results"] == pages[-1]["results"]
        assert page["next"].endswith(f"&cursor=96&sandbox_endless_pages={step}")
        target = page["next"].removeprefix(f"https://{API}")


def test_faults_of_gzip_wait_for_a_client_that_takes_it(faulty: Faulty, pages: list[dict[str, Any]]) -> None:
    faulty.order("gzip_cut")
    assert faulty.ask(SECOND).json() == pages[1]
    assert faulty.served() == {}
    assert faulty.ask(SECOND, headers=GZIP).headers["content-encoding"] == "gzip"
    assert faulty.served() == {"gzip_cut": 1}


def test_normal_pages_are_packed_when_large_and_the_client_takes_gzip(
    faulty: Faulty, pages: list[dict[str, Any]]
) -> None:
    faulty.order("")
    answer = faulty.ask(SECOND, headers=GZIP)
    assert answer.is_whole()
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body)) == pages[1]
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
