"""What all tests share: responses, the folders of real material, and the last line of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from papers.workspace import Workspace
from tests.crawls.running import Crawls, RunningSandbox, running_sandbox

REPOSITORY = Path(__file__).parent.parent
MARKERS = {
    "recording": "reads a real response that was recorded outside this repository",
    "real_world": "serves and crawls a real dataset that lies outside this repository",
}

# What became of the tests that carry a marker: marker -> "run" or "skipped" -> ids of tests.
_outcomes: dict[str, dict[str, set[str]]] = {marker: {"run": set(), "skipped": set()} for marker in MARKERS}


@pytest.fixture(scope="session")
def respond() -> Callable[..., Response]:
    """Makes a response of the class Scrapy would give it in a crawl, by its Content-Type and URL."""

    def make(url: str, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        class_: type[Any] = responsetypes.from_args(headers=Headers(headers or {}), url=url, body=body)
        made: Response = class_(url, status=status, headers=dict(headers or {}), body=body)
        return made

    return make


@pytest.fixture(scope="session")
def captures_dir() -> Path:
    """The folder of recorded responses, one folder a site."""
    return _outside("captures", "CAPTURES_DIR")


@pytest.fixture(scope="session")
def datasets_dir() -> Path:
    """The folder of real datasets."""
    return _outside("datasets", "DATASETS_DIR")


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Runs `scrapy` with output and jobs under this test's own directory."""
    return Crawls(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Workspace:
    """Where `make demo` is run, site by site as tests ask for them; all processes that test share it. Read only."""
    base = tmp_path_factory.getbasetemp()
    workspace = Workspace((base if worker_id == "master" else base.parent) / "demo")
    workspace.prepare()
    return workspace


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A small synthetic world of this test's own, to script and to ask for its request log."""
    with running_sandbox(size=60) as running:
        yield running


def _outside(name: str, variable: str) -> Path:
    folder = Path(os.environ.get(variable) or REPOSITORY.parent / "shared" / name)
    if not folder.is_dir():
        pytest.skip(f"no folder of real {name} at {folder}; {variable} names another")
    return folder


def pytest_configure(config: pytest.Config) -> None:
    for marker, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{marker}: {meaning}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Called where the last line is written, also when the tests ran in several processes."""
    for marker in MARKERS:
        if marker in report.keywords:
            if report.skipped:
                _outcomes[marker]["skipped"].add(report.nodeid)
            elif report.when == "call" or report.failed:
                _outcomes[marker]["run"].add(report.nodeid)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # outside the terminal's own hook: after its summary
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    yield
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    is_worker = hasattr(session.config, "workerinput")
    if terminal is not None and not is_worker and not session.config.option.collectonly:
        recordings, worlds = _outcomes["recording"], _outcomes["real_world"]
        terminal.write_line(
            f"real recordings {len(recordings['run'])} run / {len(recordings['skipped'])} skipped, "
            f"real worlds {len(worlds['run'])} / {len(worlds['skipped'])}"
        )
