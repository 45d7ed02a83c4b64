"""A search ends at a depth without a word. Read in parts, it gives every model, or what it cannot give is described."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from crawlers.items import Gap, Remember, Rows
from crawlers.items.sketchfab import Model
from crawlers.spiders.sketchfab import SketchfabSpider
from crawlers.spiders.sketchfab.slices import MOST_FACES, WHOLE, Slice, ends_too_soon
from sandbox.sites import SiteRequest
from sandbox.sites.sketchfab import Sketchfab
from sandbox.worlds import World
from sandbox.worlds import sketchfab as worlds

DEPTH = 240


class Memory:
    """What the spider remembers, at once."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    def knows(self, name: str) -> bool:
        return name in self.facts

    def recall(self, name: str, default: Any = None) -> Any:
        return self.facts.get(name, default)


class Reading:
    """The list of models read from a replica, without the people and likes that models lead to."""

    def __init__(self, site: Sketchfab, **arguments: Any) -> None:
        self.found: list[str] = []
        self.gaps: list[str] = []
        self.pages = 0
        spider = SketchfabSpider(max_users=1, **arguments)
        spider.memory = memory = Memory()
        waiting = [spider.first_request()]
        while waiting:
            request = waiting.pop()
            parts = urlsplit(request.url)
            reply = site.respond(SiteRequest(parts.netloc, parts.path, parts.query))
            assert reply.status == 200
            self.pages += 1
            page = TextResponse(request.url, body=reply.body)
            for output in request.callback(page, **request.cb_kwargs):  # type: ignore[misc]  # it has one
                if isinstance(output, Rows):
                    self.found += [model.model_id for model in output.items if isinstance(model, Model)]
                elif isinstance(output, Remember):
                    memory.facts[output.name] = output.value
                elif isinstance(output, Gap):
                    self.gaps.append(output.what)
                elif isinstance(output, Request) and urlsplit(output.url).path in {"/v3/search", "/v3/categories"}:
                    waiting.append(output)


def cut_off(models: Iterable[worlds.Model], depth: int = DEPTH, *, min_likes: int = 5) -> list[worlds.Model]:
    """Those of a list, most liked first, that a search does not show although they are wanted."""
    return [model for model in [*models][depth:] if model.like_count >= min_likes]


def unseen(world: World, depth: int = DEPTH) -> set[str]:
    """What neither the whole list shows, nor that of a category, nor one of those with a number of faces."""
    models = world.sketchfab.models
    hidden = {model.model_id for model in cut_off(models, depth) if model.face_count is None}
    for category in {slug for model in models for slug in model.categories}:
        of_category = [model for model in models if category in model.categories]
        hidden -= {model.model_id for model in of_category} - {m.model_id for m in cut_off(of_category, depth)}
    return hidden


def wanted(world: World, min_likes: int = 5) -> set[str]:
    return {model.model_id for model in world.sketchfab.models if model.like_count >= min_likes}


@pytest.fixture(scope="module")
def world() -> World:
    return World(size=3000)


def test_a_list_that_is_whole_is_read_once(world: World) -> None:
    reading = Reading(Sketchfab(world.sketchfab, drift=False))
    assert sorted(reading.found) == sorted(wanted(world))
    assert reading.gaps == []
    assert reading.pages <= len(wanted(world)) // 24 + 2


def test_above_the_depth_every_model_is_found_but_for_those_that_the_gaps_describe(world: World) -> None:
    reading = Reading(Sketchfab(world.sketchfab, drift=False, depth=DEPTH))
    missing = wanted(world) - set(reading.found)
    assert missing == unseen(world)
    assert 3 < len(missing) < 30
    models = world.sketchfab.models
    by_category = {slug: [m for m in models if slug in m.categories] for m in models for slug in m.categories}
    lists = {"without a category": models}
    lists |= {f"of the category {slug}": found for slug, found in by_category.items() if cut_off(found)}
    described = [
        f"models {which}, whose faces are not counted and at most {found[DEPTH - 1].like_count} likes"
        for which, found in lists.items()
    ]
    assert len(described) > 2
    assert sorted(reading.gaps) == sorted(described)


