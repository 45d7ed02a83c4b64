"""Finding the dataset that a world is to be loaded from: recognised by its files, not by the name of its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.worlds import letterboxd_load, sketchfab_load, weibo_load, youtube_load
from sandbox.worlds.dataset import WorldError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.worlds.dataset import Dataset

# Each has the FILE that it is known by, its SHAPE in words, and `load(file, size)`. Of a directory with the files of
# several, the first is taken.
LOADERS = (sketchfab_load, youtube_load, weibo_load, letterboxd_load.LATEST, letterboxd_load.EARLIER)


def load_dataset(path: Path, size: int | None) -> Dataset[Any]:
    """Read a dataset from its directory, or from the file in it that it is known by; `size` None takes all of it.

    Raises: WorldError: nothing is there, nothing that is known, or it cannot be read.
    """
    if not path.exists():
        raise WorldError(f"no world at {path}: the path does not exist")
    for loader in LOADERS:
        file = path / loader.FILE if path.is_dir() else path
        if file.name == loader.FILE and file.is_file():
            dataset: Dataset[Any] = loader.load(file, size)
            return dataset
    raise WorldError(f"{path} is not a known dataset; known: {'; '.join(loader.SHAPE for loader in LOADERS)}")
