from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.sites import Reply, SiteRequest
from sandbox.sites.sketchfab import Sketchfab
from sandbox.worlds import World

ITEM_KEYS = {
    "uri", "uid", "name", "staffpickedAt", "viewCount", "likeCount", "animationCount", "viewerUrl", "embedUrl",
    "commentCount", "isDownloadable", "publishedAt", "tags", "categories", "thumbnails", "user", "description",
    "faceCount", "createdAt", "vertexCount", "isAgeRestricted", "archives", "license",
}  # fmt: skip
LIKED = "https://api.sketchfab.com/v3/search?type=models&sort_by=-likeCount"


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def _ask(site: Sketchfab, url: str) -> Reply:
    parts = urlsplit(url)
    return site.respond(SiteRequest(parts.netloc, parts.path, parts.query))


def _page(site: Sketchfab, url: str) -> dict[str, Any]:
    reply = _ask(site, url)
    assert reply.status == 200, reply
    page: dict[str, Any] = json.loads(reply.body)
    return page


def _rows(site: Sketchfab, url: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while url:
        page = _page(site, url)
        rows += page["results"]
        url = page["next"]
    return rows


@pytest.fixture
def still(world: World) -> Sketchfab:
    return Sketchfab(world.sketchfab, drift=False)


def test_the_first_search_page_has_the_recorded_envelope(still: Sketchfab) -> None:
    page = _page(still, LIKED)
    assert list(page) == ["cursors", "next", "previous", "results"]
    assert page["cursors"] == {"next": "24", "previous": None}
    assert page["next"] == "https://api.sketchfab.com/v3/search?count=24&cursor=24&sort_by=-likeCount&type=models"
    assert page["previous"] is None
    assert len(page["results"]) == 24


def test_a_search_item_has_the_keys_of_the_recording_and_its_oddities(still: Sketchfab, world: World) -> None:
    items = _rows(still, LIKED)
    for item in items:
        model = world.sketchfab.by_id[item["uid"]]
        assert set(item) == ITEM_KEYS
        assert item["viewerUrl"].endswith(f"/3d-models/none-{model.model_id}")
        assert item["categories"] == [{"name": slug} for slug in model.categories]
        assert [tag["slug"] for tag in item["tags"]] == model.tags
        assert item["license"] == (model.license and {"uid": model.license.uid, "label": model.license.label})
        assert (item["name"], item["description"]) == (model.name, model.description)
        assert item["createdAt"] == model.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f")
        assert item["user"]["uid"] == model.user.uid


def test_larger_counts_are_ignored_and_smaller_ones_obeyed(still: Sketchfab) -> None:
    assert len(_page(still, f"{LIKED}&count=100")["results"]) == 24
    assert "count=24&cursor=24" in _page(still, f"{LIKED}&count=100")["next"]
    assert len(_page(still, f"{LIKED}&count=10")["results"]) == 10
    assert "count=10&cursor=10" in _page(still, f"{LIKED}&count=10")["next"]
    assert len(_page(still, f"{LIKED}&count=0")["results"]) == 24


@pytest.mark.parametrize("sort", ["-likeCount", "-viewCount", "-publishedAt"])
def test_following_next_reads_every_model_once_in_order(still: Sketchfab, world: World, sort: str) -> None:
    rows = _rows(still, f"https://api.sketchfab.com/v3/search?type=models&sort_by={sort}&count=23")
    assert sorted(row["uid"] for row in rows) == sorted(world.sketchfab.by_id)
    key = sort.removeprefix("-")
    values = [row[key] for row in rows if row[key]]
    if key != "publishedAt":
        assert values == sorted(values, reverse=True)


def test_the_model_list_has_opaque_cursors(still: Sketchfab, world: World) -> None:
    page = _page(still, "https://api.sketchfab.com/v3/models?sort_by=createdAt")
    assert page["cursors"]["next"] == "bz0yNA=="
    assert "cursor=bz0yNA%3D%3D" in page["next"]
    rows = _rows(still, page["next"])
    assert len(rows) == len(world.sketchfab.models) - 24
    times = [row["createdAt"] for row in page["results"] + rows]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "query",
    ["models?sort_by=-likeCount", "models?sort_by=likedAt", "models?cursor=24", "search?sort_by=x", "search?cursor=x"],
)
def test_a_parameter_that_is_not_legal_is_400_with_a_detail(still: Sketchfab, query: str) -> None:
    reply = _ask(still, f"https://api.sketchfab.com/v3/{query}")
    assert reply.status == 400
    assert json.loads(reply.body)["detail"]


