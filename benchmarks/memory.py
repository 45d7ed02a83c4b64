"""Memory of a job with a million requests waiting and five million seen, and what putting, taking and ending one cost.

As a program, `python -m benchmarks.memory FILE MODEL` fills the store in FILE with requests for pages of MODEL, uses
it, and prints its measures as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from scrapy import Request

from benchmarks.figures import Figure
from benchmarks.usage import peak_kib, usage_of
from crawlers.frontier.keys import request_key
from crawlers.frontier.request_codec import encode
from crawlers.frontier.store import Store
from crawlers.items import Batch
from crawlers.pages.sketchfab import likes_url
from crawlers.spiders.sketchfab import SketchfabSpider
from crawlers.spiders.sketchfab.reading import LikeList
from sandbox.worlds import World
from tests.crawls.running import BY_MODEL, ROOT, Crawls, running_sandbox

WAITING = 1_000_000
SEEN = 5_000_000  # those that wait among them
ENDED = 100_000  # before the million is counted
PAGES_PER_COMMIT = 500  # a commit comes every half second, and on loopback a thousand pages a second
FILLED_AT_ONCE = 5_000
GOAL_MIB = 450
WORLD = 3_000  # models; too many to be read before the crawl is stopped
RESUMED_S = 30.0


class Measured(NamedTuple):
    """A store as the program found it; times are CPU per request, with their share of the commits."""

    peak_kib: int
    file_bytes: int
    request_bytes: float
    put_us: float
    end_us: float


def measure(directory: Path) -> list[Figure]:
    """Begin a crawl and stop it, fill its store in a process of its own, and resume the crawl on all that."""
    crawls = Crawls(directory, BY_MODEL)
    model = World(size=WORLD).sketchfab.models[0].model_id
    with running_sandbox(size=WORLD, no_drift=True) as sandbox:
        _crawl(crawls, sandbox.url, for_s=3.0)
        (file,) = crawls.jobs.glob("sketchfab/*/queue.sqlite")
        command = [sys.executable, "-m", "benchmarks.memory", str(file), model]
        filled = Measured(*json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout))
        resumed_kib = _crawl(crawls, sandbox.url, for_s=RESUMED_S)
    (manifest,) = crawls.manifests()
    requests = manifest["requests"]
    if requests["pending"] < WAITING / 2 or requests["failed"]:
        sys.exit(f"the crawl on the filled store did not go as planned: {requests}")
    return [
        _memory("memory of the store with 1,000,000 requests waiting and 5,000,000 seen", filled.peak_kib),
        _memory(f"memory of the crawl resumed on it, {requests['done'] - ENDED:,} pages later", resumed_kib),
        Figure(
            "queue",
            "its file; a request in it",
            f"{filled.file_bytes / 2**20:,.0f} MiB; {filled.request_bytes:.0f} bytes",
        ),
        Figure("queue", "CPU to put a request; to take and end it", f"{filled.put_us:.1f} us; {filled.end_us:.1f} us"),
    ]


def _memory(what: str, kib: int) -> Figure:
    return Figure("queue", what, f"{kib / 1024:.0f} MiB", f"< {GOAL_MIB} MiB", kib / 1024 < GOAL_MIB)


def _crawl(crawls: Crawls, url: str, *, for_s: float) -> int:
    """Crawl for a while, from when there is a queue, and stop; peak memory in KiB."""
    crawl = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={url}")
    begins_until = time.monotonic() + 60
    while not list(crawls.jobs.glob("sketchfab/*/queue.sqlite-wal")) and time.monotonic() < begins_until:
        time.sleep(0.05)
    time.sleep(for_s)
    peak = peak_kib(crawl.pid)
    crawl.send_signal(signal.SIGTERM)
    usage_of(crawl, exit_code=143)
    return peak


def fill(file: Path, model: str) -> Measured:
    """Fill the store of a stopped crawl; WAITING requests wait in it when ENDED have been taken and ended."""
    store = Store(file)
    spider = SketchfabSpider()
    request_bytes, put_s = 0, 0.0
    for some in _blocks(WAITING + ENDED, FILLED_AT_ONCE):
        requests = [(_key(number), encode(_request(spider, model, number), spider)) for number in some]
        request_bytes += sum(len(request) for _, request in requests)
        started = time.process_time()
        for key, request in requests:
            store.put(request, slot="sketchfab.com", key=key)
        store.commit()
        put_s += time.process_time() - started
    for some in _blocks(SEEN - WAITING - ENDED, FILLED_AT_ONCE):
        for number in some:
            store.see(_key(-1 - number))
        store.commit()
    started = time.process_time()
    for some in _blocks(ENDED, PAGES_PER_COMMIT):
        for _ in some:
            taken = store.take()
            assert taken is not None  # noqa: S101  (there are enough)
            store.ack(Batch(taken[0]))
        store.commit()
    end_s = time.process_time() - started
    store.close()
    return Measured(
        peak_kib=peak_kib(os.getpid()),
        file_bytes=file.stat().st_size,
        request_bytes=request_bytes / (WAITING + ENDED),
        put_us=put_s / (WAITING + ENDED) * 1e6,
        end_us=end_s / ENDED * 1e6,
    )


def _blocks(count: int, size: int) -> Iterable[range]:
    return (range(first, min(count, first + size)) for first in range(0, count, size))


def _key(number: int) -> bytes:
    return request_key(blake2b(str(number).encode(), digest_size=20).digest())


def _request(spider: SketchfabSpider, model: str, number: int) -> Request:
    """A page far behind the end of the model's likes: the site says that it is empty, and nothing follows."""
    url = likes_url(model).replace("offset=0", f"offset={100_000 + number}")
    return spider.likes_page(url, LikeList(model_id=model, stated=0, previous=[f"{number:032x}"] * 3))


if __name__ == "__main__":
    print(json.dumps(fill(Path(sys.argv[1]), sys.argv[2])))
