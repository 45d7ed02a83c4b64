"""A request is never left out of a crawl without a trace, however long its address is."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from sandbox.worlds import World
from tests.crawls.comparing import differences
from tests.crawls.running import BY_MODEL, Crawls, running_sandbox

FIRST_PAGE = "/v3/search?count=24&sort_by=-likeCount&type=models"


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Crawls that read likes model by model."""
    return Crawls(tmp_path, BY_MODEL)


def test_a_list_whose_cursors_are_long_is_read_to_its_end(crawls: Crawls) -> None:
    world = World(size=60)
    with running_sandbox(size=60, no_drift=True) as sandbox:
        asked = Request(f"{sandbox.url}{FIRST_PAGE}", headers={"Host": "api.sketchfab.com"})
        with urlopen(asked, timeout=10) as answer:
            page = json.load(answer)
        page["next"] += f"&state={'x' * 3000}"
        headers = {"Content-Type": "application/json"}
        sandbox.script(host="api.sketchfab.com", path_prefix=FIRST_PAGE, status=200, headers=headers, body=page)
        ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert world.pseudonym_key is not None
    assert differences(crawls.output, world, world.pseudonym_key) == []