@pytest.mark.parametrize("depth", [240, 500, 1000])
def test_while_the_lists_drift_no_more_is_missing(world: World, depth: int) -> None:
    reading = Reading(Sketchfab(world.sketchfab, depth=depth))
    assert wanted(world) - set(reading.found) <= unseen(world, depth)


def test_where_all_faces_are_counted_or_all_models_filed_nothing_is_missing() -> None:
    for seed in (1, 2):
        world = World(seed, 1500)
        for model in world.sketchfab.models:
            if seed == 1:
                model.face_count = model.face_count or 100
            elif not model.categories:
                model.categories = ["music"]
        reading = Reading(Sketchfab(world.sketchfab, depth=DEPTH))
        assert set(reading.found) == wanted(world)


def test_a_category_that_is_named_twice_is_read_once() -> None:
    assert [part.category for part in WHOLE.by_category(["music", "animals-pets", "music"])] == [
        "music",
        "animals-pets",
    ]


def test_more_cubes_than_a_list_shows_are_found_by_category_and_the_rest_is_described() -> None:
    world = World(2, 1500)
    cubes = [model for model in world.sketchfab.models if model.like_count >= 5][::2]
    for model in cubes:
        model.face_count = 12
    reading = Reading(Sketchfab(world.sketchfab, drift=False, depth=DEPTH))
    missing = {model.model_id for model in world.sketchfab.models} & (wanted(world) - set(reading.found))
    nowhere = unseen(world) | {model.model_id for model in cut_off(cubes) if not model.categories}
    assert missing == nowhere - {model.model_id for model in world.sketchfab.models[:DEPTH]}
    likes = cubes[DEPTH - 1].like_count
    assert f"models without a category, with 12 faces and at most {likes} likes" in reading.gaps


def test_a_category_that_was_asked_for_is_halved_by_faces() -> None:
    world = World(3, 3000)
    reading = Reading(Sketchfab(world.sketchfab, drift=False, depth=DEPTH), categories="characters-creatures")
    of_category = [model for model in world.sketchfab.models if "characters-creatures" in model.categories]
    hidden = {model.model_id for model in cut_off(of_category) if model.face_count is None}
    assert len(cut_off(of_category)) > 20
    assert set(reading.found) == {model.model_id for model in of_category if model.like_count >= 5} - hidden
    assert len(reading.gaps) == 1


def test_max_models_ends_the_parts_too() -> None:
    world = World(4, 1500)
    assert len(set(Reading(Sketchfab(world.sketchfab, depth=DEPTH), max_models=400).found)) == 400


def test_ranges_of_faces_are_halved_until_they_hold_one_number_and_meet_without_a_hole() -> None:
    left = [WHOLE]
    narrow: list[Slice] = []
    while left:
        part = left.pop()
        halves = part.halves()
        if part.least is not None and part.least > 40:
            continue
        left += halves
        narrow += [] if halves else [part]
    assert sorted(part.least for part in narrow if part.least is not None) == list(range(41))
    for part in (WHOLE, Slice("music", 0, 9), Slice(None, 5000, None), Slice(None, 7, 8)):
        low, high = part.halves()
        assert (low.least, high.most) == (part.least or 0, part.most)
        assert low.most is not None
        assert high.least == low.most + 1
        assert low.category == high.category == part.category
    assert Slice(None, 12, 12).halves() == Slice(None, MOST_FACES, None).halves() == []


@pytest.mark.parametrize(
    ("read", "depth", "cut"),
    [(10_000, None, True), (9_984, None, True), (9_990, None, False), (120, None, False), (7, None, False),
     (10_000, 10_000, True), (9_984, 10_000, False), (240, 10_000, False)],
)  # fmt: skip
def test_a_round_number_tells_that_a_list_was_cut_off_and_then_its_depth_is_known(
    read: int, depth: int | None, cut: bool
) -> None:
    assert ends_too_soon(read, depth) is cut