def test_filters_keep_what_they_name(still: Sketchfab, world: World) -> None:
    model = next(model for model in world.sketchfab.models if model.tags and model.categories)
    models = world.sketchfab.models
    for query, kept in (
        (f"user={model.user.username}", [m for m in models if m.user is model.user]),
        (f"tags={model.tags[0]}", [m for m in models if model.tags[0] in m.tags]),
        (f"categories={model.categories[0]}", [m for m in models if model.categories[0] in m.categories]),
    ):
        assert [row["uid"] for row in _rows(still, f"{LIKED}&{query}")] == [m.model_id for m in kept]


def test_a_page_beyond_the_end_is_empty_and_has_no_next(still: Sketchfab) -> None:
    page = _page(still, f"{LIKED}&cursor=100000")
    assert (page["results"], page["next"]) == ([], None)


def test_the_detail_tells_what_lists_do_not(still: Sketchfab, world: World) -> None:
    model = next(model for model in world.sketchfab.models if model.license and model.categories)
    item = _page(still, f"https://api.sketchfab.com/v3/models/{model.model_id}")
    assert model.license
    assert item["license"]["slug"] == model.license.slug
    assert [category["slug"] for category in item["categories"]] == model.categories
    assert item["downloadCount"] == model.download_count
    assert _ask(still, "https://api.sketchfab.com/v3/models/unknown").status == 404


def test_old_ids_have_a_detail_and_likes_like_others(still: Sketchfab, world: World) -> None:
    model = next(model for model in world.sketchfab.models if len(model.model_id) < 32 and model.like_count)
    assert _page(still, f"https://api.sketchfab.com/v3/models/{model.model_id}")["uid"] == model.model_id
    assert _page(still, f"https://sketchfab.com/i/likes?model={model.model_id}&count=24&offset=0")["results"]


def test_the_people_who_like_a_model_are_read_page_by_page(still: Sketchfab, world: World) -> None:
    for likes in (0, 1, 24, 48, max(model.like_count for model in world.sketchfab.models)):
        model = next(model for model in world.sketchfab.models if model.like_count == likes)
        url = f"https://sketchfab.com/i/likes?model={model.model_id}&count=24&offset=0"
        assert (_page(still, url)["next"] is not None) == (likes > 24)
        assert [row["uid"] for row in _rows(still, url)] == world.sketchfab.liker_uids(model.model_id)


def test_the_likes_of_an_unknown_model_are_404(still: Sketchfab) -> None:
    reply = _ask(still, "https://sketchfab.com/i/likes?model=unknown&count=24&offset=0")
    assert (reply.status, json.loads(reply.body)) == (404, {"detail": "Not found."})


def test_paths_belong_to_their_host(still: Sketchfab) -> None:
    assert _ask(still, "https://sketchfab.com/v3/search?type=models").status == 404
    assert _ask(still, "https://api.sketchfab.com/i/likes?model=x").status == 404
    assert _ask(still, "https://api.sketchfab.com/robots.txt").content_type == "text/plain"


@pytest.mark.parametrize("count", [24, 10])
@pytest.mark.parametrize("seed", range(5))
def test_a_jump_over_the_cursor_always_shows_as_a_repeated_row(seed: int, count: int) -> None:
    sketchfab = World(seed, 400).sketchfab
    site = Sketchfab(sketchfab)
    known: set[str] = set()
    passes: list[int] = []
    while not passes or passes[-1]:
        rows = [row["uid"] for row in _rows(site, f"{LIKED}&count={count}")]
        missed, repeated = set(sketchfab.by_id) - set(rows), len(rows) - len(set(rows))
        assert len(missed) == repeated
        assert len(rows) == 400
        passes.append(repeated)
        known.update(rows)
    assert known == set(sketchfab.by_id)
    assert passes[0] >= 2
    assert len(passes) <= 4


def test_nobody_overtakes_across_five_likes(world: World) -> None:
    site = Sketchfab(world.sketchfab)
    for _ in range(4):
        above = [row["likeCount"] >= 5 for row in _rows(site, LIKED)]
        assert above == sorted(above, reverse=True)


def test_a_page_asked_for_twice_moves_nothing_more(world: World) -> None:
    once, twice = Sketchfab(world.sketchfab), Sketchfab(world.sketchfab)
    url: str | None = f"{LIKED}&cursor=0"
    while url:
        page = _page(once, url)
        assert _page(twice, url) == page
        url = page["next"]
        if url and page["previous"]:
            _page(twice, f"{LIKED}&cursor={int(page['cursors']['next']) - 24}")


def test_the_same_reading_drifts_the_same_way(world: World) -> None:
    readings = [[row["uid"] for _ in range(3) for row in _rows(Sketchfab(world.sketchfab), LIKED)] for _ in range(2)]
    assert readings[0] == readings[1]
