"""A sandbox whose pages are all full: ``python -m benchmarks.full_pages MODELS``.

Every model has 48 likes, two pages of 24, so one page in 50 is a page of the list; on the real site it is one in 40. It
prints what ``python -m sandbox`` prints, and ends with its stdin.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.server import LOOPBACK, Sandbox
from sandbox.worlds import World
from sandbox.worlds.sketchfab import SketchfabWorld

PAGE = 24
LIKES = 2 * PAGE


class FullPages(SketchfabWorld):
    """Invented models and people, each model liked by LIKES of them."""

    def __init__(self, seed: int, size: int) -> None:
        super().__init__(seed, size)
        for model in self.models:
            model.like_count = LIKES

    def likers(self, model_id: str) -> array[int]:
        """Another stretch of the people for each model: everybody comes often, and nobody twice in one list."""
        start = self.by_id[model_id].index * 31
        return array("I", ((start + place) % len(self.users) for place in range(LIKES)))


@contextmanager
def serving(models: int) -> Iterator[str]:
    """A process with such a sandbox, by its URL; `models` are a multiple of PAGE."""
    command = [sys.executable, "-m", "benchmarks.full_pages", str(models)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None  # noqa: S101  (a pipe)
        assert child.stdout is not None  # noqa: S101
        yield json.loads(child.stdout.readline())["url"]
        child.stdin.close()


async def _serve(models: int) -> None:
    world = World(size=models)
    world.sketchfab = FullPages(world.seed, world.size)
    gc.freeze()
    async with Sandbox(world, drift=False).serve() as ports:
        print(json.dumps({"url": f"http://{LOOPBACK}:{ports.plain}"}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
