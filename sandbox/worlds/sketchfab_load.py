"""Reading the dataset of Sketchfab that a world can be loaded from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.worlds.dataset import Dataset, WorldError

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("model_id", "name", "rank")


NAME = "rec-a-sketch"
FILE = "models.parquet"
SHAPE = f"{NAME} ({FILE}: {', '.join(COLUMNS)})"


def load(file: Path, size: int | None) -> Dataset[list[tuple[str, str]]]:
    """The models of ``rec-a-sketch`` as `(model_id, name)`, most liked first.

    `size` takes that many models, their ranks evenly spread over the whole list; None takes all.
    """
    rows = _read(file)
    if size is not None and size > len(rows):
        raise WorldError(f"size {size} is more than the {len(rows)} models in {file}")
    if size is not None and size < len(rows):
        rows = [rows[i * len(rows) // size] for i in range(size)]
    return Dataset("sketchfab", NAME, len(rows), rows, generated="likes, tags, ...")


def _read(file: Path) -> list[tuple[str, str]]:
    import pyarrow as pa  # noqa: PLC0415 - takes 0.2 s, and a synthetic world reads no file
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        table = pq.read_table(file, columns=list(COLUMNS)).sort_by("rank")
    except (pa.ArrowException, OSError, KeyError) as error:
        raise WorldError(
            f"{file} cannot be read as rec-a-sketch ({', '.join(COLUMNS)}): {error}".splitlines()[0]
        ) from error
    if not table.num_rows:
        raise WorldError(f"{file} holds no models")
    return list(zip(table["model_id"].to_pylist(), table["name"].to_pylist(), strict=True))
