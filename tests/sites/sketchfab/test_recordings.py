"""Real responses of Sketchfab, recorded outside this repository, read as a crawl would read them.

Values are compared with the recording itself, so that nobody's name or id stands in this file.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import HtmlResponse, Response

from crawlers.pages import sketchfab
from crawlers.pages.sketchfab.model import LICENSE_SLUGS
from crawlers.pages.state import PageState
from crawlers.parsing.embedded_json import commented_json

Respond = Callable[..., Response]
Test = Callable[..., None]

SEARCH_2026 = "v3_search_models_week_by_likes_2026-09.excerpt.json"
MODEL_PAGE = "model_page_site17.8.excerpt.html"
MODEL_DETAIL = "i_models_detail_site17.8.excerpt.json"
SEARCH_PAGE = "search_page_rendered_2023-08.html"
SEARCH_BLOCK = "search_page_prefetched_2023-08.json"
CRAWLED_URLS = "browser_crawl_model_urls_2025-01.json"
V2_MODELS = "v2_models_by_tag_2015-04.json"
SWAGGER = "official_swagger_v3_2017-02.json"
ERROR_STATES = "error_states.json"
CHALLENGE = "aws_waf_challenge_2026-01_other-site.html"

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}

COVERED = {"SOURCES.md"}


def recorded(*files: str) -> Callable[[Test], Test]:
    """Mark a test as one that reads these recordings."""

    def mark(test: Test) -> Test:
        COVERED.update(files)
        return pytest.mark.recording(test)

    return mark


@pytest.fixture(scope="module")
def folder(captures_dir: Path) -> Path:
    found = captures_dir / "sketchfab"
    if not found.is_dir():
        pytest.skip(f"no recordings of sketchfab at {found}")
    return found


@pytest.fixture(scope="module")
def read(folder: Path) -> Callable[[str], Any]:
    return lambda name: json.loads((folder / name).read_bytes())


@pytest.fixture(scope="module")
def search_page(folder: Path, respond: Respond) -> HtmlResponse:
    url = "https://sketchfab.com/search?category=cars-vehicles&date=day&q=cars&type=models"
    page = respond(url, (folder / SEARCH_PAGE).read_bytes(), headers=HTML)
    assert isinstance(page, HtmlResponse)
    return page


@pytest.mark.recording
def test_every_recording_has_a_test(folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == COVERED


@recorded(SEARCH_2026)
def test_the_search_of_2026(folder: Path, read: Callable[[str], Any], respond: Respond) -> None:
    url = "https://api.sketchfab.com/v3/search?type=models&sort_by=-likeCount&date=7&count=24"
    response = respond(url, (folder / SEARCH_2026).read_bytes(), headers=JSON)
    recording = read(SEARCH_2026)
    assert sketchfab.recognise(response) is PageState.OK
    rows = sketchfab.models(response)
    (model,), (node,) = list(rows), recording["results"]
    assert rows.invalid == []
    assert (model.model_id, model.name, model.description) == (node["uid"], node["name"], node["description"])
    assert (model.user_id, model.username) == (node["user"]["uid"], node["user"]["username"])
    assert (model.like_count, model.view_count, model.comment_count) == (79, 511, 3)
    assert model.tags == [tag["slug"] for tag in node["tags"]]
    assert model.tags is not None
    assert len(model.tags) == 42
    assert (model.categories, model.license, model.user_plan) == (["art-abstract"], "by", "basic")
    assert model.published_at == dt.datetime(2026, 9, 21, 14, 17, 52, 541070, tzinfo=dt.UTC)
    assert model.created_at == dt.datetime(2026, 9, 21, 14, 9, 41, 957021, tzinfo=dt.UTC)
    assert (model.face_count, model.vertex_count, model.animation_count) == (1496136, 747983, 0)
    assert (model.glb_size_bytes, model.gltf_size_bytes) == (113339488, 66804975)
    assert (model.usdz_size_bytes, model.source_size_bytes) == (36359092, 109944100)
    assert (model.is_downloadable, model.is_age_restricted) == (True, False)
    assert model.thumbnail_url == next(i["url"] for i in node["thumbnails"]["images"] if i["width"] == 256)
    unsaid = {"staffpicked_at", "download_count", "sound_count", "texture_count", "material_count", "pbr_type"}
    unsaid |= {"is_rigged", "is_protected", "is_ai_generated", "price", "name_tokens"}
    unsaid |= {"like_count_is_approximate", "view_count_is_approximate"}
    assert {name for name, value in model if value is None} == unsaid

    following = sketchfab.next_page(response)
    assert following == recording["next"]
    assert following is not None
    assert parse_qs(urlsplit(following).query)["cursor"] == ["24"]


@recorded(MODEL_PAGE, MODEL_DETAIL)
def test_a_model_page_and_the_websites_detail_give_the_same_row(
    folder: Path, read: Callable[[str], Any], respond: Respond
) -> None:
    node = read(MODEL_DETAIL)
    page = respond(node["viewerUrl"], (folder / MODEL_PAGE).read_bytes(), headers=HTML)
    detail_url = f"https://sketchfab.com/i/models/{node['uid']}"
    detail = respond(detail_url, (folder / MODEL_DETAIL).read_bytes(), headers=JSON)
    assert sketchfab.recognise(page) is sketchfab.recognise(detail) is PageState.OK
    (by_page,), (by_detail,) = sketchfab.model(page), sketchfab.model(detail)
    assert by_page == by_detail
    assert (by_page.model_id, by_page.name, by_page.description) == (node["uid"], node["name"], node["description"])
    assert (by_page.user_id, by_page.username) == (node["user"]["uid"], node["user"]["username"])
    assert (by_page.like_count, by_page.view_count, by_page.comment_count) == (22, 2568, 0)
    assert (by_page.download_count, by_page.face_count, by_page.vertex_count) == (1002, 21956, 11160)
    assert (by_page.texture_count, by_page.material_count, by_page.pbr_type) == (1, 5, None)
    assert (by_page.is_rigged, by_page.is_ai_generated, by_page.is_age_restricted) == (True, False, False)
    assert by_page.tags == node["tags"]
    assert by_page.categories == ["animals-pets", "characters-creatures"]
    assert (by_page.license, by_page.user_plan, by_page.price) == ("by", "basic", None)
    assert by_page.published_at == dt.datetime(2020, 12, 23, 14, 22, 17, 527848, tzinfo=dt.UTC)
    assert isinstance(page, HtmlResponse)
    assert len(sketchfab.categories(page)) == 18
    assert commented_json(page, "js-dom-data-sketchfab-runtime")["version"] == "17.8.0"


@recorded(SEARCH_PAGE)
def test_the_grid_of_a_search_page_leaves_out_the_promotion(search_page: HtmlResponse) -> None:
    assert sketchfab.recognise(search_page) is PageState.OK
    every_card = search_page.xpath('//*[has-class("card-model")]')
    promoted = search_page.xpath('//*[has-class("c-card-slider")]//*[has-class("card-model")]')
    assert (len(every_card), len({card.attrib["data-uid"] for card in every_card}), len(promoted)) == (26, 23, 3)
    assert not promoted.xpath('.//*[has-class("count") or @data-user]')

    rows = sketchfab.grid_models(search_page)
    assert (len({model.model_id for model in rows}), rows.invalid) == (23, [])
    assert all(model.view_count is not None and model.username for model in rows)
    grid = sketchfab.grid(search_page)
    assert grid.invalid == []
    assert [card.model_id for card in grid.cards] == [card.attrib["data-uid"] for card in every_card[3:]]
    assert len({card.model_id for card in grid.cards}) == 23
    assert {card.attrib["data-uid"] for card in promoted} <= {card.model_id for card in grid.cards}
    assert sum(card.like_count or 0 for card in grid.cards) == 24
    assert [card.like_count for card in grid.cards].count(0) == 12
    assert not any(card.like_count is None or card.like_count_is_approximate for card in grid.cards)
    assert all(re.fullmatch("[0-9a-f]{32}", card.user_id or "") for card in grid.cards)
    for card, node in zip(grid.cards, every_card[3:], strict=True):
        link = node.xpath('.//a[has-class("model-name__label")]')
        assert card.name == link.attrib["title"]
        assert card.model_id == sketchfab.model_id_of(link.attrib["href"])


@recorded(SEARCH_BLOCK, SEARCH_PAGE)
def test_our_licences_and_categories_are_those_of_the_site(
    search_page: HtmlResponse, read: Callable[[str], Any]
) -> None:
    decoded = read(SEARCH_BLOCK)
    assert commented_json(search_page, "js-dom-data-prefetched-data") == decoded
    assert sketchfab.licenses(search_page) == LICENSE_SLUGS
    assert len(LICENSE_SLUGS) == decoded["/i/licenses"]["count"] == 9
    categories = sketchfab.categories(search_page)
    assert categories == {entry["uid"]: entry["slug"] for entry in decoded["/i/categories"]["results"]}
    assert len(categories) == decoded["/i/categories"]["count"] == 18


@recorded(CRAWLED_URLS)
def test_every_url_that_a_browser_collected_names_a_model(read: Callable[[str], Any]) -> None:
    urls = read(CRAWLED_URLS)
    ids = [sketchfab.model_id_of(url) for url in urls]
    assert len(ids) == 2424
    assert all(found is not None and url.endswith(found) for found, url in zip(ids, urls, strict=True))
    assert len(set(ids)) == len({url[-32:] for url in urls}) == 2424


@recorded(V2_MODELS)
def test_a_list_of_the_api_of_2015_parses_too(folder: Path, read: Callable[[str], Any], respond: Respond) -> None:
    url = "https://api.sketchfab.com/v2/models?tags_filter=x"
    response = respond(url, (folder / V2_MODELS).read_bytes(), headers=JSON)
    (node,) = read(V2_MODELS)["results"]
    assert sketchfab.recognise(response) is PageState.OK
    rows = sketchfab.models(response)
    (model,) = rows
    assert rows.invalid == []
    assert node["commentCount"] == "0"  # text, then
    assert (model.like_count, model.view_count, model.comment_count, model.download_count) == (10, 9915, 0, 15)
    assert (model.model_id, model.name, model.tags) == (node["uid"], node["name"], node["tags"])
    assert (model.license, model.categories, model.created_at) == ("by-nc", [], None)
    assert model.user_id == node["user"]["uid"]
    assert sketchfab.model_id_of(node["viewerUrl"]) == model.model_id
    assert sketchfab.next_page(response) is None


@recorded(SWAGGER)
def test_what_we_ask_of_the_api_is_documented(read: Callable[[str], Any]) -> None:
    paths = read(SWAGGER)["paths"]

    def parameters(path: str) -> dict[str, list[str]]:
        return {p["name"]: (p.get("items") or p).get("enum", []) for p in paths[path]["get"]["parameters"]}

    ours = urlsplit(sketchfab.list_url())
    query = parse_qs(ours.query)
    assert (ours.hostname, ours.path, query["type"]) == ("api.sketchfab.com", "/v3/search", ["models"])
    assert {"sort_by", "user", "tags", "categories", "date"} <= parameters("/v3/search?type=models").keys()
    assert "count parameter" in read(SWAGGER)["info"]["description"]  # of every list, at most 24
    assert {"liked_by", "user", "published_since", "categories"} <= parameters("/v3/models").keys()
    assert {"createdAt", "-likedAt"} <= set(parameters("/v3/models")["sort_by"])
    for path in ("/v3/models/{uid}", "/v3/users/{uid}", "/v3/comments", "/v3/categories", "/v3/users/{uid}/followers"):
        assert "get" in paths[path]
    for table in ("ModelSearchList", "ModelList"):
        fields = read(SWAGGER)["definitions"][table]["properties"]
        assert {"uid", "name", "user", "likeCount", "viewCount", "commentCount", "publishedAt"} <= fields.keys()

    # What nobody documents, and why `likes_source=model` must be probed: who liked a model.
    assert not [path for path in paths if "like" in path and "/me/" not in path]
    assert urlsplit(sketchfab.likes_url("m")).path not in paths


# Bodies that a state may have where its recording does not say; a JSON body has the shape of the one that is recorded.
UNKNOWN_BODIES = {
    403: [b'{"detail": "x"}'],
    404: [b"", b"Not found", b'{"detail": "x"}', b"<html><body>404</body></html>"],
    429: [b"", b"Too many requests", b'{"detail": "x"}', b"<html><body>429</body></html>"],
}
ERROR_CASES = {
    "anonymous call of an authenticated endpoint": PageState.LOGIN_REQUIRED,
    "AWS WAF challenge in front of api.sketchfab.com": PageState.BLOCKED,
    "website search page fetched without a browser": PageState.BLOCKED,
    "throttled": PageState.RATE_LIMITED,
    "object does not exist or is private": PageState.GONE,
    "password-protected model": PageState.GONE,
}


@recorded(ERROR_STATES)
def test_every_error_state_is_recognised(read: Callable[[str], Any], respond: Respond) -> None:
    states = read(ERROR_STATES)
    assert {state["case"] for state in states} == ERROR_CASES.keys()
    for state in states:
        body = state["body"]
        known = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        for sent in UNKNOWN_BODIES[state["status"]] if body is None else [known]:
            response = respond(sketchfab.list_url(), sent, status=state["status"], headers=state["headers"])
            assert sketchfab.recognise(response) is ERROR_CASES[state["case"]], state["case"]


@recorded(CHALLENGE, "expected.json")
@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (202, {**HTML, "x-amzn-waf-action": "challenge"}),
        (405, {**HTML, "x-amzn-waf-action": "captcha"}),
        (202, HTML),
        (200, HTML),
        (200, JSON),
    ],
)
def test_the_firewalls_challenge_is_a_wall(
    folder: Path, read: Callable[[str], Any], respond: Respond, status: int, headers: dict[str, str]
) -> None:
    (name, expected), *others = read("expected.json").items()
    assert (name, others) == (CHALLENGE, [])
    body = (folder / CHALLENGE).read_bytes()
    response = respond(sketchfab.list_url(), body, status=status, headers=headers)
    assert sketchfab.recognise(response) is PageState.BLOCKED
    page = HtmlResponse("https://sketchfab.com/", body=body)
    assert {
        "title": page.xpath("string(//title)").get(),
        "has_goku_props": b"gokuProps" in body,
        "has_challenge_container": bool(page.xpath('//*[@id="challenge-container"]')),
        "script_host_suffix": ".".join(
            (urlsplit(page.xpath("//script/@src").get() or "").hostname or "").split(".")[-3:]
        ),
        "noscript_text": page.xpath("string(//noscript/h1)").get(),
        "is_challenge": sketchfab.recognise(page) is PageState.BLOCKED,
        "is_empty_body": not body.strip(),
    } == expected


@pytest.mark.recording
def test_no_person_of_a_recording_stands_in_the_repository(
    folder: Path, read: Callable[[str], Any], search_page: HtmlResponse, pytestconfig: pytest.Config
) -> None:
    users = [read(SEARCH_2026)["results"][0]["user"], read(MODEL_DETAIL)["user"], read(V2_MODELS)["results"][0]["user"]]
    people = {user[name] for user in users for name in ("uid", "username", "displayName")}
    for link in search_page.xpath("//*[@data-user]"):
        people |= {link.attrib["data-user"], link.attrib["href"].rpartition("/")[2]}
    assert len(people) > 30
    word = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(people))) + r")(?!\w)")
    written = [
        file.relative_to(pytestconfig.rootpath).as_posix()
        for part in (
            "crawlers",
            "sandbox",
            "tests",
            "docs",
            "notebooks",
            "README.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
        )
        for file in [pytestconfig.rootpath / part, *(pytestconfig.rootpath / part).rglob("*")]
        if file.is_file() and file.suffix != ".pyc" and word.search(file.read_text("utf-8", "replace"))
    ]
    assert written == []  # the names of the files, not of the people


@pytest.mark.recording
def test_a_row_of_a_recording_does_not_show_itself(folder: Path, respond: Respond) -> None:
    response = respond(sketchfab.list_url(), (folder / SEARCH_2026).read_bytes(), headers=JSON)
    (model,) = sketchfab.models(response)
    assert repr(model) == str(model) == "<Model>"
