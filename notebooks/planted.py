"""What the sandbox planted in its world: the truth that the last section of a notebook compares with."""

from __future__ import annotations

from pathlib import Path

from crawlers.datasets.records import runs
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from sandbox.worlds import World


def planted(output: Path | str, site: str) -> tuple[World, Pseudonymizer] | None:
    """The world that the newest crawl of a site was served, and the pseudonyms of its people; None: they are real."""
    served = next((run.sandbox for run in runs(Path(output) / site)), None)
    if served is None or not served.invented:
        return None
    world = World(served.seed, served.size)
    if world.pseudonym_key is None:
        return None
    return world, Pseudonymizer(PseudonymKey.from_hex(world.pseudonym_key, "the sandbox's world"))
