"""Run Scrapy and kill it -9 at a named point: `python -m tests.kills.crash POINT NUMBER crawl sketchfab ...`.

The points are reached in every crawl; NUMBER says how many times one is passed before the kill. `terminated_*` sends
SIGTERM instead.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute

import crawlers.datasets.files
import crawlers.frontier.store
from crawlers.extensions import finish


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at(number: int, owner: Any, name: str, *, after: bool, only: Callable[..., bool] = lambda *_: True) -> None:
    """Kill at the `number`-th call of `owner.name` for which `only` holds: before or after it runs."""
    original = getattr(owner, name)
    calls = 0

    def crashing(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += (counts := only(*arguments))
        if counts and calls == number and not after:
            kill()
        result = original(*arguments, **options)
        if counts and calls == number:
            kill()
        return result

    setattr(owner, name, crashing)


def has_something_to_commit(store: crawlers.frontier.store.Store) -> bool:
    return store.dirty


def is_directory(path: Path) -> bool:
    return path.is_dir()


def while_a_child_publishes(number: int, signal_: signal.Signals = signal.SIGKILL) -> None:
    """Kill the process while its child publishes, `number` tenths of a second after it began."""
    publish = finish.run_publish_in_child  # type: ignore[attr-defined]

    async def crashing(*arguments: Any) -> Any:
        publishing = asyncio.ensure_future(publish(*arguments))
        await asyncio.sleep(0.1 * number)
        os.kill(os.getpid(), signal_)
        return await publishing

    setattr(finish, "run_publish_in_child", crashing)  # noqa: B010


Store = crawlers.frontier.store.Store
POINTS: dict[str, Callable[[int], None]] = {
    "before_commit": lambda number: at(number, Store, "commit", after=False, only=has_something_to_commit),
    "after_commit": lambda number: at(number, Store, "commit", after=True, only=has_something_to_commit),
    "between_rename_and_directory_sync": lambda number: at(
        number, crawlers.datasets.files, "_fsync", after=False, only=is_directory
    ),
    "between_part_and_spool": lambda number: at(number, Store, "forget_spooled", after=False),
    "during_publish": while_a_child_publishes,
    "terminated_during_publish": lambda number: while_a_child_publishes(number, signal.SIGTERM),
}


def main() -> None:
    point, number, *arguments = sys.argv[1:]
    POINTS[point](int(number))
    execute(["scrapy", *arguments])


if __name__ == "__main__":
    main()
