from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.staging import Folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """An output and a jobs directory of the test's own."""
    return Folders(tmp_path)
