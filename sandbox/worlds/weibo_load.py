"""Reading the dataset of Weibo that a world can be loaded from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.worlds.dataset import Dataset, WorldError
from sandbox.worlds.weibo import Graph
from sandbox.worlds.weibo_people import Listed

if TYPE_CHECKING:
    from pathlib import Path

NAME = "sina-weibo"
FILE = "follows.parquet"
PEOPLE = "users.parquet"  # beside it
SHAPE = f"{NAME} ({FILE}: edge_order, source_index, target_index; {PEOPLE}: user_index, user_id, nickname, community)"


def load(file: Path, size: int | None) -> Dataset[Graph]:
    """The people in order of discovery and whom they follow; `size` takes so many of the first, None all."""
    edges = _read(file, ("edge_order", "source_index", "target_index"))
    users = _read(file.with_name(PEOPLE), ("user_index", "user_id", "nickname", "community"))
    if not users:
        raise WorldError(f"{file.with_name(PEOPLE)} holds no users")
    if size is not None and size > len(users):
        raise WorldError(f"size {size} is more than the {len(users)} users beside {file}")
    people = [Listed(user["user_id"], user["nickname"], user["community"]) for user in users[:size]]
    followees: list[list[int]] = [[] for _ in people]
    for edge in edges:
        if edge["source_index"] < len(people) and edge["target_index"] < len(people):
            followees[edge["source_index"]].append(edge["target_index"])
    return Dataset("weibo", NAME, len(people), Graph(people, followees), generated="profiles, posts, comments")


def _read(file: Path, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of a table, sorted by its first column."""
    import pyarrow as pa  # noqa: PLC0415 - takes 0.2 s, and a synthetic world reads no file
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        rows: list[dict[str, Any]] = pq.read_table(file, columns=list(columns)).sort_by(columns[0]).to_pylist()
    except (pa.ArrowException, OSError, KeyError) as error:
        raise WorldError(f"{file} cannot be read as {NAME} ({', '.join(columns)}): {error}".splitlines()[0]) from error
    return rows
