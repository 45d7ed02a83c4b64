"""What stock Scrapy makes of every fault of the sandbox: `python -m benchmarks.faults [FAULT ...]`.

The cases are those of `tests/faults/matrix.py`: the pages of one model's likes always have the fault, and in some cases
a page of the list of models has. A fault that asking again mends is also met once by one page of likes in ten. Prints
one line a run: how `benchmarks.peers.stock_scrapy` ended, and its rows against those of its crawl without faults. The
table of `docs/reliability.md` says it in words.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.faults import FAULTS
from tests.crawls.running import ROOT, running_sandbox
from tests.faults.matrix import LISTS, PAGES, SIZE

AT_ONCE = 2
LONGEST_S = 45.0  # without faults it takes 2
IMPATIENT = "DOWNLOAD_TIMEOUT=1.5"  # as the cases of the matrix whose pages never come

Key = tuple[str, str, str]
"""Table, model and person of a row of the peer's feed."""


@dataclass(frozen=True)
class Run:
    """A crawl by the peer; `spec` as in `--faults`."""

    name: str
    spec: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ended:
    """How the peer ended; `reason` is empty if it had to be killed. `rows`: by key, each row as it stands in the feed
    and how often."""

    reason: str
    rows: dict[Key, Counter[bytes]]

    def against(self, undisturbed: Ended) -> Iterator[str]:
        """What is wrong with its rows, in words."""
        wanted = undisturbed.rows
        if lost := len(wanted.keys() - self.rows.keys()):
            yield f"loses {lost:,} of {len(wanted):,} rows"
        if doubled := sum(copies.total() - 1 for copies in self.rows.values()):
            yield f"stores {doubled:,} rows more than once"
        if wrong := sum(copies.keys() != wanted.get(key, Counter()).keys() for key, copies in self.rows.items()):
            yield f"{wrong:,} rows differ"

    def in_words(self, undisturbed: Ended) -> str:
        found = ", ".join(self.against(undisturbed)) or "loses nothing"
        return f"{found}; says {self.reason}" if self.reason else f"{found}; does not end"


def runs(faults: list[str]) -> Iterator[Run]:
    """The runs that measure these faults."""
    for case in (*PAGES, *LISTS):
        for fault, always in case.always.items():
            if fault not in faults or not case.is_met:
                continue
            settings = (IMPATIENT,) if IMPATIENT in case.settings else ()
            yield Run(fault if case in PAGES else f"{fault}, in the list", always, settings)
            if case in PAGES and FAULTS[fault].heals:
                yield Run(f"{fault}, once", f"{fault}@/i/likes:0.1", settings)


def crawl(run: Run) -> Ended:
    """Let stock Scrapy crawl a sandbox with faults in it."""
    with running_sandbox(size=SIZE, no_drift=True) as sandbox, TemporaryDirectory(prefix="crawlers-faults-") as folder:
        sandbox.order_faults(run.spec)
        feed = Path(folder) / "rows.jsonl"
        peer = ["-m", "benchmarks.peers.stock_scrapy", "--sandbox", sandbox.url, "--feed", str(feed)]
        try:
            ended = subprocess.run(
                [sys.executable, *peer, "--settings", *run.settings], cwd=ROOT, capture_output=True, text=True,
                check=False, timeout=LONGEST_S,
            )  # fmt: skip
            reason = str(json.loads(ended.stdout.splitlines()[-1])["finish_reason"])
        except subprocess.TimeoutExpired:
            reason = ""
        return Ended(reason, _rows(feed))


def _rows(feed: Path) -> dict[Key, Counter[bytes]]:
    rows: dict[Key, Counter[bytes]] = defaultdict(Counter)
    for line in feed.read_bytes().splitlines() if feed.exists() else []:  # without a row there is no feed
        with suppress(ValueError):  # a line that was cut when the peer was killed
            row = json.loads(line)
            rows[row["table"], row["model_id"], row["user_id"]][line] += 1
    return rows


def main() -> None:
    """Measure the faults that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="default: all")
    faults = parser.parse_args().faults or list(FAULTS)
    if unknown := set(faults) - FAULTS.keys():
        parser.error(f"there is no fault {', '.join(sorted(unknown))}; `python -m sandbox --list-faults` names all")
    undisturbed = crawl(Run("without", ""))
    chosen = list(runs(faults))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for run, ended in zip(chosen, pool.map(crawl, chosen), strict=True):
            print(f"{run.name:32}{ended.in_words(undisturbed)}", flush=True)


if __name__ == "__main__":
    main()
