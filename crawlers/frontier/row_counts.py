"""How many rows of each table a crawl saw, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawlers.datasets import spool

RowCounts = dict[str, Any]
"""Of one table: pages that had rows of it; rows that the crawl saw = dropped as duplicate + quarantined as invalid +
dropped because they name a forgotten person + stored; `nulls`, the nulls among the stored by column; and lists read to
their end, the rows they were stated to have, and those of them that are missing."""


def no_rows() -> RowCounts:
    """The counts of a table nothing was seen of."""
    rows = dict.fromkeys(("pages", "seen", "duplicate", "invalid", "forgotten", "stored"), 0)
    return {**rows, "nulls": {}, "lists": 0, "stated": 0, "missing": 0}


def with_what_arrow_says(counts: Mapping[str, RowCounts], blobs: Mapping[str, spool.Encoded]) -> dict[str, RowCounts]:
    """The counts of tables, with rows that Arrow refused as invalid instead of stored, and with nulls per column."""
    counted = {dataset: {**kept, "nulls": dict(kept["nulls"])} for dataset, kept in counts.items()}
    for dataset, blob in blobs.items():
        counted[dataset]["stored"] -= blob.refused
        counted[dataset]["invalid"] += blob.refused
        nulls = counted[dataset]["nulls"]
        for column, count in blob.nulls.items():
            if count:
                nulls[column] = nulls.get(column, 0) + count
    return counted
