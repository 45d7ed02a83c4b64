"""The files of rec-a-sketch (2016): ``model_urls.psv``, ``model_likes_anon.psv`` and ``model_feats.psv``.

Fields are separated by ``|``, records by CR LF, in UTF-8, with one header. A field that holds a separator, a line break
or a backslash stands between backslashes, and a backslash in it is doubled: ``csv`` and pandas read them with
``quotechar='\\\\'``, without an escape character. Models stand in the order of their likes, most first.

What was wrong in the originals is right here: no model and no like stands twice, the models around the limit of likes
are all there, and likes have a header.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import AbstractContextManager
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import duckdb

from crawlers.datasets.check import table_file
from crawlers.datasets.files import ONLY_READ, storage_errors
from crawlers.errors import ConfigurationError
from crawlers.exports.files import Exported, writing
from crawlers.folders import shown
from crawlers.items import Item
from crawlers.items.sketchfab import Like, Model

ROWS_AT_ONCE = 10_000
_LIKES_ELSEWHERE = "SELECT count(*) FROM likes ANTI JOIN models USING (model_id)"
_URLS = "SELECT name, model_id FROM models ORDER BY like_count DESC, model_id"
_LIKES = """
    SELECT name, model_id, likes.user_id FROM likes JOIN models USING (model_id)
    ORDER BY like_count DESC, model_id, position, likes.user_id
"""
_FEATURES = """
    SELECT model_id, type, value FROM (
        SELECT like_count, model_id, 'category' AS type, unnest(categories) AS value,
            generate_subscripts(categories, 1) AS place
        FROM models
        UNION ALL
        SELECT like_count, model_id, 'tag', unnest(tags), generate_subscripts(tags, 1) FROM models
    )
    ORDER BY like_count DESC, model_id, type, place
"""


def export(output_dir: Path, directory: Path) -> Iterator[Exported]:
    """Write the three files from the published tables.

    Raises: ConfigurationError: a table is not there; DatasetError: it cannot be read; OSError: writing a file failed.
    """
    files = {name: _published(table, output_dir) for name, table in (("models", Model), ("likes", Like))}
    with TemporaryDirectory(prefix=".export-", dir=directory) as scratch, _Tables(files, scratch) as tables:
        yield _write(directory / "model_urls.psv", ("name", "mid"), tables.rows(_URLS))
        ((elsewhere,),) = (row for some in tables.rows(_LIKES_ELSEWHERE) for row in some)
        note = f"without {elsewhere:,} likes of models that are not in {Model.dataset}" if elsewhere else ""
        yield _write(directory / "model_likes_anon.psv", ("modelname", "mid", "uid"), tables.rows(_LIKES), note)
        yield _write(
            directory / "model_feats.psv", ("mid", "type", "value"), tables.rows(_FEATURES), "values are slugs"
        )


def _published(table: type[Item], output_dir: Path) -> Path:
    path = table_file(table, output_dir)
    if not path.exists():
        raise ConfigurationError(f"there is no table {table.dataset} in {shown(output_dir)}; crawl it first")
    return path


class _Tables:
    """Published files as tables to ask; sorting takes little memory, and the rest of it goes into `scratch`."""

    def __init__(self, files: dict[str, Path], scratch: str) -> None:
        self._files = files
        self._folder = next(iter(files.values())).parent.parent
        self._connection = duckdb.connect(config={"memory_limit": "512MB", "threads": 2, "temp_directory": scratch})

    def __enter__(self) -> Self:
        with self._reading():
            for name, path in self._files.items():
                self._connection.read_parquet(escape(str(path))).create_view(name)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def rows(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        """What a query gives, some rows at a time."""
        with self._reading():
            found = self._connection.execute(query)
            while some := found.fetchmany(ROWS_AT_ONCE):
                yield some

    def _reading(self) -> AbstractContextManager[None]:
        return storage_errors("reading the tables", self._folder, ONLY_READ)


def _write(path: Path, header: tuple[str, ...], rows: Iterator[list[tuple[Any, ...]]], note: str = "") -> Exported:
    count = 0
    with writing(path) as file:
        writer = csv.writer(file, delimiter="|", quotechar="\\", quoting=csv.QUOTE_MINIMAL)
        writer.writerow(header)
        for some in rows:
            writer.writerows(some)
            count += len(some)
    return Exported(path, count, note)
