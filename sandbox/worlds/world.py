"""The world as a whole: where it comes from, what it is called, and one part for each site."""

from __future__ import annotations

import hashlib
import hmac
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sandbox.worlds.dataset import WorldError
from sandbox.worlds.letterboxd import LetterboxdWorld
from sandbox.worlds.load import load_dataset
from sandbox.worlds.sketchfab import SketchfabWorld
from sandbox.worlds.weibo import ACCOUNTS, WeiboWorld
from sandbox.worlds.youtube import YouTubeWorld

if TYPE_CHECKING:
    from sandbox.worlds.dataset import Dataset

# Goes into the identity: a job made on a world that was generated differently must not be resumed on this one.
GENERATION = 2


class World:
    """People and items of all sites, the same for the same arguments on every machine.

    `size` counts the models of Sketchfab, and the other sites have as much as befits it. A synthetic world is invented
    throughout and brings its own pseudonym key; the people of a loaded world may exist, so it needs a key like a real
    crawl. `canary` names every person by tokens that begin with ``cnry``, so that a test can search all bytes for them.
    `days_ago`: the same world as it was then, for crawls that fetch what is new; only Letterboxd has a yesterday.
    """

    def __init__(
        self,
        seed: int = 0,
        size: int = 600,
        *,
        canary: bool = False,
        dataset: Dataset[Any] | None = None,
        days_ago: int = 0,
    ) -> None:
        if size < 1:
            raise WorldError(f"size must be 1 or more, not {size}")
        self.seed = seed
        self.size = size
        self.canary = canary
        self.dataset = dataset
        self.days_ago = days_ago
        self.name = dataset.name if dataset else "synthetic"
        self.description = f"{self.name} (loaded; {dataset.generated} generated)" if dataset else self.name

    @classmethod
    def load(
        cls, path: Path | str, seed: int = 0, size: int | None = None, *, canary: bool = False, days_ago: int = 0
    ) -> Self:
        """The world of a dataset; `size` None = all of it. What the dataset lacks is generated from `seed`."""
        if size is not None and size < 1:
            raise WorldError(f"size must be 1 or more, not {size}")
        dataset = load_dataset(Path(path), size)
        world = cls(seed, dataset.size, canary=canary, dataset=dataset, days_ago=days_ago)
        getattr(world, dataset.site)  # what was asked for by name need not wait for its first request
        return world

    @cached_property
    def sketchfab(self) -> SketchfabWorld:
        """Models, people and likes; made when first asked for."""
        return SketchfabWorld(self.seed, self.size, canary=self.canary, listed=self._loaded("sketchfab"))

    @cached_property
    def youtube(self) -> YouTubeWorld:
        """Channels, videos and what queries find; made when first asked for."""
        return YouTubeWorld(self.seed, self.size, canary=self.canary, listed=self._loaded("youtube"))

    @cached_property
    def weibo(self) -> WeiboWorld:
        """People, who follows whom, and posts; made when first asked for."""
        return WeiboWorld(self.seed, self.size, canary=self.canary, graph=self._loaded("weibo"))

    @cached_property
    def letterboxd(self) -> LetterboxdWorld:
        """Members, films, ratings and diaries; made when first asked for."""
        loaded = self._loaded("letterboxd")
        return LetterboxdWorld(self.seed, self.size, canary=self.canary, loaded=loaded, days_ago=self.days_ago)

    def _loaded(self, site: str) -> Any:
        """What the dataset holds, if it is one of this site; None: the site is invented."""
        return self.dataset.content if self.dataset is not None and self.dataset.site == site else None

    @property
    def api_keys(self) -> dict[str, str]:
        """The keys that the replicas of APIs take, by the environment variable that holds a real one."""
        return {name: self._secret(name) for name in ("YOUTUBE_API_KEY", "TMDB_API_KEY")}

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """The accounts that may log in to Weibo, each with a `name` and its `cookies`."""
        return [{"name": name, "cookies": {"SUB": f"_2A{self._secret(name)}"}} for name in ACCOUNTS]

    def _secret(self, what: str) -> str:
        return hmac.new(b"crawlers sandbox", f"{what}/{self.seed}".encode(), hashlib.sha256).hexdigest()

    @property
    def pseudonym_key(self) -> str | None:
        """64 hex digits, from the seed alone, for synthetic worlds; None for loaded ones."""
        if self.dataset:
            return None
        return self._secret("synthetic")

    @property
    def identity(self) -> str:
        """16 hex digits that tell this world from others; a job remembers them."""
        facts = f"{GENERATION}|{self.name}|{self.seed}|{self.size}|{'canary' if self.canary else ''}"
        return hashlib.sha256(facts.encode()).hexdigest()[:16]
