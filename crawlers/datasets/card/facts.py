"""What a dataset card tells, counted from the tables themselves and from the records of the crawls."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawlers.datasets.check import key_id_of, table_file
from crawlers.datasets.describe import TableInfo, describe
from crawlers.datasets.files import read_batches
from crawlers.datasets.records import Run, runs
from crawlers.datasets.unicity import Unicity, unicity
from crawlers.items import Counts, Item, Pairs, Pseudonymize, pairs_of, table_of
from crawlers.items.about import About, about


@dataclass(frozen=True, slots=True)
class Stated:
    """What the site says there should be: `rows` of the table `column` stands in state it, `stated` in all.

    Of what they state, `received` rows are there and `missing` are not; more rows than a row states add to neither.
    """

    column: str
    of: str
    """The table that is counted."""
    rows: int
    stated: int
    missing: int

    @property
    def received(self) -> int:
        return self.stated - self.missing


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A published table. `by_crawl` counts the rows that each crawl was the last to fetch; `people` are counted where
    each row, or run of rows, is one person's."""

    info: TableInfo
    by_crawl: Counter[str]
    fetched: tuple[dt.datetime, dt.datetime] | None
    people: int | None
    pairs: Pairs | None
    unicity: list[Unicity]
    stated: list[Stated]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """All that the card of a site tells; `runs` are newest first, without those that got no answer."""

    site: str
    about: About
    tables: list[TableFacts]
    runs: list[Run]

    @property
    def opening(self) -> list[TableFacts]:
        """The tables with rows, the main one first: who does what, if there is such a table."""
        return sorted((table for table in self.tables if table.info.rows), key=lambda table: table.pairs is None)

    @property
    def key_ids(self) -> list[str]:
        """The pseudonym keys of the tables: one, or none if they are older than that."""
        return sorted({key for table in self.tables if (key := key_id_of(table.info.schema)) is not None})

    @property
    def by_crawl(self) -> Counter[str]:
        """The rows of all tables by the crawl that was the last to fetch them."""
        return sum((table.by_crawl for table in self.tables), Counter())


def gather(site: str, output_dir: Path) -> SiteFacts | None:
    """What there is to tell of a site; None if nothing is published.

    Raises: DatasetError: a table cannot be read.
    """
    published = describe(output_dir, site)
    if not published:
        return None
    tables = [_table_facts(info, output_dir) for info in published]
    answered = [run for run in runs(output_dir / site) if run.was_answered]
    return SiteFacts(site, about(site), tables, answered)


def _table_facts(info: TableInfo, output_dir: Path) -> TableFacts:
    path, pairs = table_file(info.table, output_dir), pairs_of(info.table)
    singled_out = unicity(pairs, path) if pairs is not None else []
    people = info.rows if _is_of_people(info.table) else None
    if pairs is not None:
        people = singled_out[0].people if singled_out else 0
    return TableFacts(
        info=info,
        by_crawl=_by_crawl(path),
        fetched=_fetched(path),
        people=people,
        pairs=pairs,
        unicity=singled_out,
        stated=list(_stated(info.table, path, output_dir)),
    )


def _is_of_people(table: type[Item]) -> bool:
    """Whether each row is a person."""
    (name, *others) = table.key()
    return not others and name in table.marked(Pseudonymize) and table.marked(Pseudonymize)[name].person


def _by_crawl(path: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for batch in read_batches(path, ["crawl_id"]):
        for counted in pc.value_counts(batch.column("crawl_id")):
            found[counted["values"].as_py() or ""] += counted["counts"].as_py()
    return found


def _fetched(path: Path) -> tuple[dt.datetime, dt.datetime] | None:
    """When the first and the last row were fetched."""
    ends = [pc.min_max(batch.column("fetched_at")).as_py() for batch in read_batches(path, ["fetched_at"])]
    return (min(end["min"] for end in ends), max(end["max"] for end in ends)) if ends else None


def _stated(table: type[Item], path: Path, output_dir: Path) -> Iterator[Stated]:
    for column, counts in table.marked(Counts).items():
        counted = table_of(f"{table.site()}/{counts.rows_of}")
        if (rows_path := table_file(counted, output_dir)).exists():
            yield _compare(path, table.key()[0], column, counted.dataset, rows_path, counts.by)


def _compare(path: Path, key: str, column: str, of: str, rows_path: Path, by: str) -> Stated:
    stating = pq.ParquetFile(path).read(columns=[key, column])
    stating = stating.filter(pc.is_valid(stating.column(column)))
    keys = stating.column(key).combine_chunks()
    stated = stating.column(column).to_numpy()
    received = np.zeros(len(keys), np.int64)
    for batch in read_batches(rows_path, [by], rows=1 << 20):  # each looks all keys up anew
        places = pc.drop_null(pc.index_in(batch.column(by), value_set=keys)).to_numpy()
        received += np.bincount(places, minlength=len(keys))
    missing = int(np.maximum(stated - received, 0).sum())
    return Stated(column, of, rows=len(keys), stated=int(stated.sum()), missing=missing)
