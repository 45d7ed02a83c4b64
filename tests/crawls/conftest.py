"""Whole crawls: a real sandbox process, a real `scrapy crawl` process, real files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.crawls.running import Crawls, RunningSandbox, running_sandbox

SandboxFactory = Callable[..., AbstractContextManager[RunningSandbox]]


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Runs `scrapy` with output and jobs under this test's own directory."""
    return Crawls(tmp_path)


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A small synthetic world of this test's own, to script and to ask for its request log."""
    with running_sandbox(size=60) as running:
        yield running
