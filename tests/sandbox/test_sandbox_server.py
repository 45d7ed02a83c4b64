from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
API = "api.sketchfab.com"
SEARCH = "/v3/search?type=models&sort_by=-likeCount"


@dataclass
class Answer:
    """A response: status, headers (lower-case names) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Running:
    """A sandbox process that said it is ready."""

    process: subprocess.Popen[str]
    port: int
    tls_port: int

    def get(
        self, host: str, path: str, *, method: str = "GET", body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = {"Host": host, **(headers or {})}
            connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, received, response.read())
        finally:
            connection.close()

    def order(self, **script: object) -> Answer:
        return self.get("any", "/_sandbox/script", method="POST", body=script)


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    """A sandbox, ended by closing its stdin."""
    command = [sys.executable, "-m", "sandbox", *arguments]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout
            ready = json.loads(process.stdout.readline())
            yield Running(process, int(ready["url"].rpartition(":")[2]), ready["tls_port"])
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(10)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running("--size", "120", "--seed", "7") as started:
        yield started


def test_the_control_endpoint_describes_the_world_whatever_the_host(sandbox: Running) -> None:
    answer = sandbox.get("whatever.example", "/_sandbox").json()
    world = World(7, 120)
    assert {"api.sketchfab.com", "sketchfab.com"} <= set(answer.pop("hosts"))
    assert answer.pop("tls_port") == sandbox.tls_port
    assert answer == {
        "world": "synthetic",
        "seed": 7,
        "size": 120,
        "api_keys": world.api_keys,
        "accounts": world.accounts,
        "pseudonym_key": world.pseudonym_key,
        "identity": world.identity,
    }
    assert len(answer["pseudonym_key"]) == 64
    assert sandbox.get("x", "/_sandbox/nothing").status == 404


def test_a_page_comes_with_the_host_of_its_site(sandbox: Running) -> None:
    answer = sandbox.get(API, SEARCH)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert len(answer.json()["results"]) == 24
    assert sandbox.get(f"{API}:443", "/robots.txt").body.startswith(b"User-agent")


def test_a_host_without_replica_is_421_with_a_clear_text(sandbox: Running) -> None:
    answer = sandbox.get("www.example.com", "/")
    assert answer.status == 421
    assert b"no replica of 'www.example.com'" in answer.body
    assert b"api.sketchfab.com" in answer.body


def test_the_tls_port_serves_the_same_but_not_the_control_endpoint(sandbox: Running) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", sandbox.tls_port, context=context, timeout=10)
    connection.request("GET", "/robots.txt", headers={"Host": "sketchfab.com"})
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, sandbox.get("sketchfab.com", "/robots.txt").body)
    connection.request("GET", "/_sandbox", headers={"Host": "sketchfab.com"})
    assert connection.getresponse().status == 404
    connection.close()


def test_only_reading_is_allowed(sandbox: Running) -> None:
    assert sandbox.get(API, "/v3/models", method="POST").status == 405
    assert sandbox.get(API, "/v3/models", method="HEAD").body == b""


def test_the_log_counts_by_template_and_status() -> None:
    with running("--size", "5") as sandbox:
        sandbox.get(API, "/v3/models/one")
        sandbox.get(API, "/v3/models/two")
        sandbox.get("unknown.example", "/")
        log = sandbox.get("any", "/_sandbox/requests").json()
    assert log["total"] == 3
    assert log["by_path"] == {"api.sketchfab.com/v3/models/{uid}": 2, "(other)(misdirected)": 1}
    assert log["by_status"] == {"404": 2, "421": 1}
    assert (log["max_concurrent"], log["user_agents"]) == (1, [""])
    assert [request["url"] for request in log["last"]] == ["/v3/models/one", "/v3/models/two", "/"]


def test_a_script_answers_so_many_matching_requests(sandbox: Running) -> None:
    order = {"host": API, "path_prefix": "/v3/search", "status": 429, "headers": {"Retry-After": "1"}, "body": ""}
    sandbox.order(**order, times=2)
    assert sandbox.get(API, "/v3/models").status == 200
    answers = [sandbox.get(API, SEARCH) for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "1"


def test_a_script_can_let_pages_pass_first(sandbox: Running) -> None:
    sandbox.order(state="gone", after=2)
    assert [sandbox.get(API, SEARCH).status for _ in range(4)] == [200, 200, 404, 200]


@pytest.mark.parametrize(
    ("state", "status", "body"),
    [
        ("waf_challenge", 202, b""),
        ("blocked", 403, b"Access denied"),
        ("rate_limited", 429, b"{"),
        ("not_json", 200, b"<html>"),
    ],
)
def test_walls_have_names(sandbox: Running, state: str, status: int, body: bytes) -> None:
    sandbox.order(state=state, host="sketchfab.com")
    answer = sandbox.get("sketchfab.com", "/i/likes")
    assert answer.status == status
    assert answer.body.startswith(body)
    assert answer.headers.get("x-amzn-waf-action") == ("challenge" if state == "waf_challenge" else None)


def test_scripts_can_be_forgotten(sandbox: Running) -> None:
    sandbox.order(state="blocked", times=1000)
    assert sandbox.get(API, SEARCH).status == 403
    sandbox.get("any", "/_sandbox/script", method="DELETE")
    assert sandbox.get(API, SEARCH).status == 200


@pytest.mark.parametrize("script", [{"state": "sunny"}, {"status": 99}, {"stauts": 404}, {}])
def test_a_script_that_makes_no_sense_is_refused(sandbox: Running, script: dict[str, object]) -> None:
    answer = sandbox.order(**script)
    assert answer.status == 400
    assert answer.json()["detail"]


def test_canaries_are_listed_where_there_are_some(sandbox: Running) -> None:
    assert sandbox.get("any", "/_sandbox/canaries").status == 404
    with running("--size", "5", "--canary") as canary:
        listed = canary.get("any", "/_sandbox/canaries").json()["canaries"]
        page = canary.get(API, SEARCH).json()
    assert page["results"][0]["user"]["username"] in listed


def test_latency_is_added_to_every_answer() -> None:
    with running("--size", "5", "--latency", "150") as sandbox:
        begin = time.monotonic()
        sandbox.get(API, "/robots.txt")
        assert time.monotonic() - begin >= 0.15


def test_it_ends_when_stdin_closes_and_ctrl_c_does_not_end_it() -> None:
    with running("--size", "5") as sandbox:
        sandbox.process.send_signal(signal.SIGINT)
        assert sandbox.get(API, "/robots.txt").status == 200
        assert sandbox.process.stdin
        sandbox.process.stdin.close()
        assert sandbox.process.wait(5) == 0


def test_it_ends_when_its_parent_is_killed() -> None:
    parent_code = textwrap.dedent("""
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-m", "sandbox", "--size", "5"], stdin=subprocess.PIPE)
        print(child.pid, flush=True)
        time.sleep(60)
    """)
    command = [sys.executable, "-c", parent_code]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        lines = [parent.stdout.readline(), parent.stdout.readline()]  # its pid, and the line that says it is ready
        child = int(next(line for line in lines if not line.startswith("{")))
        assert _runs(child)
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 5
        while _runs(child) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not _runs(child)


def _runs(pid: int) -> bool:
    """Whether the process exists and is no zombie; whoever adopts an orphan may take long to bury it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(status.strip()) and not status.startswith("Z")


def test_stay_serves_without_stdin_until_ctrl_c() -> None:
    command = [sys.executable, "-m", "sandbox", "--size", "5", "--stay"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith("{")
        assert "synthetic, size 5" in process.stderr.readline()
        assert "scrapy crawl sketchfab -s SANDBOX=http://127.0.0.1:" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--size", "0"], "size must be 1 or more"),
        (["--world", "/nowhere"], "does not exist"),
        (["--world", "."], "not a known dataset"),
        (["--port", "70000"], "is not a port"),
        (["--latency", "-1"], "whole number"),
        (["--sise", "5"], "unrecognized"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments: list[str], reason: str) -> None:
    command = [sys.executable, "-m", "sandbox", *arguments]
    ended = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert reason in ended.stderr


def test_a_port_in_use_is_bad_input(sandbox: Running) -> None:
    command = [sys.executable, "-m", "sandbox", "--size", "5", "--port", str(sandbox.port)]
    ended = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on 127.0.0.1:{sandbox.port}" in ended.stderr


def test_the_certificate_leaves_no_file_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--size", "5"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    ended = subprocess.run(command, cwd=REPOSITORY, env=environment, input="", capture_output=True, check=True)
    assert ended.stdout
    assert not list(tmp_path.iterdir())
