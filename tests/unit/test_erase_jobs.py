"""A person taken out of a job: no row, request, fact or page names them, and the crawl can go on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crawlers.datasets import spool
from crawlers.datasets.erase import Erased
from crawlers.frontier import erase as module
from crawlers.frontier.erase import ErasedFromJobs, Person, erase_job
from crawlers.frontier.job import FINISHED_BEFORE, Job, JobIdentity
from crawlers.frontier.jobs import list_jobs
from crawlers.frontier.raw_id import RawId
from crawlers.frontier.sealing import seal
from crawlers.items import Batch, Invalid, Remember
from tests.unit.staging import Like, like
from tests.unit.stores import drain, taken

UID, ANNA, BERT = "9f2c4e6a8b0d1f3e5a7c9b1d3f5e7a90", "a1" * 16, "b2" * 16
PERSON = Person(RawId(UID), ANNA)
HERS = {"url": f"https://example.com/users/{UID}", "callback": "parse"}
OTHERS = {"url": "https://example.com/users/bert", "callback": "parse", "cb_kwargs": {"member": "bert", "page": 2}}


def identity(**arguments: Any) -> JobIdentity:
    return JobIdentity(spider="sketchfab", arguments={"min_likes": 5} | arguments, key_id="0123abcd", world=None)


def page(lease: int | None, *users: str, facts: tuple[Remember, ...] = ()) -> Batch:
    rows = [like(user, f"m{place}") for place, user in enumerate(users)]
    return Batch(lease, rows={Like: rows} if rows else {}, facts=list(facts))


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    made = Job(tmp_path / "jobs" / "sketchfab" / "nightly", identity())
    yield made
    made.close()


def put(job: Job, *requests: dict[str, Any]) -> None:
    for request in requests:
        job.store.put(msgspec.msgpack.encode(request))


def erased(job: Job) -> ErasedFromJobs:
    """Stop the job, as whoever erases does, and say what was found."""
    job.store.commit()
    job.close()
    found = ErasedFromJobs()
    erase_job(job.directory, PERSON, found)
    return found


def resumed(job: Job) -> Job:
    return Job(job.directory, job.identity)


def everything(directory: Path) -> bytes:
    """The names and bytes of all files."""
    paths = [*directory.rglob("*")]
    return b"".join([*(str(path).encode() for path in paths), *(path.read_bytes() for path in paths if path.is_file())])


def users_in_spool(job: Job) -> list[str]:
    batches = [batch for _, blob in job.store.spooled(Like.dataset) for batch in spool.decode(blob)]
    return [user for batch in batches for user in batch.column("user_id").to_pylist()]


def test_rows_leave_the_spool_and_the_others_can_be_sealed(job: Job) -> None:
    job.store.ack(page(None, ANNA, BERT, BERT))
    job.store.commit()
    job.store.ack(page(None, ANNA))
    assert dict(erased(job).spooled) == {Like.dataset: Erased(rows=2)}
    again = resumed(job)
    assert users_in_spool(again) == [BERT, BERT]
    assert again.store.spool_size()[Like.dataset][0] == 2
    again.store.ack(page(None, BERT))
    again.store.commit()
    assert again.store.spool_bounds(Like.dataset) == (1, 3)  # a number is never used again
    seal(again)
    again.close()


def test_requests_that_name_the_person_go_and_the_balance_holds(job: Job) -> None:
    put(job, HERS, OTHERS, HERS | {"url": "https://example.com/x", "cb_kwargs": {"id": UID}}, OTHERS | {"url": "x:y"})
    job.store.fail(taken(job.store), "ServerFailed")
    job.store.fail(taken(job.store), "LayoutChanged")
    found = erased(job)
    assert (found.waiting, found.failed) == (1, 1)
    (listed,) = list_jobs(job.directory.parents[1])
    assert (listed.enqueued, listed.done, listed.failed, listed.pending) == (4, 2, 1, 1)
    assert listed.failures == {"LayoutChanged": 1}
    again = resumed(job)
    put(again, {"url": "https://example.com/new"})  # takes the number after the last, not that of another request
    again.store.commit()
    assert (again.store.enqueued, again.store.pending) == (5, 2)
    assert [msgspec.msgpack.decode(request)["url"] for request in drain(again.store)] == [
        "x:y",
        "https://example.com/new",
    ]
    again.close()


def test_a_finished_crawl_that_a_killed_one_set_aside_is_reached_too(job: Job) -> None:
    put(job, HERS)
    job.store.fail(taken(job.store), "ServerFailed")
    job.finish()
    job.close()
    (job.directory / FINISHED_BEFORE).mkdir()
    (job.directory / "queue.sqlite").rename(job.directory / FINISHED_BEFORE / "queue.sqlite")
    found = ErasedFromJobs()
    erase_job(job.directory, PERSON, found)
    assert found.failed == 1
    assert UID.encode() not in everything(job.directory)


@pytest.mark.parametrize(
    "part",
    [
        {"body": json.dumps({"user": UID}).encode()},
        {"cb_kwargs": {"person": {"id": UID}}},
        {"meta": {"depth": 2, "redirect_urls": [f"https://example.com/{UID}"]}},
        {"headers": {b"Referer": [f"https://example.com/{UID}".encode()]}},
        {"cookies": [{"name": "last", "value": UID}]},
        {"flags": [UID]},
    ],
    ids=lambda part: next(iter(part)),
)
def test_no_part_of_a_request_may_name_the_person(job: Job, part: dict[str, Any]) -> None:
    put(job, OTHERS | part, OTHERS)
    assert erased(job).waiting == 1
    assert UID.encode() not in everything(job.directory)


def test_a_request_for_others_that_lists_the_person_among_them_stays(job: Job) -> None:
    put(job, OTHERS | {"cb_kwargs": {"previous": [UID, "f0" * 16], "page": 2}})
    found = erased(job)
    assert (found.waiting, found.thinned) == (0, 1)
    assert UID.encode() not in everything(job.directory)
    again = resumed(job)
    (request,) = drain(again.store)
    again.close()
    assert msgspec.msgpack.decode(request) == OTHERS | {"cb_kwargs": {"previous": ["f0" * 16], "page": 2}}


def test_the_names_of_callbacks_and_arguments_are_nobodys(job: Job) -> None:
    put(job, OTHERS)
    job.store.commit()
    job.close()
    for name in ("parse", "member", "cb_kwargs"):
        found = ErasedFromJobs()
        erase_job(job.directory, Person(RawId(name), ANNA), found)
        assert found.waiting == 0


def test_facts_that_name_the_person_are_not_remembered(job: Job) -> None:
    facts = (Remember(f"user {UID}", 3), Remember("first", [UID, "x"]), Remember("quota", 7), Remember("last", "bert"))
    job.store.ack(page(None, facts=facts))
    assert erased(job).facts == 2
    again = resumed(job)
    assert [again.store.recall(fact.name) for fact in facts] == [None, None, 7, "bert"]
    assert again.resumed
    again.close()


def test_saved_pages_go_whatever_they_say(job: Job) -> None:
    (job.directory / "pages").mkdir()
    for number in range(3):
        (job.directory / "pages" / f"{number}.body").write_text("Hello, Anna")
    assert erased(job).pages == 3
    assert not (job.directory / "pages").exists()


def test_what_a_row_lacked_is_not_named_after_the_person(job: Job) -> None:
    job.store.ack(Batch(None, invalid={Like: [Invalid(f"x-{UID}", "KeyError"), Invalid("position", "int_type")]}))
    erased(job)
    again = resumed(job)
    assert [row.field for _, row, _ in again.store.quarantined()] == ["(row)", "position"]
    again.close()


def test_an_argument_that_names_the_person_names_nobody(tmp_path: Path) -> None:
    job = Job(tmp_path / "jobs" / "sketchfab" / "hers", identity(member=ANNA))
    assert erased(job).named == 1
    (listed,) = list_jobs(tmp_path / "jobs")
    assert listed.arguments == {"min_likes": 5, "member": "@user"}
    assert ANNA.encode() not in everything(job.directory)


def test_no_byte_of_what_was_deleted_stays_in_the_files(job: Job) -> None:
    """Neither what is deleted now, nor requests and rows that the crawl itself deleted: free pages keep them."""
    for number in range(300):
        put(job, HERS | {"url": f"https://example.com/users/{UID}/likes?page={number}"})
        job.store.ack(page(None, *[ANNA] * 20))
    job.store.commit()
    ((_, rows),) = job.store.spooled(Like.dataset)
    packed = rows[-400:-300]  # rows are packed: of these, the bytes of one file page
    for _ in range(150):
        job.store.ack(page(taken(job.store)))
    seal(job)
    job.store.commit()
    (job.directory / "staged" / "likes" / "000000000001-000000000001.parquet").unlink()
    before = everything(job.directory)
    assert UID.encode() in before
    assert packed in before
    assert (job.directory / "queue.sqlite-wal").stat().st_size
    assert erased(job).waiting == 150
    after = everything(job.directory)
    assert UID.encode() not in after
    assert packed not in after
    assert {path.name for path in job.directory.iterdir()} == {"lock", "queue.sqlite", "staged"}


def test_erasing_again_finds_nothing_and_changes_no_row(job: Job) -> None:
    put(job, HERS, OTHERS)
    job.store.ack(page(None, ANNA, BERT))
    erased(job)
    before = (job.directory / "queue.sqlite").read_bytes()
    again = ErasedFromJobs()
    erase_job(job.directory, PERSON, again)
    assert again == ErasedFromJobs()
    with sqlite3.connect(job.directory / "queue.sqlite") as db:
        assert db.execute("SELECT count(*) FROM queue").fetchone() == (1,)
    assert len((job.directory / "queue.sqlite").read_bytes()) == len(before)


@pytest.mark.parametrize("content", [None, b""], ids=["no file", "no tables"])
def test_a_job_killed_at_its_start_has_nothing_to_erase(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "queue.sqlite").write_bytes(content)
    found = ErasedFromJobs()
    erase_job(tmp_path, PERSON, found)
    assert found == ErasedFromJobs()


@pytest.mark.parametrize("step", ["_erase_memory", "replace_durably"])
def test_killed_in_between_the_next_run_completes(job: Job, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    put(job, HERS, OTHERS)
    job.store.ack(page(None, ANNA, BERT))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, step, fail)
        with pytest.raises(OSError, match="No space left"):
            erased(job)
    erase_job(job.directory, PERSON, ErasedFromJobs())
    again = resumed(job)
    assert (len(drain(again.store)), users_in_spool(again)) == (1, [BERT])
    again.close()
    assert not list(job.directory.glob("*-compact"))


def test_a_reader_of_the_queue_keeps_it_from_being_replaced(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader would go on in the old file, and its log would be taken for that of the new one."""
    put(job, HERS, OTHERS)
    job.store.commit()
    reader = sqlite3.connect(job.directory / "queue.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM queue").fetchone()
    before = (job.directory / "queue.sqlite").stat().st_ino
    monkeypatch.setattr(module, "TIMEOUT_S", 0.1)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        erased(job)
    assert (job.directory / "queue.sqlite").stat().st_ino == before
    reader.close()
    erase_job(job.directory, PERSON, ErasedFromJobs())
    assert UID.encode() not in everything(job.directory)
