"""m.weibo.cn in the sandbox, and the walls of both hosts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from sandbox.accounts import AccountError
from sandbox.sites.weibo.mobile import rounded
from sandbox.sites.weibo.walls import WALLS
from sandbox.worlds import World
from sandbox.worlds.weibo_people import ROOT_UID
from tests.sandbox.test_sandbox_server import Running, running
from tests.sandbox.weibo_site import Asking, some

INDEX = "/api/container/getIndex?type=uid&value="
PROFILE = f"/{ROOT_UID}/profile"


@pytest.fixture(scope="module")
def world() -> World:
    return World(0, 300)


@pytest.fixture
def site(world: World) -> Asking:
    return Asking(world)


def cards(site: Asking, query: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The posts of a page, and what the page says about the list; cards that are none of the person's are left out."""
    data = site.json(f"/api/container/getIndex?{query}")["data"]
    return [card["mblog"] for card in data["cards"] if card["card_type"] == 9], data.get("cardlistInfo", {})


@pytest.mark.parametrize("by", ["page", "since_id"])
def test_posts_are_paged_by_number_and_by_the_post_to_go_on_from(site: Asking, by: str) -> None:
    weibo = site.world.weibo
    shown: list[dict[str, Any]] = []
    query = f"type=uid&value={ROOT_UID}&containerid=107603{ROOT_UID}"
    following: int | None = 1
    while following:
        page, about = cards(site, f"{query}&{by}={following}" if shown else query)
        shown += page
        following = about.get(by)
    assert [mblog["mid"] for mblog in shown] == [post.mid for post in weibo.posts[0] if post]
    for mblog in shown:
        post = weibo.by_mid[mblog["mid"]]
        assert mblog["bid"] == post.bid
        assert dt.datetime.strptime(mblog["created_at"], "%a %b %d %H:%M:%S %z %Y") == post.created_at
        assert (mblog["attitudes_count"], mblog["reposts_count"], mblog["comments_count"]) == post.shown_counts
        assert mblog["isLongText"] == post.is_long == ("全文</a>" in mblog["text"])
        assert (mblog.get("isTop") == 1) == post.is_pinned
        assert ("retweeted_status" in mblog) == post.is_retweet
        if post.is_retweet and post.original is None:
            assert mblog["retweeted_status"]["user"] is None


def test_a_larger_page_is_for_the_other_container_only(site: Asking) -> None:
    assert len(cards(site, f"containerid=230413{ROOT_UID}&page=1&count=100")[0]) > 50
    assert len(cards(site, f"containerid=107603{ROOT_UID}&page=1&count=100")[0]) <= 10


def test_json_has_its_traps(site: Asking) -> None:
    weibo = site.world.weibo
    user = site.json(f"{INDEX}{ROOT_UID}")["data"]["userInfo"]
    assert user["followers_count"] == rounded(weibo.root.follower_count)
    assert [rounded(count) for count in (6905, 71_648_000, 130_000_000, 20_000)] == ["6905", "7164.8万", "1.3亿", "2万"]
    posts, _ = cards(site, f"containerid=230413{ROOT_UID}&page=1&count=100")
    everything = [mblog for person in weibo.people[:40] for mblog in cards(site, f"containerid=230413{person.uid}")[0]]
    assert {type(mblog["pics"]) for mblog in [*posts, *everything] if "pics" in mblog} == {list, dict}
    nothing = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
    gone, hidden = some(weibo.people, is_gone=True), some(weibo.people, hides_posts=True)
    assert (
        site.json(f"{INDEX}{gone.uid}") == site.json(f"{INDEX}{hidden.uid}&containerid=107603{hidden.uid}") == nothing
    )
    assert site.json(f"{INDEX}{ROOT_UID}&containerid=107603{ROOT_UID}&page=9") == nothing


def test_the_text_of_a_long_post_has_an_address_of_its_own(site: Asking) -> None:
    post = next(post for post in site.world.weibo.by_bid.values() if post.is_long)
    content = site.json(f"/statuses/extend?id={post.mid}")["data"]["longTextContent"]
    assert content.count("<br />") == post.text.count("\n")
    assert site.json(f"/statuses/show?id={post.bid}") == site.json(f"/statuses/show?id={post.mid}")


def test_a_referrer_of_weibo_com_is_refused(site: Asking) -> None:
    url = f"https://m.weibo.cn{INDEX}{ROOT_UID}"
    assert site.reply(url, Referer="https://weibo.com/").status == 432
    assert site.reply(url, Referer="https://m.weibo.cn/").status == 200


@pytest.mark.parametrize(
    ("cookie", "status", "sign"),
    [("", 302, b""), ("SUB=_2A25elsewhere", 200, "登录 - 新浪微博".encode()), ("_T_WM=1", 200, "登录".encode())],
)
def test_strangers_meet_the_login(site: Asking, cookie: str, status: int, sign: bytes) -> None:
    reply = site.reply(PROFILE, Cookie=cookie)
    assert reply.status == status
    assert sign in reply.body
    assert b"tip2" not in reply.body
    if status == 302:
        assert reply.headers["Location"].startswith("https://passport.weibo.cn/signin/login")
        assert orjson.loads(site.reply(f"https://m.weibo.cn{INDEX}{ROOT_UID}", Cookie=cookie).body)["ok"] == -100
    else:
        assert site.reply(f"https://m.weibo.cn{INDEX}{ROOT_UID}", Cookie=cookie).status == 432


