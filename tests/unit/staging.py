"""What a crawl leaves for publishing, made by hand: spools, staged parts and invented rows."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.datasets.check import KEY_ID
from crawlers.datasets.publish import publish
from crawlers.datasets.seal import write_part
from crawlers.datasets.spool import stream
from crawlers.items import Item, spool_schema
from crawlers.items.sketchfab import Like, Model

Row = dict[str, Any]
KEY = "aaaa1111"


class Folders:
    """The output and jobs directories of a test."""

    def __init__(self, root: Path) -> None:
        self.output = root / "output"
        self.jobs = root / "jobs"
        self.likes = self.output / "sketchfab" / "likes"
        self.models = self.output / "sketchfab" / "models"

    def publish(self, key_id: str | None = KEY) -> dict[str, Any]:
        return publish("sketchfab", self.output, self.jobs, key_id)

    def published_like(self) -> Path:
        """A published table with one row."""
        stage(self.jobs, Like, [like("u", "m")])
        self.publish()
        return self.likes / "likes.parquet"

    def rows(self, folder: Path | None = None) -> list[Row]:
        rows: list[Row] = pq.read_table((folder or self.likes) / f"{(folder or self.likes).name}.parquet").to_pylist()
        return rows


def moment(second: int) -> dt.datetime:
    return dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second)


def like(user: str, model: str, second: int = 0, position: int = 0) -> Row:
    return {
        "user_id": user,
        "model_id": model,
        "position": position,
        "likes_source": "model",
        "fetched_at": moment(second),
        "crawl_id": "20260101T000000Z-abcdef",
    }


def model(model_id: str, second: int = 0, **values: Any) -> Row:
    named = {"model_id": model_id, "name": f"[bold]Model {model_id}", "user_id": "u1", "like_count": 7}
    return named | {"fetched_at": moment(second), "crawl_id": "20260101T000000Z-abcdef"} | values


def batch(table: type[Item], rows: Sequence[Row], key_id: str | None = None) -> pa.RecordBatch:
    schema = spool_schema(table)
    if key_id is not None:
        schema = schema.with_metadata({**schema.metadata, KEY_ID: key_id.encode()})
    return pa.RecordBatch.from_pylist(list(rows), schema=schema)


def stage(
    jobs_dir: Path, table: type[Item], rows: Sequence[Row], first: int = 1, job: str = "job", key_id: str | None = None
) -> Path:
    directory = jobs_dir / table.site() / job / "staged" / table.table()
    return write_part(table, [batch(table, rows, key_id)], directory, first, first + len(rows) - 1)


def open_spool(jobs_dir: Path, job: str = "job") -> sqlite3.Connection:
    """A job's database as a crawl has it open."""
    directory = jobs_dir / "sketchfab" / job
    directory.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(directory / "queue.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS spool"
        "(seq INTEGER PRIMARY KEY, dataset TEXT NOT NULL, rows INTEGER NOT NULL, arrow BLOB NOT NULL)"
    )
    return connection


def spool(connection: sqlite3.Connection, table: type[Item], rows: Sequence[Row]) -> None:
    connection.execute(
        "INSERT INTO spool(dataset, rows, arrow) VALUES (?, ?, ?)",
        (table.dataset, len(rows), stream([batch(table, rows)])),
    )


__all__ = [
    "KEY", "Folders", "Like", "Model", "Row", "batch", "like", "model", "moment", "open_spool", "spool", "stage",
]  # fmt: skip
