"""What is served is what is published: every model and like of a world, none twice, none missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.pipelines.tokenize_text import tokenize
from sandbox.worlds import World
from tests.crawls.comparing import differences
from tests.crawls.running import BY_MODEL, KEY, Crawls, running_sandbox

REAL_SHARE = 0.02
REAL_MODELS = 28_806


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Crawls that read likes model by model."""
    return Crawls(tmp_path, BY_MODEL)


def test_a_synthetic_world_comes_back_whole_while_its_list_drifts(crawls: Crawls) -> None:
    world = World(seed=3, size=600)
    with running_sandbox(seed=3, size=600) as sandbox:
        ended = crawls.crawl(sandbox)
        assert sandbox.ask("requests")["by_status"]["200"] > 600
    assert ended.returncode == 0, ended.stderr
    for row in crawls.table("models").select(["name", "name_tokens"]).to_pylist():
        assert row["name_tokens"] == tokenize(row["name"], "en")
    assert world.pseudonym_key is not None
    assert differences(crawls.output, world, world.pseudonym_key) == []
    (manifest,) = crawls.manifests()
    requests = manifest["requests"]
    assert requests["enqueued"] == requests["done"] + requests["failed"] + requests["pending"]
    assert (requests["failed"], requests["pending"]) == (0, 0)


def test_without_a_limit_on_likes_all_models_come(crawls: Crawls) -> None:
    world = World(seed=4, size=80)
    assert any(model.like_count == 0 for model in world.sketchfab.models)
    with running_sandbox(seed=4, size=80) as sandbox:
        assert crawls.crawl(sandbox, "-a", "min_likes=0").returncode == 0
    assert world.pseudonym_key is not None
    assert differences(crawls.output, world, world.pseudonym_key, 0) == []


def test_max_models_takes_the_most_liked(crawls: Crawls) -> None:
    world = World(seed=4, size=80)
    with running_sandbox(seed=4, size=80, no_drift=True) as sandbox:
        assert crawls.crawl(sandbox, "-a", "max_models=30").returncode == 0
    assert set(crawls.table("models")["model_id"].to_pylist()) == {m.model_id for m in world.sketchfab.models[:30]}
    assert crawls.table("likes").num_rows == sum(model.like_count for model in world.sketchfab.models[:30])


@pytest.mark.real_world
def test_a_fiftieth_of_the_real_models_comes_back_whole(crawls: Crawls, datasets_dir: Path) -> None:
    size = round(REAL_MODELS * REAL_SHARE)
    path = datasets_dir / "rec-a-sketch"
    with running_sandbox(world=path, size=size) as sandbox:
        ended = crawls.crawl(sandbox, key=KEY)
    assert ended.returncode == 0, ended.stderr
    assert differences(crawls.output, World.load(path, size=size), KEY) == []
    card = (crawls.output / "sketchfab" / "README.md").read_text()
    assert "**These rows were not collected from Sketchfab.**" in card  # and its people are not said to be invented
    assert "are invented" not in card


@pytest.mark.real_world
def test_the_people_of_a_real_world_need_a_key_of_ones_own(crawls: Crawls, datasets_dir: Path) -> None:
    with running_sandbox(world=datasets_dir / "rec-a-sketch", size=30) as sandbox:
        ended = crawls.crawl(sandbox)
    assert ended.returncode == 2
    assert "scrapy keygen" in ended.stderr
