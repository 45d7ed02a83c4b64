"""What a table must look like at the end of a crawl for the crawl to be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

JUDGED_FROM_PAGES = 10
"""With fewer pages a mean says nothing."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Bounds on the rows one crawl stores of a table.

    `min_rows`: 0 allows an empty table. `max_null_share`: per column, from 0 to 1; columns not named may be all null.
    `min_rows_per_page`: the mean over pages that had rows of the table. `max_missing_share`: of the rows that the site
    states its lists to have, those that did not come.
    """

    min_rows: int = 1
    max_null_share: Mapping[str, float] = field(default_factory=dict)
    min_rows_per_page: float = 0.0
    max_missing_share: float = 1.0
