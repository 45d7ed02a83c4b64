"""The likes of Sketchfab, person by person: exactly those of the people whom uploads and comments lead to."""

from __future__ import annotations

import json
import signal
import time
from typing import Any
from urllib.request import Request, urlopen

import pytest

from crawlers.errors import ConfigurationError
from crawlers.pages import sketchfab as pages
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from crawlers.spiders.sketchfab import SketchfabSpider
from sandbox.worlds import World
from tests.crawls.comparing import differences
from tests.crawls.running import Crawls, RunningSandbox, running_sandbox

API = "https://api.sketchfab.com"
JSON = {"Content-Type": "application/json"}


def reached(world: World, min_likes: int = 5, *, followers: bool = False) -> list[tuple[str, str, int]]:
    """The likes that a crawl has to find: uid, model, position."""
    social = world.sketchfab.social
    return social.likes_of(social.reached(min_likes, followers=followers), min_likes)


def key_of(world: World) -> str:
    assert world.pseudonym_key is not None
    return world.pseudonym_key


def pseudonyms(world: World, uids: set[str]) -> set[str]:
    pseudonym = Pseudonymizer(PseudonymKey.from_hex(key_of(world), "the world")).of("sketchfab.user")
    return {pseudonym(uid) for uid in uids}


@pytest.fixture(scope="module")
def world() -> World:
    return World(seed=3, size=600)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawls:
    """A crawl of `world`."""
    crawls = Crawls(tmp_path_factory.mktemp("crawled"))
    with running_sandbox(seed=3, size=600) as sandbox:
        ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    return crawls


def test_a_world_comes_back_whole_while_its_list_drifts(crawled: Crawls, world: World) -> None:
    assert differences(crawled.output, world, key_of(world), likes=reached(world)) == []
    assert set(crawled.table("likes")["likes_source"].to_pylist()) == {"user"}
    (manifest,) = crawled.manifests()
    requests = manifest["requests"]
    assert requests["enqueued"] == requests["done"] + requests["failed"] + requests["pending"]
    assert (requests["failed"], requests["pending"], manifest["gaps"]) == (0, 0, [])
    assert list(manifest["tables"]) == ["sketchfab/models", "sketchfab/likes"]


def test_a_search_that_ends_too_soon_is_read_in_parts_and_what_no_part_shows_is_told(crawls: Crawls) -> None:
    depth, models = 240, World(seed=3, size=1200).sketchfab.models
    with running_sandbox(seed=3, size=1200, no_drift=True, search_depth=depth) as sandbox:
        ended = crawls.crawl(sandbox, "-a", "max_users=1")
    assert ended.returncode == 0, ended.stderr
    found = set(crawls.table("models")["model_id"].to_pylist())
    missing = [model for model in models if model.like_count >= 5 and model.model_id not in found]
    nowhere = [model for model in models[depth:] if model.face_count is None and not model.categories]
    assert missing == [model for model in nowhere if model.like_count >= 5] != []
    what = f"models without a category, whose faces are not counted and at most {models[depth - 1].like_count} likes"
    assert crawls.manifests()[-1]["gaps"] == [{"dataset": "sketchfab/models", "what": what}]
    assert f"what no list shows may be missing: {what}" in ended.stderr
    assert f"may be missing: {what}." in (crawls.output / "sketchfab" / "README.md").read_text()


def test_the_share_of_likes_outside_can_be_counted_from_the_tables(crawled: Crawls, world: World) -> None:
    stated = sum(crawled.table("models")["like_count"].to_pylist())
    assert stated == sum(model.like_count for model in world.sketchfab.models if model.like_count >= 5)
    found = crawled.table("likes").num_rows
    outside = stated - len(reached(world))
    assert stated - found == outside > 0.1 * stated
    card = (crawled.output / "sketchfab" / "README.md").read_text()
    assert f"{stated:,} rows of `sketchfab/likes`; of these {found:,} are here and {outside:,} (" in card


def test_followers_are_met_where_they_are_asked_for(crawls: Crawls) -> None:
    world = World(seed=4, size=120)
    with running_sandbox(seed=4, size=120) as sandbox:
        ended = crawls.crawl(sandbox, "-a", "followers=true", "-a", "min_likes=12")
    assert ended.returncode == 0, ended.stderr
    likes = reached(world, 12, followers=True)
    assert len(likes) > len(reached(world, 12))
    assert differences(crawls.output, world, key_of(world), 12, likes=likes) == []


