"""Whatever a site answers, the tables are those of a crawl without faults, or differ as `matrix` says."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.crawls.running import BY_MODEL, Crawls, RunningSandbox, running_sandbox
from tests.faults.matrix import CASES, MODELS, PAGES, SIZE, Case
from tests.faults.tables import Tables

AT_ONCE = 3  # crawls; one or the other waits
QUICK = ("-s", "DOWNLOAD_TIMEOUT=2")
WITHOUT = Case({})


@dataclass(frozen=True)
class Ended:
    """How a crawl ended."""

    code: int
    log: str
    manifest: dict[str, Any]
    tables: Tables
    hits: dict[str, int]
    """How often the entries of the case's specification hit."""


Endings = dict[str, "Future[Ended]"]
"""How the crawls of cases end, by the case's specification."""


def crawl(directory: Path, idle: SimpleQueue[RunningSandbox], case: Case) -> Ended:
    crawls, sandbox = Crawls(directory, BY_MODEL), idle.get()
    try:
        sandbox.order_faults(case.spec)
        ended = crawls.crawl(sandbox, *case.settings)
        hits = sandbox.ask("faults")["entries"]
    finally:
        idle.put(sandbox)
    return Ended(ended.returncode, ended.stderr, crawls.manifests()[-1], Tables.of(crawls), hits)


@pytest.fixture(scope="module")
def endings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endings]:
    """Of the cases that are tested now: all, unless some were selected."""
    tested = {item.name.partition("[")[2].removesuffix("]") for item in request.session.items}
    cases = {case.spec: case for name, case in CASES.items() if name in tested}
    idle: SimpleQueue[RunningSandbox] = SimpleQueue()
    with ExitStack() as stack:
        for _ in range(AT_ONCE):
            idle.put(stack.enter_context(running_sandbox(size=SIZE, no_drift=True)))
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        yield {
            spec: pool.submit(crawl, tmp_path_factory.mktemp("case"), idle, case)
            for spec, case in {WITHOUT.spec: WITHOUT, **cases}.items()
        }
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", CASES)
def test_a_fault_costs_what_the_matrix_says(name: str, endings: Endings) -> None:
    case = CASES[name]
    ended = endings[case.spec].result()
    assert all(bool(hits) is case.is_met for hits in ended.hits.values()), ended.hits
    assert (ended.manifest["finish_reason"], ended.code) == (case.reason, case.code), ended.log
    requests = ended.manifest["requests"]
    assert requests["failures"] == case.dead_letters, ended.log
    assert bool(requests["pending"]) is (case.code != 0)
    assert ended.manifest["tables"]["sketchfab/likes"]["missing"] == case.missing
    assert "Traceback" not in ended.log

    difference = ended.tables.against(endings[WITHOUT.spec].result().tables)
    assert (difference.added, difference.changed) == ({}, case.changed)
    if case in PAGES:
        assert difference.lost == case.lost
        assert difference.models <= set(MODELS[: len(case.always)])
    else:  # of which models the likes were read when the crawl ended is chance
        assert difference.lost["models"] == case.lost.get("models", 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_all_faults_that_heal_together_cost_time_and_no_row(tmp_path: Path, endings: Endings, seed: int) -> None:
    crawls = Crawls(tmp_path, BY_MODEL)
    with running_sandbox(size=SIZE, no_drift=True, faults=f"all:0.05,seed={seed}") as sandbox:
        ended = crawls.crawl(sandbox, *QUICK)
        served = sandbox.ask("faults")
    assert ended.returncode == 0, ended.stderr
    assert "everything was crawled" in ended.stderr, served
    difference = Tables.of(crawls).against(endings[WITHOUT.spec].result().tables)
    assert (difference.lost, difference.added, difference.changed) == ({}, {}, {}), served
