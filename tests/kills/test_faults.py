"""Through every fault that asking again mends, a crawl publishes what it publishes without faults."""

from __future__ import annotations

import pytest

from tests.crawls.running import Crawls, running_sandbox
from tests.kills.killing import Tables

SIZE = 120
# Each hang or slow answer costs one time-out.
QUICK = ("-s", "DOWNLOAD_TIMEOUT=2")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    crawls = Crawls(tmp_path_factory.mktemp("undisturbed"))
    with running_sandbox(size=SIZE, no_drift=True) as sandbox:
        assert crawls.crawl(sandbox).returncode == 0
    return Tables.of(crawls)


@pytest.mark.parametrize("seed", [1, 2])
def test_faults_that_heal_cost_time_and_no_row(crawls: Crawls, undisturbed: Tables, seed: int) -> None:
    with running_sandbox(size=SIZE, no_drift=True, faults=f"all:0.05,seed={seed}") as sandbox:
        ended = crawls.crawl(sandbox, *QUICK)
        served = sandbox.ask("faults")
    assert ended.returncode == 0, ended.stderr
    assert "everything was crawled" in ended.stderr, served
    tables = Tables.of(crawls)
    assert (tables.lost(undisturbed), tables.doubled(undisturbed)) == (0, 0), served
