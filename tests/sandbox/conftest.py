"""What the tests of the faults share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.test_sandbox_server import running
from tests.sandbox.wire import FIRST, Faulty


@pytest.fixture(scope="module")
def faulty() -> Iterator[Faulty]:
    with running("--size", "120", "--no-drift", "--faults", "seed=1") as started:
        yield Faulty(started)


@pytest.fixture(scope="module")
def pages(faulty: Faulty) -> list[dict[str, Any]]:
    """The pages of the list of models as they should be."""
    faulty.order("")
    found = [faulty.ask(f"{FIRST}&cursor={cursor}").json() for cursor in range(0, 120, 24)]
    assert found[-1]["next"] is None
    return found
