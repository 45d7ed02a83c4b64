"""One person out of a job: its rows on the way, its queue, its memory and its saved pages."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from crawlers.datasets import spool
from crawlers.datasets.checksum import with_checksum, without_checksum
from crawlers.datasets.erase import NOBODY, Erased, erase_batch
from crawlers.datasets.files import replace_durably
from crawlers.frontier import request_codec
from crawlers.frontier.job import FINISHED_BEFORE
from crawlers.frontier.raw_id import RawId
from crawlers.frontier.store import FACT, Store

TIMEOUT_S = 30.0  # for whoever reads the queue meanwhile, as publishing to another output directory does


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be forgotten: the id as the site writes it, and the pseudonym that stands for it."""

    raw: RawId
    pseudonym: str = field(repr=False)


@dataclass(slots=True)
class ErasedFromJobs:
    """What went out of jobs: rows of their spools per table, requests, facts and saved pages; how many requests were
    `thinned`, because a list in them named the person; and how many jobs had the person among their arguments."""

    spooled: dict[str, Erased] = field(default_factory=partial(defaultdict, Erased))
    waiting: int = 0
    thinned: int = 0
    failed: int = 0
    facts: int = 0
    pages: int = 0
    named: int = 0


def erase_job(job: Path, person: Person, erased: ErasedFromJobs) -> None:
    """Take a person out of a job's directory, but for its staged parts; what was found is added to `erased`.

    To be called while the job is locked. Killed half-way and called again, it completes.
    Raises: OSError, sqlite3.Error, pyarrow.ArrowException: the disk, or what is there cannot be read.
    """
    if (database := job / "queue.sqlite").exists():
        _erase_database(database, person, erased)
    # All of them: nobody knows by which names a page that no function could read speaks of a person.
    if (pages := job / "pages").is_dir():
        erased.pages += len(list(pages.iterdir()))
        shutil.rmtree(pages)
    if (before := job / FINISHED_BEFORE).is_dir():  # left by a crawl that was killed
        erase_job(before, person, erased)


def _erase_database(path: Path, person: Person, erased: ErasedFromJobs) -> None:
    Store(path).close()  # a job that was killed at its start may lack tables
    compact = path.with_name(f"{path.name}-compact")
    compact.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=TIMEOUT_S)) as db:
        db.execute("BEGIN IMMEDIATE")
        _erase_spool(db, person, erased)
        _erase_requests(db, person, erased)
        _erase_memory(db, person, erased)
        db.execute("COMMIT")
        # What was deleted, now or while it crawled, still stands in free pages and in the log. A plain VACUUM would
        # write all of it into the system's temporary folder first; this copy stays in the job's.
        (mode,) = db.execute("PRAGMA journal_mode=DELETE").fetchone()
        if mode != "delete":  # a log that stays would be played into the new file
            raise sqlite3.OperationalError("another process reads the job's queue")
        db.execute("VACUUM INTO ?", (str(compact),))
    replace_durably(compact, path)


def _erase_spool(db: sqlite3.Connection, person: Person, erased: ErasedFromJobs) -> None:
    for seq, dataset in db.execute("SELECT seq, dataset FROM spool").fetchall():
        (blob,) = db.execute("SELECT arrow FROM spool WHERE seq = ?", (seq,)).fetchone()
        done = [erase_batch(batch, person.pseudonym) for batch in spool.decode(blob)]
        if not (found := sum((found for _, found in done), Erased())):
            continue
        erased.spooled[dataset] += found
        batches = [batch for batch, _ in done]
        if rows := sum(map(len, batches)):
            db.execute("UPDATE spool SET rows = ?, arrow = ? WHERE seq = ?", (rows, spool.stream(batches), seq))
        else:
            db.execute("DELETE FROM spool WHERE seq = ?", (seq,))


def _erase_requests(db: sqlite3.Connection, person: Person, erased: ErasedFromJobs) -> None:
    """Delete the requests that name the person; they count as done, for nothing is left to do for them.

    A request for other people's data may carry a list with the person among others: it loses that entry and stays.
    """
    gone = dict.fromkeys(("queue", "failed"), 0)
    for table in gone:
        for lease, stored in db.execute(f"SELECT lease, request FROM {table}").fetchall():  # noqa: S608  (our own name)
            values = request_codec.values_of(without_checksum(stored))
            if not person.raw.stands_in(_what_may_name(values)):
                continue
            values["cb_kwargs"] = _without(person, values.get("cb_kwargs", {}))
            if person.raw.stands_in(_what_may_name(values)):
                db.execute(f"DELETE FROM {table} WHERE lease = ?", (lease,))  # noqa: S608
                gone[table] += 1
            else:
                kept = with_checksum(request_codec.with_values(values))
                db.execute(f"UPDATE {table} SET request = ? WHERE lease = ?", (kept, lease))  # noqa: S608
                erased.thinned += 1
    erased.waiting += gone["queue"]
    erased.failed += gone["failed"]
    if any(gone.values()):
        # Not fewer enqueued: the next request is numbered after them, and would take the place of another.
        (stored,) = db.execute("SELECT value FROM state WHERE name = 'counts'").fetchone()
        counts = json.loads(stored)
        counts["done"] += sum(gone.values())
        counts["failed"] -= gone["failed"]
        db.execute("UPDATE state SET value = ? WHERE name = 'counts'", (json.dumps(counts),))


def _what_may_name(request: dict[str, Any]) -> list[Any]:
    """The parts of a stored request that may name a person: not its callback, nor the names of its arguments."""
    arguments = [*request.get("cb_kwargs", {}).values()]
    return [arguments, *(request.get(name) for name in ("url", "body", "headers", "cookies", "flags", "meta"))]


def _without(person: Person, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a callback without the entries of lists that name the person."""
    return {
        name: [entry for entry in value if not person.raw.stands_in(entry)] if isinstance(value, list) else value
        for name, value in arguments.items()
    }


def _erase_memory(db: sqlite3.Connection, person: Person, erased: ErasedFromJobs) -> None:
    """Delete facts that name the person, and take the person out of the job's arguments."""
    facts = [
        (name,)
        for name, value in db.execute("SELECT name, value FROM state WHERE name GLOB ?", (f"{FACT}*",))
        if person.raw.stands_in(name) or person.raw.stands_in(value) or person.pseudonym in name + value
    ]
    db.executemany("DELETE FROM state WHERE name = ?", facts)
    erased.facts += len(facts)
    named = db.execute(
        "UPDATE state SET value = replace(value, ?1, ?2) WHERE name = 'job' AND instr(value, ?1)",
        (person.pseudonym, f"@{NOBODY}"),
    )
    erased.named += named.rowcount
    # A row that could not be read may have lacked what stood on its page as a name.
    fields = [field for (field,) in db.execute("SELECT DISTINCT field FROM quarantine") if person.raw.stands_in(field)]
    db.executemany("UPDATE quarantine SET field = '(row)' WHERE field = ?", [(field,) for field in fields])
