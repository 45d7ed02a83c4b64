"""Whether the rows of a crawl are what its tables expect. A site that changed shows first in what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crawlers.frontier.row_counts import RowCounts, no_rows
from crawlers.items import Item
from crawlers.items.expected import JUDGED_FROM_PAGES, Expected


def breaches(
    tables: Iterable[type[Item]],
    row_counts: dict[str, RowCounts],
    expected: Callable[[type[Item]], Expected] = lambda table: table.expected,
) -> list[str]:
    """What is not as `expected` of a table, one sentence each; empty if all is well."""
    return [
        f"{table.dataset}: {breach}"
        for table in tables
        for breach in _breaches(expected(table), row_counts.get(table.dataset, no_rows()))
    ]


def _breaches(expected: Expected, counts: RowCounts) -> Iterable[str]:
    stored, pages = counts["stored"], counts["pages"]
    if stored < expected.min_rows:
        yield f"{stored:,} rows, expected at least {expected.min_rows:,}"
    for column, allowed in expected.max_null_share.items():
        share = counts["nulls"].get(column, 0) / stored if stored else 0.0
        if share > allowed:
            yield f"{share:.0%} of {column!r} are null, expected at most {allowed:.0%}"
    missing, allowed = counts["missing"], expected.max_missing_share
    if missing > allowed * counts["stated"]:
        yield f"{missing / counts['stated']:.0%} of the rows stated are missing, expected at most {allowed:.0%}"
    if pages >= JUDGED_FROM_PAGES and counts["seen"] / pages < expected.min_rows_per_page:
        yield f"{counts['seen'] / pages:.1f} rows a page, expected at least {expected.min_rows_per_page}"
