"""Everything one page yielded, on its way through the pipelines and into the store as one unit."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from itemadapter import ItemAdapter, is_item
from scrapy import Request

from crawlers.errors import TypeDefinitionError
from crawlers.items.item import Item
from crawlers.items.registry import table_of
from crawlers.items.rows import Invalid, Row, Rows


@dataclass(frozen=True, slots=True)
class Remember:
    """A fact the crawl keeps across kills, applied and committed with the page that yielded it.

    `value` is a small JSON value, read back by `spider.memory.recall(name)`; None marks `name` as known
    (`spider.memory.knows(name)`), which costs 16 bytes however many names there are.
    """

    name: str
    value: str | int | float | bool | list[Any] | dict[str, Any] | None = None

    def __post_init__(self) -> None:
        try:
            self.name.encode()
            json.dumps(self.value)
        except (TypeError, ValueError) as error:  # found when it is committed, it would stop all commits
            raise TypeDefinitionError(
                f"a callback yielded a Remember that cannot be stored ({type(error).__name__}); "
                "its value must be JSON: text, numbers, true or false, lists and dicts of these"
            ) from None


@dataclass(frozen=True, slots=True)
class Tally:
    """Names that a page counts up by one, each as often as it stands here; exact across kills, since a page that is
    read again was not counted. `SiteSpider.last_requests` is given the numbers. A name costs some 150 bytes of memory.
    """

    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A list was read to its end: of the rows of `table` that the site `stated` it to have, so many were `received`."""

    table: type[Item]
    stated: int
    received: int

    @property
    def missing(self) -> int:
        """Rows that were stated and not received; a list may also have grown meanwhile."""
        return max(0, self.stated - self.received)


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows of `table` that the site may have and shows nowhere: `what` says which, and names nobody."""

    table: type[Item]
    what: str


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@dataclass(slots=True)
class Batch:
    """The output of one callback: rows per table (plain dicts, validated once), requests, facts to remember, how much
    of a list that ended came, and what no list shows.

    `lease` is the row of the response's request in the store; None for what `start()` yields. Pipelines change
    `rows` in place and shorten them; they never drop a Batch, which would lose its requests.
    """

    lease: int | None
    rows: dict[type[Item], list[Row]] = field(default_factory=lambda: defaultdict(list))
    requests: list[Request] = field(default_factory=list)
    facts: list[Remember] = field(default_factory=list)
    tallied: list[str] = field(default_factory=list)
    lists: list[Coverage] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    seen: dict[type[Item], int] = field(default_factory=lambda: defaultdict(int))
    duplicates: dict[type[Item], int] = field(default_factory=lambda: defaultdict(int))
    forgotten: dict[type[Item], int] = field(default_factory=lambda: defaultdict(int))
    invalid: dict[type[Item], list[Invalid]] = field(default_factory=lambda: defaultdict(list))
    pseudonymized: bool = False
    """Set by the anonymize pipeline; the store takes no other rows."""
    on_ack: list[Callable[[], None]] = field(default_factory=list)
    """Called once the page is acked."""
    fetched_at: dt.datetime = field(default_factory=_now)
    _unreadable: list[type[Item]] = field(default_factory=list)

    def add(self, output: Any) -> None:
        """Take one thing a callback yielded.

        Raises: TypeDefinitionError: it is none of rows, a request, a fact, a tally, a coverage, a gap, an item of a
            table of ours.
        """
        if isinstance(output, Rows):
            self._add_rows(output)
        elif isinstance(output, Request):
            self.requests.append(output)
        elif isinstance(output, Remember):
            self.facts.append(output)
        elif isinstance(output, Tally):
            self.tallied += output.names
        elif isinstance(output, Coverage):
            self.lists.append(output)
        elif isinstance(output, Gap):
            self.gaps.append(output)
        elif isinstance(output, Item):
            self._add_rows(Rows(type(output), [output], _as_dict))
        elif is_item(output):
            self._add_foreign(output)
        elif output is not None:
            raise TypeDefinitionError(f"a callback yielded {type(output).__name__}; yield Rows, items or requests")

    def _add_rows(self, rows: Rows[Any]) -> None:
        self.rows[rows.table] += [_as_dict(item) for item in rows.items]
        self.seen[rows.table] += rows.seen
        self.invalid[rows.table] += rows.invalid
        if rows.unreadable:
            self._unreadable.append(rows.table)

    def _add_foreign(self, output: Any) -> None:
        """An item of another kind (dict, dataclass, attrs, scrapy.Item) that says its table in the field `dataset`."""
        values = ItemAdapter(output).asdict()
        dataset = values.pop("dataset", None)
        if dataset is None:
            raise TypeDefinitionError(
                f"a callback yielded a {type(output).__name__} without 'dataset'; "
                "yield an item type of crawlers.items, or name the table: {'dataset': 'site/table', ...}"
            )
        self._add_rows(Rows(table_of(str(dataset)), [values], dict))

    def unreadable(self) -> list[type[Item]]:
        """Tables of which the page has rows, and none could be read; to be asked before any row is dropped."""
        return [table for table in self._unreadable if not self.rows[table]]

    def row_count(self) -> int:
        return sum(map(len, self.rows.values()))

    def __repr__(self) -> str:
        counts = ", ".join(f"{table.dataset} {len(rows)}" for table, rows in self.rows.items())
        return f"<Batch lease={self.lease} rows: {counts or 'none'}; requests: {len(self.requests)}>"


def _as_dict(item: Item) -> Row:
    return dict(item.__dict__)
