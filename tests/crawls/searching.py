"""Every byte that crawls wrote, also where it is compressed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq


def written(directory: Path, *, without: Path | None = None) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of all files below `directory` but for those below `without`; Parquet also decompressed."""
    for path in sorted(directory.rglob("*")):
        if without is not None and path.is_relative_to(without):
            continue
        place = str(path.relative_to(directory))
        yield f"{place} (name)", place.encode()
        if path.is_file():
            yield place, path.read_bytes()
        if path.suffix == ".parquet":
            parquet = pq.ParquetFile(path)
            yield f"{place} (rows)", json.dumps(parquet.read().to_pylist(), default=str, ensure_ascii=False).encode()
            groups = [parquet.metadata.row_group(index).to_dict() for index in range(parquet.num_row_groups)]
            yield f"{place} (footer)", f"{parquet.schema_arrow.metadata} {groups}".encode()