def test_profiles_are_read_where_they_are_asked_for_and_say_how_many_likes_there_are(crawls: Crawls) -> None:
    world = World(seed=4, size=120)
    with running_sandbox(seed=4, size=120) as sandbox:
        ended = crawls.crawl(sandbox, "-a", "profiles=true")
    assert ended.returncode == 0, ended.stderr
    assert differences(crawls.output, world, key_of(world), likes=reached(world)) == []
    social, pseudonym = world.sketchfab.social, Pseudonymizer(PseudonymKey.from_hex(key_of(world), "the world"))
    people = [user for user in world.sketchfab.users if user.uid in social.reached(5)]
    wanted = sorted(
        (
            pseudonym.pseudonym("sketchfab.user", user.uid), user.account, len(social.uploads(user)),
            len(social.liked(user)), len(social.followers(user)), len(social.followings(user)), social.joined_at(user),
        )
        for user in people
    )  # fmt: skip
    columns = ["user_id", "user_plan", "model_count", "like_count", "follower_count", "following_count", "joined_at"]
    assert [tuple(row[name] for name in columns) for row in crawls.table("users").to_pylist()] == wanted
    counts = crawls.manifests()[-1]["tables"]["sketchfab/likes"]
    stated = sum(len(social.liked(user)) for user in people)
    assert (counts["lists"], counts["stated"], counts["missing"]) == (len(people), stated, 0)


def test_max_users_is_exact_whoever_is_met_first(crawls: Crawls) -> None:
    with running_sandbox(seed=4, size=200) as sandbox:
        ended = crawls.crawl(sandbox, "-a", "max_users=70", "-a", "profiles=true")
        by_path = sandbox.ask("requests")["by_path"]
        assert sum(count for path, count in by_path.items() if path.endswith("/v3/users/{uid}")) == 70
    assert ended.returncode == 0, ended.stderr
    assert crawls.table("users").num_rows == 70
    assert set(crawls.table("likes")["user_id"].to_pylist()) <= set(crawls.table("users")["user_id"].to_pylist())


def test_categories_choose_models_and_likes(crawls: Crawls) -> None:
    world = World(seed=4, size=200)
    asked = {"weapons-military", "music"}
    with running_sandbox(seed=4, size=200) as sandbox:
        ended = crawls.crawl(sandbox, "-a", "categories=weapons-military,music")
        assert ended.returncode == 0, ended.stderr
        refused = crawls.crawl(sandbox, "-a", "categories=weapons-military,swords")
    assert (refused.returncode, len(crawls.manifests())) == (2, 1)
    assert "sketchfab: bad_argument" in refused.stderr.splitlines()[-1]
    assert "no such categories: swords; the site has animals-pets" in refused.stderr
    models = [m for m in world.sketchfab.models if m.like_count >= 5 and not asked.isdisjoint(m.categories)]
    assert any(len(model.categories) == 2 for model in models)
    assert crawls.table("models")["model_id"].to_pylist() == sorted(model.model_id for model in models)
    social = world.sketchfab.social
    people = {m.user.uid for m in models} | {c.user.uid for m in models for c in social.comments(m) if c.user}
    ids = {model.model_id for model in models}
    likes = [like for like in social.likes_of(people, 5) if like[1] in ids]
    outside = {model.model_id for model in world.sketchfab.models} - ids
    assert differences(crawls.output, world, key_of(world), likes=likes, missing=outside) == []


def test_in_model_mode_profiles_are_those_of_uploaders_and_likers(crawls: Crawls) -> None:
    world = World(seed=4, size=60)
    with running_sandbox(seed=4, size=60) as sandbox:
        ended = crawls.crawl(sandbox, "-a", "likes_source=model", "-a", "profiles=true")
    assert ended.returncode == 0, ended.stderr
    models = [model for model in world.sketchfab.models if model.like_count >= 5]
    people = {model.user.uid for model in models} | {uid for uid, _, _ in world.sketchfab.likes(5)}
    assert set(crawls.table("users")["user_id"].to_pylist()) == pseudonyms(world, people)


