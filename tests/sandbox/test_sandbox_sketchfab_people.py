"""The replica of Sketchfab: people, comments, what a person likes, where a search ends, and pages of the website."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from scrapy.http import HtmlResponse, TextResponse

from crawlers.pages import sketchfab as pages
from crawlers.pages.state import PageState
from sandbox.sites import Reply, SiteRequest
from sandbox.sites.sketchfab import Sketchfab
from sandbox.worlds import World
from sandbox.worlds.sketchfab import SketchfabWorld, User

API = "https://api.sketchfab.com/v3"
SITE = "https://sketchfab.com"


@pytest.fixture(scope="module")
def world() -> SketchfabWorld:
    return World().sketchfab


@pytest.fixture(scope="module")
def site(world: SketchfabWorld) -> Sketchfab:
    return Sketchfab(world, drift=False)


def ask(site: Sketchfab, url: str) -> Reply:
    parts = urlsplit(url)
    return site.respond(SiteRequest(parts.netloc, parts.path, parts.query))


def rows(site: Sketchfab, url: str | None) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    found: list[dict[str, Any]] = []
    while url:
        reply = ask(site, url)
        assert reply.status == 200, reply
        page = json.loads(reply.body)
        assert len(page["results"]) <= 24
        found += page["results"]
        url = page["next"]
    return found


def html(site: Sketchfab, url: str) -> HtmlResponse:
    reply = ask(site, url)
    assert (reply.status, reply.content_type) == (200, "text/html; charset=utf-8")
    return HtmlResponse(url, body=reply.body, headers={"Content-Type": reply.content_type})


def keenest(world: SketchfabWorld) -> User:
    return max(world.users, key=lambda user: len(world.social.liked(user)))


def test_what_everybody_likes_is_who_likes_everything(world: SketchfabWorld) -> None:
    by_person = {(user.uid, world.models[i].model_id) for user in world.users for i in world.social.liked(user)}
    assert by_person == {(uid, model) for uid, model, _ in world.likes()}
    assert world.like_total() == sum(len(world.social.liked(user)) for user in world.users)


def test_what_a_person_likes_is_read_page_by_page_newest_first(site: Sketchfab, world: SketchfabWorld) -> None:
    user = keenest(world)
    liked = [world.models[index].model_id for index in world.social.liked(user)]
    assert len(liked) > 48
    assert [row["uid"] for row in rows(site, pages.liked_url(user.username))] == liked
    oldest_first = f"{API}/models?liked_by={user.username}&sort_by=likedAt"
    assert [row["uid"] for row in rows(site, oldest_first)] == liked[::-1]
    assert ask(site, f"{API}/models?liked_by=nobody-of-this-name").status == 404


@pytest.mark.parametrize("other", ["tags=car", "categories=music", "user=x", "max_face_count=9", "sort_by=createdAt"])
def test_what_a_person_likes_takes_no_other_filter(site: Sketchfab, world: SketchfabWorld, other: str) -> None:
    reply = ask(site, f"{API}/models?liked_by={keenest(world).username}&{other}")
    assert (reply.status, bool(json.loads(reply.body)["detail"])) == (400, True)
    assert ask(site, f"{API}/models?sort_by=likedAt").status == 400


def test_a_profile_counts_what_the_lists_hold(site: Sketchfab, world: SketchfabWorld) -> None:
    for user in (keenest(world), world.models[0].user, world.users[-1]):
        profile = json.loads(ask(site, pages.user_url(user.uid)).body)
        assert (profile["uid"], profile["username"]) == (user.uid, user.username)
        assert profile["modelCount"] == len(rows(site, f"{API}/models?user={user.username}"))
        assert profile["likeCount"] == len(rows(site, profile["likesUrl"]))
        for kind in ("follower", "following"):
            people = rows(site, profile[f"{kind}sUrl"])
            assert len({person["uid"] for person in people}) == len(people) == profile[f"{kind}Count"]
    assert ask(site, pages.user_url("nobody")).status == ask(site, pages.followers_url("nobody")).status == 404


def test_whom_somebody_follows_has_them_among_the_followers(site: Sketchfab, world: SketchfabWorld) -> None:
    user = max(world.users, key=lambda user: len(world.social.followers(user)))
    followers = [person["uid"] for person in rows(site, pages.followers_url(user.uid))]
    assert len(followers) > 24
    for follower in followers[:3]:
        assert user.uid in {person["uid"] for person in rows(site, f"{API}/users/{follower}/followings")}


def test_a_model_has_the_comments_it_states_some_of_them_deleted(site: Sketchfab, world: SketchfabWorld) -> None:
    everything = [comment for model in world.models for comment in rows(site, pages.comments_url(model.model_id))]
    assert len(everything) == sum(model.comment_count for model in world.models)
    assert len({comment["uid"] for comment in everything}) == len(everything)
    deleted = [comment for comment in everything if comment["isDeleted"]]
    assert 0 < len(deleted) < 0.1 * len(everything)
    assert all((comment["user"], comment["body"]) == (None, "") for comment in deleted)
    assert max(model.comment_count for model in world.models) > 24
    user = next(comment["user"] for comment in everything if comment["user"])
    written = {comment["uid"] for comment in rows(site, f"{API}/comments?user={user['username']}")}
    assert written == {one["uid"] for one in everything if one["user"] and one["user"]["uid"] == user["uid"]}
    assert ask(site, f"{API}/comments").status == 400
    assert ask(site, pages.comments_url("unknown")).status == 404


def test_everybody_is_listed_and_found_by_name(site: Sketchfab, world: SketchfabWorld) -> None:
    listed = rows(site, f"{API}/users?sort_by=-followerCount")
    assert {user["uid"] for user in listed} == {user.uid for user in world.users}
    counts = [user["followerCount"] for user in listed]
    assert counts == sorted(counts, reverse=True)
    user = world.users[7]
    found = rows(site, f"{API}/search?type=users&username={user.username}")
    assert [row["uid"] for row in found if row["username"] == user.username] == [user.uid]
    assert "likeCount" not in found[0]
    assert all(row["account"] == "pro" for row in rows(site, f"{API}/users?account=pro"))


def test_the_api_lists_all_categories_on_one_page(site: Sketchfab) -> None:
    page = TextResponse(pages.categories_url(), body=ask(site, pages.categories_url()).body)
    assert len(pages.categories(page)) == 18
    assert pages.categories(page) == pages.categories(html(site, f"{SITE}/search?type=models"))


def test_a_model_without_counted_faces_is_in_no_range_of_them(site: Sketchfab, world: SketchfabWorld) -> None:
    for low, high in ((0, None), (None, 10_000), (500, 5000)):
        found = [row["uid"] for row in rows(site, pages.list_url(faces=(low, high)))]
        assert found == [
            model.model_id
            for model in world.models
            if model.face_count is not None and (low or 0) <= model.face_count <= (high or 10**9)
        ]
    assert ask(site, f"{API}/search?min_face_count=few").status == 400


def test_a_search_ends_at_its_depth_and_says_nothing(world: SketchfabWorld) -> None:
    site = Sketchfab(world, drift=False, depth=100)
    assert [row["uid"] for row in rows(site, pages.list_url())] == [m.model_id for m in world.models[:100]]
    last = json.loads(ask(site, f"{pages.list_url()}&cursor=96").body)
    assert (last["next"], len(last["results"])) == (None, 4)
    assert len(rows(site, f"{API}/models?sort_by=createdAt")) == len(world.models)


def test_a_page_and_an_embed_of_a_model_are_read_as_its_detail_is(site: Sketchfab, world: SketchfabWorld) -> None:
    odd = [model for model in world.models if not model.name.isascii() or "\x00" in model.name or "|" in model.name]
    old = [model for model in world.models if len(model.model_id) < 32]
    for model in (*world.models[:5], *odd, *old[:2]):
        url = f"{SITE}/i/models/{model.model_id}"
        (detail,) = pages.model(TextResponse(url, body=ask(site, url).body))
        assert (detail.model_id, detail.user_id) == (model.model_id, model.user.uid)
        assert (detail.categories, detail.face_count) == (model.categories, model.face_count)
        assert detail.license == (model.license.slug if model.license else None)
        for path in (f"3d-models/x-{model.model_id}", f"models/{model.model_id}", f"models/{model.model_id}/embed"):
            page = html(site, f"{SITE}/{path}")
            assert pages.recognise(page) is PageState.OK
            assert list(pages.model(page)) == [detail]
    assert ask(site, f"{SITE}/3d-models/none-unknown").status == 404
    assert ask(site, f"{SITE}/i/models/unknown").status == 404


def test_the_grid_shows_the_search_below_cards_of_the_shop(site: Sketchfab, world: SketchfabWorld) -> None:
    page = html(site, f"{SITE}/search?type=models&sort_by=-likeCount")
    assert pages.recognise(page) is PageState.OK
    grid = pages.grid(page)
    shown = world.models[:24]
    assert [(card.model_id, card.user_id) for card in grid.cards] == [(m.model_id, m.user.uid) for m in shown]
    assert grid.invalid == []
    for card, model in zip(grid.cards, shown, strict=True):
        exact = model.like_count < 1000
        assert card.like_count is not None
        assert abs(card.like_count - model.like_count) <= (0 if exact else 100)
    every_card = page.xpath('//*[has-class("card-model")]/@data-uid').getall()
    assert len(every_card) == 27
    assert set(every_card) == {model.model_id for model in shown}


def test_the_grid_goes_on_behind_a_button_to_the_last_model(site: Sketchfab, world: SketchfabWorld) -> None:
    url: str | None = f"{SITE}/3d-models?sort_by=-likeCount&category=weapons-military"
    found: list[str] = []
    while url is not None:
        page = html(site, url)
        found += [card.model_id for card in pages.grid(page).cards]
        further = page.xpath('//*[has-class("c-grid__button", "--next")]/a/@href').get()
        url = page.urljoin(further) if further else None
    assert found == [model.model_id for model in world.models if "weapons-military" in model.categories]
    assert len(found) > 24
