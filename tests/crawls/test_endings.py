"""How a crawl ends when the site does not play along: reason, exit code, and a queue the same command goes on with."""

from __future__ import annotations

import pytest

from sandbox.worlds import World
from tests.crawls.running import Crawls, RunningSandbox

LIKES = {"host": "sketchfab.com", "path_prefix": "/i/likes"}
LIST = {"host": "api.sketchfab.com", "path_prefix": "/v3/search"}
FOR_EVER = 10_000


def reason(crawls: Crawls) -> str:
    return str(crawls.manifests()[-1]["finish_reason"])


def all_likes(size: int = 60) -> int:
    return sum(model.like_count for model in World(size=size).sketchfab.models if model.like_count >= 5)


@pytest.mark.parametrize("state", ["waf_challenge", "waf_page", "waf_captcha", "blocked", "rate_limited"])
def test_a_wall_that_falls_costs_nothing_but_time(crawls: Crawls, sandbox: RunningSandbox, state: str) -> None:
    sandbox.script(state=state, **LIKES, after=5, times=2)
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert crawls.table("likes").num_rows == all_likes()


@pytest.mark.parametrize("state", ["waf_challenge", "waf_page", "waf_captcha", "blocked"])
def test_a_wall_that_stays_ends_as_blocked_and_the_same_command_goes_on(
    crawls: Crawls, sandbox: RunningSandbox, state: str
) -> None:
    sandbox.script(state=state, **LIKES, after=20, times=25)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (3, "blocked"), ended.stderr
    assert "run the same command" in ended.stderr
    assert crawls.manifests()[-1]["requests"]["pending"] > 0
    while (ended := crawls.crawl(sandbox)).returncode == 3:  # it still stands for a while
        pass
    assert ended.returncode == 0, ended.stderr
    assert crawls.table("likes").num_rows == all_likes()
    assert len(crawls.manifests()) == 1  # one crawl, however often resumed


def test_a_site_that_asks_to_wait_is_obeyed(crawls: Crawls, sandbox: RunningSandbox) -> None:
    sandbox.script(state="rate_limited", headers={"Retry-After": "2"}, **LIKES, after=5, times=1)
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert "waiting 2 s because the site asked" in ended.stderr


@pytest.mark.parametrize("state", ["gone", "private"])
def test_a_page_that_is_gone_is_an_answer(crawls: Crawls, sandbox: RunningSandbox, state: str) -> None:
    sandbox.script(state=state, **LIKES, after=10, times=1)
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    manifest = crawls.manifests()[-1]
    assert manifest["requests"]["failed"] == 0
    assert manifest["pages"]["gone"] == 1
    assert 0 < crawls.table("likes").num_rows < all_likes()


def test_a_site_that_no_longer_says_who_likes_a_model_is_noticed_before_anything_is_kept(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    sandbox.script(state="gone", **LIKES, times=FOR_EVER)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (2, "source_gone"), ended.stderr
    assert not (crawls.output / "sketchfab" / "models").exists()


def test_a_login_wall_ends_the_crawl(crawls: Crawls, sandbox: RunningSandbox) -> None:
    sandbox.script(state="unauthorized", **LIKES, after=10, times=FOR_EVER)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (3, "login_required"), ended.stderr


@pytest.mark.parametrize("state", ["changed_layout", "not_json"])
def test_a_changed_site_is_noticed_and_its_pages_are_kept_to_look_at(
    crawls: Crawls, sandbox: RunningSandbox, state: str
) -> None:
    sandbox.script(state=state, **LIKES, after=10, times=FOR_EVER)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (4, "layout_changed"), ended.stderr
    assert list(crawls.jobs.glob("sketchfab/*/pages/*.body"))


def test_a_page_cut_inside_its_json_is_asked_for_again(crawls: Crawls, sandbox: RunningSandbox) -> None:
    sandbox.script(status=200, headers={"Content-Type": "application/json"}, body='{"results": [', **LIKES, after=9)
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert crawls.manifests()[-1]["requests"]["failed"] == 0
    assert crawls.table("likes").num_rows == all_likes()


def test_one_broken_page_does_not_take_the_crawl_with_it(crawls: Crawls, sandbox: RunningSandbox) -> None:
    model = World(size=60).sketchfab.models[3]
    broken = {"host": "sketchfab.com", "path_prefix": f"/i/likes?count=24&model={model.model_id}"}
    sandbox.script(status=200, headers={"Content-Type": "application/json"}, body='{"results": [', times=9, **broken)
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert crawls.manifests()[-1]["requests"]["failures"] == {"LayoutChanged": 1}
    assert crawls.table("likes").num_rows == all_likes() - model.like_count


def test_an_error_of_the_server_is_tried_again(crawls: Crawls, sandbox: RunningSandbox) -> None:
    sandbox.script(state="server_error", **LIKES, after=10, times=2)
    assert crawls.crawl(sandbox).returncode == 0
    assert crawls.table("likes").num_rows == all_likes()


def test_a_robots_txt_that_forbids_the_first_page_is_obeyed(crawls: Crawls, sandbox: RunningSandbox) -> None:
    forbid = {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "User-agent: *\nDisallow: /"}
    sandbox.script(host="api.sketchfab.com", path_prefix="/robots.txt", times=FOR_EVER, **forbid)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (2, "robots_disallowed"), ended.stderr
    assert "-s ROBOTSTXT_OBEY=False" in ended.stderr
    assert crawls.crawl(sandbox, "-s", "ROBOTSTXT_OBEY=False").returncode == 0
    assert crawls.table("likes").num_rows == all_likes()
