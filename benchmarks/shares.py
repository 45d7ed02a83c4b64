"""Where the CPU of a page goes: a crawl of like pages under a sampling profiler, as a table and as a picture.

    python -m benchmarks.shares docs/assets/page-cpu.svg

Every two milliseconds the stack is looked at, and the deepest function that belongs to Scrapy, Twisted or this project
says whose time it was. Imports, and what comes before the first page and after the last, are left out.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from benchmarks import full_pages, ways
from benchmarks.turns import Served
from benchmarks.usage import usage_of
from tests.crawls.running import ROOT, environment

MODELS = 120 * full_pages.PAGE
INTERVAL_S = 0.002


# Whose a file is, by what its path holds; the first that fits.
PARTS = {
    "crawlers/downloads": "HTTP: Twisted and Scrapy's handler",
    "crawlers/pages": "reading rows",
    "crawlers/parsing": "reading rows",
    "crawlers/items": "reading rows",
    "crawlers/spiders": "reading rows",
    "crawlers/middlewares/batch": "packing the page",
    "crawlers/middlewares/whole": "is the body whole?",
    "crawlers/middlewares": "judging, waiting, robots.txt",
    "crawlers/pipelines/store_rows": "durable queue and spool",
    "crawlers/pipelines": "pseudonyms, duplicates, words",
    "crawlers/frontier": "durable queue and spool",
    "crawlers/datasets": "durable queue and spool",
    "crawlers/extensions": "durable queue and spool",
    "protego": "judging, waiting, robots.txt",
    "scrapy/downloadermiddlewares/httpcompression": "unpacking gzip",
    "scrapy/utils/gz": "unpacking gzip",
    "scrapy/core/downloader/handlers": "HTTP: Twisted and Scrapy's handler",
    "twisted/": "HTTP: Twisted and Scrapy's handler",
    "scrapy/": "Scrapy's engine, middlewares and signals",
    "asyncio/": "Scrapy's engine, middlewares and signals",
}
NOT_OF_A_PAGE = ("importlib", "crawlers/extensions/finish", "crawlers/addon", "crawlers/commands")
LOOP = "Handle._run"  # of asyncio: calls whatever is next


class Sampler:
    """Counts whose function is at work, at each tick of a timer; what is idle in `select` is not at work."""

    def __init__(self) -> None:
        self.samples = 0
        self.counts: Counter[str] = Counter()

    def start(self) -> None:
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, INTERVAL_S, INTERVAL_S)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, _: int, frame: FrameType | None) -> None:
        files, functions = [], []
        while frame is not None:
            files.append(frame.f_code.co_filename)
            functions.append(frame.f_code.co_qualname)
            frame = frame.f_back
        if functions[0].endswith(".select"):
            return
        self.samples += 1
        called = files[: functions.index(LOOP)] if LOOP in functions else []
        if called and not any(word in file for file in called for word in NOT_OF_A_PAGE):
            self.counts[_part(called)] += 1


def _part(files: list[str]) -> str:
    for file in files:
        for words, part in PARTS.items():
            if words in file:
                return part
    return "Scrapy's engine, middlewares and signals"


def sample(command: list[str], result: Path) -> None:
    """Run a Scrapy command in this process and write whose CPU it was."""
    from scrapy.cmdline import execute  # noqa: PLC0415  (imports are not sampled)

    sampler = Sampler()
    sampler.start()
    try:
        execute(command)
    finally:
        sampler.stop()
        found = {"cpu_s": time.process_time(), "samples": sampler.samples, "counts": sampler.counts}
        result.write_text(json.dumps(found))


def measured(served: Served, directory: Path) -> dict[str, float]:
    """Microseconds per page and part, of a crawl of our own."""
    scrapy, *arguments = ways.ours(served, directory)
    result = directory / "counts.json"
    program = [sys.executable, "-m", "benchmarks.shares", "--sample", str(result), scrapy, *arguments]
    usage_of(
        subprocess.Popen(
            program, cwd=ROOT, env=environment(None), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
    )
    found = json.loads(result.read_text())
    each = found["cpu_s"] / found["samples"] / served.pages * 1e6
    return {part: count * each for part, count in Counter(found["counts"]).most_common()}


def draw(parts: dict[str, float], picture: Path) -> None:
    """A bar for each part, as an SVG that is the same for the same figures."""
    import matplotlib as mpl  # noqa: PLC0415  (of the extra `notebooks`)
    from matplotlib import pyplot as plt  # noqa: PLC0415

    mpl.rcParams |= {"svg.hashsalt": "crawlers", "svg.fonttype": "none", "font.family": "sans-serif"}
    names, us = list(parts)[::-1], list(parts.values())[::-1]
    figure, axes = plt.subplots(figsize=(8, 0.42 * len(names) + 0.9), layout="constrained")
    ours = ["Scrapy" not in name and "Twisted" not in name and "gzip" not in name for name in names]
    bars = axes.barh(names, us, color=["#2f6f9f" if own else "#b8c4cc" for own in ours])
    axes.bar_label(bars, fmt="%.0f", padding=3)
    axes.set_xlabel("microseconds of CPU per page of 24 rows; blue: this project")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.08)
    figure.savefig(picture, metadata={"Date": None}, facecolor="white")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shares", description=__doc__)
    parser.add_argument("picture", nargs="?", type=Path, help="an SVG file")
    parser.add_argument("--sample", nargs=argparse.REMAINDER, metavar="FILE COMMAND", help="of a crawl, into a file")
    options = parser.parse_args()
    if options.sample:
        result, *command = options.sample
        sample(command, Path(result))
        return
    with TemporaryDirectory(prefix="crawlers-bench-") as directory, full_pages.serving("likes", MODELS) as served:
        parts = measured(served, Path(directory))
    for part, us in parts.items():
        print(f"{us:8.0f} us  {part}")
    print(f"{sum(parts.values()):8.0f} us  a page, of {served.pages:,}")
    if options.picture:
        draw(parts, options.picture)


if __name__ == "__main__":
    main()
