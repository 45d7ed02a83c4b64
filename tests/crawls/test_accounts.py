"""Crawling with several accounts: work moves to who is well, and no account is used in a way that harms it."""

from __future__ import annotations

import fcntl
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise
from operator import itemgetter
from typing import Any

import pytest

from sandbox.worlds import World
from tests.crawls.running import Crawls, RunningSandbox, running_sandbox
from tests.crawls.weibo_tables import (
    IGNORED_ROBOTS,
    POSTS,
    STATUSES,
    Truth,
    check_mentions,
    discoveries,
    edges,
    rows,
)

SIZE = 60  # 20 people
LARGER = 120  # 40 people
FINAL = {"expired": "expired", "signed_out": "expired", "security": "frozen", "frozen": "frozen"}
# Met at once, when one account does nearly all the work, or late, when five have done it side by side.
WALLS = [
    (SIZE, "account-1=expired:3,account-2=frequent:9,account-3=security:5,account-4=frozen:7"),
    (LARGER, "account-1=signed_out:30,account-2=status_432:31,account-3=empty_body:32,account-4=blank:33"),
]


def crawl(crawls: Crawls, sandbox: RunningSandbox, *arguments: str) -> Any:
    return crawls.crawl(sandbox, *IGNORED_ROBOTS, *arguments, site="weibo")


def reason(crawls: Crawls) -> str:
    return str(crawls.manifests("weibo")[-1]["finish_reason"])


def check_tables(crawls: Crawls, truth: Truth) -> None:
    """Nothing is missing, nothing is there twice."""
    assert {user for user, *_ in discoveries(crawls)} == {user for user, *_ in truth.discoveries()}
    assert edges(crawls) == truth.follows()
    assert set(rows(crawls, "users", STATUSES)) == truth.statuses()
    assert set(rows(crawls, "posts", POSTS)) == truth.posts()


def asked_by_account(sandbox: RunningSandbox) -> dict[str, list[dict[str, Any]]]:
    """All requests with cookies, by the account whose they are, in order."""
    asked = defaultdict(list)
    for request in sandbox.ask("requests/all")["last"]:
        if "account" in request:
            asked[request["account"]].append(request)
    return dict(asked)


def is_wall(request: dict[str, Any]) -> bool:
    return str(request["template"]).startswith("(wall")


def walls_met(requests: Sequence[dict[str, Any]]) -> list[int]:
    return [place for place, request in enumerate(requests) if is_wall(request)]


@pytest.mark.parametrize(("size", "spec"), WALLS, ids=["at once", "late"])
def test_accounts_that_meet_walls_are_left_alone_and_nothing_is_lost_or_asked_for_twice(
    crawls: Crawls, size: int, spec: str
) -> None:
    world = World(seed=8, size=size)
    with running_sandbox(seed=8, size=size, accounts=spec) as sandbox:
        # Short rests, so that the crawl is not over before an account has had its three.
        ended = crawl(crawls, sandbox, "-a", "users=0", "-s", "BACKOFF_FIRST_S=0.01")
        asked = asked_by_account(sandbox)
    assert ended.returncode == 0, ended.stderr
    check_tables(crawls, Truth(world, world.weibo.crawl(users=0)))
    assert sorted(index for _, index, _, _ in discoveries(crawls)) == list(range(len(world.weibo.people)))
    assert crawls.manifests("weibo")[-1]["requests"]["failed"] == 0
    # A page that the site showed empty is asked for once more. Two lists may lead to the same word at a time.
    answered = Counter(one["host"] + one["url"] for ones in asked.values() for one in ones if not is_wall(one))
    assert sum(times > 1 for times in answered.values()) < len(answered) / 20
    # Only one account at a time asks with its own cookies, and only those that the site needs.
    assert set(asked) == {f"account-{number}" for number in range(1, 6)}
    assert {name for requests in asked.values() for request in requests for name in request["cookies"]} <= {
        "SUB",
        "_T_WM",
    }
    shown = crawls.scrapy("jobs", "weibo", "--accounts").stdout
    states = {line.split()[1]: line.split()[2:4] for line in shown.splitlines()[1:]}
    assert states["account-5"] == ["active", str(len(asked["account-5"]))]
    for order in spec.split(","):
        account, _, wall = order.partition("=")
        met = walls_met(asked[account])
        # Told to slow down it tries again, twice; else the wall is the last that it sees.
        state, tries = FINAL.get(wall.split(":")[0], "frozen"), 1 if wall.split(":")[0] in FINAL else 3
        assert met == list(range(len(asked[account]) - tries, len(asked[account]))), order
        assert states[account] == [state, str(len(asked[account]))], order