@pytest.mark.parametrize("name", WALLS)
def test_every_wall_stands_for_its_account_alone(site: Asking, name: str) -> None:
    site.accounts.order(f"account-2={name}:1")
    page = site.reply(PROFILE, "account-2")
    assert b"tip2" in page.body
    for url in (PROFILE, f"https://m.weibo.cn{INDEX}{ROOT_UID}"):
        wall = site.reply(url, "account-2")
        assert wall.template == f"(wall {name})"
        assert b"tip2" not in wall.body
        assert b"userInfo" not in wall.body
        assert b"_T_WM" not in repr(wall.headers).encode()
    assert b"tip2" in site.reply(PROFILE, "account-1").body
    assert site.accounts.as_json()["accounts"]["account-2"] == {"requests": 3, "walls": {name: 2}}


def test_a_wall_may_stand_for_a_few_answers(site: Asking) -> None:
    site.accounts.order("account-1=frequent:2:x2")
    met = [site.reply(PROFILE).template == "(wall frequent)" for _ in range(6)]
    assert met == [False, False, True, True, False, False]


def test_who_asks_too_fast_is_frozen_for_good(site: Asking) -> None:
    site.accounts.order("*=frozen:3/min")
    for site.clock in (0, 21, 42, 63, 84):  # three a minute are borne
        assert site.reply(PROFILE, "account-1").template != "(wall frozen)"
    met = [site.reply(PROFILE, "account-2").template == "(wall frozen)" for _ in range(5)]
    assert met == [False, False, False, True, True]
    site.clock = 1000
    assert site.reply(PROFILE, "account-2").template == "(wall frozen)"
    site.accounts.order("")
    assert site.reply(PROFILE, "account-2").template != "(wall frozen)"


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("account-9=frozen", "no account 'account-9'; there are account-1, "),
        ("account-1=thawed", "no wall 'thawed'; there are expired, "),
        ("account-1:frozen", "is not NAME=WALL"),
        ("account-1=frozen:x0", "is not NAME=WALL"),
    ],
)
def test_an_order_that_cannot_be_understood_is_refused_with_a_reason(site: Asking, spec: str, reason: str) -> None:
    with pytest.raises(AccountError, match=reason):
        site.accounts.order(spec)


def test_pages_hold_the_uid_and_the_token_of_the_account_that_sees_them(site: Asking) -> None:
    accounts = site.world.weibo.accounts
    for account in accounts:
        body = site.reply(PROFILE, account.name).body.decode()
        for other in accounts:
            assert (f"uid={other.uid}&" in body) == (f"st={other.token}" in body) == (other is account)


def test_the_host_hands_out_a_cookie_that_is_the_account_s_alone(site: Asking) -> None:
    given = site.reply(PROFILE, "account-1").headers["Set-Cookie"].partition(";")[0]
    own = {"Cookie": f"{site.cookie('account-1')}; {given}"}
    mixed = {"Cookie": f"{site.cookie('account-2')}; {given}"}
    assert site.accounts.owners(own) == ["account-1"]
    assert site.accounts.owners(mixed) == ["account-2", "account-1"]
    assert "Set-Cookie" not in site.reply(PROFILE, **own).headers


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running("--size", "60", "--accounts", "account-2=expired:1") as started:
        yield started


def test_the_request_log_tells_whose_request_it_was_and_no_cookie(sandbox: Running, world: World) -> None:
    cookies = {one["name"]: one["cookies"]["SUB"] for one in sandbox.get("x", "/_sandbox").json()["accounts"]}
    assert list(cookies) == [one["name"] for one in world.accounts]
    for name in ("account-1", "account-2", "account-2"):
        answer = sandbox.get("weibo.cn", PROFILE, headers={"Cookie": f"SUB={cookies[name]}; SSOLoginState=1"})
        assert answer.headers["date"] == "Thu, 01 Jan 2026 23:20:00 GMT"
    assert "登录" in answer.body.decode()
    sandbox.get("weibo.cn", PROFILE)
    log = sandbox.get("x", "/_sandbox/requests/all")
    asked = [(one.get("account"), one["template"], one.get("cookies")) for one in log.json()["last"]]
    names = ["SSOLoginState", "SUB"]
    assert asked == [
        ("account-1", "/{uid}/profile", names),
        ("account-2", "/{uid}/profile", names),
        ("account-2", "(wall expired)", names),
        (None, "(wall signed_out)", None),
    ]
    assert not [value for value in cookies.values() if value in log.body.decode()]


def test_accounts_are_healed_and_struck_while_the_sandbox_runs(sandbox: Running) -> None:
    def order(spec: str) -> int:
        return sandbox.get("x", "/_sandbox/accounts", method="POST", body={"spec": spec}).status

    assert order("*=frozen") == 200
    assert sandbox.get("x", "/_sandbox/accounts").json()["spec"] == "*=frozen"
    assert order("nobody=frozen") == 400
    assert sandbox.get("x", "/_sandbox/accounts", method="DELETE").json()["spec"] == ""
