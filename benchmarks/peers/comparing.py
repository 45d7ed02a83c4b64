"""Rows of a peer and of ours in one form, so that what is lost and what is doubled can be counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.pseudonyms import Pseudonymizer, PseudonymKey

Rows = Counter[tuple[object, ...]]
"""Table, model_id, pseudonym, and like_count (models) or position (likes) -> how often the row is there."""

_COMPARED = {"models": ("model_id", "user_id", "like_count"), "likes": ("model_id", "user_id", "position")}


def feed_rows(feed: Path, key: str) -> Rows:
    """The rows of a peer's jsonlines feed, its raw ids made pseudonyms under the 64 hex digits of `key`.

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
        read = pq.read_table(output / "sketchfab" / table, columns=list(columns))
        rows.update((table, *row) for row in zip(*(read[name].to_pylist() for name in columns), strict=True))
    return rows
