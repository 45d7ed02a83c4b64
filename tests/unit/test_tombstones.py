"""Tombstones: who was forgotten stays forgotten, whatever becomes of the jobs."""

from __future__ import annotations

import logging
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.datasets.seal import job_directories
from crawlers.errors import ConfigurationError
from crawlers.frontier.job import Job, JobIdentity
from crawlers.frontier.jobs import drop, list_jobs
from crawlers.frontier.tombstones import add, load

KEY, OTHER_KEY = "0123abcd", "aaaa1111"
ANNA, BERT = "a" * 32, "b" * 32
IDENTITY = JobIdentity(spider="sketchfab", arguments={"min_likes": 5}, key_id=KEY, world=None)


@pytest.fixture
def site_jobs(tmp_path: Path) -> Path:
    folder = tmp_path / "jobs" / "sketchfab"
    folder.mkdir(parents=True)
    return folder


def test_without_a_tombstone_nobody_is_forgotten(site_jobs: Path) -> None:
    assert load(site_jobs, KEY) == frozenset()
    assert list(site_jobs.iterdir()) == []


def test_tombstones_are_kept_each_once_in_a_file_for_the_owner_alone(site_jobs: Path) -> None:
    for pseudonym in (BERT, ANNA, BERT):
        add(site_jobs, KEY, pseudonym)
    assert load(site_jobs, KEY) == {ANNA, BERT}
    (path,) = site_jobs.iterdir()
    assert path.read_text() == f"{KEY} {ANNA}\n{KEY} {BERT}\n"  # the order does not say who came when
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_of_tombstones_written_at_once_none_is_lost(site_jobs: Path) -> None:
    people = [f"{number:032x}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda person: add(site_jobs, KEY, person), people))
    assert load(site_jobs, KEY) == set(people)


def test_a_full_disk_leaves_the_tombstones_that_stood(site_jobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(site_jobs, KEY, ANNA)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            add(site_jobs, KEY, BERT)
    assert load(site_jobs, KEY) == {ANNA}
    add(site_jobs, KEY, BERT)
    assert load(site_jobs, KEY) == {ANNA, BERT}


def test_people_forgotten_under_another_key_are_warned_of(site_jobs: Path, caplog: pytest.LogCaptureFixture) -> None:
    add(site_jobs, KEY, ANNA)
    with caplog.at_level(logging.WARNING):
        assert load(site_jobs, KEY) == {ANNA}
        assert not caplog.messages
        assert load(site_jobs, OTHER_KEY) == frozenset()
    (message,) = caplog.messages
    assert "1 tombstones of another pseudonym key" in message
    assert ANNA not in message


@pytest.mark.parametrize("damage", [f"{KEY} {ANNA[:20]}", ANNA, "anna", f"{KEY} {ANNA} ", "\n"])
def test_a_damaged_file_stops_whoever_needs_it_and_is_not_overwritten(site_jobs: Path, damage: str) -> None:
    add(site_jobs, KEY, BERT)
    with (site_jobs / "tombstones").open("a") as file:
        file.write(damage)
    before = (site_jobs / "tombstones").read_bytes()
    for attempt in (lambda: load(site_jobs, KEY), lambda: add(site_jobs, KEY, ANNA)):
        with pytest.raises(ConfigurationError, match="line 2 is not a key id and a pseudonym") as refused:
            attempt()
        assert ANNA[:20] not in str(refused.value)
    assert (site_jobs / "tombstones").read_bytes() == before


def test_what_cannot_be_read_is_not_taken_for_no_tombstones(site_jobs: Path) -> None:
    (site_jobs / "tombstones").mkdir()
    with pytest.raises(ConfigurationError, match="Is a directory; without them people who were forgotten would come"):
        load(site_jobs, KEY)
    (site_jobs / "tombstones").rmdir()
    (site_jobs / "tombstones").write_bytes("ü".encode())
    with pytest.raises(ConfigurationError, match="it is not text"):
        load(site_jobs, KEY)


def test_the_file_is_no_job_and_outlives_every_job(site_jobs: Path) -> None:
    add(site_jobs, KEY, ANNA)
    job = Job(site_jobs / "nightly", IDENTITY)
    assert job.forgotten == {ANNA}
    job.finish()
    job.close()
    again = Job(site_jobs / "nightly", IDENTITY)  # begun anew
    assert not again.resumed
    assert again.forgotten == {ANNA}
    again.close()
    assert [found.name for found in list_jobs(site_jobs.parent)] == ["nightly"]
    assert job_directories(site_jobs.parent, "sketchfab") == [site_jobs / "nightly"]
    drop(site_jobs / "nightly", lambda: None)
    assert [path.name for path in site_jobs.iterdir()] == ["tombstones"]
    assert load(site_jobs, KEY) == {ANNA}


def test_a_crawl_that_is_asked_for_a_forgotten_person_does_not_begin(site_jobs: Path) -> None:
    add(site_jobs, KEY, ANNA)
    asked = replace(IDENTITY, arguments={"min_likes": 5, "member": ANNA})
    with pytest.raises(ConfigurationError, match="its argument 'member' names a person whom") as refused:
        Job(site_jobs / "hers", asked)
    assert ANNA not in str(refused.value)
    assert not (site_jobs / "hers" / "queue.sqlite").exists()
    Job(site_jobs / "hers", replace(asked, arguments={"member": BERT})).close()  # and its lock was given back


def test_a_job_whose_tombstones_are_damaged_does_not_begin(site_jobs: Path) -> None:
    (site_jobs / "tombstones").write_text("?")
    with pytest.raises(ConfigurationError, match="line 1"):
        Job(site_jobs / "nightly", IDENTITY)
    (site_jobs / "tombstones").unlink()
    Job(site_jobs / "nightly", IDENTITY).close()
    shutil.rmtree(site_jobs)
