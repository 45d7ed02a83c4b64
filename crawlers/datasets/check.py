"""Whether rows of an item type may be merged into what is already there. Asked before anything is written."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.datasets.files import storage_errors
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.items import Item, arrow_schema

KEY_ID = b"crawlers.key_id"
"""Schema metadata of staged and published files: which pseudonym key made their pseudonyms."""


def table_file(table: type[Item], output_dir: Path) -> Path:
    """Where a table is published: `<output>/<site>/<table>/<table>.parquet`."""
    return output_dir / table.site() / table.table() / f"{table.table()}.parquet"


def with_key(schema: pa.Schema, key_id: str | None) -> pa.Schema:
    """The schema with the id of the pseudonym key in its metadata; as it is if there is none."""
    return schema if key_id is None else schema.with_metadata({**schema.metadata, KEY_ID: key_id.encode()})


def key_id_of(schema: pa.Schema) -> str | None:
    """The id of the pseudonym key, as the schema's metadata have it."""
    found = (schema.metadata or {}).get(KEY_ID)
    return found.decode() if found else None


def check_table(table: type[Item], output_dir: Path, key_id: str | None) -> None:
    """Make sure that rows of `table`, made with the key `key_id`, can be merged into what is published.

    A column that only the type has is fine: older rows get nulls. `key_id` None skips the comparison of keys.

    Raises:
        DatasetError: a foreign file in the table's folder, no Parquet, a column of another type or one the type lacks.
        ConfigurationError: the table was published with another pseudonym key.
    """
    path = table_file(table, output_dir)
    again = f"then run: scrapy publish {table.site()}"
    with storage_errors(f"looking at {table.dataset}", path.parent):
        if not path.parent.exists():
            return
        # polars and DuckDB read every file of the folder, dot files included, and fail on what is not Parquet.
        foreign = sorted(entry.name for entry in path.parent.iterdir() if entry.name != path.name)
        if foreign:
            raise DatasetError(
                f"{path.parent} holds {', '.join(repr(name) for name in foreign[:5])}, which is not ours, and readers "
                f"of the table would read it too; move it away, {again}"
            )
        if not path.exists():
            return
        schema = _schema_of(path, again)
    check_schema(table, schema, f"{path}", f"move the file away (its rows are crawled anew) or migrate it, {again}")
    published_with = key_id_of(schema)
    if key_id is not None and published_with is not None and key_id != published_with:
        raise ConfigurationError(
            f"{path} was published with pseudonym key {published_with}, and this crawl has key {key_id}: the same "
            f"person would get two pseudonyms; use the key {published_with} (PSEUDONYM_KEY_FILE), another OUTPUT_DIR, "
            f"or move {path.parent.parent} away"
        )


def check_schema(table: type[Item], found: pa.Schema, where: str, instead: str) -> None:
    """Make sure that a file's columns are those of the type, in any order; only columns outside the key may be missing.

    Raises: DatasetError: they are not; the message names `where` and both types, and ends with `instead`.
    """
    expected = arrow_schema(table)
    for field in found:
        if field.name not in expected.names:
            raise DatasetError(f"{where} has the column {field.name!r}, which {table.__name__} lacks; {instead}")
        wanted = expected.field(field.name).type
        if field.type != wanted:
            raise DatasetError(
                f"{where} has the column {field.name!r} as {field.type}, and {table.__name__} has it as {wanted}; "
                f"{instead}"
            )
    for name in (*table.key(), "fetched_at"):
        if name not in found.names:
            raise DatasetError(f"{where} lacks the column {name!r}, without which rows cannot be told apart; {instead}")


def _schema_of(path: Path, again: str) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, IsADirectoryError) as error:
        raise DatasetError(f"{path} is not a readable Parquet file; move it away, {again}") from error
