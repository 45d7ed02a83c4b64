"""A job's file in which bytes were flipped: it is refused, or what is read from it is what was written."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from crawlers.datasets import spool
from crawlers.errors import ConfigurationError, DamagedRecord
from crawlers.frontier.damage import check_whole
from crawlers.frontier.job import Job, JobIdentity
from tests.unit.stores import TestStore, page, words

FLIPS = 300
SLOTS = ("api.sketchfab.com", "sketchfab.com")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A job that was stopped: requests wait, some failed, and rows are in its spool."""
    path = tmp_path / "queue.sqlite"
    with closing(TestStore(path)) as store:
        for number in range(60):
            store.put(b"request %d " % number * 8, slot=SLOTS[number % 2], key=b"%016d" % number)
        for number in range(20):
            lease, _ = store.take() or (0, b"")
            if number % 5:
                store.ack(page(lease, *(f"word {number} {place}" for place in range(30))))
            else:
                store.fail(lease, "ServerFailed")
            store.commit()
    return path


def crawled(path: Path) -> tuple[list[bytes], int, list[str]]:
    """The requests of a crawl that goes on until nothing is given out, how many are left then, and its rows."""
    requests = []
    with closing(TestStore(path)) as store:
        rows = words(store)
        while (taken := store.take()) is not None:
            lease, request = taken
            requests.append(request)
            store.ack(page(lease))
            store.commit()
        return sorted(requests), store.pending, rows


def test_a_file_that_is_whole_passes(path: Path) -> None:
    check_whole(path)


def test_wherever_a_bit_is_flipped_the_file_is_refused_or_reads_the_same(path: Path) -> None:
    undamaged, wanted = path.read_bytes(), crawled(path)
    assert wanted[1] == 0
    random = Random(1)
    refused = 0
    anywhere = [random.randrange(len(undamaged)) for _ in range(FLIPS)]
    in_slots = [found.start() + 4 for slot in SLOTS for found in re.finditer(slot.encode(), undamaged)]
    for place in (*anywhere, *in_slots):
        bit = random.randrange(8)
        damaged = bytearray(undamaged)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        try:
            check_whole(path)
        except (DamagedRecord, sqlite3.DatabaseError):
            refused += 1
        else:
            assert crawled(path) == wanted, (place, bit)
    assert refused > FLIPS / 4


def test_requests_that_are_gone_are_missed(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM queue WHERE lease = 40")
    with pytest.raises(DamagedRecord, match="39 requests wait and 4 failed, which is not what was counted"):
        check_whole(path)


def test_a_job_whose_file_is_damaged_says_what_can_be_saved_and_how(tmp_path: Path) -> None:
    directory = tmp_path / "sketchfab" / "nightly"
    identity = JobIdentity(spider="sketchfab", arguments={}, key_id="0123abcd", world=None)
    job = Job(directory, identity)
    job.store.ack(page(None, "a", "b"))
    job.store.commit()
    job.close()
    with closing(sqlite3.connect(directory / "queue.sqlite")) as db, db:
        db.execute("UPDATE spool SET arrow = zeroblob(length(arrow))")
    with pytest.raises(
        ConfigurationError, match=r"1 records of the table spool .* `scrapy jobs --drop sketchfab/nightly`"
    ):
        Job(directory, identity)


@pytest.mark.parametrize("place", ["nowhere", "in the middle", "in the head", "in the length of the pages"])
def test_what_is_lost_in_a_damaged_log_is_told_and_asked_for_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    identity = JobIdentity(spider="sketchfab", arguments={}, key_id="0123abcd", world=None)
    job = Job(tmp_path / "sketchfab" / "running", identity)
    for number in range(40):
        job.store.put(b"%d" % number, key=b"%d" % number)
    for _ in range(20):
        lease, _ = job.store.take() or (0, b"")
        job.store.ack(page(lease))
        job.store.commit()
    # As it is when the process is killed, and then damaged.
    killed = tmp_path / "sketchfab" / "killed"
    killed.mkdir()
    for path in job.directory.glob("queue.sqlite*"):
        if not path.name.endswith("-shm"):
            (killed / path.name).write_bytes(path.read_bytes())
    job.close()
    log = killed / "queue.sqlite-wal"
    damaged = bytearray(log.read_bytes())
    flipped = {"in the middle": len(damaged) // 2, "in the head": 17, "in the length of the pages": 10}.get(place)
    if flipped is not None:
        damaged[flipped] ^= 4
        log.write_bytes(damaged)
    again = Job(killed, identity)
    told = re.findall(r"the job killed: its log is damaged, and (\d+) commits are lost in it", caplog.text)
    assert len(told) == (flipped is not None)
    match place:
        case "nowhere":
            assert (again.store.done, again.store.pending) == (20, 20)
        case "in the middle":
            assert 0 < int(told[0]) < 20
            assert (again.store.done, again.store.pending) == (20 - int(told[0]), 20 + int(told[0]))
        case _:  # all of it is lost, and the crawl begins anew
            assert (again.store.done, again.resumed) == (0, False)
    again.close()


def test_of_a_damaged_spool_the_rest_is_read(path: Path) -> None:
    before = sum(map(len, spool.read(path, "test/words")))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE spool SET arrow = zeroblob(length(arrow)) WHERE seq = 2")
    assert sum(map(len, spool.read(path, "test/words"))) == before - 30
