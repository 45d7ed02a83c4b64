"""Forgotten is forgotten: somebody who stood everywhere is nowhere, and no later crawl brings them back."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawlers.datasets import spool
from crawlers.pages.sketchfab import comments_url, likes_url
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from sandbox.worlds import World
from sandbox.worlds.sketchfab import User
from tests.crawls.running import Crawls, RunningSandbox, running_sandbox
from tests.crawls.searching import written

SIZE = 30
PROVENANCE = ("first_seen_at", "fetched_at", "crawl_id")
Row = tuple[object, ...]


@dataclass(frozen=True)
class Person:
    """Somebody who uploaded a model, likes others, and is mentioned in the text of somebody else."""

    user: User
    pseudonym: str

    def names(self) -> list[bytes]:
        return [name.encode() for name in (self.user.uid, self.user.username, self.user.display_name, self.pseudonym)]

    def places(self, directory: Path) -> set[str]:
        """The files in which they stand by any name."""
        found = ((place, text.lower()) for place, text in written(directory))
        return {place.partition(" ")[0] for place, text in found if any(name in text for name in self.names())}


@pytest.fixture(params=["user", "model"])
def likes_source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def crawls(tmp_path: Path, likes_source: str) -> Crawls:
    return Crawls(tmp_path, ("-a", f"likes_source={likes_source}"))


@pytest.fixture
def canary_sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(size=SIZE, canary=True, no_drift=True) as sandbox:
        yield sandbox


def somebody(world: World) -> Person:
    models = [model for model in world.sketchfab.models if model.like_count >= 5]
    likers = {uid for uid, _, _ in world.sketchfab.likes(5)}
    for user in (model.user for model in models):
        others = [f"{model.name} {model.description}" for model in models if model.user is not user]
        if user.uid in likers and any(user.username in text for text in others):
            assert world.pseudonym_key is not None
            key = PseudonymKey.from_hex(world.pseudonym_key, "the world")
            return Person(user, Pseudonymizer(key).pseudonym("sketchfab.user", user.uid))
    raise AssertionError("nobody in this world is in all places; take another size")


def lead_to_them(sandbox: RunningSandbox, world: World, person: Person, likes_source: str) -> None:
    """From now on two pages lead to addresses with their id: one nobody can read, one that says to wait an hour."""
    site, uid = {"host": "sketchfab.com"}, person.user.uid
    url = likes_url if likes_source == "model" else comments_url
    talked_about = [model for model in world.sketchfab.models if model.like_count >= 5 and model.comment_count]
    for model, page in ((talked_about[1], "unreadable"), (talked_about[7], "busy")):
        asked = urlsplit(url(model.model_id))
        to = {"Location": f"https://sketchfab.com/u/{uid}/{page}"}
        path = f"{asked.path}?{asked.query}"
        sandbox.script(host=asked.hostname, path_prefix=path, status=302, headers=to, times=2)
    body = f"<html>{person.user.username}, called {person.user.display_name}</html>"
    sandbox.script(**site, path_prefix=f"/u/{uid}/unreadable", status=200, body=body, times=100)
    sandbox.script(**site, path_prefix=f"/u/{uid}/busy", status=429, headers={"Retry-After": "3600"}, times=100)


def has_met_them(job: Path, person: Person) -> bool:
    """Whether a running job has them among its rows, its waiting requests and its failures."""
    if not (job / "queue.sqlite").exists():
        return False
    uid = person.user.uid.encode()
    with closing(sqlite3.connect(f"{(job / 'queue.sqlite').as_uri()}?mode=ro", uri=True)) as db:
        try:
            stored = [
                db.execute(f"SELECT count(*) FROM {table} WHERE instr(request, ?)", (uid,)).fetchone()[0]
                for table in ("queue", "failed")
            ]
        except sqlite3.OperationalError:  # the job is being made
            return False
    spooled = spool.read(job / "queue.sqlite", "sketchfab/likes")
    return all(stored) and any(person.pseudonym in batch["user_id"].to_pylist() for batch in spooled)


def stop_half_way(crawls: Crawls, sandbox: RunningSandbox, person: Person) -> None:
    """Two jobs that have met them: one killed, so that its rows are in its spool, one stopped, with staged parts."""
    names = {"killed": signal.SIGKILL, "stopped": signal.SIGTERM}
    slow = ("-s", f"SANDBOX={sandbox.url}", "-s", "DOWNLOAD_DELAY=0.02")
    running = {name: crawls.start("crawl", "sketchfab", *slow, "-s", f"JOB={name}") for name in names}
    give_up = time.monotonic() + 60
    for name, crawl in running.items():
        while not has_met_them(crawls.jobs / "sketchfab" / name, person):
            assert crawl.poll() is None, crawl.communicate()
            assert time.monotonic() < give_up
            time.sleep(0.05)
        os.kill(crawl.pid, names[name])
    for crawl in running.values():
        crawl.communicate()


def rows(crawls: Crawls, *, provenance: bool = True) -> dict[str, list[Row]]:
    """The published rows of every table, in their order."""
    return {
        name: [
            tuple(value for column, value in row.items() if provenance or column not in PROVENANCE)
            for row in crawls.table(name).to_pylist()
        ]
        for name in ("models", "likes")
    }


def of_others(tables: dict[str, list[Row]], person: Person) -> dict[str, list[Row]]:
    return {name: [row for row in rows if person.pseudonym not in row] for name, rows in tables.items()}


def test_a_forgotten_person_is_nowhere_and_does_not_come_back(
    crawls: Crawls, canary_sandbox: RunningSandbox, likes_source: str
) -> None:
    world = World(size=SIZE, canary=True)
    person = somebody(world)
    assert crawls.crawl(canary_sandbox).returncode == 0
    whole, whole_without_provenance = rows(crawls), rows(crawls, provenance=False)
    lead_to_them(canary_sandbox, world, person, likes_source)
    stop_half_way(crawls, canary_sandbox, person)
    places = person.places(crawls.directory)
    killed, stopped = "jobs/sketchfab/killed", "jobs/sketchfab/stopped"
    assert {f"output/sketchfab/{name}/{name}.parquet" for name in whole} < places
    for place in (f"{killed}/queue.sqlite", f"{killed}/pages/", f"{stopped}/queue.sqlite", f"{stopped}/staged/likes/"):
        assert any(found.startswith(place) for found in places), place

    sandbox = ("-s", f"SANDBOX={canary_sandbox.url}")
    forgot = crawls.scrapy("forget", *sandbox, "sketchfab", "user", "-", input=person.user.uid)
    assert forgot.returncode == 0, forgot.stderr
    assert not any(name.decode() in forgot.stdout + forgot.stderr for name in person.names())
    assert person.places(crawls.directory) == {"jobs/sketchfab/tombstones"}
    assert rows(crawls) == of_others(whole, person)

    canary_sandbox.forget_scripts()
    resumed = crawls.start("crawl", "sketchfab", *sandbox, "-s", "JOB=killed")
    anew = crawls.crawl(canary_sandbox)
    _, log = resumed.communicate()
    assert (anew.returncode, resumed.returncode) == (0, 0), anew.stderr + log
    assert person.places(crawls.directory) == {"jobs/sketchfab/tombstones"}
    assert rows(crawls, provenance=False) == of_others(whole_without_provenance, person)
    for manifest in crawls.manifests():
        requests = manifest["requests"]
        assert requests["enqueued"] == requests["done"] + requests["failed"] + requests["pending"]
        for table in manifest["tables"].values():
            left_out = table["duplicate"] + table["invalid"] + table["forgotten"]
            assert table["seen"] == left_out + table["stored"]
    assert any(manifest["tables"]["sketchfab/likes"]["forgotten"] for manifest in crawls.manifests())
