"""The world as a whole: where it comes from, what it is called, and one part for each site."""

from __future__ import annotations

import hashlib
import hmac
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sandbox.worlds.load import WorldError, load_models
from sandbox.worlds.sketchfab import SketchfabWorld

if TYPE_CHECKING:
    from sandbox.worlds.load import ListedModels

# Goes into the identity: a job made on a world that was generated differently must not be resumed on this one.
GENERATION = 1


class World:
    """People and items of all sites, the same for the same arguments on every machine.

    `size` counts the models. A synthetic world is invented throughout and brings its own pseudonym key; the people of a
    loaded world may exist, so it needs a key like a real crawl. `canary` names every person by tokens that begin with
    ``cnry``, so that a test can search all bytes for them.
    """

    def __init__(
        self, seed: int = 0, size: int = 600, *, canary: bool = False, dataset: ListedModels | None = None
    ) -> None:
        if size < 1:
            raise WorldError(f"size must be 1 or more, not {size}")
        self.seed = seed
        self.size = size
        self.canary = canary
        self.dataset = dataset
        self.name = dataset.name if dataset else "synthetic"
        self.description = f"{self.name} (loaded; likes, tags, ... generated)" if dataset else self.name

    @classmethod
    def load(cls, path: Path | str, seed: int = 0, size: int | None = None, *, canary: bool = False) -> Self:
        """The world of a dataset; `size` None = all of it. What the dataset lacks is generated from `seed`."""
        if size is not None and size < 1:
            raise WorldError(f"size must be 1 or more, not {size}")
        dataset = load_models(Path(path), size)
        return cls(seed, len(dataset.rows), canary=canary, dataset=dataset)

    @cached_property
    def sketchfab(self) -> SketchfabWorld:
        """Models, people and likes; made when first asked for."""
        listed = None if self.dataset is None else self.dataset.rows
        return SketchfabWorld(self.seed, self.size, canary=self.canary, listed=listed)

    @property
    def pseudonym_key(self) -> str | None:
        """64 hex digits, from the seed alone, for synthetic worlds; None for loaded ones."""
        if self.dataset:
            return None
        return hmac.new(b"crawlers sandbox", f"synthetic/{self.seed}".encode(), hashlib.sha256).hexdigest()

    @property
    def identity(self) -> str:
        """16 hex digits that tell this world from others; a job remembers them."""
        facts = f"{GENERATION}|{self.name}|{self.seed}|{self.size}|{'canary' if self.canary else ''}"
        return hashlib.sha256(facts.encode()).hexdigest()[:16]
