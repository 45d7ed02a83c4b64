"""A disk that fills up or goes bad while a crawl runs, and a site that was restarted before the crawl is resumed."""

from __future__ import annotations

import re
import resource
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.worlds import World
from tests.crawls.comparing import differences
from tests.crawls.running import BY_MODEL, Crawls, RunningSandbox, running_sandbox
from tests.kills.killing import SLOW

SIZE = 200
NO_MORE = 64 << 10  # bytes a file of the crawl may have: its queue is already larger
UNLIMITED = resource.RLIM_INFINITY


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Crawls that read likes model by model."""
    return Crawls(tmp_path, BY_MODEL)


@pytest.fixture
def world() -> World:
    return World(size=SIZE)


def start(crawls: Crawls, sandbox: RunningSandbox) -> subprocess.Popen[str]:
    """A crawl that has some pages behind it."""
    crawl = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", *SLOW)
    while sandbox.ask("requests")["total"] < 100:
        assert crawl.poll() is None
        time.sleep(0.01)
    return crawl


def fill_the_disk(crawl: subprocess.Popen[str]) -> None:
    """From now on every write of the crawl beyond a few bytes fails, as on a full disk."""
    resource.prlimit(crawl.pid, resource.RLIMIT_FSIZE, (NO_MORE, UNLIMITED))


def make_room(crawl: subprocess.Popen[str]) -> None:
    resource.prlimit(crawl.pid, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))


def assert_whole(crawls: Crawls, world: World) -> None:
    assert world.pseudonym_key is not None
    assert differences(crawls.output, world, world.pseudonym_key) == []


def test_a_crawl_on_a_full_disk_waits_and_goes_on_when_there_is_room(crawls: Crawls, world: World) -> None:
    with running_sandbox(size=SIZE) as sandbox:
        crawl = start(crawls, sandbox)
        fill_the_disk(crawl)
        time.sleep(1.5)
        asked = sandbox.ask("requests")["total"]
        time.sleep(1.0)
        assert sandbox.ask("requests")["total"] == asked  # nothing is asked for that could not be kept
        make_room(crawl)
        _, log = crawl.communicate()
    assert crawl.returncode == 0, log
    assert "pausing, and trying again" in log
    assert "can be written again" in log
    assert_whole(crawls, world)


def test_a_disk_that_stays_full_ends_the_crawl_which_the_same_command_goes_on_with(
    crawls: Crawls, world: World
) -> None:
    with running_sandbox(size=SIZE) as sandbox:
        crawl = start(crawls, sandbox)
        fill_the_disk(crawl)
        _, log = crawl.communicate()
        assert crawl.returncode == 6, log
        assert "storage_error" in log
        assert "Traceback" not in log
        resumed = crawls.crawl(sandbox)
    assert resumed.returncode == 0, resumed.stderr
    assert "resumed crawl" in resumed.stderr
    assert_whole(crawls, world)


def test_a_crawl_stopped_in_mid_list_is_whole_when_resumed_on_a_site_that_begins_its_drift_anew(
    crawls: Crawls, world: World
) -> None:
    with running_sandbox(size=SIZE) as sandbox:
        crawl = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", "-s", "DOWNLOAD_DELAY=0.1")
        while sandbox.ask("requests")["total"] < 8:
            assert crawl.poll() is None
            time.sleep(0.01)
        crawl.terminate()
        crawl.communicate()
        assert crawl.returncode == 143
    with running_sandbox(size=SIZE) as sandbox:
        resumed = crawls.crawl(sandbox)
    assert resumed.returncode == 0, resumed.stderr
    assert "resumed crawl" in resumed.stderr
    assert_whole(crawls, world)


def test_a_job_on_a_bad_disk_is_refused_and_what_can_be_read_of_it_is_published(crawls: Crawls, world: World) -> None:
    with running_sandbox(size=SIZE, no_drift=True) as sandbox:
        crawl = start(crawls, sandbox)
        time.sleep(0.6)  # a commit
        crawl.kill()
        crawl.communicate()
        (file,) = crawls.jobs.glob("sketchfab/*/queue.sqlite")
        with closing(sqlite3.connect(file)) as db, db:
            (first,) = db.execute("SELECT min(seq) FROM spool WHERE dataset = 'sketchfab/likes'").fetchone()
            (rows,) = db.execute("SELECT arrow FROM spool WHERE seq = ?", (first,)).fetchone()
            db.execute("UPDATE spool SET arrow = ? WHERE seq = ?", (rows[:-9] + b"x" + rows[-8:], first))
        refused = crawls.crawl(sandbox)
        assert refused.returncode == 2, refused.stderr
        assert "1 records of the table spool are not what was written" in refused.stderr
        (order,) = re.findall(r"`scrapy (jobs --drop \S+)`", refused.stderr)
        dropped = crawls.scrapy(*order.split())
        assert dropped.returncode == 0, dropped.stderr
        assert "some rows of sketchfab/likes are damaged and left out" in dropped.stderr
        assert crawls.table("models").num_rows == sum(model.like_count >= 5 for model in world.sketchfab.models)
        assert crawls.crawl(sandbox).returncode == 0
    assert_whole(crawls, world)


def test_the_jobs_files_are_private(crawls: Crawls, tmp_path: Path) -> None:
    with running_sandbox(size=20) as sandbox:
        assert crawls.crawl(sandbox).returncode == 0
    assert [path for path in crawls.jobs.rglob("*") if path.is_dir() and path.stat().st_mode & 0o077] == []
