"""Killed at any moment, run again: the tables are those of a crawl nobody disturbed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawls.running import Crawls, RunningSandbox, running_sandbox
from tests.kills.killing import Tables, crash, crawl_and_signal, finish, moments

SIZE = 200  # 300 requests and some
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module")
def still_sandbox() -> Iterator[RunningSandbox]:
    """A world whose list does not drift: positions are the same whenever they are read."""
    with running_sandbox(size=SIZE, no_drift=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def undisturbed(still_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    crawls = Crawls(tmp_path_factory.mktemp("undisturbed"))
    ended = finish(crawls, still_sandbox)
    assert ended.returncode == 0, ended.stderr
    tables = Tables.of(crawls)
    assert tables.rows.total() > 3000
    return tables


def assert_same(crawls: Crawls, undisturbed: Tables) -> None:
    tables = Tables.of(crawls)
    assert (tables.lost(undisturbed), tables.doubled(undisturbed)) == (0, 0)


@pytest.mark.parametrize(
    ("point", "number"),
    [
        ("before_commit", 1), ("before_commit", 4), ("after_commit", 1), ("after_commit", 4),
        ("between_rename_and_directory_sync", 1), ("between_rename_and_directory_sync", 2),
        ("between_part_and_spool", 1), ("between_part_and_spool", 2), ("during_publish", 1), ("during_publish", 4),
    ],
)  # fmt: skip
def test_killed_at_a_named_point_and_run_again_nothing_is_lost_or_doubled(
    crawls: Crawls, still_sandbox: RunningSandbox, undisturbed: Tables, point: str, number: int
) -> None:
    assert crash(crawls, still_sandbox, point, number) == KILLED
    ended = finish(crawls, still_sandbox)
    assert ended.returncode == 0, ended.stderr
    assert_same(crawls, undisturbed)


def test_killed_at_random_moments_nothing_is_lost_or_doubled(
    crawls: Crawls, still_sandbox: RunningSandbox, undisturbed: Tables
) -> None:
    for moment in moments(seed=1, count=3, longest_s=3.0):
        crawl_and_signal(crawls, still_sandbox, signal.SIGKILL, moment)
    ended = finish(crawls, still_sandbox)
    assert ended.returncode == 0, ended.stderr
    assert_same(crawls, undisturbed)
    manifest = crawls.manifests()[-1]["requests"]
    assert manifest["enqueued"] == manifest["done"] + manifest["failed"] + manifest["pending"]


def test_a_job_killed_after_its_last_page_makes_no_request_when_resumed(
    crawls: Crawls, still_sandbox: RunningSandbox, undisturbed: Tables
) -> None:
    assert crash(crawls, still_sandbox, "during_publish", 1) == KILLED
    before = still_sandbox.ask("requests")["total"]
    assert finish(crawls, still_sandbox).returncode == 0
    assert still_sandbox.ask("requests")["total"] == before
    assert_same(crawls, undisturbed)


def test_a_slow_download_does_not_keep_a_stopped_crawl_alive(crawls: Crawls, tmp_path: Path) -> None:
    with running_sandbox(size=30, latency=9000) as sandbox:
        code = crawl_and_signal(crawls, sandbox, signal.SIGTERM, 2.0)
        assert code == 143
