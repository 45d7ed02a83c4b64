"""A job directory: who may use it, when it resumes and when it starts afresh."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.errors import ConfigurationError
from crawlers.frontier.job import Job, JobIdentity, new_crawl_id
from crawlers.items import Remember
from tests.unit.stores import drain, page

IDENTITY = JobIdentity(spider="sketchfab", arguments={"min_likes": 5}, key_id="0123abcd", world=None)

ANOTHER_PROCESS = """
import sys
from pathlib import Path
from crawlers.errors import ConfigurationError
from crawlers.frontier.job import Job, JobIdentity
try:
    Job(Path(sys.argv[1]), JobIdentity("sketchfab", {"min_likes": 5}, "0123abcd", None))
except ConfigurationError as error:
    print(error)
else:
    print("opened")
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "jobs" / "sketchfab" / "nightly"


def in_another_process(directory: Path) -> str:
    command = [sys.executable, "-c", ANOTHER_PROCESS, str(directory)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_second_process_on_a_running_job_is_refused_and_told_what_to_do(directory: Path) -> None:
    job = Job(directory, IDENTITY)
    assert in_another_process(directory) == (
        "opening the job nightly: another process runs it; wait for it to end, or name another job: -s JOB=<name>"
    )
    with pytest.raises(ConfigurationError, match="another process runs it"):
        Job(directory, IDENTITY)
    job.close()
    assert in_another_process(directory) == "opened"


def test_an_account_is_of_one_job_at_a_time(directory: Path) -> None:
    first, second = Job(directory, IDENTITY), Job(directory.with_name("beside"), IDENTITY)
    assert first.take_account("0123abcd")
    assert not second.take_account("0123abcd")
    assert second.take_account("4567cdef")
    first.close()
    assert second.take_account("0123abcd")
    second.close()


def test_an_unfinished_job_resumes_its_queue_under_the_same_crawl_id(directory: Path) -> None:
    first = Job(directory, IDENTITY)
    assert not first.resumed
    first.store.put(b"a")
    first.store.commit()
    first.close()
    second = Job(directory, IDENTITY)
    assert second.resumed
    assert second.crawl_id == first.crawl_id
    assert drain(second.store) == [b"a"]
    second.close()


def test_a_finished_job_starts_afresh_under_a_new_crawl_id(directory: Path) -> None:
    first = Job(directory, IDENTITY)
    first.store.put(b"a", key=b"k")
    first.store.ack(page(None, facts=[Remember("limit", 3)]))
    (directory / "pages").mkdir()
    (directory / "pages" / "1.body").write_bytes(b"saved")
    (directory / "staged" / "models").mkdir(parents=True)
    (directory / "staged" / "models" / "part").write_bytes(b"rows")
    first.finish()
    first.close()
    second = Job(directory, IDENTITY)
    assert not second.resumed
    assert second.crawl_id != first.crawl_id
    assert second.store.put(b"a", key=b"k")
    assert second.store.recall("limit") is None
    assert not (directory / "pages").exists()
    assert (directory / "staged" / "models" / "part").read_bytes() == b"rows"  # not yet published, so kept
    second.close()


def test_a_crawl_that_is_withdrawn_gives_back_the_finished_one_or_leaves_nothing(directory: Path) -> None:
    first = Job(directory, IDENTITY)
    first.withdraw()
    with pytest.raises(ConfigurationError, match="another process runs it"):  # what `close` removes is still its own
        Job(directory, IDENTITY)
    first.close()
    assert [path.name for path in directory.iterdir()] == ["lock"]
    first = Job(directory, IDENTITY)
    first.store.put(b"a")
    (directory / "pages").mkdir()
    (directory / "pages" / "1.body").write_bytes(b"saved")
    first.finish()
    first.close()
    files = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    second = Job(directory, IDENTITY)
    second.store.put(b"b")
    second.store.commit()
    second.withdraw()
    second.close()
    assert {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()} == files
    third = Job(directory, IDENTITY)
    assert not third.resumed
    assert third.crawl_id != first.crawl_id
    third.close()
    assert sorted(path.name for path in directory.iterdir()) == ["lock", "queue.sqlite"]


def test_a_finished_job_whose_rows_are_not_yet_sealed_keeps_them(directory: Path) -> None:
    first = Job(directory, IDENTITY)
    first.store.ack(page(None, "a"))
    first.finish()
    first.close()
    second = Job(directory, IDENTITY)
    assert second.crawl_id == first.crawl_id
    assert second.store.spool_size()["test/words"][0] == 1
    second.close()


CHANGED = {
    "arguments": (replace(IDENTITY, arguments={"min_likes": 9}), '{"min_likes": 5}', '{"min_likes": 9}'),
    "key_id": (replace(IDENTITY, key_id="ffff0000"), '"0123abcd"', '"ffff0000"'),
    "world": (replace(IDENTITY, world="synthetic, seed 1"), "null", '"synthetic, seed 1"'),
    "schema_version": (replace(IDENTITY, schema_version=99), "1", "99"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_job_begun_otherwise_is_refused_naming_both(directory: Path, name: str) -> None:
    identity, was, now = CHANGED[name]
    Job(directory, IDENTITY).close()
    with pytest.raises(ConfigurationError) as caught:
        Job(directory, identity)
    assert str(caught.value) == (
        f"resuming the job nightly: {name} was {was}, is {now}; "
        "run it as it was begun, or name another job: -s JOB=<name>"
    )
    resumed = Job(directory, IDENTITY)  # the refusal left neither a lock nor a change behind, though `caught` lives
    assert resumed.resumed
    resumed.close()


def test_once_finished_a_job_may_be_begun_otherwise(directory: Path) -> None:
    first = Job(directory, IDENTITY)
    first.finish()
    first.close()
    second = Job(directory, replace(IDENTITY, arguments={"min_likes": 9}))
    assert not second.resumed
    second.close()


def test_the_directory_is_private_to_its_owner_unless_somebody_made_it_otherwise(directory: Path) -> None:
    Job(directory, IDENTITY).close()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    directory.chmod(0o750)
    Job(directory, IDENTITY).close()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o750


def test_a_directory_that_cannot_be_made_is_refused_with_the_setting_that_names_another(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("a file")
    with pytest.raises(ConfigurationError, match=r"preparing JOBS_DIR = .*-s JOBS_DIR=<directory>"):
        Job(tmp_path / "jobs" / "nightly", IDENTITY)


def test_a_file_that_is_no_queue_is_refused_and_left_as_it_is(directory: Path) -> None:
    directory.mkdir(parents=True)
    (directory / "queue.sqlite").write_bytes(b"not a database, and long enough to be looked at " * 20)
    with pytest.raises(ConfigurationError, match=r"opening the job nightly: its queue is damaged .*-s JOB=<name>"):
        Job(directory, IDENTITY)
    assert (directory / "queue.sqlite").read_bytes().startswith(b"not a database")


def test_crawl_ids_differ_and_begin_with_the_time() -> None:
    ids = {new_crawl_id() for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", found) for found in ids)
