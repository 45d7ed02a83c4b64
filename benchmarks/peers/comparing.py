"""Rows of a peer and of ours in one form, so that what is lost and what is doubled can be counted."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from sandbox.worlds import World

Rows = Counter[tuple[object, ...]]
"""Table, key and values of a row -> how often it is there. Of Sketchfab: table, model_id, pseudonym, and like_count
(models) or position (likes)."""

_COMPARED = {"models": ("model_id", "user_id", "like_count"), "likes": ("model_id", "user_id", "position")}
_RATING = ("user_id", "film_id", "rating", "liked", "film_slug", "film_title")


def check_equal(what: str, ours: Rows, theirs: Rows) -> None:
    """Raises: SystemExit: the rows differ."""
    if not ours or ours != theirs:
        only_ours, only_theirs = (ours - theirs).total(), (theirs - ours).total()
        sys.exit(f"rows differ: {only_ours:,} of {ours.total():,} only ours has, {only_theirs:,} only {what} has")


def invented_key() -> str:
    """The pseudonym key of invented worlds."""
    return str(World().pseudonym_key)


def feed_rows(feed: Path, key: str) -> Rows:
    """The rows of a peer's jsonlines feed of Sketchfab, its raw ids made pseudonyms under the 64 hex digits of `key`.

    A line that a kill cut short is no row; the feed may be missing altogether.
    """
    pseudonym = Pseudonymizer(PseudonymKey.from_hex(key, "the comparison")).of("sketchfab.user")
    return Counter(_rows(feed.read_bytes().splitlines() if feed.exists() else [], pseudonym))


def _rows(lines: Iterable[bytes], pseudonym: Callable[[str], str]) -> Iterable[tuple[object, ...]]:
    for line in lines:
        try:
            row: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        row["user_id"] = pseudonym(row["user_id"])
        yield (row["table"], *(row[name] for name in _COMPARED[row["table"]]))


def published_rows(output: Path) -> Rows:
    """The rows of our published tables of Sketchfab."""
    rows: Rows = Counter()
    for table, columns in _COMPARED.items():
        rows += parquet_rows(output / "sketchfab" / table, table, columns)
    return rows


def parquet_rows(path: Path, table: str, columns: Iterable[str] = _COMPARED["likes"]) -> Rows:
    """Some columns of a Parquet file, the name of the table before them."""
    read = pq.read_table(path, columns=list(columns))
    return Counter((table, *row) for row in zip(*(read[name].to_pylist() for name in columns), strict=True))


def likes_only(rows: Rows) -> Rows:
    """Who likes what, without places."""
    return Counter({("likes", *row[1:3]): count for row, count in rows.items() if row[0] == "likes"})


def psv_likes(path: Path) -> Rows:
    """The likes in a file ``model name|model id|pseudonym``."""
    with path.open(encoding="utf-8", newline="") as file:
        return Counter(("likes", model_id, user_id) for _, model_id, user_id in csv.reader(file, delimiter="|"))


def published_ratings(output: Path) -> Rows:
    """Our published ratings of Letterboxd."""
    return parquet_rows(output / "letterboxd" / "ratings", "ratings", _RATING)


def feed_ratings(feed: Path, key: str) -> Rows:
    """The ratings of a peer's jsonlines feed, its members made pseudonyms."""
    pseudonym = Pseudonymizer(PseudonymKey.from_hex(key, "the comparison")).of("letterboxd.user")
    rows = map(json.loads, feed.read_bytes().splitlines())
    return Counter(("ratings", pseudonym(row["user_id"]), *(row[name] for name in _RATING[1:])) for row in rows)
