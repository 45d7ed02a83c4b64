"""Which rows of a page say something that no earlier crawl has published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pyarrow.parquet as pq

from crawlers.datasets.check import table_file
from crawlers.datasets.files import storage_errors
from crawlers.items import Item, Pseudonymize, Rows

I = TypeVar("I", bound=Item)  # noqa: E741  (the usual letter of an item)


class PublishedTables:
    """The published tables under `output_dir`, to be asked about rows that are not pseudonymised yet.

    `pseudonym` gives that of a raw id in a domain (`<site>.<kind>`).
    """

    def __init__(self, output_dir: Path, pseudonym: Callable[[str, str], str]) -> None:
        self._output_dir = output_dir
        self._pseudonym = pseudonym

    def news(self, rows: Rows[I], *columns: str) -> Rows[I]:
        """The rows whose key is not published yet, or with other values in `columns`; those without a marker only.

        Reads the row groups in which keys like theirs can be: the table is sorted by its key.
        Raises: DatasetError: the table cannot be read.
        """
        path = table_file(rows.table, self._output_dir)
        if not len(rows) or not path.exists():
            return rows
        keys = [self._key(row) for row in rows]
        with storage_errors(f"reading {rows.table.dataset}", path.parent):
            published = self._published(rows.table, path, {key[0] for key in keys}, columns)
        said = dict(zip((id(row) for row in rows), keys, strict=True))
        return rows.where(lambda row: published.get(said[id(row)]) != [getattr(row, name) for name in columns])

    def count_like(self, row: Item, column: str) -> int:
        """How many published rows have the first key column of `row`, and a value in `column`.

        Raises: DatasetError: the table cannot be read.
        """
        table = type(row)
        path = table_file(table, self._output_dir)
        if not path.exists():
            return 0
        with storage_errors(f"reading {table.dataset}", path.parent):
            first = self._key(row)[0]
            found = pq.read_table(path, columns=[column], filters=[(table.key()[0], "=", first)]).column(column)
        return int(len(found) - found.null_count)

    def _key(self, row: Item) -> tuple[str, ...]:
        """The key of a row as a published table has it."""
        markers, site = row.marked(Pseudonymize), row.site()
        values = {name: getattr(row, name) for name in row.key()}
        return tuple(
            self._pseudonym(f"{site}.{markers[name].kind}", value) if name in markers else value
            for name, value in values.items()
        )

    def _published(
        self, table: type[Item], path: Path, first: set[str], columns: tuple[str, ...]
    ) -> dict[tuple[Any, ...], list[Any]]:
        """The rows whose first key column is one of `first`: key -> values of `columns`."""
        there = set(pq.read_schema(path).names)  # a file of an older version lacks columns
        wanted = [name for name in (*table.key(), *columns) if name in there]
        found = pq.read_table(path, columns=wanted, filters=[(table.key()[0], "in", first)]).to_pylist()
        return {tuple(row[name] for name in table.key()): [row.get(name) for name in columns] for row in found}
