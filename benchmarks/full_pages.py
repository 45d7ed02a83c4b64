"""Sandboxes whose pages are all full: ``python -m benchmarks.full_pages likes|grids COUNT [--latency MS]``.

``likes``: COUNT models of Sketchfab with 48 likes each, two pages of 24, so one page in 50 is a page of the list; on
the real site it is one in 40. ``grids``: COUNT members of Letterboxd with ten pages of 72 rated films each. Prints what
``python -m sandbox`` prints, and ends with its stdin.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.turns import Served
from sandbox.server import LOOPBACK, Sandbox
from sandbox.worlds import World
from sandbox.worlds.letterboxd import LetterboxdWorld
from sandbox.worlds.sketchfab import SketchfabWorld

PAGE = 24
LIKES = 2 * PAGE
TILES = 72
PAGES_A_MEMBER = 10


class FullLikes(SketchfabWorld):
    """Invented models and people, each model liked by LIKES of them."""

    def __init__(self, seed: int, size: int) -> None:
        super().__init__(seed, size)
        for model in self.models:
            model.like_count = LIKES

    def likers(self, model_id: str) -> array[int]:
        """Another stretch of the people for each model: everybody comes often, and nobody twice in one list."""
        start = self.by_id[model_id].index * 31
        return array("I", ((start + place) % len(self.users) for place in range(LIKES)))


class FullGrids(LetterboxdWorld):
    """Invented members, who have all rated the same number of films, and films as many as they could rate."""

    def __init__(self, seed: int, members: int) -> None:
        super().__init__(seed, max(6 * members, 3 * PAGES_A_MEMBER * TILES))
        # Of the special members, those with "two pages" have left no film without a rating.
        everybody = [
            replace(member, watched_count=PAGES_A_MEMBER * TILES, special="two pages") for member in self.members
        ]
        self.members = everybody[:members]
        self.member_by_slug = {member.slug: member for member in self.members}


@contextmanager
def serving(kind: str, count: int, *, latency_ms: int = 0) -> Iterator[Served]:
    """A process with such a sandbox. Of models there must be a multiple of PAGE."""
    options = [kind, str(count), "--latency", str(latency_ms)]
    command = [sys.executable, "-m", "benchmarks.full_pages", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None  # noqa: S101  (a pipe)
        assert child.stdout is not None  # noqa: S101
        about = json.loads(child.stdout.readline())
        yield Served(about["url"], about["pages"])
        child.stdin.close()


def members(count: int, file: Path) -> Path:
    """A file that names the members of a sandbox of grids."""
    file.write_text("\n".join(member.slug for member in FullGrids(World().seed, count).members))
    return file


async def _serve(kind: str, count: int, latency_ms: int) -> None:
    world = World(size=count)
    if kind == "likes":
        world.sketchfab = FullLikes(world.seed, count)
        pages = count // PAGE + count * LIKES // PAGE
    else:
        world.letterboxd = FullGrids(world.seed, count)
        pages = count * PAGES_A_MEMBER
    gc.freeze()
    async with Sandbox(world, latency_ms=latency_ms, drift=False).serve() as ports:
        print(json.dumps({"url": f"http://{LOOPBACK}:{ports.plain}", "pages": pages}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.full_pages", description=__doc__)
    parser.add_argument("kind", choices=["likes", "grids"])
    parser.add_argument("count", type=int)
    parser.add_argument("--latency", type=int, default=0, metavar="MS", help="added to every answer")
    options = parser.parse_args()
    asyncio.run(_serve(options.kind, options.count, options.latency))


if __name__ == "__main__":
    main()
