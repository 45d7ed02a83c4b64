"""`make soak`: interrupt long crawls at a hundred random moments, and kill stock Scrapy at the same ones."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.peers.comparing import published_rows
from tests.crawls.running import BY_MODEL, Crawls, RunningSandbox, running_sandbox
from tests.kills.killing import SLOW, Tables, interruptions
from tests.soak.trials import Ours, Outcome, Peer, trial

SIZE = 1400
FEWEST_REQUESTS = 2000
FAULTS = "all:0.02"
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)  # half of them kills
# Each hang or slow answer costs one time-out.
PACE = (*SLOW, "-s", "DOWNLOAD_TIMEOUT=2")
MOVES = frozenset({"position"})


@dataclass(frozen=True)
class Soak:
    """All trials of one run: their seed, the folder they work in, and the crawl they are compared with."""

    seed: int
    directory: Path
    undisturbed: Crawls

    def interrupted(self, who: str, count: int, *, drift: bool) -> Outcome:
        """Crawls of ours through faults, kills, SIGTERM and SIGINT; under drift positions are not compared."""
        without = MOVES if drift else frozenset()
        return trial(
            who,
            lambda number: _sandbox(drift=drift, faults=f"{FAULTS},seed={self.seed + number}"),
            lambda sandbox, number: Ours(sandbox, self._folder(who, number), PACE, without),
            interruptions(self.seed, count, 100, SIGNALS),
            Tables.of(self.undisturbed, without).rows,
        )

    def killed(self, who: str, count: int, queue: str | None = None) -> Outcome:
        """Crawls killed -9 on a site without faults or drift: ours, or stock Scrapy's with this queue."""

        def begin(sandbox: RunningSandbox, number: int) -> Ours | Peer:
            folder = self._folder(who, number)
            return Ours(sandbox, folder) if queue is None else Peer(sandbox, folder, queue)

        wanted = published_rows(self.undisturbed.output) if queue else Tables.of(self.undisturbed).rows
        return trial(who, lambda _: _sandbox(), begin, interruptions(self.seed, count, 1000), wanted)

    def _folder(self, who: str, number: int) -> Path:
        return self.directory / f"{who} {number}"


def main() -> int:
    """Run all trials; exit code 1 if a row of ours was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1000), help="repeat the run that printed it")
    seed = parser.parse_args().seed
    sys.stderr.write(f"soak with seed {seed}\n")
    started = time.monotonic()
    with TemporaryDirectory(prefix="crawlers-soak-") as name:
        directory = Path(name)
        soak = Soak(seed, directory, Crawls(directory / "undisturbed", BY_MODEL))
        requests = _crawl_undisturbed(soak)
        ours = [
            soak.interrupted("ours, faults", 100, drift=False),
            soak.interrupted("ours, faults, list moves", 25, drift=True),
            soak.killed("ours", 20),
        ]
        peers = [
            soak.killed("stock Scrapy, JOBDIR", 20, "jobdir"),
            soak.killed("stock Scrapy, JOBDIR, SQLite queues", 20, "sqlite"),
        ]
    _print(ours + peers, f"{requests:,} requests a crawl, seed {seed}, {(time.monotonic() - started) / 60:.0f} min")
    return 1 if any(outcome.lost or outcome.doubled for outcome in ours) else 0


def _crawl_undisturbed(soak: Soak) -> int:
    """Crawl once with nothing in the way, by ours and by stock Scrapy, which must agree; the requests of ours."""
    with _sandbox() as sandbox:
        ended = soak.undisturbed.crawl(sandbox)
        assert ended.returncode == 0, ended.stderr
        peer = Peer(sandbox, soak.directory / "undisturbed peer", "jobdir")
        assert peer.start().wait() == 0, "stock Scrapy does not finish"
        assert peer.rows() == published_rows(soak.undisturbed.output), "undisturbed, stock Scrapy has other rows"
    requests = int(soak.undisturbed.manifests()[-1]["requests"]["done"])
    assert requests >= FEWEST_REQUESTS, f"{requests} requests are too few: make the world larger"
    return requests


@contextmanager
def _sandbox(*, drift: bool = False, faults: str = "") -> Iterator[RunningSandbox]:
    options = {} if drift else {"no_drift": True}
    with running_sandbox(size=SIZE, faults=faults, **options) as sandbox:
        yield sandbox


def _print(outcomes: list[Outcome], caption: str) -> None:
    table = Table(title="soak", caption=caption)
    for column in ("who", "crawls", "interruptions", "requests", "rows", "lost", "doubled"):
        table.add_column(column, justify="left" if column in {"who", "interruptions"} else "right")
    for outcome in outcomes:
        signals = ", ".join(f"{count} {name}" for name, count in sorted(outcome.signals.items()))
        numbers = (outcome.requests, outcome.expected, outcome.lost, outcome.doubled)
        table.add_row(outcome.who, f"{outcome.crawls}", signals, *(f"{number:,}" for number in numbers))
    Console(width=120, highlight=False).print(table)


if __name__ == "__main__":
    sys.exit(main())
