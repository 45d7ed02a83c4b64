"""Crawls of Letterboxd's replica, and what they published against what their world holds."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from sandbox.worlds import World
from tests.crawls.running import Crawls, RunningSandbox

SITE = {"host": "letterboxd.com"}
Row = tuple[Any, ...]


def pseudonym_of(kind: str, name: str, key: str) -> str:
    """What a member (kind ``user``) or a diary entry (``entry``) is published as."""
    return Pseudonymizer(PseudonymKey.from_hex(key, "the comparison")).pseudonym(f"letterboxd.{kind}", name)


def published(output: Path, table: str, *columns: str) -> list[Row]:
    """Some columns of a table, in its order, which is that of its key."""
    read = pq.read_table(output / "letterboxd" / table, columns=list(columns))
    return list(zip(*(read[column].to_pylist() for column in columns), strict=True))


def ratings_of(world: World, key: str, *, rated_only: bool, members: Collection[str] | None = None) -> list[Row]:
    """(user_id, film_id, rating, liked, position, film_slug) of public members, of all or of those named, sorted."""
    site = world.letterboxd
    pseudonym = Pseudonymizer(PseudonymKey.from_hex(key, "the comparison")).of("letterboxd.user")
    slugs = {film.film_id: film.slug for film in site.films}
    return sorted(
        (pseudonym(seen.member), str(seen.film_id), seen.rating, seen.liked, seen.position, slugs[seen.film_id])
        for member in site.members
        if member.is_public and (members is None or member.slug in members)
        for seen in site.seen(member.slug, rated_only=rated_only)
    )


def rating_differences(
    output: Path, world: World, key: str, *, rated_only: bool = True, members: Collection[str] | None = None
) -> list[str]:
    """How the published ratings differ from those of the world; empty when they are equal, none twice, none missing."""
    columns = ("user_id", "film_id", "rating", "liked", "position", "film_slug")
    found = published(output, "ratings", *columns)
    wanted = ratings_of(world, key, rated_only=rated_only, members=members)
    if found == wanted:
        return []
    first = next((pair for pair in zip(found, wanted, strict=False) if pair[0] != pair[1]), "one ends before the other")
    return [f"{len(found):,} ratings instead of {len(wanted):,}; first difference: {first}"]


def key_of(world: World) -> str:
    """The pseudonym key of an invented world."""
    assert world.pseudonym_key is not None
    return world.pseudonym_key


def crawl(crawls: Crawls, sandbox: RunningSandbox, *arguments: str, key: str | None = None, code: int = 0) -> str:
    """Crawl with `-a` arguments, and settings, which begin with a capital letter; what was printed."""
    options = [part for text in arguments for part in ("-s" if text[0].isupper() else "-a", text)]
    ended = crawls.crawl(sandbox, *options, site="letterboxd", key=key)
    assert ended.returncode == code, ended.stderr
    return ended.stderr


def asked_for(sandbox: RunningSandbox) -> dict[str, int]:
    """How often each kind of page of the site was asked for."""
    counts: dict[str, int] = sandbox.ask("requests")["by_path"]
    return {path.removeprefix("letterboxd.com"): count for path, count in counts.items() if "letterboxd.com" in path}
