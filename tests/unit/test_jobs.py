"""Jobs seen from outside: listed, dropped, and their failures tried again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from crawlers.errors import ConfigurationError
from crawlers.frontier.job import Job, JobIdentity
from crawlers.frontier.jobs import drop, job_directory, list_jobs, retry_failed
from tests.unit.stores import drain, page, taken

IDENTITY = JobIdentity(spider="sketchfab", arguments={"min_likes": 5}, key_id="0123abcd", world=None)


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


def begun(jobs: Path, name: str = "sketchfab/nightly") -> Job:
    """A job with a page done, two requests failed and one on its way, as it runs."""
    job = Job(jobs / name, IDENTITY)
    for url in (b"done", b"failed", b"failed too", b"waiting"):
        job.store.put(url, priority=-len(url), key=url)
    job.store.ack(page(taken(job.store)))
    job.store.fail(taken(job.store), "ServerFailed")
    assert job.store.take() == (4, b"waiting")
    job.store.fail(taken(job.store), "LayoutChanged")
    job.store.commit()
    return job


def left(jobs: Path, name: str = "sketchfab/nightly") -> Path:
    begun(jobs, name).close()
    return jobs / name


def test_a_job_is_listed_with_what_it_was_asked_and_where_it_stands(jobs: Path) -> None:
    job = begun(jobs)
    (found,) = list_jobs(jobs)
    assert (found.site, found.name, found.state) == ("sketchfab", "nightly", "running")
    assert (found.arguments, found.crawl_id) == ({"min_likes": 5}, job.crawl_id)
    assert (found.enqueued, found.done, found.failed, found.pending) == (4, 1, 2, 1)
    assert found.failures == {"ServerFailed": 1, "LayoutChanged": 1}
    job.close()
    assert [found.state for found in list_jobs(jobs)] == ["unfinished"]
    job = Job(job.directory, IDENTITY)
    job.finish()
    job.close()
    assert [found.state for found in list_jobs(jobs)] == ["finished"]


def test_jobs_are_listed_by_site_damaged_ones_too(jobs: Path) -> None:
    for name in ("sketchfab/b", "sketchfab/a", "weibo/a"):
        left(jobs, name)
    (jobs / "sketchfab" / "broken").mkdir()
    (jobs / "sketchfab" / "broken" / "queue.sqlite").write_bytes(b"no database " * 100)
    (jobs / "sketchfab" / "empty").mkdir()
    (jobs / "sketchfab" / "empty" / "queue.sqlite").touch()
    found = [(job.site, job.name, job.state) for job in list_jobs(jobs)]
    assert found == [
        ("sketchfab", "a", "unfinished"), ("sketchfab", "b", "unfinished"), ("sketchfab", "broken", "damaged"),
        ("weibo", "a", "unfinished"),
    ]  # fmt: skip
    assert [job.name for job in list_jobs(jobs, "weibo")] == ["a"]
    assert list_jobs(jobs, "youtube") == list_jobs(jobs / "nowhere") == []


def test_a_job_is_found_by_its_name_if_only_one_has_it(jobs: Path) -> None:
    for name in ("sketchfab/a", "sketchfab/b", "weibo/a"):
        left(jobs, name)
    assert job_directory(jobs, "b") == job_directory(jobs, "sketchfab/b") == jobs / "sketchfab" / "b"
    assert job_directory(jobs, "weibo/a") == jobs / "weibo" / "a"
    with pytest.raises(ConfigurationError, match=r"more than one job is called 'a'; there are: sketchfab/a, weibo/a$"):
        job_directory(jobs, "a")
    with pytest.raises(ConfigurationError, match=r"no job is called '\.\.'; there are: sketchfab/a, sketchfab/b"):
        job_directory(jobs, "..")
    with pytest.raises(ConfigurationError, match="there are: none"):
        job_directory(jobs / "nowhere", "a")


def test_a_dropped_job_leaves_nothing_and_its_neighbours_stay(jobs: Path) -> None:
    left(jobs, "sketchfab/other")
    published: list[str] = []
    assert not drop(left(jobs), lambda: published.append("its rows"))
    assert published == ["its rows"]
    job = begun(jobs)
    job.store.ack(page(None, "a word"))
    job.store.commit()
    job.close()
    assert drop(job.directory, lambda: None), "it has rows that wait"
    assert [path.name for path in (jobs / "sketchfab").iterdir()] == ["other"]
    assert [job.name for job in list_jobs(jobs)] == ["other"]


@pytest.mark.parametrize("change", [lambda job: drop(job, pytest.fail), retry_failed], ids=["drop", "retry_failed"])
def test_a_running_job_is_not_changed(jobs: Path, change: Callable[[Path], object]) -> None:
    job = begun(jobs)
    with pytest.raises(ConfigurationError, match="changing the job nightly: it is running; stop it first"):
        change(job.directory)
    (found,) = list_jobs(jobs)
    assert (found.state, found.failed, found.pending) == ("running", 2, 1)
    job.close()


def test_failed_requests_go_back_into_the_queue_where_they_stood_and_the_balance_holds(jobs: Path) -> None:
    directory = left(jobs)
    assert retry_failed(directory) == 2
    (found,) = list_jobs(jobs)
    assert (found.enqueued, found.done, found.failed, found.pending) == (4, 1, 0, 3)
    assert found.failures == {}
    job = Job(directory, IDENTITY)
    assert (job.store.enqueued, job.store.done, job.store.failed, job.store.pending) == (4, 1, 0, 3)
    assert not job.store.put(b"failed", key=b"failed")  # still seen
    assert drain(job.store) == [b"failed", b"waiting", b"failed too"]
    job.close()


def test_trying_again_what_did_not_fail_changes_nothing(jobs: Path) -> None:
    directory = left(jobs)
    retry_failed(directory)
    before = list_jobs(jobs)
    assert retry_failed(directory) == 0
    assert list_jobs(jobs) == before


def finished(jobs: Path) -> Job:
    job = begun(jobs)
    job.store.ack(page(4))
    job.finish()
    job.close()
    return job


def test_a_finished_job_whose_failures_are_tried_again_is_no_longer_finished(jobs: Path) -> None:
    first = finished(jobs)
    assert retry_failed(first.directory) == 2
    assert [job.state for job in list_jobs(jobs)] == ["unfinished"]
    again = Job(first.directory, IDENTITY)
    assert (again.resumed, again.crawl_id) == (True, first.crawl_id)
    assert drain(again.store) == [b"failed", b"failed too"]
    again.close()


def test_a_finished_job_without_failures_stays_finished(jobs: Path) -> None:
    job = Job(jobs / "sketchfab" / "nightly", IDENTITY)
    job.finish()
    job.close()
    assert retry_failed(job.directory) == 0
    assert [found.state for found in list_jobs(jobs)] == ["finished"]


def test_listing_jobs_changes_none_of_their_files(jobs: Path, tmp_path: Path) -> None:
    directory = left(jobs)
    shutil.copytree(directory, tmp_path / "before")
    list_jobs(jobs)
    before = {path.name: path.read_bytes() for path in (tmp_path / "before").iterdir()}
    assert {name: (directory / name).read_bytes() for name in before} == before
