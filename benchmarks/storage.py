"""From rows to a published table, without HTTP: CPU against raw pyarrow, bytes, memory, and how either grows.

As a program, `python -m benchmarks.storage write_raw|make_merge|merge|copy DIRECTORY` does one thing by itself.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.driving import KEY, pages
from benchmarks.figures import Figure
from benchmarks.usage import Usage, usage_of
from crawlers.datasets.check import with_key
from crawlers.datasets.files import PUBLISHED, STAGED
from crawlers.datasets.publish import publish
from crawlers.items import arrow_schema, spool_schema
from crawlers.items.sketchfab import Like
from tests.crawls.running import ROOT

ROUNDS = 3
WRITTEN = 500_000
SMALL, MIDDLE, LARGE = 100_000, 1_000_000, 5_000_000
SMALL_ROUNDS = 5
MERGED = 10_000_000
KEY_COLUMNS = ("user_id", "model_id")


def quick(directory: Path) -> list[Figure]:
    """G3: rows -> spool -> sealed part -> published table, against one call that writes the same rows with pyarrow."""
    ours, raw = [], []
    for number in range(ROUNDS):
        found = _drive(directory / f"ours-{number}", WRITTEN, "--store-only")
        ours.append(_cpu_s(found))
        raw.append(float(_run("write_raw", directory)))
    ratio = min(ours) / min(raw)
    file = directory / "ours-0" / "output" / "sketchfab" / "likes" / "likes.parquet"
    rows, sizes = pq.read_metadata(file).num_rows, column_bytes(file)
    key_bytes, all_bytes = sum(sizes[name] for name in KEY_COLUMNS) / rows, file.stat().st_size / rows
    return [
        Figure(
            "G3", "rows to published table / raw pyarrow, CPU",
            f"{ratio:.2f}x ({min(ours):.2f} / {min(raw):.2f} s, {rows:,} likes)", "<= 2.0x", ratio <= 2.0,
        ),
        Figure(
            "G3", "bytes of a like row, key columns / all", f"{key_bytes:.2f} / {all_bytes:.2f} bytes",
            "<= 5.0 / <= 11", key_bytes <= 5.0 and all_bytes <= 11,
        ),
    ]  # fmt: skip


def measure(directory: Path) -> list[Figure]:
    """G6, G8 and G9: memory and CPU as the rows become many, and a merge of ten million onto ten million."""
    middle, large = (_drive(directory / str(rows), rows) for rows in (MIDDLE, LARGE))
    # A second each, and one takes a third more than the other: what counts is their mean.
    small = [_drive(directory / f"{SMALL}-{number}", SMALL) for number in range(SMALL_ROUNDS)]
    growth = middle["crawl_kib"] / small[0]["crawl_kib"]
    mib = large["crawl_kib"] / 1024
    per_row = [_cpu_s(large) / LARGE * 1e6, mean(map(_cpu_s, small)) / SMALL * 1e6]
    cost = per_row[0] / per_row[1]
    return [
        Figure("G6", "peak memory, 1 M rows / 0.1 M", f"{growth:.2f}x", "<= 2.0x", growth <= 2.0),
        Figure("G6", "peak memory, 5 M rows", f"{mib:.0f} MiB", "<= 450 MB", mib * 1.048576 <= 450),
        Figure("G9", "dataset card of 5 M rows, CPU; it does not count in the ratio", f"{large['card_s']:.1f} s"),
        Figure(
            "G9", "CPU per row, 5 M rows / 0.1 M",
            f"{cost:.2f}x ({per_row[0]:.1f} / {per_row[1]:.1f} us)", "<= 1.1x", cost <= 1.1,
        ),
        *_merge_figures(directory),
    ]  # fmt: skip


def _merge_figures(directory: Path) -> list[Figure]:
    _run("make_merge", directory)  # Linux counts the memory of a process as used by those that it starts
    copied = _used("copy", directory)
    merged = _used("merge", directory)
    rows = pq.read_metadata(_published(directory)).num_rows
    gib = merged.rss_kib / 2**20
    ratio = merged.cpu_s / copied.cpu_s
    return [
        Figure(
            "G8", "publish 10 M rows onto 10 M / DuckDB's COPY, CPU",
            f"{ratio:.2f}x ({merged.cpu_s:.0f} / {copied.cpu_s:.0f} s, {rows:,} rows)", "<= 1.2x", ratio <= 1.2,
        ),
        Figure("G8", "its peak memory", f"{gib:.2f} GiB", "<= 1 GB", gib * 1.0737 <= 1.0),
    ]  # fmt: skip


def _cpu_s(found: dict[str, Any]) -> float:
    """All that rows cost until they are published, but for the dataset card."""
    return float(found["pages_s"] + found["seal_s"] + found["merge_s"])


def _drive(directory: Path, rows: int, *options: str) -> dict[str, Any]:
    directory.mkdir(parents=True)
    command = [sys.executable, "-m", "benchmarks.driving", str(directory), str(rows), *options]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    if found["rows"] != rows:
        sys.exit(f"{rows:,} rows went in, and {found['rows']:,} were published")
    return found


def _command(what: str, directory: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.storage", what, str(directory)]


def _run(what: str, directory: Path) -> str:
    return subprocess.run(_command(what, directory), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def _used(what: str, directory: Path) -> Usage:
    return usage_of(subprocess.Popen(_command(what, directory), cwd=ROOT, stderr=subprocess.PIPE, text=True))


def write_raw(directory: Path) -> None:
    """Write the rows of a crawl in one call, and print the CPU seconds it took, without those of the imports."""
    rows = [row for page in pages(WRITTEN) for row in page]
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    for row in rows:
        row |= {"first_seen_at": now, "fetched_at": now, "crawl_id": "20261127T020000Z-abcdef"}
    write = partial(pq.write_table, where=directory / "raw.parquet", **PUBLISHED)
    write(pa.Table.from_pylist(rows[:1], schema=arrow_schema(Like)))
    since = time.process_time()
    write(pa.Table.from_pylist(rows, schema=arrow_schema(Like)))
    print(time.process_time() - since)


def make_merge(directory: Path) -> None:
    """A published table and staged parts, of MERGED likes each; half of those staged are published already."""
    published = _published(directory)
    published.parent.mkdir(parents=True)
    schema = with_key(arrow_schema(Like), KEY.key_id)
    with pq.ParquetWriter(published, schema, **PUBLISHED) as writer:
        for first in range(0, MERGED, 1 << 20):
            writer.write_table(_likes(first, min(first + (1 << 20), MERGED), schema, "2026-11-20"))
    staged = directory / "jobs" / "sketchfab" / "bench" / "staged" / "likes"
    staged.mkdir(parents=True)
    schema = with_key(spool_schema(Like), KEY.key_id)
    options = {name: value for name, value in STAGED.items() if not name.startswith("group_")}
    for first in range(MERGED // 2, MERGED // 2 + MERGED, 250_000):
        last = first + 250_000
        pq.write_table(
            _likes(first, last, schema, "2026-11-27"), staged / f"{first:012d}-{last:012d}.parquet", **options
        )


def _likes(first: int, last: int, schema: pa.Schema, day: str) -> pa.Table:
    numbers = np.arange(first, last, dtype=np.int64)
    at = pa.scalar(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC), pa.timestamp("us", tz="UTC"))
    columns = {
        "user_id": _hex(numbers * 7919 % (MERGED // 10)),
        "model_id": _hex(numbers // 22 + 2**40),
        "position": pa.array(numbers % 22),
        "likes_source": pa.array(np.full(len(numbers), "model")),
        "first_seen_at": pa.repeat(at, len(numbers)),
        "fetched_at": pa.repeat(at, len(numbers)),
        "crawl_id": pa.array(np.full(len(numbers), f"crawl of {day}")),
    }
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def _hex(numbers: Any) -> pa.Array:
    """32 hex digits for each number, spread over all of them as pseudonyms are."""
    spread = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    digits = np.char.add(np.vectorize("{:016x}".format)(spread), np.vectorize("{:016x}".format)(~spread))
    return pa.array(digits)


def _published(directory: Path) -> Path:
    return directory / "output" / "sketchfab" / "likes" / "likes.parquet"


def merge(directory: Path) -> None:
    """Publish what is staged."""
    publish("sketchfab", directory / "output", directory / "jobs", KEY.key_id)


def copy(directory: Path) -> None:
    """The same merge as one query of DuckDB's, which writes the file itself; with all the memory it wants."""
    parts = directory / "jobs" / "sketchfab" / "bench" / "staged" / "likes" / "*.parquet"
    duckdb.connect(config={"threads": 2}).sql(
        f"""COPY (SELECT * FROM read_parquet(['{_published(directory)}', '{parts}'], union_by_name=true)
        QUALIFY row_number() OVER (PARTITION BY user_id, model_id ORDER BY fetched_at DESC) = 1
        ORDER BY user_id, model_id)
        TO '{directory / "copied.parquet"}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)"""
    )


def column_bytes(path: Path) -> Counter[str]:
    """Compressed bytes of every column."""
    metadata = pq.read_metadata(path)
    sizes: Counter[str] = Counter()
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            sizes[chunk.path_in_schema] += chunk.total_compressed_size
    return sizes


if __name__ == "__main__":
    {"write_raw": write_raw, "make_merge": make_merge, "merge": merge, "copy": copy}[sys.argv[1]](Path(sys.argv[2]))
