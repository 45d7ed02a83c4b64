from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sandbox.worlds import World, WorldError
from sandbox.worlds.degrees import heavy_tail

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def real_models(datasets_dir: Path) -> Path:
    directory = datasets_dir / "rec-a-sketch"
    if not directory.is_dir():
        pytest.skip(f"no dataset at {directory}; DATASETS_DIR names another folder of datasets")
    return directory


def _likes_per_person(world: World) -> Counter[str]:
    return Counter(uid for uid, _, _ in world.sketchfab.likes())


def _share_inside(world: World) -> float:
    sketchfab = world.sketchfab
    inside = sum(
        sketchfab.group_of_user[person] == model.group
        for model in sketchfab.models
        for person in sketchfab.likers(model.model_id)
    )
    return inside / sketchfab.like_total()


def test_the_same_arguments_give_the_same_world() -> None:
    one, other = World(3, 200), World(3, 200)
    assert one.sketchfab.models == other.sketchfab.models
    assert list(one.sketchfab.likes()) == list(other.sketchfab.likes())
    assert (one.identity, one.pseudonym_key) == (other.identity, other.pseudonym_key)


def test_another_seed_or_size_is_another_world() -> None:
    worlds = [World(3, 200), World(4, 200), World(3, 201), World(3, 200, canary=True)]
    assert len({world.identity for world in worlds}) == 4
    assert worlds[0].sketchfab.models[0].model_id != worlds[1].sketchfab.models[0].model_id


def test_nobody_likes_a_model_twice_and_the_stated_counts_are_the_likes(world: World) -> None:
    for model in world.sketchfab.models:
        likers = world.sketchfab.liker_uids(model.model_id)
        assert len(likers) == len(set(likers)) == model.like_count


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 20, 31, 50, 100, 240])
def test_a_world_of_any_size_can_be_made(size: int) -> None:
    models = World(1, size).sketchfab.models
    assert len(models) == len({model.model_id for model in models}) == size
    assert all(before.like_count >= after.like_count for before, after in itertools.pairwise(models))


def test_a_synthetic_world_has_what_a_crawl_can_stumble_over(world: World) -> None:
    models = world.sketchfab.models
    counts = Counter(model.like_count for model in models)
    assert all(counts[likes] for likes in (0, 1, 4, 5, 24, 48))
    assert max(counts) > 200
    assert {len(model.categories) for model in models} == {0, 1, 2}
    assert max(len(model.tags) for model in models) == 42
    assert any(not model.tags for model in models)
    for field in ("license", "description", "staffpicked_at", "published_at", "face_count", "vertex_count"):
        assert any(getattr(model, field) is None for model in models), field
    assert any(model.description == "" for model in models)
    old = [model.model_id for model in models if not re.fullmatch("[0-9a-f]{32}", model.model_id)]
    assert 5 < len(old) < 40
    assert all(re.fullmatch("[0-9A-Za-z]{26,27}", model_id) for model_id in old)
    names = "".join(model.name for model in models)
    assert all(sign in names for sign in ("\x00", "\ud83d", "\u200f", "龙", "|", "\n"))


def test_descriptions_name_their_uploader_and_other_people(world: World) -> None:
    models = [model for model in world.sketchfab.models if model.description]
    assert any(f"@{model.user.username}" in (model.description or "") for model in models)
    assert any(f"{model.user.username}@" in (model.description or "") for model in models)
    texts = "\n".join(model.description or "" for model in models)
    assert re.search(r"@[a-z]+[.-][a-z]+", texts)
    assert "https://" in texts
    assert world.sketchfab.numbers
    assert all(number in texts for number in world.sketchfab.numbers)


def test_people_like_mostly_what_belongs_to_their_group(world: World) -> None:
    assert _share_inside(world) > 0.6  # chance would be one in eight
    assert _share_inside(World(0, 3000)) > 0.75


def test_what_a_model_is_filed_under_tells_its_group(world: World) -> None:
    by_group: dict[int, Counter[str]] = {}
    for model in world.sketchfab.models:
        by_group.setdefault(model.group, Counter()).update(model.categories)
    assert len({counter.most_common(1)[0][0] for counter in by_group.values()}) == 8


def test_every_person_of_a_canary_world_is_a_token_that_stands_nowhere_else() -> None:
    sketchfab = World(0, 100, canary=True).sketchfab
    canaries = sketchfab.canaries()
    assert len(canaries) == len(set(canaries)) == 3 * len(sketchfab.users)
    assert all(re.fullmatch("cnry[a-z2-7]{18,28}", token) for token in canaries)
    texts = " ".join(f"{model.name} {model.description}" for model in sketchfab.models)
    mentioned = re.findall(r"@(\w+)", texts)
    assert mentioned
    assert {name for name in mentioned if name not in {"mail", "example"}} <= set(canaries)


def test_the_full_real_world_has_the_published_totals(real_models: Path) -> None:
    world = World.load(real_models)
    sketchfab = world.sketchfab
    per_person = _likes_per_person(world)
    counts = [model.like_count for model in sketchfab.models]
    assert (len(counts), len(per_person), sketchfab.like_total()) == (28_806, 62_583, 632_685)
    assert sum(len(set(sketchfab.likers(model.model_id))) for model in sketchfab.models) == 632_685
    assert (counts[0], min(counts), max(per_person.values())) == (8_000, 5, 1_600)
    assert counts == sorted(counts, reverse=True)
    light = [likes for likes in per_person.values() if likes < 5]
    assert len(light) / len(per_person) == pytest.approx(0.76, abs=0.01)
    assert sum(light) / 632_685 == pytest.approx(0.13, abs=0.005)
    assert _share_inside(world) == pytest.approx(0.8, abs=0.05)
    assert world.pseudonym_key is None


def test_a_cut_of_the_real_world_keeps_the_proportions(real_models: Path) -> None:
    world = World.load(real_models, size=1440)
    assert world.size == len(world.sketchfab.models) == 1440
    assert len(_likes_per_person(world)) == round(62_583 * 1440 / 28_806)
    assert world.sketchfab.like_total() == round(632_685 * 1440 / 28_806)
    assert min(model.like_count for model in world.sketchfab.models) == 5


def test_a_file_in_a_dataset_is_as_good_as_its_directory(real_models: Path) -> None:
    assert World.load(real_models / "models.parquet", size=5).name == "rec-a-sketch"


def test_an_unknown_world_is_refused_with_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="does not exist"):
        World.load(tmp_path / "nothing")
    with pytest.raises(WorldError, match=r"not a known dataset; known: rec-a-sketch \(models\.parquet"):
        World.load(tmp_path)
    (tmp_path / "models.parquet").write_text("no parquet")
    with pytest.raises(WorldError, match="cannot be read as rec-a-sketch"):
        World.load(tmp_path)


def test_a_size_that_cannot_be_had_is_refused(real_models: Path) -> None:
    with pytest.raises(WorldError, match="1 or more"):
        World(size=0)
    with pytest.raises(WorldError, match="more than the 28806 models"):
        World.load(real_models, size=30_000)


def test_heavy_tails_have_the_sum_and_bounds_asked_for() -> None:
    for count, total, low, high in ((1, 7, 5, 9), (10, 50, 5, 5), (10, 99, 1, 10), (1000, 20_000, 5, 700)):
        numbers = heavy_tail(count, total, low, high)
        assert (len(numbers), sum(numbers)) == (count, total)
        assert low <= min(numbers) <= max(numbers) <= high
    with pytest.raises(ValueError, match="cannot have the sum"):
        heavy_tail(3, 100, 1, 5)
