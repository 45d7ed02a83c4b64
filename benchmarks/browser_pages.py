"""What a page costs that a browser renders, beside the same models from the API: CPU with all that is started."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.turns import Served, Way, cpu_per_page
from crawlers.spiders.sketchfab.listing import STRETCH
from tests.crawls.running import Crawls, running_sandbox

FEW, MANY = STRETCH, 5 * STRETCH
CARDS = 24


def measure(directory: Path) -> list[Figure]:
    """Milliseconds of CPU for a page of 24 models. One more than is read is served, so that both lists have no end."""
    with running_sandbox(size=MANY + CARDS, no_drift=True) as sandbox:
        many, few = Served(sandbox.url, MANY // CARDS), Served(sandbox.url, FEW // CARDS)
        ways: dict[str, Way] = {"browser": _by_browser, "api": _by_api}
        costs = cpu_per_page(ways, many, few, directory, rounds=1)
    browser, api = costs["browser"].best, costs["api"].best
    loads = STRETCH // CARDS
    return [
        Figure(
            "pages", f"a page of {CARDS} models in Chromium, {loads} loads a page / from the API",
            f"{browser / api:.0f}x ({browser:.0f} / {api:.1f} ms)",
        )
    ]  # fmt: skip


def _by_browser(served: Served, directory: Path) -> list[str]:
    return _crawl(served, directory, "-a", "source=browser")


def _by_api(served: Served, directory: Path) -> list[str]:
    return _crawl(served, directory, "-a", "max_users=1")


def _crawl(served: Served, directory: Path, *arguments: str) -> list[str]:
    limit = ("-a", f"max_models={served.pages * CARDS}", "-a", "min_likes=0")
    return Crawls(directory).command("crawl", "sketchfab", "-s", f"SANDBOX={served.url}", *limit, *arguments)
