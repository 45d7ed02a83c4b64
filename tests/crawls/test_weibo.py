"""Weibo: what is served is what is published, in the order of discovery, whatever becomes of the accounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from crawlers.exports.weibo import communities
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from sandbox.worlds import World
from sandbox.worlds.weibo_people import Person
from tests.crawls.running import KEY, Crawls, RunningSandbox, running_sandbox
from tests.crawls.weibo_tables import IGNORED_ROBOTS, POSTS, STATUSES, Truth, discoveries, edges, rows

ONE_ACCOUNT = ("-s", "ACCOUNTS=account-1")
SIZE = 180  # 60 people
INDEX = "/api/container/getIndex?type=uid&value="
NOTHING = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}


def crawl(crawls: Crawls, sandbox: RunningSandbox, *arguments: str, key: str | None = None) -> Any:
    return crawls.crawl(sandbox, *IGNORED_ROBOTS, *arguments, site="weibo", key=key)


def test_mobile_pages_give_the_same_rows_and_comments_are_read_once_each(crawls: Crawls) -> None:
    world = World(seed=6, size=SIZE)
    truth = Truth(world, world.weibo.crawl(users=12, post_pages=7))  # all there are: pages begin elsewhere there
    limits = ("-a", "users=12", "-a", "post_pages=7", "-a", "comments=true", "-a", "source=m")
    root, ends, stops = world.weibo.root, world.weibo.people[1], world.weibo.people[5]
    with running_sandbox(seed=6, size=SIZE) as sandbox:
        # A page that is empty once, a list that is empty from its second page on, and one that ends before its count.
        answer_json(sandbox, second_page(root), NOTHING, times=1)
        answer_json(sandbox, second_page(stops), NOTHING, times=2)
        user = {"id": int(ends.uid), "statuses_count": 20}
        answer_json(sandbox, f"{INDEX}{ends.uid}", {"ok": 1, "data": {"userInfo": user}}, times=1)
        ended = crawl(crawls, sandbox, *ONE_ACCOUNT, *limits)
        asked = sandbox.ask("requests")["by_path"]
    assert ended.returncode == 0, ended.stderr
    assert asked["m.weibo.cn/api/container/getIndex"] > 20
    assert discoveries(crawls) == truth.discoveries()
    truth.crawled.post_status |= {ends.uid: "cut_by_limit", stops.uid: "failed"}
    unread = {post for post in world.weibo.posts[stops.index][10:] if post}
    truth.crawled.posts = [post for post in truth.crawled.posts if post not in unread]
    assert set(rows(crawls, "users", STATUSES)) == truth.statuses()
    assert set(rows(crawls, "posts", POSTS)) == truth.posts()
    columns = ["comment_id", "post_id", "user_id", "like_count", "is_hot", "created_at"]
    assert set(rows(crawls, "comments", columns)) == truth.comments()


def test_what_fails_on_the_way_costs_itself_alone_and_is_counted(crawls: Crawls) -> None:
    world = World(seed=5, size=90)
    truth, people = Truth(world, world.weibo.crawl(users=0, post_pages=1)), world.weibo.people
    lost, late, unread, unlisted = people[20], people[3], people[1], people[4]
    assert lost.domain
    assert late.domain
    mute = next(post for post in truth.crawled.posts if post.comment_count and not post.is_long)
    cut = [post for post in truth.crawled.posts if post.comment_count and post.is_long][-1]
    blocks = "<div class='tip2'><span class='tc'>{}[1]</span></div>{}"
    row = '<table><tr><td></td><td><a href="{}">谁</a></td></tr></table>'
    rows_of_unlisted = row.format(f"/u/{people[2].uid}") + row.format("/pub/topic/1")
    with running_sandbox(seed=5, size=90) as sandbox:
        # Of those whom the crawling account follows itself, a list shows a word alone.
        answer(sandbox, f"/{lost.domain}", "<div class='c'>用户不存在</div>", status=404)
        answer(sandbox, f"/{late.domain}", blocks.format("微博", ""), times=1)
        answer(sandbox, f"/{unread.uid}/profile", blocks.format("微博", "<div class='c' id='M_Q2aaB0bbC'>什么</div>"))
        answer(sandbox, f"/{unlisted.uid}/follow", blocks.format("关注", rows_of_unlisted))
        answer(sandbox, f"/comment/{mute.bid}", "", status=500)
        answer(sandbox, f"/comment/{cut.bid}", "<div class='c'>什么也没有</div>", times=2)
        limits = ("-a", "users=0", "-a", "post_pages=1", "-a", "comments=true")
        ended = crawl(crawls, sandbox, *ONE_ACCOUNT, *limits)
        refused = crawl(crawls, sandbox, "-a", f"root={people[14].uid}", "-a", "source=m")
    assert people[14].is_gone
    assert refused.returncode == 2
    assert "name another: -a root=<number>" in refused.stderr
    assert ended.returncode == 0, ended.stderr
    user, root = truth.user, truth.user(world.weibo.root.uid)
    missing = {
        (source, target, rank)
        for source, target, rank in truth.follows()
        if user(lost.uid) in {source, target}
        or source == user(unlisted.uid)
        or (source, target) == (root, user(late.uid))
    }
    assert edges(crawls) == truth.follows() - missing | {(user(unlisted.uid), user(people[2].uid), 1)}
    assert {found for found, *_ in discoveries(crawls)} == {user(uid) for uid in truth.crawled.users} - {user(lost.uid)}
    statuses = {row[0]: row[1:] for row in rows(crawls, "users", STATUSES)}
    wanted = {row[0]: row[1:] for row in truth.statuses() if row[0] != user(lost.uid)}
    wanted[user(unread.uid)] = (wanted[user(unread.uid)][0], "failed")
    assert statuses == wanted | {user(unlisted.uid): ("complete", wanted[user(unlisted.uid)][1])}
    gone = {user(lost.uid), user(unread.uid)}
    posts = {post[0]: post for post in rows(crawls, "posts", POSTS)}
    assert posts.pop(truth.post(cut.mid))[-1]  # cut, as the list shows it
    assert set(posts.values()) == {
        post for post in truth.posts() if post[1] not in gone and post[0] != truth.post(cut.mid)
    }
    manifest = crawls.manifests("weibo")[0]
    assert manifest["tables"]["weibo/follows"]["invalid"] == 1
    assert manifest["requests"]["failures"] == {"ServerFailed": 1}
    commented = set(crawls.table("comments", "weibo")["post_id"].to_pylist())
    assert truth.post(mute.mid) not in commented
    assert truth.post(cut.mid) in commented  # they were asked for once more, and came
    saved = [page.read_text() for page in crawls.jobs.glob("weibo/*/pages/*.body")]
    assert sum("什么" in page for page in saved) == 2  # those of `unread` and `cut`; there is that of `late`, too
    assert len(saved) == 3


def answer(sandbox: RunningSandbox, path: str, body: str, *, status: int = 200, times: int = 99) -> None:
    """Let weibo.cn answer the next requests for a page so."""
    page = f"<html><head><title>的微博</title></head><body>{body}</body></html>"
    headers = {"Content-Type": "text/html; charset=utf-8"}
    sandbox.script(host="weibo.cn", path_prefix=path, status=status, headers=headers, body=page, times=times)


def second_page(person: Person) -> str:
    """Where m.weibo.cn has the second page of somebody's posts, and all after it."""
    return f"{INDEX}{person.uid}&containerid=107603{person.uid}&since_id"