def page_of(sandbox: RunningSandbox, url: str) -> Any:
    asked = Request(sandbox.url + url.removeprefix(API), headers={"Host": "api.sketchfab.com"})
    with urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def test_a_site_that_ignores_who_is_asked_about_is_noticed_before_anything_is_kept(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    liked = "/v3/models?count=24&liked_by="
    unfiltered = page_of(sandbox, pages.models_url())
    sandbox.script(host="api.sketchfab.com", path_prefix=liked, status=200, headers=JSON, body=unfiltered, times=10_000)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, crawls.manifests()) == (2, []), ended.stderr
    assert "sketchfab: source_gone" in ended.stderr.splitlines()[-1]
    assert "nobody's list of likes holds anything but what an unfiltered list holds" in ended.stderr
    assert not (crawls.output / "sketchfab" / "models").exists()


def test_an_account_that_is_gone_is_not_the_end_of_the_probe(crawls: Crawls, sandbox: RunningSandbox) -> None:
    liked = {"host": "api.sketchfab.com", "path_prefix": "/v3/models?count=24&liked_by="}
    sandbox.script(**liked, state="gone", times=2)
    sandbox.script(**liked, status=200, headers=JSON, body={"results": [], "next": None})
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert differences(crawls.output, World(size=60), key_of(World(size=60)), likes=reached(World(size=60))) == []


def test_robots_txt_that_forbids_the_lists_of_likes_is_obeyed_before_the_first_page(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    forbid = {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "User-agent: *\nDisallow: /v3/comments"}
    sandbox.script(host="api.sketchfab.com", path_prefix="/robots.txt", **forbid)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, crawls.manifests()) == (2, []), ended.stderr
    assert "sketchfab: robots_disallowed" in ended.stderr.splitlines()[-1]


def test_somebody_whose_name_a_list_does_not_say_is_asked_about_by_id(crawls: Crawls, sandbox: RunningSandbox) -> None:
    model = next(m for m in World(size=60).sketchfab.models if m.like_count >= 5 and m.comment_count > 1)
    page = page_of(sandbox, pages.comments_url(model.model_id))
    for comment in page["results"]:
        if comment["user"]:
            del comment["user"]["username"]
    path = pages.comments_url(model.model_id).removeprefix(API)
    sandbox.script(host="api.sketchfab.com", path_prefix=path, status=200, headers=JSON, body=page)
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert differences(crawls.output, World(size=60), key_of(World(size=60)), likes=reached(World(size=60))) == []


def test_killed_and_run_again_nothing_is_lost_or_doubled(crawls: Crawls) -> None:
    world = World(seed=5, size=60)
    with running_sandbox(seed=5, size=60) as sandbox:
        arguments = ("sketchfab", "-a", "max_users=5000", "-s", f"SANDBOX={sandbox.url}")
        crawl = crawls.start("crawl", *arguments, "-s", "DOWNLOAD_DELAY=0.01")
        while sandbox.ask("requests")["total"] < 50:
            assert crawl.poll() is None
        time.sleep(0.3)
        crawl.send_signal(signal.SIGKILL)
        crawl.communicate()
        ended = crawls.scrapy("crawl", *arguments)
    assert ended.returncode == 0, ended.stderr
    assert differences(crawls.output, world, key_of(world), likes=reached(world)) == []
    (manifest,) = crawls.manifests()
    assert manifest["resumes"] == 1


def test_faults_that_heal_cost_time_and_no_row(crawls: Crawls) -> None:
    world = World(seed=5, size=60)
    with running_sandbox(seed=5, size=60, no_drift=True, faults="all:0.05,seed=3") as sandbox:
        ended = crawls.crawl(sandbox, "-s", "DOWNLOAD_TIMEOUT=2")
        served = sandbox.ask("faults")["served"]
    assert ended.returncode == 0, ended.stderr
    assert len(served) > 3
    assert differences(crawls.output, world, key_of(world), likes=reached(world)) == []


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("categories=music,Animals & Pets", "categories: entry 2: it is not written as it must be"),
        ("max_users=10", "leave them out"),
        ("followers=true", "leave them out"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(argument: str, words: str) -> None:
    name, _, value = argument.partition("=")
    with pytest.raises(ConfigurationError, match=words):
        SketchfabSpider(**{"likes_source": "model", name: value})
