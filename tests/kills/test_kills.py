"""Killed at any moment, run again: the tables are those of a crawl nobody disturbed."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawls.running import BY_MODEL, Crawls, RunningSandbox, running_sandbox
from tests.kills.killing import SLOW, Interruption, Tables, crash, interrupt, interruptions

SIZE = 200  # 286 requests
KILLED = -signal.SIGKILL


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Crawls that read likes model by model."""
    return Crawls(tmp_path, BY_MODEL)


@pytest.fixture(scope="module")
def still_sandbox() -> Iterator[RunningSandbox]:
    """A world whose list does not drift: positions are the same whenever they are read."""
    with running_sandbox(size=SIZE, no_drift=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def undisturbed(still_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    crawls = Crawls(tmp_path_factory.mktemp("undisturbed"), BY_MODEL)
    ended = crawls.crawl(still_sandbox)
    assert ended.returncode == 0, ended.stderr
    tables = Tables.of(crawls)
    assert tables.rows.total() > 3000
    return tables


def start(crawls: Crawls, sandbox: RunningSandbox) -> subprocess.Popen[str]:
    return crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", *SLOW)


def assert_finishes_as(undisturbed: Tables, crawls: Crawls, sandbox: RunningSandbox) -> None:
    """The same command goes on to the end, and nothing is lost or doubled."""
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    tables = Tables.of(crawls)
    assert (tables.lost(undisturbed), tables.doubled(undisturbed)) == (0, 0)
    (manifest,) = crawls.manifests()
    requests = manifest["requests"]
    assert requests["enqueued"] == requests["done"] + requests["failed"] + requests["pending"]


@pytest.mark.parametrize("number", [1, 4])
@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
def test_killed_at_a_commit_and_run_again_nothing_is_lost_or_doubled(
    crawls: Crawls, still_sandbox: RunningSandbox, undisturbed: Tables, point: str, number: int
) -> None:
    assert crash(crawls, point, number, "crawl", "sketchfab", "-s", f"SANDBOX={still_sandbox.url}", *SLOW) == KILLED
    assert_finishes_as(undisturbed, crawls, still_sandbox)


@pytest.mark.parametrize(
    ("point", "number"),
    [
        ("between_rename_and_directory_sync", 1), ("between_rename_and_directory_sync", 2),
        ("between_part_and_spool", 1), ("during_publish", 1), ("during_publish", 4),
    ],
)  # fmt: skip
def test_killed_after_its_last_page_a_crawl_makes_no_request_and_nothing_is_lost_or_doubled(
    crawls: Crawls, still_sandbox: RunningSandbox, undisturbed: Tables, point: str, number: int
) -> None:
    assert crash(crawls, point, number, "crawl", "sketchfab", "-s", f"SANDBOX={still_sandbox.url}") == KILLED
    before = still_sandbox.ask("requests")["total"]
    assert_finishes_as(undisturbed, crawls, still_sandbox)
    assert still_sandbox.ask("requests")["total"] == before


def test_killed_between_the_rename_and_the_directory_sync_of_a_published_table_nothing_is_lost_or_doubled(
    crawls: Crawls, still_sandbox: RunningSandbox, undisturbed: Tables
) -> None:
    second_table = 2
    assert interrupt(start(crawls, still_sandbox), still_sandbox, Interruption(signal.SIGTERM, 60))
    assert crash(crawls, "between_rename_and_directory_sync", second_table, "publish", "sketchfab") == KILLED
    assert_finishes_as(undisturbed, crawls, still_sandbox)


def test_stopped_while_it_publishes_a_crawl_says_so_and_makes_no_request_when_run_again(
    crawls: Crawls, still_sandbox: RunningSandbox, undisturbed: Tables
) -> None:
    arguments = ("crawl", "sketchfab", "-s", f"SANDBOX={still_sandbox.url}")
    assert crash(crawls, "terminated_during_publish", 1, *arguments) == 128 + signal.SIGTERM
    before = still_sandbox.ask("requests")["total"]
    assert_finishes_as(undisturbed, crawls, still_sandbox)
    assert still_sandbox.ask("requests")["total"] == before


def test_killed_at_three_random_moments_nothing_is_lost_or_doubled(
    crawls: Crawls, still_sandbox: RunningSandbox, undisturbed: Tables
) -> None:
    # Three times 30 requests and half a second are less than the crawl takes: every kill hits it.
    for interruption in interruptions(seed=1, count=3, longest=30):
        print(interruption)
        assert interrupt(start(crawls, still_sandbox), still_sandbox, interruption)
    assert_finishes_as(undisturbed, crawls, still_sandbox)


def test_a_slow_download_does_not_keep_a_stopped_crawl_alive(crawls: Crawls) -> None:
    with running_sandbox(size=30, latency=20_000) as sandbox:
        crawl = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}")
        while not sandbox.ask("requests")["user_agents"]:
            assert crawl.poll() is None
            time.sleep(0.01)
        stopped = time.monotonic()
        crawl.send_signal(signal.SIGTERM)
        crawl.communicate()
        assert crawl.returncode == 143
        assert time.monotonic() - stopped < 10
