"""Deployed to a real scrapyd, a crawl does what it does at home, and no secret shows where it runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scrapyd_client.exceptions import MalformedResponse

from tests.crawls.running import ROOT, Crawls, RunningSandbox, running_sandbox
from tests.deploy.scrapyd_server import Scrapyd, deploy, running_scrapyd, wait_until

SIZE = 120
SECRET = "0123456789abcdef" * 4
# What each site is crawled with, there and here.
CRAWLS: dict[str, tuple[dict[str, str], list[str]]] = {
    "sketchfab": ({"min_likes": "8"}, []),
    "youtube": ({"queries": "folk rock,cello songs"}, []),
    # One account: with several at work at a time, who is discovered first is a matter of chance.
    "weibo": ({"users": "40"}, ["ROBOTSTXT_OBEY=False", "ACCOUNTS=account-1", "DOWNLOAD_DELAY=0.01"]),
    "letterboxd": ({}, []),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(size=SIZE, no_drift=True, latency=20) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scrapyd]:
    directory = tmp_path_factory.mktemp("scrapyd")
    with running_scrapyd(directory, PSEUDONYM_KEY=SECRET, YOUTUBE_API_KEY=SECRET) as running:
        deploy(running, directory)
        yield running


def settings_of(site: str, sandbox: RunningSandbox) -> list[str]:
    return [f"SANDBOX={sandbox.url}", *CRAWLS[site][1]]


def tables(output: Path, site: str) -> dict[str, pa.Table]:
    """All tables of a site, without the columns that differ between two crawls."""
    return {
        path.name: pq.read_table(path).drop_columns(["first_seen_at", "fetched_at", "crawl_id"])
        for path in sorted((output / site).iterdir())
        if path.is_dir() and not path.name.startswith("_")
    }


def done(server: Scrapyd, job: str) -> None:
    wait_until(f"the job {job} has ended", lambda: server.has_finished(job))


@pytest.mark.parametrize("site", CRAWLS)
def test_a_job_that_is_killed_and_submitted_again_makes_the_tables_of_a_crawl_at_home(
    server: Scrapyd, sandbox: RunningSandbox, crawls: Crawls, site: str
) -> None:
    arguments, settings = CRAWLS[site][0], settings_of(site, sandbox)
    first = server.schedule(site, settings, **arguments)
    wait_until("the crawl has begun", lambda: "starting crawl" in server.log(site, first))
    running = server.running(first)
    assert running is not None
    os.kill(int(running["pid"]), signal.SIGKILL)
    done(server, first)
    assert "finished" not in server.log(site, first)

    again = server.schedule(site, settings, **arguments)
    done(server, again)
    log = server.log(site, again)
    assert "resumed crawl" in log
    assert log.splitlines()[-1].endswith(f"{site}: finished: everything was crawled"), log

    at_home = [f"-a{name}={value}" for name, value in arguments.items()] + [f"-s{setting}" for setting in settings]
    ended = crawls.scrapy("crawl", site, *at_home)
    assert ended.returncode == 0, ended.stderr
    there, here = tables(server.output / "sandbox", site), tables(crawls.output, site)
    assert there.keys() == here.keys()
    assert all(there[name].equals(here[name]) for name in here)


def test_two_crawls_of_a_site_with_different_arguments_run_at_once(server: Scrapyd, sandbox: RunningSandbox) -> None:
    jobs = [
        server.schedule("sketchfab", [f"SANDBOX={sandbox.url}"], likes_source="model", max_models=number)
        for number in ("3", "4")
    ]
    for job in jobs:
        done(server, job)
        assert "sketchfab: finished" in server.log("sketchfab", job)


def test_a_cancelled_job_ends_in_good_order(server: Scrapyd, sandbox: RunningSandbox) -> None:
    job = server.schedule("sketchfab", [f"SANDBOX={sandbox.url}"], likes_source="model", min_likes="1")
    wait_until("the crawl has begun", lambda: "starting crawl" in server.log("sketchfab", job))
    server.client.cancel("crawlers", job)
    done(server, job)
    assert server.log("sketchfab", job).splitlines()[-1].endswith("stopped; run the same command to go on")


@pytest.mark.parametrize("name", ["PSEUDONYM_KEY", "SKETCHFAB_API_TOKEN"])
def test_a_secret_among_the_settings_is_refused(server: Scrapyd, sandbox: RunningSandbox, name: str) -> None:
    job = server.schedule("sketchfab", [f"SANDBOX={sandbox.url}", f"{name}={SECRET[::-1]}"])
    done(server, job)
    last = server.log("sketchfab", job).splitlines()[-1]
    assert f"sketchfab: refused: reading {name}: it came as a setting" in last
    assert SECRET[::-1] not in last


def test_a_secret_among_the_arguments_is_refused(server: Scrapyd, sandbox: RunningSandbox) -> None:
    job = server.schedule("sketchfab", [f"SANDBOX={sandbox.url}"], PSEUDONYM_KEY=SECRET[::-1])
    done(server, job)
    last = server.log("sketchfab", job).splitlines()[-1]
    assert "sketchfab: refused: reading the arguments of sketchfab: PSEUDONYM_KEY: there is no such argument" in last
    assert SECRET[::-1] not in last


@pytest.mark.parametrize(
    ("fault", "reason", "said"),
    [
        ("captcha_page", "blocked", "the site blocks us"),
        ("changed_layout", "layout_changed", "look at the bodies saved"),
    ],
)
def test_a_blocked_job_and_one_that_failed_are_told_apart_by_last_line_and_manifest(
    server: Scrapyd, sandbox: RunningSandbox, fault: str, reason: str, said: str
) -> None:
    sandbox.order_faults(f"{fault}@/i/likes:xall")
    try:
        job = server.schedule("sketchfab", [f"SANDBOX={sandbox.url}", f"JOB={fault}"], likes_source="model")
        done(server, job)
    finally:
        sandbox.order_faults("")
    last = server.log("sketchfab", job).splitlines()[-1]
    assert f"sketchfab: {reason}: " in last
    assert said in last
    manifests = (server.output / "sandbox" / "sketchfab" / "_runs").glob("*.json")
    newest = max((json.loads(path.read_bytes()) for path in manifests), key=lambda one: one["finished_at"])
    assert newest["finish_reason"] == reason


def test_a_folder_relative_to_wherever_scrapyd_was_started_is_refused(server: Scrapyd, sandbox: RunningSandbox) -> None:
    job = server.schedule("sketchfab", [f"SANDBOX={sandbox.url}", "OUTPUT_DIR=output"])
    done(server, job)
    assert "name an absolute one: CRAWLERS_OUTPUT_DIR" in server.log("sketchfab", job).splitlines()[-1]


def test_no_secret_of_the_environment_shows_in_logs_lists_or_arguments(
    server: Scrapyd, sandbox: RunningSandbox
) -> None:
    job = server.schedule("sketchfab", [f"SANDBOX={sandbox.url}", "LOG_LEVEL=DEBUG"], likes_source="model")
    wait_until("it runs", lambda: server.running(job) is not None)
    running = server.running(job)
    arguments = Path(f"/proc/{running['pid']}/cmdline").read_bytes() if running is not None else b""
    done(server, job)
    assert SECRET.encode() not in arguments
    assert SECRET not in str(server.client.jobs("crawlers"))
    written = [path for path in server.directory.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert [path.name for path in written if SECRET.encode() in path.read_bytes()] == []


def test_whoever_has_no_password_is_turned_away(server: Scrapyd) -> None:
    client = type(server.client)(url=server.url, username="crawlers", password="guess")
    with pytest.raises(MalformedResponse, match="Unauthorized"):
        client.projects()


def test_the_egg_holds_the_crawlers_and_nothing_else_and_leaves_nothing_in_the_tree(server: Scrapyd) -> None:
    (egg,) = (server.directory / "eggs").rglob("*.egg")
    assert {name.partition("/")[0] for name in ZipFile(egg).namelist()} == {"crawlers", "EGG-INFO"}
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert not any(name in status for name in ("setup.py", "build/", ".egg", "eggs/", "logs/", "dbs/"))