def answer_json(sandbox: RunningSandbox, path: str, body: dict[str, Any], *, times: int) -> None:
    headers = {"Content-Type": "application/json"}
    sandbox.script(host="m.weibo.cn", path_prefix=path, status=200, headers=headers, body=body, times=times)


@pytest.fixture(scope="module")
def real_graph(datasets_dir: Path) -> Iterator[RunningSandbox]:
    with running_sandbox(world=datasets_dir / "sina-weibo") as sandbox:
        yield sandbox


@pytest.mark.real_world
@pytest.mark.parametrize("how", ["one page at a time", "five accounts"])
def test_the_real_graph_comes_back_whole(
    crawls: Crawls, datasets_dir: Path, real_graph: RunningSandbox, how: str
) -> None:
    path = datasets_dir / "sina-weibo"
    people = pq.read_table(path / "users.parquet").sort_by("user_index").to_pylist()
    graph = pq.read_table(path / "follows.parquet").sort_by("edge_order").to_pylist()
    pseudonym = Pseudonymizer(PseudonymKey.from_hex(KEY, "the test")).of("weibo.user")
    users = [pseudonym(person["user_id"]) for person in people]
    alone = how == "one page at a time"
    limits = ("-s", "CONCURRENT_REQUESTS=1", "-a", "users=2000") if alone else ("-a", "users=0")
    before = real_graph.ask("requests")["total"]
    ended = crawl(crawls, real_graph, *limits, "-a", "post_pages=0", key=KEY)
    asked = real_graph.ask("requests/all")["last"][before:]
    assert ended.returncode == 0, ended.stderr
    assert len(people) == 2000
    assert len(graph) == 2527
    found = discoveries(crawls)
    if alone:
        origins = [None if person["discovered_from"] is None else users[person["discovered_from"]] for person in people]
        depths = [person["bfs_depth"] for person in people]
        assert found == list(zip(users, range(2000), depths, origins, strict=True))
    assert {user for user, *_ in found} == set(users)
    assert {(source, target) for source, target, _ in edges(crawls)} == {
        (pseudonym(edge["source_id"]), pseudonym(edge["target_id"])) for edge in graph
    }
    urls = [request["url"] for request in asked]
    assert len(urls) == len(set(urls)) > 2000
    if alone:
        check_communities(crawls, graph)


def check_communities(crawls: Crawls, graph: list[dict[str, Any]]) -> None:
    """The communities of the crawled graph are those of the original, as the same library finds them."""
    original, modularity = communities(2000, ((edge["source_index"], edge["target_index"]) for edge in graph))
    assert 0.770 <= modularity <= 0.775
    exported = crawls.scrapy("export", "weibo", str(crawls.directory / "export"))
    printed = float(exported.stdout.partition("modularity ")[2].split()[0])
    assert abs(printed - modularity) < 0.01
    labels = (crawls.directory / "export" / "community_membership.txt").read_text().split()
    assert [int(label) for label in labels] == original