def test_when_no_account_is_left_or_free_the_crawl_ends_and_the_queue_stays(crawls: Crawls) -> None:
    with running_sandbox(seed=8, size=SIZE) as sandbox, ExitStack() as held:
        for spec, why in (("*=status_403:9", "blocked"), ("*=expired:9", "login_required")):
            sandbox.order_accounts(spec)
            ended = crawl(crawls, sandbox, "-s", f"JOB={why}")
            assert (ended.returncode, reason(crawls)) == (3, why), ended.stderr
            assert "no account is left (account-1 " in ended.stderr
            last = ended.stderr.splitlines()[-1]
            assert last.startswith(f"weibo: {why}: no account is left; ")
            assert last.endswith("; the sandbox has no others, so begin another job: -s JOB=<name>")
            assert crawls.manifests("weibo")[-1]["requests"]["pending"] > 0
        before = sandbox.ask("requests")["total"]
        again = crawl(crawls, sandbox, "-s", f"JOB={why}")
        for account in (crawls.jobs / "weibo" / ".accounts").iterdir():
            fcntl.flock(held.enter_context(account.open("w")), fcntl.LOCK_EX)
        beside = crawl(crawls, sandbox, "-s", "JOB=beside")
        assert sandbox.ask("requests")["total"] == before  # no request with an account that is of no more use
    assert beside.returncode == 2
    assert "'account-1' crawls for another job" in beside.stderr
    assert not (crawls.jobs / "weibo" / "beside" / "queue.sqlite").exists()
    assert again.returncode == 2
    (line,) = (line for line in again.stderr.splitlines() if line.startswith("scrapy crawl: "))
    assert "none is left" in line
    assert line.endswith("; the sandbox has no others, so begin another job: -s JOB=<name>")


def test_no_account_is_faster_than_its_delay_also_right_after_a_resume(crawls: Crawls) -> None:
    settings = ("-s", "DOWNLOAD_DELAY=0.2", "-s", "ACCOUNTS=account-1,account-2", "-a", "users=4", "-a", "post_pages=1")
    with running_sandbox(seed=8, size=SIZE) as sandbox:
        command = ("crawl", "weibo", "-s", f"SANDBOX={sandbox.url}", *IGNORED_ROBOTS, *settings)
        crawl_1 = crawls.start(*command)
        while sandbox.ask("requests")["total"] < 9:
            assert crawl_1.poll() is None
            time.sleep(0.05)
        crawl_1.kill()
        crawl_1.communicate()
        killed_after = sandbox.ask("requests")["total"]
        sandbox.script(host="weibo.cn", status=503, headers={"Retry-After": "1"}, after=1)
        ended = crawls.scrapy(*command)
        asked = asked_by_account(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert len(asked) == 2
    assert sum(map(len, asked.values())) > killed_after + 4
    for requests in asked.values():
        moments = [request["at"] for request in requests]
        assert min(after - before for before, after in pairwise(moments)) >= 0.2
    # And when the site says how long to wait, all do but for what was on its way.
    together = sorted((request for requests in asked.values() for request in requests), key=itemgetter("at"))
    (asked_to_wait,) = (request["at"] for request in together if request["status"] == 503)
    waits = [request["at"] - asked_to_wait for request in together if request["at"] > asked_to_wait]
    assert len(waits) > 2
    assert [wait for wait in waits[1:] if wait < 1] == []


def test_the_order_of_discovery_survives_rests_and_a_kill(crawls: Crawls) -> None:
    """With one account all is read in one order, the one that the world itself has."""
    world = World(seed=5, size=LARGER)
    with running_sandbox(seed=5, size=LARGER, accounts="account-1=frequent:10:x2") as sandbox:
        slow = ("-s", "DOWNLOAD_DELAY=0.01", "-s", "ACCOUNTS=account-1", "-a", "users=35")
        command = ("crawl", "weibo", "-s", f"SANDBOX={sandbox.url}", *IGNORED_ROBOTS, *slow)
        killed = crawls.start(*command)
        while sandbox.ask("requests")["total"] < 25:
            assert killed.poll() is None
            time.sleep(0.02)
        killed.kill()
        killed.communicate()
        ended = crawls.scrapy(*command)
    assert ended.returncode == 0, ended.stderr
    truth = Truth(world, world.weibo.crawl(users=35))
    assert discoveries(crawls) == truth.discoveries()
    check_tables(crawls, truth)
    check_mentions(crawls, truth)


def test_robots_txt_stops_the_crawl_before_its_first_page(crawls: Crawls) -> None:
    with running_sandbox(seed=8, size=SIZE) as sandbox:
        ended = crawls.crawl(sandbox, site="weibo")
        assert sandbox.ask("requests")["by_path"] == {"weibo.cn/robots.txt": 1}
    assert ended.returncode == 2, ended.stderr
    assert "weibo: robots_disallowed" in ended.stderr.splitlines()[-1]
    assert "-s ROBOTSTXT_OBEY=False" in ended.stderr
