"""How a crawl ends when the site does not play along: reason, exit code, and a queue the same command goes on with."""

from __future__ import annotations

import time
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from sandbox.worlds import World
from tests.crawls.running import BY_MODEL, Crawls, RunningSandbox, running_sandbox

LIKES = {"host": "sketchfab.com", "path_prefix": "/i/likes"}
LIST = {"host": "api.sketchfab.com", "path_prefix": "/v3/search"}
FOR_EVER = 10_000


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Crawls that read likes model by model."""
    return Crawls(tmp_path, BY_MODEL)


def reason(crawls: Crawls) -> str:
    return str(crawls.manifests()[-1]["finish_reason"])


def refused(ended: CompletedProcess[str]) -> str:
    """The reason of a crawl that leaves nothing behind but its exit code and its last line."""
    assert ended.returncode == 2, ended.stderr
    return ended.stderr.splitlines()[-1].split(": ")[1]


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
    sandbox.script(state=state, **LIKES, after=20, times=FOR_EVER)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (3, "blocked"), ended.stderr
    assert "run the same command" in ended.stderr
    # All answers that were on their way when a pause began are one wall, good ones among them or not.
    assert ended.stderr.count("waiting ") == 3
    assert crawls.manifests()[-1]["requests"]["pending"] > 0
    sandbox.forget_scripts()
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert crawls.table("likes").num_rows == all_likes()
    assert len(crawls.manifests()) == 1  # one crawl, however often resumed


def test_a_wall_before_one_page_does_not_take_the_crawl(crawls: Crawls, sandbox: RunningSandbox) -> None:
    model = World(size=60).sketchfab.models[3]
    sandbox.order_faults(f"status_403@/i/likes?count=24&model={model.model_id}:xall")
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert crawls.manifests()[-1]["requests"]["failures"] == {"Blocked": 1}
    assert "faults that the sandbox has served: status_403 3\n" in ended.stderr
    assert crawls.table("likes").num_rows == all_likes() - model.like_count


def test_a_wall_before_the_page_that_is_left_alone_may_be_the_sites(crawls: Crawls, sandbox: RunningSandbox) -> None:
    model = World(size=60).sketchfab.models[52]
    sandbox.order_faults(f"status_403@/i/likes?count=24&model={model.model_id}:xall")
    ended = crawls.crawl(sandbox, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    assert (ended.returncode, reason(crawls)) == (3, "blocked"), ended.stderr
    assert crawls.manifests()[-1]["requests"]["pending"] == 1


@pytest.mark.parametrize(("fault", "why"), [("status_403", "blocked"), ("status_401", "login_required")])
def test_walls_before_many_pages_are_the_sites(crawls: Crawls, sandbox: RunningSandbox, fault: str, why: str) -> None:
    walled = [model.model_id for model in World(size=60).sketchfab.models[3:13]]
    sandbox.order_faults(",".join(f"{fault}@/i/likes?count=24&model={model}:xall" for model in walled))
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (3, why), ended.stderr


def test_a_page_that_is_left_alone_in_the_queue_does_not_make_the_site_unreachable(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    model = World(size=60).sketchfab.models[3]
    page = f"@/i/likes?count=24&model={model.model_id}:xall"
    sandbox.order_faults(f"hang{page}")
    crawl = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}")
    before = 0
    while (asked := sandbox.ask("requests")["total"]) > before or asked < 90:
        assert crawl.poll() is None
        before = asked
        time.sleep(1)
    crawl.terminate()
    _, log = crawl.communicate()
    assert " rows wait to be brought into the tables: scrapy publish sketchfab -s SANDBOX=" in log
    assert crawls.manifests()[-1]["requests"]["pending"] == 1
    sandbox.order_faults(f"status_503{page}")
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert crawls.manifests()[-1]["requests"]["failures"] == {"ServerFailed": 1}


def test_a_site_that_asks_to_wait_gets_no_request_meanwhile(crawls: Crawls, sandbox: RunningSandbox) -> None:
    sandbox.script(state="rate_limited", headers={"Retry-After": "3"}, **LIKES, after=5)
    polite = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "-s", "DOWNLOAD_DELAY=0.02")
    ended = crawls.crawl(sandbox, *polite)
    assert ended.returncode == 0, ended.stderr
    asked = [request for request in sandbox.ask("requests")["last"] if request["host"] == "sketchfab.com"]
    (busy,) = (place for place, request in enumerate(asked) if request["status"] == 429)
    assert asked[busy + 1]["at"] - asked[busy]["at"] >= 3
    assert crawls.table("likes").num_rows == all_likes()


def test_a_site_that_dies_keeps_the_queue(crawls: Crawls) -> None:
    with running_sandbox(size=60) as dying:
        crawl = crawls.start(
            "crawl", "sketchfab", "-s", f"SANDBOX={dying.url}", "-s", "DOWNLOAD_DELAY=0.03", "-s", "RETRY_TIMES=0"
        )
        while dying.ask("requests")["total"] < 30:
            assert crawl.poll() is None
    _, log = crawl.communicate()
    assert (crawl.returncode, reason(crawls)) == (1, "unreachable"), log
    assert "Traceback" not in log
    requests = crawls.manifests()[-1]["requests"]
    assert (requests["failed"], requests["pending"] > 10) == (0, True)


def test_a_page_of_the_list_that_is_lost_ends_the_crawl_instead_of_cutting_it_short(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    sandbox.script(state="gone", **LIST, after=3, times=FOR_EVER)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (2, "source_gone"), ended.stderr
    sandbox.forget_scripts()
    assert crawls.crawl(sandbox).returncode == 0
    assert crawls.table("likes").num_rows == all_likes()


@pytest.mark.parametrize("following", ["file:///etc/hostname", "https://elsewhere.example/v3/search?cursor=24", 5])
def test_a_page_cannot_choose_what_is_fetched(crawls: Crawls, sandbox: RunningSandbox, following: object) -> None:
    sandbox.script(status=200, body={"results": [], "next": following}, **LIST, after=2, times=FOR_EVER)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (4, "layout_changed"), ended.stderr


def test_a_list_that_leads_back_into_itself_is_noticed(crawls: Crawls, sandbox: RunningSandbox) -> None:
    back = "https://api.sketchfab.com/v3/search?count=24&cursor=24&sort_by=-likeCount&type=models"
    models = {"results": [], "next": back}
    sandbox.script(status=200, body=models, **LIST, after=3, times=FOR_EVER)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (4, "layout_changed"), ended.stderr


def test_a_robots_txt_that_cannot_be_had_may_forbid_everything(crawls: Crawls, sandbox: RunningSandbox) -> None:
    sandbox.script(state="server_error", host="api.sketchfab.com", path_prefix="/robots.txt", times=FOR_EVER)
    ended = crawls.crawl(sandbox)
    assert (ended.returncode, reason(crawls)) == (1, "unreachable"), ended.stderr
    assert all("/v3/" not in path for path in sandbox.ask("requests")["by_path"])


def test_a_crawl_closed_while_it_waits_ends_at_once(crawls: Crawls, sandbox: RunningSandbox) -> None:
    sandbox.script(state="rate_limited", headers={"Retry-After": "600"}, **LIKES, after=5)
    started = time.monotonic()
    ended = crawls.crawl(sandbox, "-s", "CLOSESPIDER_TIMEOUT=2")
    assert (ended.returncode, reason(crawls)) == (1, "closespider_timeout"), ended.stderr
    assert time.monotonic() - started < 20
    assert crawls.manifests()[-1]["requests"]["pending"] > 0


def test_a_proxy_in_the_environment_does_not_reach_the_sandbox(
    crawls: Crawls, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr


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
    assert refused(crawls.crawl(sandbox)) == "source_gone"
    assert not (crawls.output / "sketchfab" / "models").exists()
    assert crawls.manifests() == []


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
    assert len(list(crawls.jobs.glob("sketchfab/*/pages/*.body"))) >= 3


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
    assert "all but 1 requests that failed (LayoutChanged 1)" in ended.stderr
    assert crawls.manifests()[-1]["requests"]["failures"] == {"LayoutChanged": 1}
    assert crawls.table("likes").num_rows == all_likes() - model.like_count


def test_an_error_of_the_server_is_tried_again(crawls: Crawls, sandbox: RunningSandbox) -> None:
    sandbox.script(state="server_error", **LIKES, after=10, times=2)
    assert crawls.crawl(sandbox).returncode == 0
    assert crawls.table("likes").num_rows == all_likes()


def test_a_robots_txt_that_forbids_the_first_page_is_obeyed_and_leaves_all_as_it_was(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    forbid = {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "User-agent: *\nDisallow: /"}
    sandbox.script(host="api.sketchfab.com", path_prefix="/robots.txt", times=FOR_EVER, **forbid)
    refusal = crawls.crawl(sandbox)
    assert refused(refusal) == "robots_disallowed"
    assert "-s ROBOTSTXT_OBEY=False" in refusal.stderr
    assert "No jobs" in crawls.scrapy("jobs").stdout
    ignoring = ("-s", "ROBOTSTXT_OBEY=False")
    # A finished job, its manifest and its card.
    assert crawls.crawl(sandbox, *ignoring).returncode == 0
    assert crawls.table("likes").num_rows == all_likes()
    before = (crawls.scrapy("jobs").stdout, crawls.scrapy("datasets").stdout, published(crawls))
    assert "finished" in before[0]
    assert ("likes_source=model" in before[0], "categories" in before[0]) == (True, False)  # those that were given
    assert refused(crawls.crawl(sandbox)) == "robots_disallowed"
    assert (crawls.scrapy("jobs").stdout, crawls.scrapy("datasets").stdout, published(crawls)) == before
    # One that was left early and can go on. All its pages are on the host that forbids all: those of another would be
    # read until the word of this one is there.
    by_user = ("-a", "likes_source=user")
    left = crawls.crawl(sandbox, *by_user, *ignoring, "-s", "CLOSESPIDER_PAGECOUNT=4", "-s", "DOWNLOAD_DELAY=0.1")
    assert left.returncode == 1
    before = (crawls.scrapy("jobs").stdout, crawls.scrapy("datasets").stdout, published(crawls))
    assert "unfinished" in before[0]
    assert refused(crawls.crawl(sandbox, *by_user)) == "robots_disallowed"
    assert (crawls.scrapy("jobs").stdout, crawls.scrapy("datasets").stdout, published(crawls)) == before
    assert crawls.crawl(sandbox, *by_user, *ignoring).returncode == 0
    first, second = crawls.manifests()
    assert (first["resumes"], second["resumes"], second["robots_obeyed"]) == (0, 2, False)


def published(crawls: Crawls) -> dict[str, bytes]:
    """All that can be given away, file by file."""
    return {str(path): path.read_bytes() for path in crawls.output.rglob("*") if path.is_file()}
