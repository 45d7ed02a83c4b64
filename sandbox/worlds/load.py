"""Reading the datasets that a world can be loaded from. A dataset is recognised by its content, not by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("model_id", "name", "rank")


class WorldError(ValueError):
    """The world that was asked for cannot be made; the message is one line for the person who asked."""


@dataclass(frozen=True, slots=True)
class ListedModels:
    """The models of a dataset: `(model_id, name)`, most liked first."""

    name: str
    rows: list[tuple[str, str]]


def load_models(path: Path, size: int | None) -> ListedModels:
    """Read ``rec-a-sketch`` from its directory, or from the ``models.parquet`` in it.

    `size` takes that many models, their ranks evenly spread over the whole list; None takes all.
    """
    file = path / "models.parquet" if path.is_dir() else path
    if not path.exists():
        raise WorldError(f"no world at {path}: the path does not exist")
    if file.name != "models.parquet" or not file.is_file():
        raise WorldError(f"{path} is not a known dataset; known: rec-a-sketch (models.parquet: {', '.join(COLUMNS)})")
    rows = _read(file)
    if size is not None and size > len(rows):
        raise WorldError(f"size {size} is more than the {len(rows)} models in {path}")
    if size is not None and size < len(rows):
        rows = [rows[i * len(rows) // size] for i in range(size)]
    return ListedModels("rec-a-sketch", rows)


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
